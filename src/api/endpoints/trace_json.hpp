#pragma once

#include "api/errors.hpp"
#include "api/exchange.hpp"
#include "base/json.hpp"
#include "chain/transaction_trace.hpp"

/// `Rues-Trace`: the calls that contracts made, as JSON.
namespace rues::api {

/// Whether the request asks for a trace. An error: the header is neither true nor false.
Result<bool> wants_trace(const Exchange& exchange);

/// The schema `Trace` of schemas.json. It is a list in the order in which things happened, not a tree: parsers of JSON
/// bound the depth, some at 32, and calls can be nested deeper. `gas_limit`: of the transaction, or of the query.
base::json::object trace_json(const chain::TransactionTrace& trace, std::uint64_t gas_limit, std::uint64_t gas_spent);

}  // namespace rues::api
