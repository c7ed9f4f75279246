#pragma once

#include <chrono>
#include <string_view>

#include "base/json.hpp"
#include "client/url.hpp"

namespace rues::client {

/// The data of a GraphQL query (`POST /graphql`, docs/reference/protocol.md 8.8). `refused`: the server's first error.
Result<base::json::object> graphql(const Url& url, std::string_view query, base::json::object variables = {},
                                   std::chrono::milliseconds timeout = std::chrono::seconds(30));

}  // namespace rues::client
