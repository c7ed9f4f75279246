#pragma once

#include <algorithm>
#include <cstddef>

namespace rues::store {

/// With fewer, tables that are in use would be closed and opened again.
inline constexpr std::size_t kFewestTables = 32;
inline constexpr std::size_t kMostTables = 256;

/// How many tables the store keeps open in a process that may open `files` of any kind (RLIMIT_NOFILE). Its logs,
/// manifest and lock, and what a compaction writes, come on top.
constexpr std::size_t open_tables(std::size_t files) noexcept {
    return std::clamp(files / 4, kFewestTables, kMostTables);
}

}  // namespace rues::store
