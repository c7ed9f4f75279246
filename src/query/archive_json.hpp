#pragma once

#include "base/json.hpp"
#include "store/archive.hpp"

/// The archive's entries as JSON, in the node's form: keys in the order that the node sorts them (GQ 4.5, 4.6).
namespace rues::query {

/// Final blocks are never taken back here (decisions 20), so no event of the archive is reverted.
inline constexpr bool kReverted = false;

/// `{"block_height","events":[{"data","reverted","target","topic"}],"origin"}`. `data` is decoded where the contract
/// has a data driver, else hex.
base::json::object json_of(const store::EventGroup& group);
/// `{"block_hash","block_height","data","id","origin","reverted","source","topic"}`; `data` is hex, `id` the row.
base::json::object json_of(const store::FinalEvent& event);

}  // namespace rues::query
