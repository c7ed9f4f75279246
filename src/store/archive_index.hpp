#pragma once

#include "store/archive_layout.hpp"

/// The index entries of one block. Pure; private to the room.
namespace rues::store {

/// The events of one origin, which stand together in their block.
struct EventRun {
    std::uint32_t position = 0;
    std::span<const ledger::ContractEvent> events;
    const Hash32& origin() const { return events.front().origin; }
};

/// Groups `events` by origin, in order of execution. The result holds views into `events`. nullopt when one origin
/// stands in two places.
std::optional<std::vector<EventRun>> runs_of(std::span<const ledger::ContractEvent> events);

struct IndexEntry {
    Bytes key;
    Bytes value;
};

/// All index entries of a block that became final. Its events get the rows after `rows`, and `rows` becomes the last of
/// them. REQUIRES: `runs` comes from `runs_of`.
std::vector<IndexEntry> index_entries(std::uint64_t height, std::vector<EventRun> runs, std::uint64_t& rows);

}  // namespace rues::store
