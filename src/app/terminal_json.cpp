#include "app/terminal_json.hpp"

#include <fmt/format.h>

#include "base/json_decimal.hpp"

namespace rues::app {

std::string terminal_json(const base::json::value& json) {
    const std::string text = base::json::print_decimal(json);
    std::string out;
    out.reserve(text.size());
    // Outside of strings JSON is ASCII without controls, so all of these are inside of strings.
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : ' ');
        if (byte == 0x7f) {
            out += "\\u007f";
        } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
            out += fmt::format("\\u{:04x}", next);
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace rues::app
