#include "graphql/lexer.hpp"

#include <array>
#include <optional>
#include <vector>

namespace rues::graphql {
namespace {

enum : std::uint8_t { kNameStart = 1, kDigit = 2 };

constexpr std::array<std::uint8_t, 256> kClasses = [] {
    std::array<std::uint8_t, 256> out{};
    for (unsigned c = 'a'; c <= 'z'; ++c) out[c] = kNameStart;
    for (unsigned c = 'A'; c <= 'Z'; ++c) out[c] = kNameStart;
    out['_'] = kNameStart;
    for (unsigned c = '0'; c <= '9'; ++c) out[c] = kDigit;
    return out;
}();

bool is(char c, unsigned classes) noexcept {
    return (kClasses[static_cast<unsigned char>(c)] & classes) != 0;
}

std::optional<unsigned> hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
    return std::nullopt;
}

bool is_surrogate(std::uint32_t code, std::uint32_t first) noexcept {
    return code >= first && code < first + 0x400;
}

/// The scalar value of an escape. `at` is the position of the `u` behind the backslash and moves behind the escape.
/// nullopt when the escape is not valid.
std::optional<std::uint32_t> escaped_code(std::string_view text, std::size_t& at) noexcept {
    const auto four = [&]() -> std::optional<std::uint32_t> {
        if (text.size() - at < 5) return std::nullopt;
        std::uint32_t code = 0;
        for (std::size_t i = 1; i <= 4; ++i) {
            const auto digit = hex_digit(text[at + i]);
            if (!digit) return std::nullopt;
            code = code << 4U | *digit;
        }
        at += 5;
        return code;
    };
    if (at + 1 < text.size() && text[at + 1] == '{') {
        std::uint32_t code = 0;
        std::size_t i = at + 2;
        for (; i < text.size() && text[i] != '}'; ++i) {
            const auto digit = hex_digit(text[i]);
            if (!digit || code > 0x10FFFF) return std::nullopt;
            code = code << 4U | *digit;
        }
        if (i >= text.size() || i == at + 2 || code > 0x10FFFF || is_surrogate(code, 0xD800) ||
            is_surrogate(code, 0xDC00))
            return std::nullopt;
        at = i + 1;
        return code;
    }
    const auto code = four();
    if (!code || is_surrogate(*code, 0xDC00)) return std::nullopt;
    if (!is_surrogate(*code, 0xD800)) return code;
    if (at + 1 >= text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
    ++at;
    const auto low = four();
    if (!low || !is_surrogate(*low, 0xDC00)) return std::nullopt;
    return 0x10000 + ((*code - 0xD800) << 10U) + (*low - 0xDC00);
}

void append_utf8(std::string& to, std::uint32_t code) {
    const auto tail = [&](unsigned shift) { to += static_cast<char>(0x80U | (code >> shift & 0x3FU)); };
    if (code < 0x80) {
        to += static_cast<char>(code);
    } else if (code < 0x800) {
        to += static_cast<char>(0xC0U | code >> 6U);
        tail(0);
    } else if (code < 0x10000) {
        to += static_cast<char>(0xE0U | code >> 12U);
        tail(6);
        tail(0);
    } else {
        to += static_cast<char>(0xF0U | code >> 18U);
        tail(12);
        tail(6);
        tail(0);
    }
}

}  // namespace

char Lexer::peek(std::size_t ahead) const noexcept {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
}

Token Lexer::token(Token::Kind kind, std::size_t start) const noexcept {
    return {kind, false, static_cast<std::uint32_t>(start), source_.substr(start, at_ - start)};
}

void Lexer::skip_ignored() noexcept {
    while (at_ < source_.size()) {
        const char c = source_[at_];
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == ',') {
            ++at_;
        } else if (c == '#') {
            while (at_ < source_.size() && source_[at_] != '\n' && source_[at_] != '\r') ++at_;
        } else if (source_.substr(at_, 3) == "\xEF\xBB\xBF") {
            at_ += 3;
        } else {
            return;
        }
    }
}

Token Lexer::next() noexcept {
    skip_ignored();
    const std::size_t start = at_;
    if (at_ >= source_.size()) return token(Token::Kind::end, start);
    const char c = source_[at_];
    if (is(c, kNameStart)) {
        while (at_ < source_.size() && is(source_[at_], kNameStart | kDigit)) ++at_;
        return token(Token::Kind::name, start);
    }
    if (c == '"') return source_.substr(at_, 3) == "\"\"\"" ? block_string(start) : string(start);
    if (c == '-' || is(c, kDigit)) return number(start);
    if (c == '.') {
        if (source_.substr(at_, 3) != "...") return token(Token::Kind::bad, start);
        at_ += 3;
        return token(Token::Kind::spread, start);
    }
    ++at_;
    switch (c) {
    case '!':
        return token(Token::Kind::bang, start);
    case '$':
        return token(Token::Kind::dollar, start);
    case '(':
        return token(Token::Kind::open_paren, start);
    case ')':
        return token(Token::Kind::close_paren, start);
    case ':':
        return token(Token::Kind::colon, start);
    case '=':
        return token(Token::Kind::equals, start);
    case '@':
        return token(Token::Kind::at_sign, start);
    case '[':
        return token(Token::Kind::open_bracket, start);
    case ']':
        return token(Token::Kind::close_bracket, start);
    case '{':
        return token(Token::Kind::open_brace, start);
    case '}':
        return token(Token::Kind::close_brace, start);
    case '&':
    case '|':
        return token(Token::Kind::other, start);
    default:
        return token(Token::Kind::bad, start);
    }
}

