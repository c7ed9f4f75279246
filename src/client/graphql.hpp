#pragma once

#include <string_view>

#include "base/json.hpp"
#include "client/url.hpp"

namespace rues::client {

/// The data of a GraphQL query (`POST /graphql`, docs/reference/protocol.md 8.8). `refused`: the server's first error.
Result<base::json::object> graphql(const Url& url, std::string_view query, base::json::object variables = {});

}  // namespace rues::client
