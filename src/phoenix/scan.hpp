#pragma once

#include <expected>
#include <span>
#include <vector>

#include "phoenix/note.hpp"

/// Finds the notes of a view key among many. Pure; any thread, so several threads may scan parts of one list.
namespace rues::phoenix {

/// A leaf of the note tree, as `leaves_from_pos` and `leaves_from_height` feed it (docs/reference/ledger.md 8.5).
struct Leaf {
    Note note;
    std::uint64_t block_height = 0;

    /// nullopt unless these are `kLeafBytes` of an archived leaf whose note `Note::from_archive` takes.
    static std::optional<Leaf> from_archive(ByteView archived);
};

/// A note of ours.
struct FoundNote {
    Leaf leaf;
    std::optional<Opened> opened;  ///< nullopt: the note commits to another value, and cannot be spent
};

/// The notes of `key` among `leaves`, which are whole leaves one behind another, in their order. The error is the
/// index of a leaf that does not decode; an incomplete one at the end counts. Takes about 45 microseconds a leaf.
std::expected<std::vector<FoundNote>, std::size_t> scan(const ViewKey& key, ByteView leaves);

}  // namespace rues::phoenix
