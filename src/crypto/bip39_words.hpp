#pragma once

#include <array>
#include <string_view>

namespace rues::crypto {

/// The English words of BIP-39. They are sorted, so a word is found by binary search.
extern const std::array<std::string_view, 2048> kBip39Words;

}  // namespace rues::crypto
