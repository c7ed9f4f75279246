#pragma once

#include <span>
#include <string>
#include <string_view>

#include "api/errors.hpp"
#include "wire/legacy.hpp"

/// Targets and topics of the legacy event system, and the requests of RUES that they stand for (docs/legacy.md).
namespace rues::api::legacy {

/// A name that Rusk 0.7 to 1.0 had for a request (docs/reference/protocol.md 9.2).
struct OldName {
    std::string_view host;
    std::string_view topic;
    std::string_view path;  ///< of the POST that RUES has for it
};
std::span<const OldName> old_names();

/// The host of subscriptions, which no component has.
inline constexpr std::string_view kSubscriptions = "rues";

/// The path of the POST that answers a topic of a contract or a host. An unknown host gives a path that no route has;
/// an unknown topic of a host that RUES does not have is `unsupported`. REQUIRES: the type is no debugger.
Result<std::string> path_of(wire::legacy::TargetType type, std::string_view target, std::string_view topic);

}  // namespace rues::api::legacy
