#include "api/reading.hpp"

namespace rues::api {

void read(const Context& context, Call call, std::move_only_function<Outcome<Answer>(const store::Snapshot&)> query) {
    // Shared so that the call is still there to be answered when the pool refuses the task.
    auto waiting = std::make_shared<Call>(std::move(call));
    const bool queued =
        context.read_pool([waiting, query = std::move(query), &store = context.store, log = context.log]() mutable {
            const auto snapshot = store.snapshot();
            auto answer = query(*snapshot);
            if (snapshot->failed()) {
                log(base::LogLevel::error, "a query failed: the store could not be read");
                return std::move(*waiting).fail({ErrorCode::internal, {}});
            }
            if (!answer) return std::move(*waiting).fail(answer.error());
            if (const auto* json = std::get_if<base::json::value>(&*answer)) return std::move(*waiting).json(*json);
            std::move(*waiting).raw(std::get<base::Bytes>(*answer));
        });
    if (!queued) std::move(*waiting).fail({ErrorCode::overloaded, "too many queries wait"});
}

}  // namespace rues::api
