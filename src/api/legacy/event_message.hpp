#pragma once

#include <optional>

#include "api/legacy/language.hpp"

namespace rues::api::legacy {

/// A stored event as the frame of a Message: a contract's event comes from that contract, any other from the host of
/// its component. `message` is a whole message of the log. nullopt: it is none, which this program never writes.
std::optional<Frame> event_frame(base::ByteView message, bool as_text);

}  // namespace rues::api::legacy
