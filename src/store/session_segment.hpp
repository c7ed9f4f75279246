#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace rues::store {

/// Identifies one boot of the machine: the steady clocks of two processes compare only within one. Zeros: not known.
using BootId = base::ByteArray<16>;
BootId current_boot();

/// What a segment's head says. docs/formats/sessions.md.
struct SegmentHead {
    bool complete = false;    ///< no change is missing
    BootId boot{};            ///< the boot in which it was written
    std::uint64_t order = 0;  ///< segments are read in this order; 0: not in use
};

/// One file of a journal of sessions, mapped into memory. `create` and the destructor work with files and belong on a
/// pool. The rest touches only memory whose room on the disk is taken already, and belongs to the thread that owns the
/// journal. What was appended is there after the process was killed, not after a power cut.
class SessionSegment {
public:
    static constexpr std::size_t kHeadBytes = 40;
    static constexpr std::size_t kEntryHeadBytes = 12;  ///< length u32, checksum u64

    /// A new file of `size` bytes that is not in use yet.
    static base::Result<std::unique_ptr<SessionSegment>> create(std::filesystem::path path, std::size_t size);
    /// nullopt: not a segment.
    static std::optional<SegmentHead> head_of(base::ByteView file);
    /// The entry of a body, as it is appended.
    static void encode(base::ByteView body, base::Bytes& out);

    ~SessionSegment();
    SessionSegment(const SessionSegment&) = delete;
    SessionSegment& operator=(const SessionSegment&) = delete;

    /// Readers see it from here on. REQUIRES: `order` is greater than that of all segments with older entries.
    void use(std::uint64_t order) noexcept;
    /// One encoded entry. False: there is no room for it.
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
