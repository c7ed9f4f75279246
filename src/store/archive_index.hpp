#pragma once

#include "store/archive_layout.hpp"

/// What the indexes hold of a block. Pure; private to the room.
namespace rues::store {

/// Events of one origin, which stand together in their block.
struct EventRun {
    std::uint32_t position = 0;
    std::span<const ledger::ContractEvent> events;
    const Hash32& origin() const { return events.front().origin; }
};

/// In order of execution; views into `events`. nullopt: one origin stands in two places.
std::optional<std::vector<EventRun>> runs_of(std::span<const ledger::ContractEvent> events);

struct IndexEntry {
    Bytes key;
    Bytes value;
};

/// All entries of a block that became final; its events get the rows after `rows`, which is moved on. REQUIRES: `runs`
/// are those of `runs_of`.
std::vector<IndexEntry> index_entries(std::uint64_t height, std::vector<EventRun> runs, std::uint64_t& rows);

}  // namespace rues::store
