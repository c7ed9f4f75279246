#pragma once

#include <span>
#include <string>
#include <string_view>

#include "wire/uri.hpp"

/// The topics of events: which there are, and which of them end an entity. RP 7, rusk-1.7 5.
namespace rues::wire {

/// The topics of `blocks` and `transactions`; contracts choose their own.
namespace topic {
inline constexpr std::string_view kAccepted = "accepted";
inline constexpr std::string_view kStatechange = "statechange";
inline constexpr std::string_view kReverted = "reverted";
inline constexpr std::string_view kIncluded = "included";
inline constexpr std::string_view kExecuted = "executed";
inline constexpr std::string_view kRemoved = "removed";
inline constexpr std::string_view kDropped = "dropped";
inline constexpr std::string_view kDeferred = "deferred";
}  // namespace topic

/// Topics that a component publishes. Empty where that is not known: contracts choose their own, and the network has
/// none yet.
std::span<const std::string_view> topics_of(Component component) noexcept;

/// Why no event will ever match this subscription; empty: one may.
std::string never_matches(const Uri& subscription);

/// True for an event after which a client that subscribes late would wait for ever, such as transactions:<id>/executed.
/// Servers replay these events to late subscribers.
bool is_terminal(const Uri& uri) noexcept;

}  // namespace rues::wire
