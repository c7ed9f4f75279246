#pragma once

#include "ledger/genesis.hpp"

namespace rues::ledger {

/// A note as the transfer contract archives it (docs/reference/ledger.md 8.2).
using ArchivedNote = ByteArray<728>;

/// The notes of one `[[phoenix_balance]]` in the order of the file: transparent, with position 2^64 - 1, and with the
/// projective coordinates that the network's own code leaves in its state (docs/reference/phoenix-and-plonk.md 3.4).
/// Without a seed the network draws one; here it is 0, so that the same file always gives the same genesis
/// (docs/reference/differences.md 46). The error says which half of the address is no point.
std::expected<std::vector<ArchivedNote>, std::string> genesis_notes(const GenesisNotes& balance);

}  // namespace rues::ledger
