#include "api/endpoints/transactions.hpp"

#include <array>

#include "api/endpoints/trace_json.hpp"
#include "api/endpoints/waiting.hpp"
#include "api/routes.hpp"
#include "api/running.hpp"
#include "api/sessions/subscribing.hpp"
#include "api/stated_tip.hpp"
#include "wire/topics.hpp"

namespace rues::api::transactions {

Failure failure_of(chain::Rejection rejection) {
    switch (rejection.kind) {
    case chain::Rejection::Kind::undecodable:
    case chain::Rejection::Kind::refused:
        return {ErrorCode::invalid_input, std::move(rejection.text)};
    case chain::Rejection::Kind::full:
        return {ErrorCode::overloaded, std::move(rejection.text)};
    case chain::Rejection::Kind::failed:
        break;
    }
    return {ErrorCode::internal, std::move(rejection.text)};
}

namespace {

/// Contract events in the same form as in GraphQL.
base::json::array events_json(const std::vector<ledger::ContractEvent>& events) {
    base::json::array out;
    for (const auto& event : events) {
        out.push_back(base::json::object{{"source", base::json::hex(event.contract)},
                                         {"topic", event.topic},
                                         {"data", base::json::hex(event.data)},
                                         {"origin", base::json::hex(event.origin)}});
    }
    return out;
}

std::chrono::steady_clock::time_point until(const Exchange& exchange, Work work) {
    return exchange.arrived + class_of(work).patience;
}

chain::OnVerdict answer(std::shared_ptr<Exchange> exchange) {
    return [exchange = std::move(exchange)](chain::Verdict verdict) {
        if (!verdict) return std::move(*exchange).fail(failure_of(std::move(verdict.error())));
        std::move(*exchange).empty(202);
    };
}
chain::OnVerdict answer(Exchange exchange) {
    return answer(std::make_shared<Exchange>(std::move(exchange)));
}

}  // namespace

void preverify(const Context& context, Exchange exchange) {
    base::Bytes transaction = std::move(exchange.body);
    exchange.watch_client();
    const auto asked = std::make_shared<Exchange>(std::move(exchange));
    context.submission.preverify(std::move(transaction), answer(asked),
                                 {until(*asked, Work::verify), [asked] { return asked->client_has_gone(); }});
}

namespace {

/// `Rues-Watch`: a transaction whose session is subscribed to all its events before the transaction is propagated.
struct Watching {
    Exchange exchange;
    ledger::TxId id;
    base::Bytes transaction;
    std::optional<waiting::Wish> wish;
    wire::SessionId session;
    std::vector<wire::Uri> fresh;  ///< new subscriptions, which end if the transaction is refused
    wire::Position position;       ///< events after it are covered
};

constexpr std::array<std::string_view, 5> kTold{wire::topic::kIncluded, wire::topic::kDeferred, wire::topic::kExecuted,
                                                wire::topic::kRemoved, wire::topic::kDropped};

void hand_over(const Context& context, Exchange exchange, const ledger::TxId& id, base::Bytes transaction,
               const std::optional<waiting::Wish>& wish, std::move_only_function<void()> on_nothing_more) {
    if (!wish) {
        const chain::Wanted wanted{until(exchange, Work::verify)};
        return context.submission.propagate(
            std::move(transaction),
            [exchange = std::move(exchange),
             on_nothing_more = std::move(on_nothing_more)](chain::Verdict verdict) mutable {
                if (!verdict) on_nothing_more();
                answer(std::move(exchange))(std::move(verdict));
            },
            wanted);
    }
    const std::size_t loop = exchange.loop;
    context.on_loop(loop, [&context, exchange = std::move(exchange), id, transaction = std::move(transaction),
                           wish = *wish, on_nothing_more = std::move(on_nothing_more)]() mutable {
        waiting::propagate(context, std::move(exchange), id, std::move(transaction), wish, std::move(on_nothing_more));
    });
}

void give_up(const Context& context, const Watching& watching) {
    for (const auto& uri : watching.fresh)
        context.hub.unsubscribe(watching.session, uri, [](const feed::Subscribed&) {});
}

/// Subscribes the session to one topic after the other, on its loop. Only then does the transaction go to the chain, so
/// the session misses no event of it.
void watch_from(const Context& context, const std::shared_ptr<Watching>& watching, std::size_t topic) {
    if (topic < kTold.size()) {
        const wire::Uri uri{wire::Component::transactions, base::to_hex(watching->id), std::string(kTold[topic])};
        const auto session = watching->session;
        context.hub.subscribe(session, uri, {.late_replay = false, .until_end = true},
                              [&context, watching, topic, uri](const feed::Subscribed& subscribed) {
                                  if (const auto failure = api::failure_of(subscribed.result)) {
                                      give_up(context, *watching);
                                      return std::move(watching->exchange).fail(*failure);
                                  }
                                  if (subscribed.fresh) watching->fresh.push_back(uri);
                                  if (topic == 0) watching->position = subscribed.position;
                                  watch_from(context, watching, topic + 1);
                              });
        return;
    }
    watching->exchange.extra.emplace_back("rues-position", watching->position.to_string());
    hand_over(context, std::move(watching->exchange), watching->id, std::move(watching->transaction), watching->wish,
              [&context, watching] { give_up(context, *watching); });
}

}  // namespace

void propagate(const Context& context, Exchange exchange) {
    auto wish = waiting::wish_of(exchange.request);
    if (!wish) return std::move(exchange).fail(wish.error());
    const auto watch = exchange.request.header("rues-watch");
    const bool watches = watch == "true";
    if (watch && !watches && *watch != "false")
        return std::move(exchange).fail({ErrorCode::invalid_input, "Rues-Watch must be true or false"});
    if (!watches && !*wish) {
        base::Bytes transaction = std::move(exchange.body);
        // A client that goes away after it has sent its transaction wants it all the same.
        const chain::Wanted wanted{until(exchange, Work::verify)};
        return context.submission.propagate(std::move(transaction), answer(std::move(exchange)), wanted);
    }
    const auto text = exchange.request.header("rusk-session-id");
    const auto session = text ? wire::parse_session_id(*text) : std::nullopt;
    if (watches && !session) return std::move(exchange).fail({ErrorCode::session_unknown, {}});
    // The id must be known first. On the pool, because decoding a transaction checks its keys, which takes too long for
    // a loop.
    on_pool(context, Work::scan, std::move(exchange), [&context, wish = *wish, watches, session](Exchange asked) {
        asked.place = {};  // it leaves the pool for the chain, which has bounds of its own
        base::Bytes transaction = std::move(asked.body);
        const auto decoded = ledger::Transaction::decode(transaction);
        if (!decoded) {
            const chain::Wanted wanted{until(asked, Work::verify)};
            return context.submission.propagate(std::move(transaction), answer(std::move(asked)), wanted);
        }
        const ledger::TxId id = decoded->id();
        if (!watches) return hand_over(context, std::move(asked), id, std::move(transaction), wish, [] {});
        watch_from(context,
                   std::make_shared<Watching>(std::move(asked), id, std::move(transaction), wish, *session,
                                              std::vector<wire::Uri>(), wire::Position()),
                   0);
    });
}

/// With `Rues-Events: true` the answer has the events too, with `Rues-Trace: true` the calls; the node's answer never
/// has them.
void simulate(const Context& context, Exchange exchange) {
    const auto traced = wants_trace(exchange);
    if (!traced) return std::move(exchange).fail(traced.error());
    base::Bytes transaction = std::move(exchange.body);
    const bool with_events = exchange.request.header("rues-events") == "true";
    exchange.watch_client();
    const auto asked = std::make_shared<Exchange>(std::move(exchange));
    context.submission.simulate(std::move(transaction), *traced ? chain::Traced::yes : chain::Traced::no,
                                {until(*asked, Work::simulate), [asked] { return asked->client_has_gone(); }},
                                [asked, with_events](std::expected<chain::Simulation, chain::Rejection> simulation) {
                                    if (!simulation)
                                        return std::move(*asked).fail(failure_of(std::move(simulation.error())));
                                    state_tip(asked->extra, StatedTip{simulation->tip_height, simulation->tip_hash});
                                    base::json::object answer{{"error", nullptr}, {"gas-spent", simulation->gas_spent}};
                                    if (simulation->error) answer["error"] = *simulation->error;
                                    if (with_events) answer["events"] = events_json(simulation->events);
                                    if (simulation->trace)
                                        answer["trace"] = trace_json(*simulation->trace, simulation->gas_limit,
                                                                     simulation->gas_spent);
                                    std::move(*asked).json(answer);
                                });
}

}  // namespace rues::api::transactions
