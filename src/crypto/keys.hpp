#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "crypto/bls.hpp"

/// Derives accounts from a phrase or a seed, as Dusk's wallets do (docs/reference/ledger.md 2.6). Pure.
namespace rues::crypto {

using Seed = ByteArray<64>;

/// Account key number `index` of a 64-byte seed.
SecretKey account_key(const Seed& seed, std::uint64_t index);

/// The seed of an English BIP-39 phrase (12 to 24 words) with an empty passphrase. Blanks and case do not count; the
/// checksum must be right. The error names the problem.
std::expected<Seed, std::string> seed_from_phrase(std::string_view phrase);

}  // namespace rues::crypto
