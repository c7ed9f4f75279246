#pragma once

#include <cstddef>

/// The division of the files that the process may open (RLIMIT_NOFILE) between connections and everything else.
namespace rues::app {

/// The least number of descriptors that a node starts with. With fewer it could take hardly any connections.
std::size_t least_descriptors(std::size_t loops) noexcept;

/// The number of descriptors, out of `limit`, that connections must leave to the store, the loops and the program.
std::size_t reserved_descriptors(std::size_t limit, std::size_t loops) noexcept;

}  // namespace rues::app
