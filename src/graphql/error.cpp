#include "graphql/error.hpp"

#include <algorithm>
#include <cstring>

namespace rues::graphql {

namespace {

constexpr std::size_t kMarkDistance = 4096;

/// The location of byte `end`, where `out` is the location of byte `begin`.
Location advanced(Location out, std::string_view source, std::size_t begin, std::size_t end) noexcept {
    for (std::size_t i = begin; i < end; ++i) {
        const auto c = static_cast<unsigned char>(source[i]);
        if (c == '\r' && i + 1 < source.size() && source[i + 1] == '\n') continue;
        if (c == '\n' || c == '\r') {
            ++out.line;
            out.column = 1;
        } else if ((c & 0xC0) != 0x80) {
            ++out.column;
        }
    }
    return out;
}

}  // namespace

Location Locator::operator()(std::uint32_t at) {
    const std::size_t end = std::min<std::size_t>(at, source_.size());
    const std::size_t mark = end / kMarkDistance;
    while (marks_.size() <= mark) {
        const std::size_t from = (marks_.size() - 1) * kMarkDistance;
        marks_.push_back(advanced(marks_.back(), source_, from, from + kMarkDistance));
    }
    return advanced(marks_[mark], source_, mark * kMarkDistance, end);
}

namespace {

/// The position of the first byte from `at` on that JSON must escape, or the end. Reads eight bytes at a time, because
/// most quoted text is hexadecimal.
std::size_t next_escaped(std::string_view text, std::size_t at) noexcept {
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kTops = 0x8080808080808080;
    const auto has_zero = [](std::uint64_t v) { return (v - kOnes) & ~v & kTops; };
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, text.data() + at, sizeof eight);
        const std::uint64_t control = (eight - kOnes * 0x20) & ~eight & kTops;
        if ((control | has_zero(eight ^ kOnes * '"') | has_zero(eight ^ kOnes * '\\')) != 0) break;
    }
    for (; at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (c < 0x20 || c == '"' || c == '\\') break;
    }
    return at;
}

}  // namespace

void append_quoted(std::string& to, std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    to += '"';
    std::size_t plain = 0;
    for (std::size_t i = next_escaped(text, 0); i < text.size(); i = next_escaped(text, i + 1)) {
        const auto c = static_cast<unsigned char>(text[i]);
        to.append(text, plain, i - plain);
        plain = i + 1;
        to += '\\';
        switch (c) {
        case '\b':
            to += 'b';
            break;
        case '\f':
            to += 'f';
            break;
        case '\n':
            to += 'n';
            break;
        case '\r':
            to += 'r';
            break;
        case '\t':
            to += 't';
            break;
        case '"':
        case '\\':
            to += static_cast<char>(c);
            break;
        default:
            to += "u00";
            to += kHex[c >> 4];
            to += kHex[c & 15];
        }
    }
    to.append(text, plain);
    to += '"';
}

void append_json(std::string& to, const Error& error) {
    to += "{\"message\":";
    append_quoted(to, error.message);
    if (!error.locations.empty()) {
        to += ",\"locations\":[";
        for (std::size_t i = 0; i < error.locations.size(); ++i) {
            if (i != 0) to += ',';
            to += "{\"line\":" + std::to_string(error.locations[i].line) +
                  ",\"column\":" + std::to_string(error.locations[i].column) + '}';
        }
        to += ']';
    }
    if (!error.path.empty()) to += ",\"path\":" + error.path;
    to += '}';
}

void append_json(std::string& to, const std::vector<Error>& errors) {
    to += "\"errors\":[";
    for (std::size_t i = 0; i < errors.size(); ++i) {
        if (i != 0) to += ',';
        append_json(to, errors[i]);
    }
    to += ']';
}

}  // namespace rues::graphql
