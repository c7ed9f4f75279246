#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace rues::base {

/// Lower-case, no prefix.
std::string to_hex(ByteView bytes);
/// Either case, even length, no prefix; nullopt otherwise.
std::optional<Bytes> from_hex(std::string_view text);

template <std::size_t N>
std::optional<ByteArray<N>> array_from_hex(std::string_view text) {
    if (text.size() != 2 * N) return std::nullopt;
    const auto bytes = from_hex(text);
    if (!bytes) return std::nullopt;
    return to_array<N>(*bytes);
}

/// Bitcoin alphabet, no checksum, a leading zero byte is a `1`.
std::string to_base58(ByteView bytes);
/// nullopt on a character outside the alphabet or a text longer than 512 characters (decoding is quadratic).
std::optional<Bytes> from_base58(std::string_view text);

/// RFC 4648 standard alphabet, padded.
std::string to_base64(ByteView bytes);
/// Strict: padded, canonical trailing bits.
std::optional<Bytes> from_base64(std::string_view text);

/// Whole text is a decimal u64: digits only, no sign or blanks, no overflow. Leading zeros are accepted.
std::optional<std::uint64_t> parse_u64(std::string_view text) noexcept;

bool is_utf8(std::string_view text) noexcept;

/// Checks UTF-8 in text that arrives in parts. It fails at the first byte that cannot continue valid text.
class Utf8 {
public:
    /// False when the bytes so far cannot be the beginning of UTF-8 text, whatever follows. Do not use the object after
    /// that.
    bool take(std::string_view part) noexcept;
    /// True when the bytes so far end with a whole character.
    bool complete() const noexcept { return more_ == 0; }

private:
    std::uint8_t more_ = 0;  ///< bytes that the current character still needs; the next one must lie in low_ to high_
    std::uint8_t low_ = 0x80;
    std::uint8_t high_ = 0xbf;
};

std::string to_lower_ascii(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;
/// Without leading and trailing blanks, tabs, CR and LF.
std::string_view trimmed(std::string_view text) noexcept;

}  // namespace rues::base
