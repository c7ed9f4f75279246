#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phoenix/note.hpp"

namespace rues::app {

/// A chain, as far as a scan of its notes must not mix it up with another one.
struct ChainName {
    std::uint8_t id = 0;
    base::Hash32 genesis{};  ///< hash of block 0
    friend bool operator==(const ChainName&, const ChainName&) = default;
};

/// A note in its binary form of 302 bytes. A `phoenix::Note` takes three times as much.
struct KeptNote {
    base::ByteArray<phoenix::kNoteBytes> bytes{};
    std::uint64_t block_height = 0;
    friend bool operator==(const KeptNote&, const KeptNote&) = default;
};

/// What `rues notes` keeps between its runs: how far it has scanned the final blocks of a chain, and the notes that it
/// has found there. Blocks that are not final can be replaced, so their notes are never in it. Contains no secret: who
/// reads it learns which notes belong together, but neither their values nor how to spend them.
struct NoteState {
    /// Notes that one state may hold, about a gigabyte.
    static constexpr std::size_t kMostNotes = 1'000'000;

    ChainName chain;
    base::ByteArray<64> address{};  ///< of the view key
    std::uint64_t next = 0;         ///< position of the first note that was not scanned
    base::Hash32 last{};            ///< hash of the note before `next`; zeros: there is none
    std::vector<KeptNote> notes;    ///< in order of their positions, all below `next`
    friend bool operator==(const NoteState&, const NoteState&) = default;

    /// One JSON object.
    std::string print() const;
    /// Reads what `print` wrote. The error says what is wrong in it.
    static std::expected<NoteState, std::string> parse(std::string_view text);
};

}  // namespace rues::app
