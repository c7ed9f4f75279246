#include "vm/pages/space.hpp"

#include <algorithm>
#include <numeric>

#include "crypto/blake3_tree.hpp"

namespace rues::vm {
namespace {

using Kind = base::Error::Kind;

std::uint32_t pages_of(std::uint64_t bytes) {
    return static_cast<std::uint32_t>(bytes / kPage);
}

}  // namespace

base::Result<std::unique_ptr<Space>> Space::create(const std::shared_ptr<PageFile>& file) {
    auto mapping = Mapping::create(file);
    if (!mapping) return std::unexpected(std::move(mapping).error());
    return std::unique_ptr<Space>(new Space(file, std::move(*mapping)));
}

Space::~Space() = default;

std::unexpected<base::Error> Space::poison(base::Error error) {
    poisoned_ = true;
    return std::unexpected(std::move(error));
}

const std::shared_ptr<const Slot>& Space::mapped(std::uint32_t page) const {
    static const std::shared_ptr<const Slot> kNone;
    return page < pages_.size() ? pages_[page].mapped : kNone;
}

std::shared_ptr<const Slot> Space::kept_slot(std::uint32_t page) const {
    if (page < pages_.size() && pages_[page].draft) return pages_[page].draft;
    const Page* stored = shown_.page(page);
    return stored != nullptr ? stored->slot() : nullptr;
}

const std::byte* Space::kept(std::uint32_t page) const {
    if (page < pages_.size() && pages_[page].draft) return pages_[page].draft->bytes();
    const Page* stored = shown_.page(page);
    return stored != nullptr ? stored->bytes().data() : nullptr;
}

const std::byte* Space::kept_piece(std::uint32_t number) const {
    const std::byte* page = kept(number / kPiecesOfPage);
    return page != nullptr ? page + std::size_t{number % kPiecesOfPage} * kPiece : nullptr;
}

Space::PageState& Space::state(std::uint32_t page) {
    if (page >= pages_.size()) pages_.resize(page + 1);
    return pages_[page];
}

bool Space::grow_to(std::uint64_t bytes) {
    if (poisoned_ || bytes % kPage != 0 || bytes < size_ || bytes > kMaxBytes) return false;
    if (!mapping_->open(pages_of(bytes))) return false;
    size_ = bytes;
    reached_ = std::max(reached_, size_);
    return true;
}

void Space::mark_written(std::uint64_t offset, std::uint64_t length) {
    if (length == 0) return;
    for (std::uint32_t page = pages_of(offset); page <= pages_of(offset + length - 1); ++page) marked_.push_back(page);
}

/// Pages whose kept contents are not the page of `image`. Ascending.
std::vector<std::uint32_t> Space::differences(const Image& image) const {
    std::vector<std::uint32_t> out = drafts_;
    const std::uint32_t chunks = std::max(shown_.chunk_count(), image.chunk_count());
    for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) {
        if (shown_.chunk(chunk) == image.chunk(chunk)) continue;
        for (std::uint32_t page = chunk * Chunk::kPages; page < (chunk + 1) * Chunk::kPages; ++page) {
            const Page* before = shown_.page(page);
            const Page* after = image.page(page);
            if (before == nullptr ? after != nullptr : after == nullptr || *before != *after) out.push_back(page);
        }
    }
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

/// The fewest runs that map what was kept of these pages. REQUIRES: `pages` ascend.
std::vector<Mapping::Run> Space::runs_to_kept(std::span<const std::uint32_t> pages) const {
    std::vector<Mapping::Run> out;
    for (const std::uint32_t page : pages) {
        const auto slot = kept_slot(page);
        if (!out.empty() && out.back().first + out.back().count == page && out.back().slot.has_value() == bool{slot} &&
            (!slot || *out.back().slot + out.back().count == slot->number())) {
            ++out.back().count;
            continue;
        }
        out.push_back({page, 1, slot ? std::optional(slot->number()) : std::nullopt});
    }
    return out;
}

/// Maps what was kept of these pages and forgets their private pieces. When that takes too many mappings, maps
/// everything anew; when this does not help, changes nothing and fails with no_space.
base::Result<void> Space::map_kept(std::span<const std::uint32_t> pages) {
    const auto runs = runs_to_kept(pages);
    if (runs.empty()) return {};
    if (!mapping_->fits(runs)) return map_all();
    if (auto done = mapping_->map(runs); !done) return poison(std::move(done).error());
    for (const std::uint32_t page : pages) state(page).mapped = kept_slot(page);
    std::erase_if(private_, [pages](const PrivatePiece& each) {
        return std::ranges::binary_search(pages, each.piece / kPiecesOfPage);
    });
    return {};
}

base::Result<void> Space::map_all() {
    std::vector<std::uint32_t> pages(pages_of(kept_size_));
    std::iota(pages.begin(), pages.end(), 0U);
    std::erase_if(pages, [this](std::uint32_t page) { return !kept_slot(page); });
    const auto runs = runs_to_kept(pages);
    if (!mapping_->fits_alone(runs)) return base::failure(Kind::no_space, "a contract takes too many memory mappings");
    if (auto done = mapping_->reset(); !done) return poison(std::move(done).error());
    if (!mapping_->open(pages_of(std::max(reached_, size_))))
        return poison({Kind::io, "contract memory cannot be opened"});
    if (auto done = mapping_->map(runs); !done) return poison(std::move(done).error());
    for (PageState& each : pages_) each.mapped = nullptr;
    for (const std::uint32_t page : pages) state(page).mapped = kept_slot(page);
    private_.clear();
    return {};
}

base::Result<void> Space::show(Image image) {
    if (!poisoned_) {
        if (auto found = find_written(); !found) return found;
    }
    if (!mapping_->open(image.size_pages())) return base::failure(Kind::no_space, "contract memory cannot be opened");

    const std::vector<std::uint32_t> changed = differences(image);
    Image before = std::exchange(shown_, std::move(image));
    std::vector<std::shared_ptr<Slot>> drafts;
    drafts.reserve(drafts_.size());
    for (const std::uint32_t page : drafts_) drafts.push_back(std::exchange(pages_[page].draft, nullptr));
    const std::uint64_t kept_size_before = std::exchange(kept_size_, std::uint64_t{shown_.size_pages()} * kPage);
    const std::uint64_t size_before = std::exchange(size_, kept_size_);

    std::vector<std::uint32_t> to_map;
    for (const std::uint32_t page : changed) {
        if (mapped(page) != kept_slot(page)) to_map.push_back(page);
    }
    if (auto done = poisoned_ ? map_all() : map_kept(to_map); !done) {
        shown_ = std::move(before);
        for (std::size_t i = 0; i < drafts.size(); ++i) pages_[drafts_[i]].draft = std::move(drafts[i]);
        kept_size_ = kept_size_before;
        size_ = size_before;
        return done;
    }
    poisoned_ = false;
    drafts_.clear();
    marked_.clear();
    edges_ = shown_.edges();
    ++epoch_;
    if (auto done = take_back(); !done) return done;
    reached_ = size_;
    return settle();
}

/// Computes the hashes of the drafts. Only pieces that changed are read: the values of the others are those of the page
/// that is shown.
void Space::hash_drafts() {
    static_assert(kPiecesOfPage <= crypto::kBlake3Parts && kPiece % crypto::kBlake3Chunk == 0);
    std::vector<std::shared_ptr<PieceValues>> values;
    std::vector<crypto::Blake3Part> parts;
    for (const std::uint32_t number : drafts_) {
        const PageState& page = pages_[number];
        const Page* before = shown_.page(number);
        const PieceValues* known = before != nullptr ? before->slot()->pieces().get() : nullptr;
        values.push_back(known != nullptr ? std::make_shared<PieceValues>(*known) : std::make_shared<PieceValues>());
        for (std::uint32_t i = 0; i < kPiecesOfPage; ++i) {
            if (known != nullptr && (page.changed >> i & 1U) == 0) continue;
            parts.push_back({{page.draft->bytes() + i * kPiece, kPiece},
                             i * (kPiece / crypto::kBlake3Chunk),
                             &(*values.back())[i]});
        }
    }
    crypto::blake3_parts(parts);
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
        const auto hash = crypto::blake3_of_parts(*values[i]);
        pages_[drafts_[i]].draft->set_hash(hash, std::move(values[i]));
    }
}

