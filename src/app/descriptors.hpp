#pragma once

#include <cstddef>

/// How the files that the process may open (RLIMIT_NOFILE) are shared out.
namespace rues::app {

/// The least that a node works with: with fewer there would be hardly any connections.
std::size_t least_descriptors(std::size_t loops) noexcept;

/// Those that connections never take, of `limit` that there are.
std::size_t reserved_descriptors(std::size_t limit, std::size_t loops) noexcept;

}  // namespace rues::app
