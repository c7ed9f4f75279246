#pragma once

#include <string_view>

#include "base/bytes.hpp"

/// The two common reference strings for which the circuits of transactions have keys
/// (docs/reference/phoenix-and-plonk.md 6).
namespace rues::phoenix {

/// The powers of tau that the circuits of two to four inputs need.
inline constexpr std::size_t kPowersOfTau = 131'079;
/// The label that begins the transcript of every proof of a transaction.
inline constexpr std::string_view kProofLabel = "dusk-network";

enum class Setup : std::uint8_t {
    official,   ///< the network's
    developer,  ///< its tau is published: `plonk::developer_tau`
    other,      ///< there are no keys for it
};

/// The reference string whose file has this SHA-256.
Setup setup_of(const base::Hash32& sha256) noexcept;

}  // namespace rues::phoenix
