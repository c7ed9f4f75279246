#pragma once

#include <optional>

#include "base/encoding.hpp"
#include "ledger/transaction.hpp"

namespace rues::api {

/// Reads a contract id as paths name it: 64 hex digits of either case, after any number of `0x`
/// (docs/reference/protocol.md 8.2). nullopt for any other text.
inline std::optional<ledger::ContractId> contract_id(std::string_view text) {
    while (text.starts_with("0x")) text.remove_prefix(2);
    return base::array_from_hex<32>(text);
}

inline bool is_genesis_contract(const ledger::ContractId& id) {
    return id == ledger::kTransferContract || id == ledger::kStakeContract;
}

}  // namespace rues::api
