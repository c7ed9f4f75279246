#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "api/api.hpp"

namespace rues::api {

/// JSON that is printed already, where a value would cost more than what it holds.
struct JsonText {
    std::string text;
};
/// JSON, or raw bytes that go out as the request asks.
using Answer = std::variant<base::json::value, JsonText, base::Bytes>;

/// Hands a call to the read pool, whose threads may compute and wait for the disk; 503 when too many wait there.
void on_pool(const Context& context, Call call, std::move_only_function<void(Call)> work);

/// The pool of GraphQL's queries.
const std::function<bool(std::move_only_function<void()>)>& query_pool(const Context& context);
void on_query_pool(const Context& context, Call call, std::move_only_function<void(Call)> work);

/// Answers a call with what `query` finds in a snapshot, on the read pool; 503 when too many wait there.
void read(const Context& context, Call call, std::move_only_function<Outcome<Answer>(const store::Snapshot&)> query);

/// The same for a query of a few point reads, as long as a mempool answers one: on this thread when all it reads is in
/// memory, else as `read`. May run twice.
void read_point(const Context& context, Call call,
                std::move_only_function<Outcome<Answer>(const store::Snapshot&)> query);

/// What `query` finds without waiting for a disk; nullopt: it has to wait, or the disk failed.
std::optional<Outcome<Answer>> try_in_memory(const store::Store& store,
                                             std::move_only_function<Outcome<Answer>(const store::Snapshot&)>& query);

}  // namespace rues::api
