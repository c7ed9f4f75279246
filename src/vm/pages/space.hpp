#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "vm/pages/image.hpp"
#include "vm/pages/mapping.hpp"

namespace rues::vm {

/// What Space::restore goes back to: the pieces that were written since the last keep(), and the size.
class Checkpoint {
public:
    /// Memory that it takes.
    std::size_t bytes() const { return bytes_.size(); }

private:
    friend class Space;
    std::uint64_t epoch_ = 0;
    std::uint64_t size_ = 0;
    std::size_t marked_ = 0;
    std::vector<std::uint32_t> pieces_;
    base::Bytes bytes_;  ///< of the pieces, one after the other
};

/// What Space::seal made.
struct Sealed {
    Image image;
    std::vector<std::uint32_t> pages;    ///< numbers of the pages that differ from the image before, ascending
    std::vector<std::uint16_t> changed;  ///< of each of them: bit i: its piece i may differ; all other pieces do not
};

/// The memory of one contract as a running instance sees it: 4 GiB of addresses that show an Image. What is written is
/// private to the Space. One user at a time. The thread that wrote last calls a function of the Space before another
/// thread takes it over.
///
/// Three states of the memory are known: the image that was shown or sealed last; what keep() kept since; what was
/// written since the last keep(). undo() and restore() change the last one, keep() makes it the second, seal() makes
/// the second the first.
///
/// A piece of 4 KiB that was written is private memory of the Space, and stays so after keep() and undo(), as long as
/// it is among the kHot pieces that change most often: the stack, the argument buffer, counters. The next writes to
/// them cost no fault, and at the next keep() or undo() they are compared with what was kept. All other private pieces
/// are dropped. New private pieces are found through Pagemap, but only when the thread had a fault in between.
/// Rejected: dropping every private piece at each keep() and undo(). Each costs a fault of 1.5 us at its next write,
/// and a transfer writes the same ten pieces each time.
///
/// Errors of the kind no_space change nothing. After an error of the kind io the contents are unknown: every function
/// fails until show() has succeeded.
class Space {
public:
    static constexpr std::size_t kHot = 64;
    static constexpr std::size_t kHotAfterTrim = 48;
    /// A piece that has not changed for so many keep() or undo() in a row is not hot. It is dropped together with
    /// others.
    static constexpr std::uint16_t kIdle = 8;
    static constexpr std::size_t kIdleAtOnce = 8;
    /// Memory that was read slows down the search for what was written, so it is unmapped from time to time.
    static constexpr std::uint32_t kScansUntilCooled = 32;
    /// Bound of Image::edges: each edge needs a mapping, and no compaction can help.
    static constexpr std::uint32_t kMaxEdges = Mapping::kMaxMappings / 2;

    static base::Result<std::unique_ptr<Space>> create(const std::shared_ptr<PageFile>& file);
    ~Space();
    Space(const Space&) = delete;
    Space& operator=(const Space&) = delete;

    /// Shows this image; what was written or kept before is forgotten. Maps only pages that differ from what was shown.
    /// Fails with no_space when the image takes too many mappings: see `needs_compaction`.
    base::Result<void> show(Image image);
    /// The image that was shown or sealed last.
    const Image& image() const { return shown_; }
    /// keep() has kept something that seal() has not sealed.
    bool has_kept() const { return !drafts_.empty() || kept_size_ != std::uint64_t{shown_.size_pages()} * kPage; }

    std::byte* base() const { return mapping_->base(); }
    /// Bytes that belong to the contract, whole pages. The caller checks the bounds of each access. An instance that
    /// still believes in a larger size that the Space had since show() does no harm: that memory stays accessible, and
    /// what is written beyond size() never becomes part of an image.
    std::uint64_t size() const { return size_; }
    /// Grows to `bytes`, which must be whole pages and not less than size(). New memory is zeros. False, and nothing is
    /// changed, beyond 4 GiB or when the system refuses.
    bool grow_to(std::uint64_t bytes);
    /// Counts the pages of this range as written, also where only zeros were written and the system does not tell. For
    /// the data of a deployment. REQUIRES: the range is within size().
    void mark_written(std::uint64_t offset, std::uint64_t length);

    /// Copies what was written since the last keep(). Fails with no_space when that is more than `max_bytes`.
    base::Result<Checkpoint> checkpoint(std::size_t max_bytes);
    /// Back to the checkpoint, which stays usable. Fails, and changes nothing, when keep(), undo(), show() or seal()
    /// was called since it was made.
    base::Result<void> restore(const Checkpoint& checkpoint);
    /// What was written becomes the new starting point. Fails with no_space when no slot is free or the written pages
    /// are too scattered (kMaxEdges); then the caller calls undo().
    base::Result<void> keep();
    /// Back to the last keep(), seal() or show(), whichever was last.
    base::Result<void> undo();
    /// Makes an image of what was kept since show() or seal(), hashes its new pages, and goes on from there. What was
    /// written since the last keep() stays, and is not part of the image.
    base::Result<Sealed> seal();

