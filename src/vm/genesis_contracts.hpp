#pragma once

#include <optional>

#include "vm/machine.hpp"

namespace rues::vm {

/// The compiled form that is part of the program, if these bytes are one of its genesis contracts.
std::optional<ByteView> compiled_genesis_contract(ByteView code);

}  // namespace rues::vm
