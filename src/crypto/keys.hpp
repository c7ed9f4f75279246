#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "crypto/bls.hpp"

/// From a phrase or a seed to accounts, as Dusk's wallets derive them (LM 2.6). Pure.
namespace rues::crypto {

using Seed = ByteArray<64>;

/// Account key number `index` of a 64-byte seed.
SecretKey account_key(const Seed& seed, std::uint64_t index);

/// BIP-39 English phrase (12 to 24 words, checksum verified, blanks folded), empty passphrase. The error names what is
/// wrong.
std::expected<Seed, std::string> seed_from_phrase(std::string_view phrase);

}  // namespace rues::crypto
