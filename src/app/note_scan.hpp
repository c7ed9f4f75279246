#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "app/note_state.hpp"
#include "client/failure.hpp"
#include "phoenix/scan.hpp"

namespace rues::app {

/// Finds the notes of a view key in a feed of leaves (`leaves_from_pos`) that arrives in pieces, and carries a
/// `NoteState` forward over the final blocks. Holds one batch of leaves, and the notes that it found. One thread calls
/// it; it scans on several.
class NoteScan {
public:
    static constexpr std::size_t kBatch = 1'024;  ///< leaves that are scanned together

    /// Called after each batch. Its error ends the scan.
    using AfterBatch = std::function<Result<void>(const NoteScan&)>;

    /// `final_height`: that of a final block of the node, read before the feed was asked for.
    NoteScan(const phoenix::ViewKey& key, NoteState state, std::uint64_t final_height, unsigned threads,
             AfterBatch after_batch);

    /// The position from which the feed must come. With a state that has scanned something, it is that of the last
    /// scanned note, which shows whether this is still the same chain.
    std::uint64_t from() const noexcept;

    /// The next bytes of the feed. Errors: `malformed`: not the leaves from `from` on, in their order; `invalid`: the
    /// state is of another chain, or there are more notes than a state may hold; else the error of `AfterBatch`.
    Result<void> take(base::ByteView bytes);
    /// Scans the whole leaves that came, when no more will come now. Errors as `take`.
    Result<void> flush();
    /// The feed has ended as it should: the same, and checks that it was complete up to here.
    Result<void> finish();

    /// The number of leaves that were scanned, now and in earlier runs.
    std::uint64_t scanned() const noexcept { return at_; }
    std::size_t found() const noexcept { return state_.notes.size() + fresh_.size(); }
    /// The state with which the next run goes on.
    const NoteState& state() const noexcept { return state_; }
    /// Notes of blocks that were not final.
    const std::vector<KeptNote>& fresh() const noexcept { return fresh_; }

private:
    Result<void> scan(base::ByteView leaves);
    /// Checks the positions of the leaves.
    Result<void> check(base::ByteView leaves) const;
    /// Checks the first leaf of a feed against the last one of the state.
    Result<void> check_last(base::ByteView leaf);
    Result<void> add(const std::vector<phoenix::FoundNote>& found);

    phoenix::ViewKey key_;
    NoteState state_;
    std::uint64_t final_height_;
    unsigned threads_;
    AfterBatch after_batch_;
    std::uint64_t at_;    ///< position of the next leaf to scan
    bool is_same_chain_;  ///< the last note of the state was seen
    base::Bytes input_;   ///< less than a batch
    std::vector<KeptNote> fresh_;
};

}  // namespace rues::app
