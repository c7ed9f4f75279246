#pragma once

#include <optional>

#include "base/encoding.hpp"
#include "ledger/transaction.hpp"

namespace rues::api {

/// A contract as paths name it: 64 hex digits of either case, any number of `0x` in front (RP 8.2).
inline std::optional<ledger::ContractId> contract_id(std::string_view text) {
    while (text.starts_with("0x")) text.remove_prefix(2);
    return base::array_from_hex<32>(text);
}

}  // namespace rues::api
