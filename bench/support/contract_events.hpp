#pragma once

#include <string_view>

#include "ledger/event.hpp"

namespace rues::bench {

/// Topics of an Order for which a FeedServer publishes events `moonlight` of the transfer contract: its sessions get
/// them as they are, or decoded.
inline constexpr std::string_view kStoredEvents = "contract";
inline constexpr std::string_view kDecodedEvents = "contract-decoded";

/// The payload of the event: one account pays another one.
base::Bytes moonlight_payload();
/// The event, in a block of this height.
ledger::Event moonlight_event(std::uint64_t height);
/// The bytes by which its decoded message is longer than the stored one.
std::ptrdiff_t decoded_difference(base::ByteView stored_message);

}  // namespace rues::bench
