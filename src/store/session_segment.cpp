#include "store/session_segment.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "store/files.hpp"
#include "wire/uri.hpp"

namespace rues::store {
namespace {

constexpr std::string_view kMagic = "ruesses2";
constexpr std::size_t kCompleteAt = 8;  // one byte, then 7 zeros
constexpr std::size_t kBootAt = 16;
constexpr std::size_t kOrderAt = 32;

/// Keeps the stores before this call before the stores after it. When a process is killed, only the compiler could have
/// reordered them.
void then() noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

}  // namespace

BootId current_boot() {
    std::string text = system_boot_id();
    std::erase(text, '-');
    return base::array_from_hex<16>(text).value_or(BootId{});
}

base::Result<std::unique_ptr<SessionSegment>> SessionSegment::create(std::filesystem::path path, std::size_t size) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return file_failure(path, errno);
    // Takes the disk space now. A write to a mapped page for which the disk has no space would kill the process.
    int problem = ::posix_fallocate(file, 0, static_cast<off_t>(size));
    void* map = MAP_FAILED;
    if (problem == 0) {
        map = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (map == MAP_FAILED) problem = errno;
    }
    ::close(file);
    if (problem != 0) {
        ::unlink(path.c_str());
        return file_failure(path, problem);
    }
    // The first write to a page calls into the file system. Do it here, so that an event loop need not. On a kernel
    // that cannot do it in advance, the loop's first write does it.
    ::madvise(map, size, MADV_POPULATE_WRITE);
    auto* const at = static_cast<std::byte*>(map);
    std::memcpy(at, kMagic.data(), kMagic.size());
    at[kCompleteAt] = std::byte{1};
    const BootId boot = current_boot();
    std::memcpy(at + kBootAt, boot.data(), boot.size());
    return std::unique_ptr<SessionSegment>(new SessionSegment(std::move(path), at, size));
}

std::optional<SegmentHead> SessionSegment::head_of(base::ByteView file) {
    if (file.size() < kHeadBytes || !base::text(file).starts_with(kMagic)) return std::nullopt;
    return SegmentHead{file[kCompleteAt] == std::byte{1}, base::to_array<16>(file.subspan(kBootAt, 16)),
                       base::load_le<std::uint64_t>(file.data() + kOrderAt)};
}

void SessionSegment::encode(base::ByteView body, base::Bytes& out) {
    const std::size_t at = out.size();
    out.resize(at + kEntryHeadBytes);
    base::store_le(out.data() + at, static_cast<std::uint32_t>(body.size()));
    base::store_le(out.data() + at + 4, wire::text_hash(base::text(body)));
    base::append(out, body);
}

SessionSegment::~SessionSegment() {
    ::munmap(map_, size_);
}

void SessionSegment::use(std::uint64_t order) noexcept {
    base::store_le(map_ + kOrderAt, order);
    then();
}

bool SessionSegment::append(base::ByteView entry) noexcept {
    if (entry.size() > room()) return false;
    constexpr std::size_t kLength = sizeof(std::uint32_t);
    std::byte* const at = map_ + used_;
    std::memcpy(at + kLength, entry.data() + kLength, entry.size() - kLength);
    then();
    std::memcpy(at, entry.data(), kLength);  // the length is written last: until then the entry does not exist
    then();
    used_ += entry.size();
    return true;
}

void SessionSegment::mark_complete(bool complete) noexcept {
    then();
    map_[kCompleteAt] = complete ? std::byte{1} : std::byte{0};
    then();
}

}  // namespace rues::store
