#pragma once

#include <algorithm>
#include <cstddef>

namespace rues::store {

/// With fewer tables, RocksDB would close tables that are in use and open them again.
inline constexpr std::size_t kFewestTables = 32;
inline constexpr std::size_t kMostTables = 256;

/// Number of tables that the store keeps open in a process that may open `files` files of any kind (RLIMIT_NOFILE). The
/// store's logs, manifest and lock, and the files that a compaction writes, are not counted.
constexpr std::size_t open_tables(std::size_t files) noexcept {
    return std::clamp(files / 4, kFewestTables, kMostTables);
}

}  // namespace rues::store
