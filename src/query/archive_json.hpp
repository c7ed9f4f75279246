#pragma once

#include "base/json.hpp"
#include "store/archive.hpp"

/// The archive's entries as the node's JSON, with keys in the node's order (docs/reference/graphql.md 4.5, 4.6).
namespace rues::query {

/// A final block is never reverted here (docs/reference/differences.md 20), so no event of the archive is reverted.
inline constexpr bool kReverted = false;

/// `{"block_height","events":[{"data","reverted","target","topic"}],"origin"}`. `data` is JSON when the contract has a
/// data driver, else hex.
base::json::object json_of(const store::EventGroup& group);
/// `{"block_hash","block_height","data","id","origin","reverted","source","topic"}`; `data` is hex; `id` is the row.
base::json::object json_of(const store::FinalEvent& event);

}  // namespace rues::query
