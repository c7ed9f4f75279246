#pragma once

#include <string>
#include <vector>

#include "store/store.hpp"

namespace rues::store {

/// What a full scan of blocks and events found, next to what the indexes say.
struct ArchiveReport {
    std::uint64_t height = 0;      ///< tip
    std::uint64_t last_final = 0;  ///< as the labels of the blocks say
    std::uint64_t events = 0;      ///< of final blocks
    std::uint64_t entries = 0;     ///< of the indexes, as they are
    std::uint64_t wrong = 0;       ///< how many things are not as they must be
    /// The first of them, a sentence each: an entry that is missing, that is there without a reason, or that says
    /// something else than the blocks do.
    std::vector<std::string> findings;
};
inline constexpr std::size_t kMostFindings = 20;

/// Makes all indexes again from blocks and contract events and compares, in both directions: every entry that must be
/// there is, and says what it must; and there is no other. An Error only when something cannot be read. Reads
/// everything: minutes for a large store. Nobody may write meanwhile.
Result<ArchiveReport> check_archive(const Store& store);

}  // namespace rues::store
