#pragma once

#include <cstddef>

namespace rues::vm {

/// Bytes of this thread's stack below the caller's frame.
std::size_t native_stack_left() noexcept;

}  // namespace rues::vm
