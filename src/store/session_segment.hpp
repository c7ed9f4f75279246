#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace rues::store {

/// Identifies one boot of the machine. Steady times of two processes compare only within one boot. All zeros: not
/// known.
using BootId = base::ByteArray<16>;
BootId current_boot();

/// The head of a segment. docs/formats/sessions.md.
struct SegmentHead {
    bool complete = false;    ///< no change is missing
    BootId boot{};            ///< the boot in which it was written
    std::uint64_t order = 0;  ///< segments are read in this order; 0: not in use yet
};

/// One file of a journal of sessions, mapped into memory. `create` and the destructor work with files, so run them on a
/// pool. All other functions touch only memory whose disk space is already allocated; the thread that owns the journal
/// calls them. Appended entries survive a killed process, not a power cut.
class SessionSegment {
public:
    static constexpr std::size_t kHeadBytes = 40;
    static constexpr std::size_t kEntryHeadBytes = 12;  ///< length u32, checksum u64

    /// Creates a file of `size` bytes that is not in use yet. Fails when the file exists or the disk has no space.
    static base::Result<std::unique_ptr<SessionSegment>> create(std::filesystem::path path, std::size_t size);
    /// nullopt when `file` is not a segment.
    static std::optional<SegmentHead> head_of(base::ByteView file);
    /// Appends the entry of `body` to `out`: length, checksum, body.
    static void encode(base::ByteView body, base::Bytes& out);

    ~SessionSegment();
    SessionSegment(const SessionSegment&) = delete;
    SessionSegment& operator=(const SessionSegment&) = delete;

    /// Puts the segment into use: from now on readers see it. REQUIRES: `order` is greater than the order of every
    /// segment with older entries.
    void use(std::uint64_t order) noexcept;
    /// Appends one encoded entry. False when it does not fit.
    bool append(base::ByteView entry) noexcept;
    void mark_complete(bool complete) noexcept;

    std::size_t room() const noexcept { return size_ - used_; }
    std::size_t size() const noexcept { return size_; }
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    SessionSegment(std::filesystem::path path, std::byte* map, std::size_t size)
        : path_(std::move(path)), map_(map), size_(size) {}

    const std::filesystem::path path_;
    std::byte* const map_;
    const std::size_t size_;
    std::size_t used_ = kHeadBytes;
};

}  // namespace rues::store
