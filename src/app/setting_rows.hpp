#pragma once

#include <chrono>
#include <limits>
#include <span>

#include "app/settings.hpp"
#include "app/values.hpp"

/// The rows of the table of settings (`node_settings`), by subject, and the readers that they share. Each reader sets
/// `to`; its error says what is expected. Private to the settings.
namespace rues::app::rows {

using Set = std::expected<void, std::string>;

std::span<const Setting> of_address();  ///< where the server listens, and TLS
std::span<const Setting> of_chain();    ///< the data folder, the genesis, blocks, admission and queries
std::span<const Setting> of_clients();  ///< connections, and the budgets of clients
std::span<const Setting> of_gateway();  ///< nodes behind a gateway; only `rues gateway` uses them
std::span<const Setting> of_service();  ///< sessions, the log, caches, and what is served

inline constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
inline constexpr auto kMostBytes = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::chrono::milliseconds kLongestTimeout{3'600'000};

Set expected_form(std::string_view what);
Set set_duration(std::chrono::milliseconds& to, std::string_view text,
                 std::chrono::milliseconds least = std::chrono::milliseconds(0),
                 std::chrono::milliseconds most = kLongestDuration);
/// `true` or `false`.
Set set_bool(bool& to, std::string_view text);
/// `on` or `off`; `true` and `false`, which a settings file can hold, mean the same.
Set set_switch(bool& to, std::string_view text);

template <typename T>
Set set_number(T& to, std::string_view text, std::uint64_t least, std::uint64_t most) {
    const auto number = parse_number(text, least, most);
    if (!number) return std::unexpected(number.error());
    to = static_cast<T>(*number);
    return {};
}

}  // namespace rues::app::rows
