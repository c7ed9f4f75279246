#include "app/note_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/endian.hpp"

namespace rues::app {
namespace {

using base::ByteView;
using client::failure;
using phoenix::FoundNote;
using phoenix::kLeafBytes;

constexpr std::size_t kPositionAt = 648;  ///< in an archived note (docs/reference/ledger.md 8.2)

std::uint64_t position_of(ByteView leaf) {
    return base::load_le<std::uint64_t>(leaf.data() + kPositionAt);
}
std::uint64_t height_of(ByteView leaf) {
    return base::load_le<std::uint64_t>(leaf.data() + phoenix::kArchivedNoteBytes);
}

std::unexpected<Error> no_note(std::uint64_t position) {
    return failure(Error::Kind::malformed, fmt::format("the node fed something that is not note {}", position));
}

/// Scans equal parts of `leaves` at the same time. The results are in their order.
std::vector<std::expected<std::vector<FoundNote>, std::size_t>> scan_parts(const phoenix::ViewKey& key, ByteView leaves,
                                                                           unsigned threads) {
    const std::size_t count = leaves.size() / kLeafBytes;
    const std::size_t each = (count + threads - 1) / threads;
    std::vector<std::expected<std::vector<FoundNote>, std::size_t>> out(threads);
    const auto work = [&](std::size_t part) {
        const std::size_t begin = std::min(count, part * each);
        const std::size_t size = std::min(count - begin, each);
        out[part] = phoenix::scan(key, leaves.subspan(begin * kLeafBytes, size * kLeafBytes));
        if (!out[part]) out[part].error() += begin;
    };
    {
        std::vector<std::jthread> others;
        for (unsigned part = 1; part < threads; ++part) others.emplace_back(work, part);
        work(0);
    }
    return out;
}

}  // namespace

NoteScan::NoteScan(const phoenix::ViewKey& key, NoteState state, std::uint64_t final_height, unsigned threads,
                   AfterBatch after_batch)
    : key_(key),
      state_(std::move(state)),
      final_height_(final_height),
      threads_(std::max(1U, threads)),
      after_batch_(std::move(after_batch)),
      at_(state_.next),
      is_same_chain_(state_.next == 0) {}

std::uint64_t NoteScan::from() const noexcept {
    return is_same_chain_ ? at_ : at_ - 1;
}

Result<void> NoteScan::take(ByteView bytes) {
    constexpr std::size_t kFull = kBatch * kLeafBytes;
    while (!bytes.empty()) {
        const std::size_t size = std::min(bytes.size(), kFull - input_.size());
        base::append(input_, bytes.first(size));
        bytes = bytes.subspan(size);
        if (input_.size() < kFull) continue;
        if (auto done = flush(); !done) return done;
    }
    return {};
}

Result<void> NoteScan::flush() {
    const std::size_t whole = input_.size() / kLeafBytes * kLeafBytes;
    if (whole == 0) return {};
    auto done = scan(ByteView(input_).first(whole));
    input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(whole));
    if (!done) return done;
    return after_batch_(*this);
}

Result<void> NoteScan::finish() {
    if (auto done = flush(); !done) return done;
    if (!input_.empty()) return failure(Error::Kind::malformed, "the feed ended inside a note");
    if (is_same_chain_) return {};
    return failure(
        Error::Kind::invalid,
        fmt::format("the node has no note {}: it is behind, or the state file is of another chain", state_.next - 1));
}

Result<void> NoteScan::check_last(ByteView leaf) {
    const auto note = phoenix::Note::from_archive(leaf.first(phoenix::kArchivedNoteBytes));
    if (!note || note->pos != state_.next - 1) return no_note(state_.next - 1);
    if (note->hash().bytes() != state_.last)
        return failure(Error::Kind::invalid,
                       fmt::format("note {} of the node is not that of the state file, which is of another chain",
                                   state_.next - 1));
    is_same_chain_ = true;
    return {};
}

Result<void> NoteScan::check(ByteView leaves) const {
    for (std::size_t i = 0; i * kLeafBytes < leaves.size(); ++i)
        if (position_of(leaves.subspan(i * kLeafBytes, kLeafBytes)) != at_ + i) return no_note(at_ + i);
    return {};
}

Result<void> NoteScan::add(const std::vector<FoundNote>& found) {
    for (const auto& [leaf, opened] : found) {
        if (this->found() >= NoteState::kMostNotes)
            return failure(Error::Kind::invalid, fmt::format("the address has more than {} notes", this->found()));
        auto& to = leaf.note.pos < state_.next ? state_.notes : fresh_;
        to.push_back({leaf.note.bytes(), leaf.block_height});
    }
    return {};
}

Result<void> NoteScan::scan(ByteView leaves) {
    if (!is_same_chain_) {
        if (auto same = check_last(leaves.first(kLeafBytes)); !same) return same;
        leaves = leaves.subspan(kLeafBytes);
    }
    if (auto in_order = check(leaves); !in_order) return in_order;
    const auto parts = scan_parts(key_, leaves, threads_);
    for (const auto& part : parts)
        if (!part) return no_note(at_ + part.error());

    // Notes stand in the order of their blocks, so those of final blocks come first.
    const std::size_t count = leaves.size() / kLeafBytes;
    std::size_t final_ones = 0;
    while (state_.next == at_ + final_ones && final_ones < count &&
           height_of(leaves.subspan(final_ones * kLeafBytes, kLeafBytes)) <= final_height_) {
        ++final_ones;
        ++state_.next;
    }
    if (final_ones > 0) {
        const auto last = leaves.subspan((final_ones - 1) * kLeafBytes, phoenix::kArchivedNoteBytes);
        const auto note = phoenix::Note::from_archive(last);
        if (!note) return no_note(state_.next - 1);
        state_.last = note->hash().bytes();
    }
    at_ += count;
    for (const auto& part : parts)
        if (auto added = add(*part); !added) return added;
    return {};
}

}  // namespace rues::app
