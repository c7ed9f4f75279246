#include "vm/debug_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

namespace rues::vm {
namespace {

/// Characters that Rust escapes because they are not seen: controls, separators, marks of direction, private use. The
/// unassigned ones and combining marks, which Rust escapes as well, are left as they are: texts of contracts have none.
constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 12> kUnseen = {{
    {0x00, 0x1f},
    {0x7f, 0x9f},
    {0xad, 0xad},
    {0x600, 0x605},
    {0x61c, 0x61c},
    {0x200b, 0x200f},
    {0x2028, 0x202e},
    {0x2060, 0x206f},
    {0xe000, 0xf8ff},
    {0xfeff, 0xfeff},
    {0xfff9, 0xfffb},
    {0xe0000, 0x10ffff},
}};

bool is_unseen(std::uint32_t character) {
    return std::ranges::any_of(
        kUnseen, [&](const auto& range) { return range.first <= character && character <= range.second; });
}

/// REQUIRES: `text` is UTF-8 and not empty. Takes its first character off.
std::uint32_t take_character(std::string_view& text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    std::uint32_t character = length == 1 ? first : first & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length && i < text.size(); ++i)
        character = character << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
    text.remove_prefix(std::min(length, text.size()));
    return character;
}

}  // namespace

std::string debug_text(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const std::string_view before = text;
        const std::uint32_t character = take_character(text);
        switch (character) {
        case '\0':
            out += "\\0";
            break;
        case '\t':
            out += "\\t";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        default:
            if (is_unseen(character))
                fmt::format_to(std::back_inserter(out), "\\u{{{:x}}}", character);
            else
                out += before.substr(0, before.size() - text.size());
        }
    }
    return out + '"';
}

}  // namespace rues::vm
