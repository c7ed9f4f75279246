#pragma once

#include <cstdint>

namespace rues::api {

/// Resident memory of the process in bytes; 0 when the system does not say.
std::uint64_t resident_bytes();

}  // namespace rues::api
