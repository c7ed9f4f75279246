#pragma once

#include <functional>
#include <variant>

#include "api/api.hpp"

namespace rues::api {

/// JSON, or raw bytes that go out as the request asks.
using Answer = std::variant<base::json::value, base::Bytes>;

/// Answers a call with what `query` finds in a snapshot, on the read pool; 503 when too many wait there.
void read(const Context& context, Call call, std::move_only_function<Outcome<Answer>(const store::Snapshot&)> query);

}  // namespace rues::api
