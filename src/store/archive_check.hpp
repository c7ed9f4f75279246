#pragma once

#include <string>
#include <vector>

#include "store/store.hpp"

namespace rues::store {

/// Result of `check_archive`: a full scan of blocks and events, compared with the indexes.
struct ArchiveReport {
    std::uint64_t height = 0;      ///< of the tip
    std::uint64_t last_final = 0;  ///< according to the labels of the blocks
    std::uint64_t events = 0;      ///< number of events of final blocks
    std::uint64_t entries = 0;     ///< number of stored index entries
    std::uint64_t wrong = 0;       ///< number of differences
    /// The first differences, one sentence each: a missing entry, an entry without a reason, or an entry that
    /// contradicts the blocks.
    std::vector<std::string> findings;
};
inline constexpr std::size_t kMostFindings = 20;

/// Computes all indexes again from blocks and contract events and compares them with the stored indexes, in both
/// directions: every expected entry is there with the expected value, and there is no other entry. An Error only when
/// something cannot be read. It reads the whole store, which takes minutes for a large one. Nobody may write to the
/// store meanwhile.
Result<ArchiveReport> check_archive(const Store& store);

}  // namespace rues::store
