#pragma once

/// Versions of the installed library, for the preprocessor and for people.
#define RUES_VERSION_MAJOR 0
#define RUES_VERSION_MINOR 1
#define RUES_VERSION_PATCH 0

namespace rues {

inline constexpr char kVersion[] = "0.1.0";

/// The Rusk version whose behaviour the server has for clients (header `Rusk-Version`).
inline constexpr char kRuskVersion[] = "1.7.0";

}  // namespace rues
