#include "app/values.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/decimal.hpp"
#include "client/amount.hpp"

namespace rues::app {

using std::chrono::milliseconds;

Parsed<std::uint64_t> parse_number(std::string_view text, std::uint64_t least, std::uint64_t most) {
    const auto number = base::parse_decimal(text);
    if (!number || *number < least || *number > most)
        return std::unexpected(fmt::format("expected a number from {} to {}", least, most));
    return *number;
}

Parsed<milliseconds> parse_duration(std::string_view text, milliseconds least, milliseconds most) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = base::parse_decimal(text.substr(0, digits));
    const std::string_view unit = text.substr(digits);
    if (number && unit.empty())
        return std::unexpected(fmt::format("expected a duration with its unit, such as {0}s or {0}ms", *number));
    std::uint64_t scale = 0;
    if (unit == "ms") scale = 1;
    if (unit == "s") scale = 1'000;
    if (unit == "m") scale = 60'000;
    if (unit == "h") scale = 3'600'000;
    const bool has_form = digits > 0 && scale > 0 && (digits == 1 || text.front() != '0');
    if (!has_form) return std::unexpected("expected a duration such as 500ms, 1s, 2m or 3h");
    const auto fits = [&](milliseconds limit) { return *number <= static_cast<std::uint64_t>(limit.count()) / scale; };
    if (!number || !fits(most) || milliseconds(*number * scale) < least)
        return std::unexpected(
            fmt::format("expected a duration from {} to {}", duration_text(least), duration_text(most)));
    return milliseconds(*number * scale);
}

std::string duration_text(milliseconds duration) {
    const auto count = duration.count();
    return count % 1'000 == 0 ? fmt::format("{}s", count / 1'000) : fmt::format("{}ms", count);
}

std::string wrong_value(std::string_view where, std::string_view expected, std::string_view text) {
    return fmt::format("{}: {}, not \"{}\"", where, expected, text);
}

CLI::Option* add_value(CLI::App& command, const std::string& flag, std::function<void(const std::string&)> use,
                       const std::string& help) {
    return command.add_option(
        flag,
        [use = std::move(use)](const CLI::results_t& values) {
            use(values.back());
            return true;
        },
        help);
}

namespace {

/// Adds a flag whose text `parse` turns into the value of `to`.
template <typename T, typename Parse>
CLI::Option* add_parsed(CLI::App& command, const std::string& flag, T& to, const std::string& help, Parse parse) {
    return add_value(
        command, flag,
        [&to, flag, parse](const std::string& text) {
            const auto value = parse(text);
            if (!value)
                throw CLI::ValidationError(wrong_value(flag, value.error(), text), CLI::ExitCodes::ValidationError);
            to = *value;
        },
        help);
}

auto number_in(Range range) {
    return [range](const std::string& text) { return parse_number(text, range.least, range.most); };
}

}  // namespace

CLI::Option* add_number(CLI::App& command, const std::string& flag, std::uint64_t& to, Range range,
                        const std::string& help) {
    return add_parsed(command, flag, to, help, number_in(range))->type_name("N");
}

CLI::Option* add_number(CLI::App& command, const std::string& flag, std::optional<std::uint64_t>& to, Range range,
                        const std::string& help) {
    return add_parsed(command, flag, to, help, number_in(range))->type_name("N");
}

CLI::Option* add_text(CLI::App& command, const std::string& flag, std::optional<std::string>& to,
                      const std::string& help) {
    return add_value(command, flag, [&to](const std::string& text) { to = text; }, help)->type_name("TEXT");
}

CLI::Option* add_duration(CLI::App& command, const std::string& flag, milliseconds& to, const std::string& help) {
    const auto parse = [](const std::string& text) { return parse_duration(text); };
    return add_parsed(command, flag, to, help, parse)->type_name("DURATION");
}

CLI::Option* add_amount(CLI::App& command, const std::string& flag, std::uint64_t& to, const std::string& help) {
    return add_parsed(command, flag, to, help, &client::parse_amount)->type_name("AMOUNT");
}

CLI::Option* add_amount(CLI::App& command, const std::string& flag, std::optional<std::uint64_t>& to,
                        const std::string& help) {
    return add_parsed(command, flag, to, help, &client::parse_amount)->type_name("AMOUNT");
}

}  // namespace rues::app
