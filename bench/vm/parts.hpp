#pragma once

#include "support/measure.hpp"

/// The parts of this benchmark. Each prints its rows and returns false when a promise is broken.
namespace rues::bench {

/// Contract memory: what a block and a query do with its pages.
bool measure_memory();
/// Compiling a contract, next to the engine alone.
bool measure_compiling();
/// Blocks, starts and feeders while the number of accounts grows.
bool measure_growth();
/// Events of a contract that are delivered decoded, next to events that are delivered as they are.
bool measure_decoding();

}  // namespace rues::bench
