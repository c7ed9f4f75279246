#pragma once

#include <optional>
#include <string>

#include "ledger/transaction.hpp"

/// The rules for the blobs of a transaction (docs/reference/ledger.md 3.2 #10 to #12). Pure.
namespace rues::chain {

/// The least gas limit of a transaction with these blobs, and the least that it pays.
std::uint64_t blob_charge(const ledger::Blobs& blobs);

/// Why a sidecar is missing or does not belong to its hash; nullopt: all are good. Checks a proof for each blob, which
/// takes some milliseconds: not for a loop or the chain thread. The answer never changes.
std::optional<std::string> sidecar_error(const ledger::Blobs& blobs);

}  // namespace rues::chain
