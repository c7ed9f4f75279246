#include "api/reading.hpp"

namespace rues::api {
namespace {

void answer_with(Call call, const Outcome<Answer>& answer) {
    if (!answer) return std::move(call).fail(answer.error());
    if (const auto* json = std::get_if<base::json::value>(&*answer)) return std::move(call).json(*json);
    if (const auto* json = std::get_if<JsonText>(&*answer)) return std::move(call).json_text(json->text);
    std::move(call).raw(std::get<base::Bytes>(*answer));
}

void hand_over(const std::function<bool(std::move_only_function<void()>)>& pool, Call call,
               std::move_only_function<void(Call)> work) {
    // Shared, because a pool that refuses the task destroys it, and the call must still be answered.
    auto waiting = std::make_shared<Call>(std::move(call));
    const bool queued = pool([waiting, work = std::move(work)]() mutable { work(std::move(*waiting)); });
    if (!queued) std::move(*waiting).fail({ErrorCode::overloaded, "too many queries wait"});
}

}  // namespace

void on_pool(const Context& context, Call call, std::move_only_function<void(Call)> work) {
    hand_over(context.read_pool, std::move(call), std::move(work));
}

const std::function<bool(std::move_only_function<void()>)>& query_pool(const Context& context) {
    return context.query_pool ? context.query_pool : context.read_pool;
}

void on_query_pool(const Context& context, Call call, std::move_only_function<void(Call)> work) {
    hand_over(query_pool(context), std::move(call), std::move(work));
}

void read(const Context& context, Call call, std::move_only_function<Outcome<Answer>(const store::Snapshot&)> query) {
    on_pool(context, std::move(call),
            [query = std::move(query), &store = context.store, log = context.log](Call asked) mutable {
                const auto snapshot = store.snapshot();
                const auto answer = query(*snapshot);
                if (snapshot->failed()) {
                    log(base::LogLevel::error, "a query failed: the store could not be read");
                    return std::move(asked).fail({ErrorCode::internal, {}});
                }
                answer_with(std::move(asked), answer);
            });
}

void read_point(const Context& context, Call call,
                std::move_only_function<Outcome<Answer>(const store::Snapshot&)> query) {
    if (const auto answer = try_in_memory(context.store, query)) return answer_with(std::move(call), *answer);
    read(context, std::move(call), std::move(query));
}

std::optional<Outcome<Answer>> try_in_memory(const store::Store& store,
                                             std::move_only_function<Outcome<Answer>(const store::Snapshot&)>& query) {
    const auto snapshot = store.snapshot_in_memory();
    auto answer = query(*snapshot);
    // After a failure the query runs again on the pool, which reports the failure if it lasts.
    if (snapshot->missed() || snapshot->failed()) return std::nullopt;
    return answer;
}

}  // namespace rues::api
