#include "api/reading.hpp"

namespace rues::api {
namespace {

void answer_with(Exchange exchange, const Result<Answer>& answer) {
    if (!answer) return std::move(exchange).fail(answer.error());
    if (const auto* json = std::get_if<base::json::value>(&*answer)) return std::move(exchange).json(*json);
    if (const auto* json = std::get_if<JsonText>(&*answer)) return std::move(exchange).json_text(json->text);
    std::move(exchange).raw(std::get<base::Bytes>(*answer));
}

void hand_over(const std::function<bool(std::move_only_function<void()>)>& pool, Exchange exchange,
               std::move_only_function<void(Exchange)> work) {
    // Shared, because a pool that refuses the task destroys it, and the exchange must still be answered.
    auto waiting = std::make_shared<Exchange>(std::move(exchange));
    const bool queued = pool([waiting, work = std::move(work)]() mutable { work(std::move(*waiting)); });
    if (!queued) std::move(*waiting).fail({ErrorCode::overloaded, "too many queries wait"});
}

}  // namespace

void on_pool(const Context& context, Exchange exchange, std::move_only_function<void(Exchange)> work) {
    hand_over(context.read_pool, std::move(exchange), std::move(work));
}

const std::function<bool(std::move_only_function<void()>)>& query_pool(const Context& context) {
    return context.query_pool ? context.query_pool : context.read_pool;
}

void on_query_pool(const Context& context, Exchange exchange, std::move_only_function<void(Exchange)> work) {
    hand_over(query_pool(context), std::move(exchange), std::move(work));
}

void read(const Context& context, Exchange exchange,
          std::move_only_function<Result<Answer>(const store::Snapshot&)> query) {
    on_pool(context, std::move(exchange),
            [query = std::move(query), &store = context.store, log = context.log](Exchange asked) mutable {
                const auto snapshot = store.snapshot();
                const auto answer = query(*snapshot);
                if (snapshot->failed()) {
                    log(base::LogLevel::error, "a query failed: the store could not be read");
                    return std::move(asked).fail({ErrorCode::internal, {}});
                }
                answer_with(std::move(asked), answer);
            });
}

void read_point(const Context& context, Exchange exchange,
                std::move_only_function<Result<Answer>(const store::Snapshot&)> query) {
    if (const auto answer = try_in_memory(context.store, query)) return answer_with(std::move(exchange), *answer);
    read(context, std::move(exchange), std::move(query));
}

std::optional<Result<Answer>> try_in_memory(const store::Store& store,
                                            std::move_only_function<Result<Answer>(const store::Snapshot&)>& query) {
    const auto snapshot = store.snapshot_in_memory();
    auto answer = query(*snapshot);
    // After a failure the query runs again on the pool, which reports the failure if it lasts.
    if (snapshot->missed() || snapshot->failed()) return std::nullopt;
    return answer;
}

}  // namespace rues::api
