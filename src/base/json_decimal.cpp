#include "base/json_decimal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <string_view>
#include <utility>

namespace rues::base::json {
namespace {

/// Numbers of 1e-5 to 1e16 are written without an exponent.
constexpr int kMostDigits = 16;
constexpr int kMostZeros = 5;

bool has_double(const value& v) {
    if (v.is_double()) return true;
    if (const auto* list = v.if_array()) return std::ranges::any_of(*list, has_double);
    const auto* map = v.if_object();
    return map != nullptr && std::ranges::any_of(*map, [](const auto& member) { return has_double(member.value()); });
}

void append(std::string& out, const value& v) {
    if (const auto* number = v.if_double()) {
        out += decimal(*number);
    } else if (const auto* list = v.if_array()) {
        out += '[';
        for (std::size_t i = 0; i < list->size(); ++i) {
            if (i > 0) out += ',';
            append(out, (*list)[i]);
        }
        out += ']';
    } else if (const auto* map = v.if_object()) {
        out += '{';
        bool is_first = true;
        for (const auto& member : *map) {
            if (!std::exchange(is_first, false)) out += ',';
            out += print(value(member.key())) + ':';
            append(out, member.value());
        }
        out += '}';
    } else {
        out += print(v);
    }
}

}  // namespace

std::string decimal(double number) {
    // "d.ddde+xx" or "de+xx": the shortest digits and their exponent.
    std::array<char, 32> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), std::fabs(number), std::chars_format::scientific);
    const std::string_view written(text.data(), static_cast<std::size_t>(end.ptr - text.data()));
    const auto mark = written.find('e');
    int exponent = 0;
    const auto* from = written.data() + mark + (written[mark + 1] == '+' ? 2 : 1);
    std::from_chars(from, end.ptr, exponent);
    std::string digits;
    std::ranges::copy_if(written.substr(0, mark), std::back_inserter(digits), [](char c) { return c != '.'; });

    const std::string sign = std::signbit(number) ? "-" : "";
    const int count = static_cast<int>(digits.size());
    const int before_point = exponent + 1;  // digits before the point, or 0 and minus the zeros after it
    if (number == 0) return sign + "0.0";
    if (before_point > kMostDigits || before_point <= -kMostZeros) {
        if (count > 1) digits.insert(1, ".");
        return sign + digits + "e" + std::to_string(exponent);
    }
    if (before_point <= 0) return sign + "0." + std::string(static_cast<std::size_t>(-before_point), '0') + digits;
    if (count <= before_point)
        return sign + digits + std::string(static_cast<std::size_t>(before_point - count), '0') + ".0";
    digits.insert(static_cast<std::size_t>(before_point), ".");
    return sign + digits;
}

std::string print_decimal(const value& v) {
    if (!has_double(v)) return print(v);
    std::string out;
    append(out, v);
    return out;
}

}  // namespace rues::base::json
