#include "vm/driver/driver_failure.hpp"

#include <fmt/format.h>

#include "vm/debug_text.hpp"

namespace rues::vm {
namespace {

std::string shortened(std::string_view text) {
    if (text.size() <= kMaxFailureText) return std::string(text);
    std::size_t end = kMaxFailureText;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;  // not inside a character
    return std::string(text.substr(0, end)) + "…";
}

}  // namespace

std::unexpected<DriverFailure> driver_failure(DriverFailure::Kind kind, std::string_view variant,
                                              std::string_view text) {
    return std::unexpected(DriverFailure{kind, fmt::format("{}({})", variant, debug_text(shortened(text)))});
}

}  // namespace rues::vm
