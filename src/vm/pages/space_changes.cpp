// The part of Space that finds, keeps and takes back what was written.
#include <algorithm>
#include <cstring>
#include <iterator>

#include "vm/pages/space.hpp"

namespace rues::vm {
namespace {

using Kind = base::Error::Kind;

bool equal_pieces(const std::byte* a, const std::byte* b) {
    return std::memcmp(a, b, kPiece) == 0;
}

bool is_zero(const std::byte* piece) {
    return piece[0] == std::byte{0} && std::memcmp(piece, piece + 1, kPiece - 1) == 0;
}

}  // namespace

/// Completes private_. Without a fault of this thread since it was complete, it still is.
base::Result<void> Space::find_written() {
    if (poisoned_) return base::failure(Kind::io, "the contents of contract memory are unknown");
    const Pagemap& pagemap = file_->pagemap();
    const auto now = pagemap.faults();
    if (now && now == faults_) return {};

    found_.clear();
    if (pagemap.detection() == Detection::compare) {
        find_by_comparing();
    } else {
        if (auto done = pagemap.find(base(), reached_, found_); !done) return poison(std::move(done).error());
        std::erase_if(found_,
                      [this](Pagemap::Found each) { return !each.certain && !mapped(each.piece / kPiecesOfPage); });
    }
    ++scans_;
    const auto known = static_cast<std::ptrdiff_t>(private_.size());
    auto next = private_.begin();
    const auto known_end = private_.end();
    std::vector<PrivatePiece> added;
    for (const Pagemap::Found each : found_) {
        while (next != known_end && next->piece < each.piece) ++next;
        if (next == known_end || next->piece != each.piece) added.push_back({each.piece});
    }
    private_.insert(private_.end(), added.begin(), added.end());
    std::ranges::inplace_merge(private_, private_.begin() + known, {}, &PrivatePiece::piece);
    faults_ = now;
    return {};
}

void Space::find_by_comparing() {
    for (std::uint32_t number = 0; number < reached_ / kPiece; ++number) {
        const std::byte* before = kept_piece(number);
        const std::byte* now = piece(number);
        if (before != nullptr ? !equal_pieces(before, now) : !is_zero(now)) found_.push_back({number});
    }
}

base::Result<void> Space::drop_beyond_size() {
    std::vector<PieceRun> beyond;
    while (!private_.empty() && private_.back().piece >= size_ / kPiece) {
        beyond.push_back({private_.back().piece, 1});
        private_.pop_back();
    }
    if (auto done = mapping_->drop(beyond); !done) return poison(std::move(done).error());
    return {};
}

void Space::compare_private() {
    for (PrivatePiece& each : private_) {
        const std::byte* before = kept_piece(each.piece);
        each.changed = before == nullptr || !equal_pieces(before, piece(each.piece));
    }
}

template <typename Wanted>
base::Result<void> Space::set_private(const Wanted& wanted) {
    std::vector<PieceRun> zeros;
    auto left = private_.begin();
    for (PrivatePiece& each : private_) {
        const std::byte* want = wanted(each.piece);
        if (want == nullptr) {
            add_piece(zeros, each.piece);
            continue;
        }
        if (!equal_pieces(want, piece(each.piece))) {
            std::memcpy(piece(each.piece), want, kPiece);
            each.idle = 0;
        } else {
            each.grow_older();
        }
        *left++ = each;
    }
    private_.erase(left, private_.end());
    if (auto done = mapping_->drop(zeros); !done) return poison(std::move(done).error());
    return {};
}

base::Result<void> Space::take_back() {
    return set_private([this](std::uint32_t number) { return kept_piece(number); });
}

base::Result<void> Space::undo() {
    if (auto found = find_written(); !found) return found;
    if (auto done = take_back(); !done) return done;
    size_ = kept_size_;
    marked_.clear();
    ++epoch_;
    return settle();
}

std::optional<std::uint64_t> Space::private_bytes_at_most() const {
    const auto now = file_->pagemap().faults();
    if (poisoned_ || !now || !faults_ || now->thread != faults_->thread) return std::nullopt;
    // Each piece that became private since then cost a fault.
    return (private_.size() + (now->count - faults_->count)) * kPiece;
}

base::Result<std::uint64_t> Space::private_bytes() {
    if (auto found = find_written(); !found) return std::unexpected(std::move(found).error());
    return private_.size() * kPiece;
}

base::Result<bool> Space::wrote_more_than(std::uint64_t limit) {
    if (const auto at_most = private_bytes_at_most(); at_most && *at_most <= limit) return false;
    const auto bytes = private_bytes();
    if (!bytes) return std::unexpected(bytes.error());
    return *bytes > limit;
}

base::Result<Checkpoint> Space::checkpoint(std::size_t max_bytes) {
    if (auto found = find_written(); !found) return std::unexpected(std::move(found).error());
    compare_private();
    Checkpoint out;
    out.epoch_ = epoch_;
    out.size_ = size_;
    out.marked_ = marked_.size();
    for (const PrivatePiece& each : private_) {
        if (each.changed && each.piece < size_ / kPiece) out.pieces_.push_back(each.piece);
    }
    if (out.pieces_.size() > max_bytes / kPiece) {
        return base::failure(Kind::no_space, "nested calls keep too much written memory");
    }
    out.bytes_.reserve(out.pieces_.size() * kPiece);
    for (const std::uint32_t number : out.pieces_) base::append(out.bytes_, {piece(number), kPiece});
    return out;
}

base::Result<void> Space::restore(const Checkpoint& checkpoint) {
    if (checkpoint.epoch_ != epoch_) return base::failure(Kind::invalid, "the checkpoint is outdated");
    if (auto found = find_written(); !found) return found;
    std::size_t next = 0;
    auto done = set_private([&](std::uint32_t number) {
        while (next < checkpoint.pieces_.size() && checkpoint.pieces_[next] < number) ++next;
        const bool is_saved = next < checkpoint.pieces_.size() && checkpoint.pieces_[next] == number;
        return is_saved ? checkpoint.bytes_.data() + next * kPiece : kept_piece(number);
    });
    if (!done) return done;
    size_ = checkpoint.size_;
    marked_.resize(checkpoint.marked_);
    return {};
}

/// The pages that must get a draft, ascending. REQUIRES: compare_private was called.
std::vector<std::uint32_t> Space::pages_to_draft() const {
    std::vector<std::uint32_t> out;
    const auto has_draft = [this](std::uint32_t page) { return page < pages_.size() && pages_[page].draft; };
    for (const PrivatePiece& each : private_) {
        const std::uint32_t page = each.piece / kPiecesOfPage;
        if (each.changed && (out.empty() || out.back() != page) && !has_draft(page)) out.push_back(page);
    }
    for (const std::uint32_t page : marked_) {
        if (kept(page) == nullptr) out.push_back(page);
    }
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

/// Counts the edges after `new_pages` got memory of their own. True when they are too many.
bool Space::are_scattered(std::span<const std::uint32_t> new_pages, std::uint32_t& edges) const {
    std::int64_t count = edges_;
    for (std::size_t i = 0; i < new_pages.size(); ++i) {
        const std::uint32_t page = new_pages[i];
        if (kept(page) != nullptr) continue;
        const bool left = page > 0 && (kept(page - 1) != nullptr || (i > 0 && new_pages[i - 1] == page - 1));
        const bool right = kept(page + 1) != nullptr;
        count += (left ? -1 : 1) + (right ? -1 : 1);
    }
    edges = static_cast<std::uint32_t>(count);
    return edges > kMaxEdges && edges > edges_;
}

/// Slots with what was kept of these neighbouring pages, made of the slots of the pages before. Empty unless all of
/// these can be had: neighbours stay neighbours.
std::vector<std::shared_ptr<Slot>> Space::renew_former(std::span<const std::uint32_t> pages) {
    std::vector<std::uint64_t> contents;
    for (const std::uint32_t page : pages) {
        if (page >= pages_.size()) return {};
        const Former& former = pages_[page].former;
        const Page* shown = shown_.page(page);
        const bool is_known = former.content != 0 && shown != nullptr && shown->slot()->content() == former.next;
        if (!is_known || former.number != pages_[pages[0]].former.number + contents.size()) return {};
        contents.push_back(former.content);
    }
    auto out = file_->take_again(pages_[pages[0]].former.number, contents);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::byte* now = kept(pages[i]);
        const std::uint16_t differs = pages_[pages[i]].former.differs;
        for (std::size_t piece = 0; piece < kPiecesOfPage; ++piece) {
            if ((differs >> piece & 1U) != 0)
                std::memcpy(out[i]->writable() + piece * kPiece, now + piece * kPiece, kPiece);
        }
    }
    return out;
}

/// Slots with what was kept of these pages. Neighbours get neighbouring slots where there are some.
base::Result<std::vector<std::shared_ptr<Slot>>> Space::make_drafts(std::span<const std::uint32_t> pages) {
    std::vector<std::shared_ptr<Slot>> out;
    for (std::size_t begin = 0, end = 0; begin < pages.size(); begin = end) {
        while (end < pages.size() && pages[end] - pages[begin] == end - begin) ++end;
        if (auto again = renew_former(pages.subspan(begin, end - begin)); !again.empty()) {
            std::ranges::move(again, std::back_inserter(out));
            continue;
        }
        auto slots = file_->allocate(end - begin);
        if (!slots) return slots;
        for (std::size_t i = begin; i < end; ++i) {
            std::shared_ptr<Slot>& slot = out.emplace_back(std::move((*slots)[i - begin]));
            const std::byte* before = kept(pages[i]);
            const base::ByteView bytes = before != nullptr ? base::ByteView(before, kPage) : base::ByteView();
            if (auto filled = file_->fill(*slot, bytes); !filled) return std::unexpected(std::move(filled).error());
        }
    }
    return out;
}

base::Result<void> Space::keep() {
    if (auto found = find_written(); !found) return found;
    if (auto done = drop_beyond_size(); !done) return done;
    compare_private();
    const std::vector<std::uint32_t> pages = pages_to_draft();
    std::uint32_t edges = 0;
    if (are_scattered(pages, edges)) return base::failure(Kind::no_space, "the written pages are too scattered");
    auto drafts = make_drafts(pages);
    if (!drafts) return std::unexpected(std::move(drafts).error());

    for (std::size_t i = 0; i < pages.size(); ++i) {
        PageState& page = state(pages[i]);
        page.draft = std::move((*drafts)[i]);
        page.changed = 0;
    }
    const auto known = static_cast<std::ptrdiff_t>(drafts_.size());
    drafts_.insert(drafts_.end(), pages.begin(), pages.end());
    std::ranges::inplace_merge(drafts_, drafts_.begin() + known);
    for (PrivatePiece& each : private_) {
        if (each.changed) {
            PageState& page = pages_[each.piece / kPiecesOfPage];
            const std::uint32_t index = each.piece % kPiecesOfPage;
            std::memcpy(page.draft->writable() + std::size_t{index} * kPiece, piece(each.piece), kPiece);
            page.changed |= static_cast<std::uint16_t>(1U << index);
            each.idle = 0;
        } else {
            each.grow_older();
        }
    }
    edges_ = edges;
    kept_size_ = size_;
    marked_.clear();
    ++epoch_;
    return settle();
}

}  // namespace rues::vm