    /// True when more than `limit` bytes of the memory are private: written since the last keep(), or hot (at most
    /// kHot pieces of 4 KiB). Cheap as long as the thread had few faults.
    base::Result<bool> wrote_more_than(std::uint64_t limit);
    /// How many bytes are private.
    base::Result<std::uint64_t> private_bytes();
    /// No less than that, without a search. nullopt: unknown.
    std::optional<std::uint64_t> private_bytes_at_most() const;
    /// Tells that nothing was written since the last call of a function of this Space, so that faults which this thread
    /// had meanwhile cause no search.
    void ignore_faults_so_far() { faults_ = file_->pagemap().faults(); }

private:
    /// The page that the last seal() replaced, which nobody may hold any more. It differs from the page that seal()
    /// made in a few pieces, so its slot becomes the next draft for less than a copy.
    struct Former {
        std::uint32_t number = 0;
        std::uint64_t content = 0;  ///< 0: there was no page
        std::uint64_t next = 0;     ///< content of the page that seal() made
        std::uint16_t differs = 0;  ///< bit i: piece i may differ from that page
    };
    struct PageState {
        std::shared_ptr<const Slot> mapped;  ///< nullptr: zeros
        std::shared_ptr<Slot> draft;         ///< what keep() kept of the page; nullptr: the page of shown_
        std::uint16_t changed = 0;           ///< bit i: keep() wrote piece i of the draft
        Former former;
    };
    struct PrivatePiece {
        std::uint32_t piece = 0;
        std::uint16_t idle = 0;  ///< how often in a row it did not change
        bool changed = false;    ///< differs from what was kept; set by compare_private

        void grow_older() {
            if (idle < std::numeric_limits<std::uint16_t>::max()) ++idle;
        }
    };

    Space(std::shared_ptr<PageFile> file, std::unique_ptr<Mapping> mapping)
        : file_(std::move(file)), mapping_(std::move(mapping)) {}

    std::byte* piece(std::uint32_t number) const { return base() + std::size_t{number} * kPiece; }
    const std::shared_ptr<const Slot>& mapped(std::uint32_t page) const;
    std::shared_ptr<const Slot> kept_slot(std::uint32_t page) const;
    const std::byte* kept(std::uint32_t page) const;
    const std::byte* kept_piece(std::uint32_t number) const;
    PageState& state(std::uint32_t page);

    base::Result<void> find_written();
    void find_by_comparing();
    /// Makes memory beyond size() zeros.
    base::Result<void> drop_beyond_size();
    void compare_private();
    /// Overwrites private pieces with what `wanted` says; nullptr: the piece becomes zeros and is private no more.
    template <typename Wanted>
    base::Result<void> set_private(const Wanted& wanted);
    /// Overwrites private pieces with what was kept.
    base::Result<void> take_back();

    std::vector<std::uint32_t> pages_to_draft() const;
    bool are_scattered(std::span<const std::uint32_t> new_pages, std::uint32_t& edges) const;
    base::Result<std::vector<std::shared_ptr<Slot>>> make_drafts(std::span<const std::uint32_t> pages);
    std::vector<std::shared_ptr<Slot>> renew_former(std::span<const std::uint32_t> pages);
    void hash_drafts();

    std::vector<std::uint32_t> differences(const Image& image) const;
    std::vector<Mapping::Run> runs_to_kept(std::span<const std::uint32_t> pages) const;
    base::Result<void> map_kept(std::span<const std::uint32_t> pages);
    base::Result<void> map_all();
    /// The end of keep(), undo() and show(), when nothing private differs from what was kept.
    base::Result<void> settle();
    std::vector<bool> pieces_to_drop() const;
    base::Result<void> trim();
    base::Result<void> drop_all_but_private();
    std::unexpected<base::Error> poison(base::Error error);

    const std::shared_ptr<PageFile> file_;
    Image shown_;
    std::uint64_t size_ = 0;
    std::uint64_t kept_size_ = 0;
    std::uint64_t reached_ = 0;          ///< the largest size since show(). Nothing is written beyond it
    std::uint32_t edges_ = 0;            ///< of what was kept, as Image::edges
    std::vector<PageState> pages_;       ///< pages beyond it have no state
    std::vector<std::uint32_t> drafts_;  ///< pages with a draft, ascending
    std::vector<PrivatePiece> private_;  ///< ascending. For pages without memory of their own: what is written
    std::vector<std::uint32_t> marked_;  ///< pages of mark_written since the last keep()
    std::vector<Pagemap::Found> found_;  ///< of the last search
    std::optional<Faults> faults_;       ///< when private_ was complete
    std::uint32_t scans_ = 0;            ///< since the memory was cooled
    std::uint64_t epoch_ = 0;            ///< changes when checkpoints become useless
    bool poisoned_ = false;
    const std::unique_ptr<Mapping> mapping_;  ///< the last member: it goes before the slots that it maps
};

}  // namespace rues::vm
