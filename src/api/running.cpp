#include "api/running.hpp"

#include "api/stated_tip.hpp"

namespace rues::api {
namespace {

/// The answer of a handler that reads a snapshot, which may wait for the disk.
Result<Answer> read(const Context& context, Exchange& exchange, Handler::Reading handler) {
    const auto snapshot = context.store.snapshot();
    auto answer = handler(context, exchange, *snapshot);
    const auto tip = tip_of(*snapshot);
    if (!snapshot->failed()) {
        state_tip(exchange.extra, tip);
        return answer;
    }
    context.log(base::LogLevel::error, "a query failed: the store could not be read");
    return fail(ErrorCode::internal);
}

/// The same without waiting for the disk; nullopt when not all of it is in memory. A failed read is left to the pool,
/// because it may succeed there.
std::optional<Result<Answer>> read_in_memory(const Context& context, Exchange& exchange, Handler::Reading handler) {
    const auto snapshot = context.store.snapshot_in_memory();
    auto answer = handler(context, exchange, *snapshot);
    const auto tip = tip_of(*snapshot);
    if (snapshot->missed() || snapshot->failed()) return std::nullopt;
    state_tip(exchange.extra, tip);
    return answer;
}

/// The answer of a handler that asks the contracts; nullopt when it missed an answer that is not kept.
std::optional<Result<Answer>> asked_at_tip(Exchange& exchange, const Asked& handler, const ContractState& state) {
    auto answer = handler(exchange, state);
    if (state.missed()) return std::nullopt;
    state_tip(exchange.extra, tip_of(*state.tip()));
    return answer;
}

/// The answer to a request that its pool did not take. A client that has spent its share learns when it has paid for it
/// (draft-ietf-httpapi-ratelimit-headers; the quota is in milliseconds of processor time).
void refuse_queued(const base::Client* client, const WorkClass& row, Exchange exchange) {
    const auto now = std::chrono::steady_clock::now();
    const auto debt = client == nullptr ? std::chrono::nanoseconds(0) : client->debt(now);
    if (debt.count() == 0) return std::move(exchange).fail({ErrorCode::overloaded, std::string(row.full)});
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(debt).count();
    exchange.extra.emplace_back("ratelimit-policy",
                                "\"cpu\";q=" + std::to_string(client->share().count() / 1'000) + ";w=1");
    exchange.extra.emplace_back("ratelimit", "\"cpu\";r=0;t=" + std::to_string(seconds));
    std::move(exchange).fail({ErrorCode::share_spent, {}, static_cast<unsigned>(seconds)});
}

}  // namespace

void on_pool(const net::Executor& pool, const Places& places, Work work, Exchange exchange,
             std::move_only_function<void(Exchange)> task) {
    const WorkClass& row = class_of(work);
    WorkCounts& counts = places.counts(work);
    const auto refuse = [&row, &counts, &bound = places.of(work)](Exchange refused) {
        counts.refused.add();
        if (row.tells_queue) refused.extra.emplace_back("rues-queue", std::to_string(bound.taken()));
        std::move(refused).fail({ErrorCode::overloaded, std::string(row.full)});
    };
    exchange.place = Place();  // an exchange that comes from another pool has one place, not two
    auto place = places.take(work, exchange.request.client.get());
    if (!place && place.error() == base::Taken::client_is_full) {
        counts.refused.add();
        return std::move(exchange).fail({ErrorCode::client_limit, "for your address, " + std::string(row.full)});
    }
    if (!place) return refuse(std::move(exchange));
    exchange.place = std::move(*place);
    // Shared, because a pool that refuses the task destroys it, and the exchange must still be answered.
    auto waiting = std::make_shared<Exchange>(std::move(exchange));
    const auto client = waiting->request.client;
    const base::ActingFor scope(client.get());
    const auto offered = std::chrono::steady_clock::now();
    const bool queued = pool([waiting, &row, &counts, refuse, offered, task = std::move(task)]() mutable {
        const auto now = std::chrono::steady_clock::now();
        counts.waited_us.add(
            static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now - offered).count()));
        if (waiting->client_has_gone()) return;  // nobody reads the answer
        if (row.patience.count() > 0 && now - waiting->arrived > row.patience) return refuse(std::move(*waiting));
        task(std::move(*waiting));
    });
    if (queued) return;
    counts.refused.add();
    refuse_queued(client.get(), row, std::move(*waiting));
}

void decode_on_pool(const Context& context, Exchange exchange,
                    std::move_only_function<std::optional<Failure>(Exchange&)> decode,
                    std::move_only_function<void(Exchange)> then) {
    exchange.watch_client();
    on_pool(context, Work::decode, std::move(exchange),
            [&context, decode = std::move(decode), then = std::move(then)](Exchange asked) mutable {
                auto failure = decode(asked);
                asked.place = Place();  // it is the place of the decoding, and what follows may take minutes
                const std::size_t loop = asked.loop;
                context.in_turn(loop, [exchange = std::move(asked), failure = std::move(failure),
                                       then = std::move(then)]() mutable {
                    if (failure) return std::move(exchange).fail(*failure);
                    then(std::move(exchange));
                });
            });
}

void ask(const Context& context, Work work, Exchange exchange, Asked handler) {
    const ContractState kept(context.view.state(), ContractState::Run::no);
    if (auto answer = asked_at_tip(exchange, handler, kept))
        return std::move(exchange).answer(std::move(*answer), context.read_pool);
    ask_on_pool(context, work, std::move(exchange), std::move(handler));
}

void ask_on_pool(const Context& context, Work work, Exchange exchange, Asked handler) {
    exchange.watch_client();
    on_pool(context, work, std::move(exchange), [&context, handler = std::move(handler)](Exchange asked) {
        answer_asked(context, std::move(asked), handler);
    });
}

void answer_asked(const Context& context, Exchange exchange, const Asked& handler) {
    const ContractState state(context.view.state(), ContractState::Run::yes,
                              [&exchange] { return exchange.client_has_gone(); });
    auto made = asked_at_tip(exchange, handler, state);
    std::move(exchange).answer(made ? std::move(*made) : fail(ErrorCode::internal), context.read_pool);
}

void run(const Context& context, const Route& row, Exchange exchange) {
    const Work work = row.refine != nullptr ? row.refine(exchange) : row.work;
    const Handler& handler = row.handler;
    if (handler.taking != nullptr) return handler.taking(context, std::move(exchange));
    if (handler.asking != nullptr) {
        return ask(context, work, std::move(exchange),
                   [&context, &handler](const Exchange& asked, const ContractState& state) {
                       return handler.asking(context, asked, state);
                   });
    }
    if (class_of(work).pool == Pool::none) {
        auto answer = handler.plain(context, exchange);
        return std::move(exchange).answer(std::move(answer), context.read_pool);
    }
    if (work == Work::read) {
        if (auto answer = read_in_memory(context, exchange, handler.reading))
            return std::move(exchange).answer(std::move(*answer), context.read_pool);
    }
    exchange.watch_client();
    on_pool(context, work, std::move(exchange), [&context, &handler](Exchange asked) {
        auto answer =
            handler.reading != nullptr ? read(context, asked, handler.reading) : handler.plain(context, asked);
        std::move(asked).answer(std::move(answer), context.read_pool);
    });
}

}  // namespace rues::api
