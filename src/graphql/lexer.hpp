#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Lexical analysis (specification 2.1, 2.9.4).
namespace rues::graphql {

struct Token {
    enum class Kind : std::uint8_t {
        end,
        bad,  ///< no token starts here
        name,
        integer,
        decimal,
        string,
        block_string,
        spread,  ///< ...
        bang,
        dollar,
        open_paren,
        close_paren,
        colon,
        equals,
        at_sign,
        open_bracket,
        close_bracket,
        open_brace,
        close_brace,
        other,  ///< `&` and `|`, which occur in no executable document
    };
    Kind kind = Kind::end;
    bool escaped = false;  ///< a string with escapes
    std::uint32_t at = 0;
    std::string_view text;  ///< of a string: the text between its quotes, as written
};

/// Cuts a text into tokens; the text must be UTF-8 and shorter than 4 GiB.
class Lexer {
public:
    explicit Lexer(std::string_view source) noexcept : source_(source) {}
    Token next() noexcept;

private:
    void skip_ignored() noexcept;
    Token number(std::size_t start) noexcept;
    Token string(std::size_t start) noexcept;
    Token block_string(std::size_t start) noexcept;
    Token token(Token::Kind kind, std::size_t start) const noexcept;
    char peek(std::size_t ahead = 0) const noexcept;

    std::string_view source_;
    std::size_t at_ = 0;
};

/// The value of a string token with escapes, which the lexer has found well-formed. `\uD83D\uDE00` and `\u{1F600}` are
/// accepted too (docs/reference/graphql.md 7.3).
std::string unescaped(std::string_view raw);
/// The value of a block string: common indentation and blank first and last lines removed.
std::string block_string_value(std::string_view raw);

}  // namespace rues::graphql
