#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// Reads the numbers, durations and amounts in flags, variables and settings. All of them are read here, so that the
/// same spelling means the same everywhere: decimal, complete, in range.
namespace rues::app {

/// The error says what is expected.
template <typename T>
using Parsed = std::expected<T, std::string>;

Parsed<std::uint64_t> parse_number(std::string_view text, std::uint64_t least, std::uint64_t most);

inline constexpr std::chrono::milliseconds kLongestDuration = std::chrono::hours(10 * 366 * 24);

/// A number and its unit: `500ms`, `1s`, `2m`, `3h`.
Parsed<std::chrono::milliseconds> parse_duration(std::string_view text,
                                                 std::chrono::milliseconds least = std::chrono::milliseconds(0),
                                                 std::chrono::milliseconds most = kLongestDuration);

/// `60s` when it is whole seconds, else `500ms`.
std::string duration_text(std::chrono::milliseconds duration);

/// The error text for a wrong value: `--count: expected a number from 1 to 9, not "0x1"`.
std::string wrong_value(std::string_view where, std::string_view expected, std::string_view text);

/// Adds a flag and gives its text to `use`, which may throw a `CLI::ValidationError`.
CLI::Option* add_value(CLI::App& command, const std::string& flag, std::function<void(const std::string&)> use,
                       const std::string& help);

/// @name Flags with such a value. A wrong value ends parsing with a CLI::ValidationError that names the flag. `to` must
/// outlive the parsing.
/// @{
struct Range {
    std::uint64_t least = 0;
    std::uint64_t most = UINT64_MAX;
};
CLI::Option* add_number(CLI::App& command, const std::string& flag, std::uint64_t& to, Range range,
                        const std::string& help);
/// The same for a value that has no default.
CLI::Option* add_number(CLI::App& command, const std::string& flag, std::optional<std::uint64_t>& to, Range range,
                        const std::string& help);
CLI::Option* add_duration(CLI::App& command, const std::string& flag, std::chrono::milliseconds& to,
                          const std::string& help);
/// A text that may be missing. An empty one is there, whereas CLI11 would take it for a missing one.
CLI::Option* add_text(CLI::App& command, const std::string& flag, std::optional<std::string>& to,
                      const std::string& help);
/// Reads DUSK or LUX and stores LUX.
CLI::Option* add_amount(CLI::App& command, const std::string& flag, std::uint64_t& to, const std::string& help);
CLI::Option* add_amount(CLI::App& command, const std::string& flag, std::optional<std::uint64_t>& to,
                        const std::string& help);
/// @}

}  // namespace rues::app
