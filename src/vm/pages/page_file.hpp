#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "vm/pages/descriptor.hpp"
#include "vm/pages/pagemap.hpp"
#include "vm/pages/sizes.hpp"
#include "vm/pages/slot_numbers.hpp"

namespace rues::vm {

class PageFile;

/// The values of the pieces of a page in the tree of its BLAKE3 hash (crypto/blake3_tree.hpp).
using PieceValues = std::array<base::Hash32, kPiecesOfPage>;

/// One slot of the memory file in use. Its last owner frees it, on any thread. While it has one owner, that owner may
/// fill it; afterwards it never changes.
class Slot {
public:
    Slot(std::shared_ptr<PageFile> file, std::uint32_t number, std::uint64_t content)
        : file_(std::move(file)), number_(number), content_(content) {}
    ~Slot();
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

    std::uint32_t number() const { return number_; }
    /// A name of what the slot holds: no other slot has it, not even a later one with the same number.
    std::uint64_t content() const { return content_; }
    const std::byte* bytes() const;
    const base::Hash32& hash() const { return hash_; }
    /// null: the hash was not computed here, but came with the page.
    const std::shared_ptr<const PieceValues>& pieces() const { return pieces_; }

    /// For the owner that fills the slot, after PageFile::fill. A memory access, not a system call.
    std::byte* writable();
    void set_hash(const base::Hash32& hash, std::shared_ptr<const PieceValues> pieces = nullptr) {
        hash_ = hash;
        pieces_ = std::move(pieces);
    }

private:
    const std::shared_ptr<PageFile> file_;
    const std::uint32_t number_;
    const std::uint64_t content_;
    base::Hash32 hash_{};
    std::shared_ptr<const PieceValues> pieces_;  ///< 512 bytes for a page that a block has written
};

/// One immutable page: 64 KiB and their BLAKE3 hash. A handle; copies share the slot. A default Page is no page.
class Page {
public:
    Page() = default;
    explicit Page(std::shared_ptr<const Slot> slot) : slot_(std::move(slot)) {}

    explicit operator bool() const { return slot_ != nullptr; }
    // REQUIRES: it is a page.
    base::ByteView bytes() const { return {slot_->bytes(), kPage}; }
    const base::Hash32& hash() const { return slot_->hash(); }
    const std::shared_ptr<const Slot>& slot() const { return slot_; }

    /// The same slot; equal bytes in two slots are two pages.
    friend bool operator==(const Page&, const Page&) = default;

private:
    std::shared_ptr<const Slot> slot_;
};

/// The memory of all contracts and snapshots of a process: one memory file of 64 KiB slots. It is bounded in bytes:
/// when no slot is free, functions return an error of the kind no_space. Slots that are freed give their memory back,
/// except some that are kept for the next ones (SlotNumbers). Any thread.
///
/// The whole file is mapped once at one place, so a view of a slot stays valid as long as the slot. New slots are
/// filled with pwrite: when the system has no memory left, that is an error, where a write to the mapping would be a
/// signal.
class PageFile : public std::enable_shared_from_this<PageFile> {
public:
    struct Options {
        std::uint64_t max_bytes = std::uint64_t{8} << 30U;
        std::optional<Detection> detection{};  ///< nullopt: the best that the system offers
    };
    static constexpr std::uint64_t kLeastBytes = std::uint64_t{1} << 20U;
    static constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 42U;
    /// The system allows 65,530 mappings in a process (vm.max_map_count). All Spaces together have at most this many.
    static constexpr std::int64_t kMaxMappings = 49'152;

    static base::Result<std::shared_ptr<PageFile>> create(const Options& options);
    ~PageFile();
    PageFile(const PageFile&) = delete;
    PageFile& operator=(const PageFile&) = delete;

    /// New pages with these bytes, in neighbouring slots as far as possible. All or none. REQUIRES: each has 64 KiB.
    base::Result<std::vector<Page>> add(std::span<const base::ByteView> pages);
    /// The same for one page whose hash the caller knows.
    base::Result<Page> add(base::ByteView page, const base::Hash32& hash);

    /// New slots that the caller fills, in neighbouring slots as far as possible. All or none.
    base::Result<std::vector<std::shared_ptr<Slot>>> allocate(std::size_t count);
    /// The slots from number `first` on as new ones that still hold these contents. Empty: they do not, or no slot may
    /// be taken.
    std::vector<std::shared_ptr<Slot>> take_again(std::uint32_t first, std::span<const std::uint64_t> contents);
    /// Writes all of a new slot. `bytes` has 64 KiB; empty means zeros.
    base::Result<void> fill(const Slot& slot, base::ByteView bytes);

    const Pagemap& pagemap() const { return pagemap_; }
    int descriptor() const { return file_.get(); }
    /// Of this process, for process_madvise.
    int process() const { return process_.get(); }
    std::uint64_t bytes_in_use() const;
    /// Changes the number of mappings that Spaces have. Returns the new number.
    std::int64_t add_mappings(std::int64_t more) { return mappings_.fetch_add(more, std::memory_order_relaxed) + more; }
    std::int64_t mappings() const { return mappings_.load(std::memory_order_relaxed); }

private:
    friend class Slot;
    PageFile(Descriptor file, Pagemap pagemap, std::byte* view, std::uint32_t limit, std::uint32_t range);
    void release(std::uint32_t number, std::uint64_t content);
    /// New handles of slots that were taken, the first of which has the content `content`.
    std::vector<std::shared_ptr<Slot>> handles(std::span<const SlotRun> runs, std::uint64_t content);

    const Descriptor file_;
    const Descriptor process_;
    const Pagemap pagemap_;
    std::byte* const view_;
    const std::uint32_t range_;
    std::atomic<std::int64_t> mappings_ = 0;
    mutable std::mutex mutex_;
    SlotNumbers numbers_;             ///< guarded by mutex_
    std::uint64_t last_content_ = 0;  ///< guarded by mutex_
};

}  // namespace rues::vm
