#include "base/json_reading.hpp"

#include <algorithm>
#include <cmath>

namespace rues::base::json {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool is_finite(const value& v) {
    if (const auto* number = v.if_double()) return std::isfinite(*number);
    if (const auto* list = v.if_array()) return std::ranges::all_of(*list, is_finite);
    const auto* map = v.if_object();
    return map == nullptr || std::ranges::all_of(*map, [](const auto& member) { return is_finite(member.value()); });
}

/// Takes values off the front of JSON text that `parse` accepts, as they are written and without decoding them.
class Scanner {
public:
    explicit Scanner(std::string_view rest) : rest_(rest) {}

    bool take(char expected) {
        skip_blanks();
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::string_view take_value() {
        skip_blanks();
        const std::string_view from = rest_;
        std::size_t depth = 0;
        do {
            if (rest_.starts_with('"')) {
                skip_string();
            } else if (rest_.starts_with('{') || rest_.starts_with('[')) {
                rest_.remove_prefix(1);
                ++depth;
            } else if (rest_.starts_with('}') || rest_.starts_with(']')) {
                rest_.remove_prefix(1);
                --depth;
            } else {
                // A number, a word, or a character between the values of a list or object.
                rest_.remove_prefix(std::min(rest_.size(), std::max<std::size_t>(rest_.find_first_of(kEnds), 1)));
            }
        } while (depth > 0 && !rest_.empty());
        return from.substr(0, from.size() - rest_.size());
    }

private:
    static constexpr std::string_view kEnds = " \t\r\n,:\"{}[]";

    void skip_blanks() { rest_.remove_prefix(std::min(rest_.size(), rest_.find_first_not_of(kBlanks))); }
    void skip_string() {
        std::size_t at = 1;
        while (at < rest_.size() && rest_[at] != '"') at += rest_[at] == '\\' ? 2U : 1U;
        rest_.remove_prefix(std::min(rest_.size(), at + 1));
    }

    std::string_view rest_;
};

bool is_key(std::string_view quoted, std::string_view name) {
    if (!quoted.contains('\\')) return quoted.size() == name.size() + 2 && quoted.substr(1, name.size()) == name;
    boost::system::error_code error;
    const value key = boost::json::parse(quoted, error);
    return !error && key.is_string() && key.get_string() == name;
}

}  // namespace

std::expected<value, std::string> parse(std::string_view text, std::size_t max_depth) {
    boost::json::parse_options options;
    options.max_depth = max_depth;
    boost::system::error_code error;
    value out = boost::json::parse(text, error, {}, options);
    if (error) return std::unexpected(error.message());
    if (!is_finite(out)) return std::unexpected("number out of range");
    return out;
}

std::optional<std::string_view> member_text(std::string_view text, std::string_view name) {
    std::optional<std::string_view> out;
    Scanner in(text);
    if (!in.take('{') || in.take('}')) return out;
    do {
        const auto key = in.take_value();
        in.take(':');
        const auto member = in.take_value();
        if (is_key(key, name)) out = member;
    } while (in.take(','));
    return out;
}

std::string as_text(std::string_view bytes) {
    if (is_utf8(bytes)) return std::string(bytes);
    std::string out;
    while (!bytes.empty()) {
        std::size_t size = 1;
        while (size <= std::min<std::size_t>(bytes.size(), 4) && !is_utf8(bytes.substr(0, size))) ++size;
        const bool is_whole = size <= std::min<std::size_t>(bytes.size(), 4);
        out += is_whole ? bytes.substr(0, size) : "\ufffd";
        bytes.remove_prefix(is_whole ? size : 1);
    }
    return out;
}

}  // namespace rues::base::json