base::Result<Sealed> Space::seal() {
    if (poisoned_) return base::failure(Kind::io, "the contents of contract memory are unknown");
    hash_drafts();
    std::vector<NumberedPage> changed;
    std::vector<std::uint16_t> pieces;
    for (const std::uint32_t number : drafts_) {
        PageState& page = pages_[number];
        const Page* before = shown_.page(number);
        page.former = before != nullptr ? Former{before->slot()->number(), before->slot()->content(),
                                                 page.draft->content(), page.changed}
                                        : Former{};
        pieces.push_back(page.changed);
        changed.push_back({number, Page(std::exchange(page.draft, nullptr))});
    }
    shown_ = shown_.with(pages_of(kept_size_), changed);
    ++epoch_;
    return Sealed{shown_, std::exchange(drafts_, {}), std::move(pieces)};
}

base::Result<void> Space::settle() {
    if (auto done = trim(); !done) return done;
    const bool is_warm = scans_ >= kScansUntilCooled && private_.size() <= kHot;
    if (is_warm && file_->pagemap().detection() != Detection::compare) {
        scans_ = 0;
        if (auto done = drop_all_but_private(); !done) return poison(std::move(done).error());
    }
    faults_ = file_->pagemap().faults();
    return {};
}

/// Which private pieces are dropped: those that have not changed for long, and when that leaves too many, those that
/// have not changed for longest.
std::vector<bool> Space::pieces_to_drop() const {
    const auto idle = std::ranges::count_if(private_, [](const PrivatePiece& each) { return each.idle >= kIdle; });
    if (private_.size() <= kHot && static_cast<std::size_t>(idle) < kIdleAtOnce) return {};
    std::vector<bool> out(private_.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = private_[i].idle >= kIdle;
    if (private_.size() - static_cast<std::size_t>(idle) <= kHot) return out;
    std::vector<std::uint32_t> by_age(private_.size());
    std::iota(by_age.begin(), by_age.end(), 0U);
    const auto end = by_age.begin() + kHotAfterTrim;
    std::ranges::nth_element(by_age, end, {}, [this](std::uint32_t i) { return private_[i].idle; });
    std::for_each(end, by_age.end(), [&out](std::uint32_t i) { out[i] = true; });
    return out;
}

/// REQUIRES: no private piece differs from what was kept.
base::Result<void> Space::trim() {
    const std::vector<bool> is_dropped = pieces_to_drop();
    if (is_dropped.empty()) return {};
    // Under a dropped piece there must be what was kept. Where an older slot is mapped, the page is mapped anew.
    std::vector<std::uint32_t> to_map;
    std::vector<PieceRun> to_drop;
    for (std::size_t i = 0; i < private_.size(); ++i) {
        if (!is_dropped[i]) continue;
        const std::uint32_t number = private_[i].piece;
        const std::uint32_t page = number / kPiecesOfPage;
        if (mapped(page) != kept_slot(page)) {
            if (to_map.empty() || to_map.back() != page) to_map.push_back(page);
        } else {
            add_piece(to_drop, number);
        }
    }
    if (auto done = mapping_->drop(to_drop); !done) return poison(std::move(done).error());
    std::size_t left = 0;
    for (std::size_t i = 0; i < private_.size(); ++i) {
        const bool is_gone = is_dropped[i] && !std::ranges::binary_search(to_map, private_[i].piece / kPiecesOfPage);
        if (!is_gone) private_[left++] = private_[i];
    }
    private_.resize(left);
    // Without a free mapping they stay private. The next image can be compacted.
    if (auto done = map_kept(to_map); !done && done.error().kind != Kind::no_space) return done;
    return {};
}

/// Unmaps what was only read. REQUIRES: private_ is complete.
base::Result<void> Space::drop_all_but_private() {
    std::vector<PieceRun> between;
    std::uint32_t from = 0;
    const auto add = [&](std::uint32_t end) {
        if (end > from) between.push_back({from, end - from});
    };
    for (const PrivatePiece& each : private_) {
        add(each.piece);
        from = each.piece + 1;
    }
    add(static_cast<std::uint32_t>(reached_ / kPiece));
    return mapping_->drop(between);
}

}  // namespace rues::vm
