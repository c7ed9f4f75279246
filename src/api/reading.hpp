#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "api/api.hpp"

namespace rues::api {

/// JSON that is already printed, for small answers where building a JSON value would cost more than the rest.
struct JsonText {
    std::string text;
};
/// JSON, or raw bytes that are sent as bytes or hex, as the request asks.
using Answer = std::variant<base::json::value, JsonText, base::Bytes>;

/// Runs `work` with the exchange on the read pool, whose threads may compute and wait for the disk. Answers 503 when
/// too many tasks wait there.
void on_pool(const Context& context, Exchange exchange, std::move_only_function<void(Exchange)> work);

/// The pool of GraphQL queries: `Context::query_pool`, or the read pool.
const std::function<bool(std::move_only_function<void()>)>& query_pool(const Context& context);
/// As `on_pool`, on the pool of GraphQL queries.
void on_query_pool(const Context& context, Exchange exchange, std::move_only_function<void(Exchange)> work);

/// Answers the exchange with the result of `query` on a snapshot. Runs on the read pool; 503 when too many tasks wait
/// there, 500 when the snapshot could not be read.
void read(const Context& context, Exchange exchange,
          std::move_only_function<Result<Answer>(const store::Snapshot&)> query);

/// The same for a query of a few point reads. It runs on this thread when everything that it reads is in memory, else
/// as `read`. So `query` may run twice.
void read_point(const Context& context, Exchange exchange,
                std::move_only_function<Result<Answer>(const store::Snapshot&)> query);

/// The result of `query` if it needs no disk. nullopt: it must wait for the disk, or the disk failed.
std::optional<Result<Answer>> try_in_memory(const store::Store& store,
                                            std::move_only_function<Result<Answer>(const store::Snapshot&)>& query);

}  // namespace rues::api
