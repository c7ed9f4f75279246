#include "client/amount.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/decimal.hpp"

namespace rues::client {

namespace {

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::expected<std::uint64_t, std::string> parse_amount(std::string_view text) {
    const auto wrong = [] {
        return std::unexpected("expected DUSK with up to 9 decimals (1.5), or LUX (1500000000lux)");
    };
    const auto too_large = [] {
        return std::unexpected(fmt::format("too large: an amount is at most {} DUSK", dusk(UINT64_MAX)));
    };
    const bool in_lux = text.ends_with("lux");
    if (in_lux) text.remove_suffix(3);
    const auto point = std::min(text.find('.'), text.size());
    const std::string_view digits = text.substr(0, point);
    std::string decimals(text.substr(std::min(point + 1, text.size())));
    const bool has_point = point < text.size();
    if (!is_digits(digits) || (digits.size() > 1 && digits.front() == '0')) return wrong();
    if (has_point && (in_lux || !is_digits(decimals) || decimals.size() > 9)) return wrong();

    const auto whole = base::parse_decimal(digits);
    if (!whole || (!in_lux && *whole > UINT64_MAX / kLuxPerDusk)) return too_large();
    if (in_lux) return *whole;
    decimals.resize(9, '0');
    const std::uint64_t lux = *whole * kLuxPerDusk;
    const std::uint64_t rest = base::parse_u64(decimals).value_or(0);  // nine digits fit
    if (rest > UINT64_MAX - lux) return too_large();
    return lux + rest;
}

std::string dusk(std::uint64_t lux) {
    std::string out = fmt::format("{}.{:09}", lux / kLuxPerDusk, lux % kLuxPerDusk);
    out.erase(out.find_last_not_of('0') + 1);
    if (out.ends_with('.')) out.pop_back();
    return out;
}

}  // namespace rues::client
