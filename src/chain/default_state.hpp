#pragma once

#include "base/bytes.hpp"

/// The state of block 0 of the default genesis (genesis_file.hpp), made when the program is built
/// (cmake/default_state.cmake). A program that uses it links the library rues_default_state.

extern const char kRuesDefaultState[];
extern const unsigned long kRuesDefaultStateSize;

namespace rues::chain {

/// For `GenesisParts::prepared`.
inline base::ByteView default_state() {
    return base::view({kRuesDefaultState, kRuesDefaultStateSize});
}

}  // namespace rues::chain
