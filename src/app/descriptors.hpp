#pragma once

#include <cstddef>

/// How the files that the process may open (RLIMIT_NOFILE) are shared out.
namespace rues::app {

/// The least that a node works with: with fewer there would be hardly any connections.
std::size_t least_descriptors(std::size_t loops) noexcept;

/// Of `limit` descriptors, the number that is kept for files.
std::size_t reserved_descriptors(std::size_t limit, std::size_t loops) noexcept;

}  // namespace rues::app