/// 2.9.1, 2.9.2: no leading zeros, and no character may follow that could continue a name or a number.
Token Lexer::number(std::size_t start) noexcept {
    auto kind = Token::Kind::integer;
    const auto digits = [&] {
        const std::size_t first = at_;
        while (is(peek(), kDigit)) ++at_;
        return at_ != first;
    };
    if (peek() == '-') ++at_;
    if (peek() == '0') {
        ++at_;
        if (is(peek(), kDigit)) return token(Token::Kind::bad, start);
    } else if (!digits()) {
        return token(Token::Kind::bad, start);
    }
    if (peek() == '.') {
        ++at_;
        kind = Token::Kind::decimal;
        if (!digits()) return token(Token::Kind::bad, start);
    }
    if (peek() == 'e' || peek() == 'E') {
        ++at_;
        kind = Token::Kind::decimal;
        if (peek() == '+' || peek() == '-') ++at_;
        if (!digits()) return token(Token::Kind::bad, start);
    }
    if (peek() == '.' || is(peek(), kNameStart)) return token(Token::Kind::bad, start);
    return token(kind, start);
}

/// Control characters other than line breaks are allowed in strings and comments, as in later editions and in the node.
Token Lexer::string(std::size_t start) noexcept {
    Token out{Token::Kind::string, false, static_cast<std::uint32_t>(start), {}};
    const Token bad = token(Token::Kind::bad, start);
    ++at_;
    while (true) {
        if (at_ >= source_.size()) return bad;
        const char c = source_[at_];
        if (c == '"') break;
        if (c == '\n' || c == '\r') return bad;
        ++at_;
        if (c != '\\') continue;
        out.escaped = true;
        if (peek() == 'u') {
            if (!escaped_code(source_, at_)) return bad;
        } else if (at_ < source_.size() &&
                   std::string_view("\"\\/bfnrt").find(source_[at_]) != std::string_view::npos) {
            ++at_;
        } else {
            return bad;
        }
    }
    out.text = source_.substr(start + 1, at_ - start - 1);
    ++at_;
    return out;
}

Token Lexer::block_string(std::size_t start) noexcept {
    at_ += 3;
    while (true) {
        const std::size_t quotes = source_.find("\"\"\"", at_);
        if (quotes == std::string_view::npos) {
            at_ = source_.size();
            return {Token::Kind::bad, false, static_cast<std::uint32_t>(start), {}};
        }
        at_ = quotes + 3;
        if (source_[quotes - 1] == '\\' && quotes > start + 3) continue;
        return {Token::Kind::block_string, false, static_cast<std::uint32_t>(start),
                source_.substr(start + 3, quotes - start - 3)};
    }
}

std::string unescaped(std::string_view raw) {
    std::string out;
    out.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size();) {
        const char c = raw[i++];
        if (c != '\\') {
            out += c;
            continue;
        }
        switch (raw[i]) {
        case 'b':
            out += '\b';
            break;
        case 'f':
            out += '\f';
            break;
        case 'n':
            out += '\n';
            break;
        case 'r':
            out += '\r';
            break;
        case 't':
            out += '\t';
            break;
        case 'u':
            append_utf8(out, escaped_code(raw, i).value_or(0xFFFD));
            continue;
        default:
            out += raw[i];
        }
        ++i;
    }
    return out;
}

/// 2.9.4 BlockStringValue.
std::string block_string_value(std::string_view raw) {
    std::string text;
    text.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw.substr(i, 4) == "\\\"\"\"")
            ++i, text += "\"\"\"", i += 2;
        else
            text += raw[i];
    }
    std::vector<std::string_view> lines;
    for (std::string_view rest = text;;) {
        const std::size_t end = rest.find_first_of("\r\n");
        lines.push_back(rest.substr(0, end));
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + (rest.substr(end, 2) == "\r\n" ? 2 : 1));
    }
    constexpr std::string_view kBlank = " \t";
    std::size_t common = std::string_view::npos;
    std::size_t first = lines.size();
    std::size_t last = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::size_t indent = lines[i].find_first_not_of(kBlank);
        if (indent == std::string_view::npos) continue;
        if (i != 0) common = std::min(common, indent);
        first = std::min(first, i);
        last = i;
    }
    std::string out;
    for (std::size_t i = first; i < lines.size() && i <= last; ++i) {
        if (i != first) out += '\n';
        if (i != 0) lines[i].remove_prefix(std::min(common, lines[i].size()));
        out += lines[i];
    }
    return out;
}

}  // namespace rues::graphql
