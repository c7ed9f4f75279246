#pragma once

#include <span>

#include "base/bytes.hpp"

namespace rues::ledger {

/// A circuit of Phoenix transactions (docs/reference/phoenix-and-plonk.md 4.1).
struct TransactionCircuit {
    std::size_t inputs;            ///< notes that the transaction spends; it always makes two
    std::string_view name;         ///< as the network calls it
    std::string_view id;           ///< 64 hex digits; the name of its files
    base::ByteView verifier_data;  ///< for `plonk::VerifierData::decode`; made with the network's reference string
};

/// The four circuits, for one to four inputs. Their bytes are embedded in the program.
std::span<const TransactionCircuit, 4> transaction_circuits() noexcept;
/// The verifier data of the same circuits with the developers' reference string (docs/reference/phoenix-and-plonk.md
/// 6.4).
std::span<const base::ByteView, 4> developer_verifier_data() noexcept;

}  // namespace rues::ledger
