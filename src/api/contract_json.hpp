#pragma once

#include <optional>

#include "base/json.hpp"

/// The JSON that the data drivers of the genesis contracts make of archived results. LM 8.6. Pure; what is not the
/// archive of that type gives null.
namespace rues::api::contracts::json {

using base::json::value;

value number(base::ByteView archived);  ///< u64, as text
value chain_id(base::ByteView archived);
value account(base::ByteView archived);
value account_item(base::ByteView archived);
value contract_balance_item(base::ByteView archived);
value stake(base::ByteView archived);
value stake_keys(base::ByteView archived);
value stake_config(base::ByteView archived);
value stake_item(base::ByteView archived);

/// A u64 as a number or as text.
std::optional<std::uint64_t> u64_of(const value& json);

}  // namespace rues::api::contracts::json
