#include "client/amount.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"

namespace rues::client {

std::optional<std::uint64_t> parse_amount(std::string_view text) {
    if (text.ends_with("lux")) return base::parse_u64(text.substr(0, text.size() - 3));
    const auto point = text.find('.');
    const auto whole = base::parse_u64(text.substr(0, point));
    if (!whole || *whole > UINT64_MAX / kLuxPerDusk) return std::nullopt;
    std::uint64_t fraction = 0;
    if (point != std::string_view::npos) {
        std::string digits(text.substr(point + 1));
        if (digits.empty() || digits.size() > 9) return std::nullopt;
        digits.resize(9, '0');
        const auto parsed = base::parse_u64(digits);
        if (!parsed) return std::nullopt;
        fraction = *parsed;
    }
    const std::uint64_t lux = *whole * kLuxPerDusk;
    if (fraction > UINT64_MAX - lux) return std::nullopt;
    return lux + fraction;
}

std::string dusk(std::uint64_t lux) {
    std::string out = fmt::format("{}.{:09}", lux / kLuxPerDusk, lux % kLuxPerDusk);
    out.erase(out.find_last_not_of('0') + 1);
    if (out.ends_with('.')) out.pop_back();
    return out;
}

}  // namespace rues::client
