#pragma once

#include "drivers/driver.hpp"

/// The tables of both genesis contracts, in the order of their published drivers (docs/reference/rusk-1.7.md 9).
namespace rues::drivers {

extern const Driver kTransferDriver;
extern const Driver kStakeDriver;

}  // namespace rues::drivers
