#include "graphql/syntax_error.hpp"

namespace rues::graphql {
namespace {

constexpr std::size_t kMaxQuotedLine = 1000;

std::string_view line_around(std::string_view source, std::size_t at) noexcept {
    const std::size_t end = std::min(source.find_first_of("\r\n", at), source.size());
    std::size_t begin = at;
    while (begin > 0 && source[begin - 1] != '\n' && source[begin - 1] != '\r') --begin;
    return source.substr(begin, end - begin);
}

}  // namespace

Error syntax_error(std::string_view source, std::uint32_t at, std::string_view cause) {
    const Location where = Locator(source)(at);
    const std::string number = std::to_string(where.line);
    const std::string gutter(number.size(), ' ');
    std::string text = gutter + "--> " + number + ":" + std::to_string(where.column) + "\n";
    const std::string_view line = line_around(source, at);
    if (line.size() <= kMaxQuotedLine) {
        text += gutter + " |\n" + number + " | ";
        text += line;
        if (at < source.size() && source[at] == '\n') text += "\xE2\x90\x8A";
        if (at < source.size() && source[at] == '\r') text += "\xE2\x90\x8D";
        text += "\n" + gutter + " | ";
        // Tabs stay tabs, so that the mark stands under its place.
        std::uint32_t column = 1;
        for (std::size_t i = 0; i < line.size() && column < where.column; ++i) {
            if ((static_cast<unsigned char>(line[i]) & 0xC0) == 0x80) continue;
            text += line[i] == '\t' ? '\t' : ' ';
            ++column;
        }
        text += "^---\n" + gutter + " |\n";
    }
    text += gutter + " = ";
    text += cause;
    return {std::move(text), {where}, {}};
}

}  // namespace rues::graphql
