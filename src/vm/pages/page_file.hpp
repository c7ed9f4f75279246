#pragma once

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

/// One slot of the memory file in use. Its last owner frees it, on any thread. While it has one owner, that owner may
/// fill it; afterwards it never changes.
class Slot {
public:
    Slot(std::shared_ptr<PageFile> file, std::uint32_t number) : file_(std::move(file)), number_(number) {}
    ~Slot();
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

    std::uint32_t number() const { return number_; }
    const std::byte* bytes() const;
    const base::Hash32& hash() const { return hash_; }

    /// For the owner that fills the slot, after PageFile::fill. A memory access, not a system call.
    std::byte* writable();
    void set_hash(const base::Hash32& hash) { hash_ = hash; }

private:
    const std::shared_ptr<PageFile> file_;
    const std::uint32_t number_;
    base::Hash32 hash_{};
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
    void release(std::uint32_t number);

    const Descriptor file_;
    const Descriptor process_;
    const Pagemap pagemap_;
    std::byte* const view_;
    const std::uint32_t range_;
    std::atomic<std::int64_t> mappings_ = 0;
    mutable std::mutex mutex_;
    SlotNumbers numbers_;  ///< guarded by mutex_
};

}  // namespace rues::vm
