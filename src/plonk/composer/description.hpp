#pragma once

#include "base/bytes.hpp"
#include "plonk/composer/circuit.hpp"

namespace rues::plonk {

/// The circuit as dusk-plonk writes it before it compresses it: the stream M of
/// docs/reference/phoenix-and-plonk.md 4.6. Two circuits with equal descriptions have equal gates over equally numbered
/// witnesses.
base::Bytes describe(const Circuit& circuit);

}  // namespace rues::plonk
