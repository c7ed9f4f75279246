#pragma once

#include <optional>
#include <set>
#include <string>

#include "wire/frame.hpp"

namespace rues::gateway {

/// The place in a node's log up to which the gateway has it.
struct Checkpoint {
    std::string upstream;  ///< the URL as the operator wrote it
    wire::Position position;
    friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// The note of a gateway's store: what else the gateway knows when it applies a commit.
struct Note {
    std::optional<Checkpoint> checkpoint{};
    /// The number of the last commit that was applied, where commits are numbered; else 0.
    std::uint64_t commit = 0;
    /// Announced transactions whose bytes no node has shown: `PoolChange::unshown`.
    std::set<base::Hash32> unshown{};

    bool empty() const noexcept { return !checkpoint && commit == 0 && unshown.empty(); }
    base::Bytes encode() const;
    /// nullopt: the bytes are no note. No bytes are the empty note.
    static std::optional<Note> decode(base::ByteView bytes);
    friend bool operator==(const Note&, const Note&) = default;
};

}  // namespace rues::gateway
