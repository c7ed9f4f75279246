#pragma once

#include <span>
#include <string>
#include <string_view>

#include "wire/uri.hpp"

/// The topics of events: which topics exist, and which events late subscribers get replayed.

/// docs/reference/protocol.md 7, docs/reference/rusk-1.7.md 5.
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

/// The topics that a component publishes. Empty for contracts, which choose their own topics, and for the network,
/// which publishes nothing yet.
std::span<const std::string_view> topics_of(Component component) noexcept;

/// The reason why no event can ever match this subscription; empty when one can.
std::string never_matches(const Uri& subscription);

/// True when a client that subscribes to this URI too late could wait for ever, because its entity may publish nothing
/// more, such as transactions:<id>/executed. Servers replay the stored events of these URIs to late subscribers.
bool is_terminal(const Uri& uri) noexcept;

}  // namespace rues::wire
