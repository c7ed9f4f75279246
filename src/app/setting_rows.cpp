#include "app/setting_rows.hpp"

#include <fmt/format.h>

namespace rues::app::rows {

Set expected_form(std::string_view what) {
    return std::unexpected(fmt::format("expected {}", what));
}

Set set_duration(std::chrono::milliseconds& to, std::string_view text, std::chrono::milliseconds least,
                 std::chrono::milliseconds most) {
    const auto duration = parse_duration(text, least, most);
    if (!duration) return std::unexpected(duration.error());
    to = *duration;
    return {};
}

Set set_bool(bool& to, std::string_view text) {
    if (text != "true" && text != "false") return expected_form("true or false");
    to = text == "true";
    return {};
}

Set set_switch(bool& to, std::string_view text) {
    const bool on = text == "on" || text == "true";
    if (!on && text != "off" && text != "false") return expected_form("on or off");
    to = on;
    return {};
}

}  // namespace rues::app::rows
