#include "vm/pages/pagemap.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "vm/pages/sizes.hpp"

namespace rues::vm {
namespace {

// An entry of /proc/self/pagemap (Linux, Documentation/admin-guide/mm/pagemap.rst).
constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;
constexpr std::uint64_t kSwapped = std::uint64_t{1} << 62;
constexpr std::uint64_t kFileBacked = std::uint64_t{1} << 61;
constexpr std::uint64_t kExclusive = std::uint64_t{1} << 56;
constexpr std::size_t kEntriesAtOnce = 1'024;
constexpr std::size_t kRegionsAtOnce = 128;

// PAGEMAP_SCAN (Linux 6.7, include/uapi/linux/fs.h). The headers of Debian 12 do not have it.
constexpr std::uint64_t kIsFile = 1U << 2U;
constexpr std::uint64_t kIsPresent = 1U << 3U;
constexpr std::uint64_t kIsSwapped = 1U << 4U;
constexpr std::uint64_t kIsZeroPage = 1U << 5U;
struct Region {
    std::uint64_t start, end, categories;
};
struct Scan {
    std::uint64_t size, flags, start, end, walk_end, regions, regions_length, max_pages;
    std::uint64_t inverted, all_of, any_of, returned;
};
const unsigned long kScanRequest = _IOWR('f', 16, Scan);

std::uint64_t address(const std::byte* of) {
    return reinterpret_cast<std::uintptr_t>(of);
}

base::Error system_error(const char* what) {
    return {base::Error::Kind::io, std::string(what) + ": " + std::generic_category().message(errno)};
}

std::uint64_t count_faults() {
    rusage usage{};
    if (::getrusage(RUSAGE_THREAD, &usage) != 0) return 0;
    return static_cast<std::uint64_t>(usage.ru_minflt) + static_cast<std::uint64_t>(usage.ru_majflt);
}

/// Four pieces of memory: the first two of a file, of which the second one is written; the others of zeros, of which
/// the fourth one is written. The other two are only read.
class Sample {
public:
    Sample() : file_(::memfd_create("rues-sample", MFD_CLOEXEC)) {
        void* at = ::mmap(nullptr, 4 * kPiece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED) return;
        at_ = static_cast<std::byte*>(at);
        ::madvise(at_, 4 * kPiece, MADV_NOHUGEPAGE);
        if (!file_ || ::ftruncate(file_.get(), 2 * kPiece) != 0) return;
        if (::mmap(at_, 2 * kPiece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file_.get(), 0) == MAP_FAILED)
            return;
        for (const std::size_t piece : {0U, 2U}) (void)*const_cast<volatile std::byte*>(at_ + piece * kPiece);
        const std::uint64_t before = count_faults();
        for (const std::size_t piece : {1U, 3U}) *const_cast<volatile std::byte*>(at_ + piece * kPiece) = std::byte{1};
        counted_ = count_faults() - before;
        complete_ = true;
    }
    ~Sample() {
        if (at_ != nullptr) ::munmap(at_, 4 * kPiece);
    }
    Sample(const Sample&) = delete;
    Sample& operator=(const Sample&) = delete;

    bool complete() const { return complete_; }
    const std::byte* begin() const { return at_; }
    std::uint64_t faults() const { return counted_; }

private:
    Descriptor file_;
    std::byte* at_ = nullptr;
    bool complete_ = false;
    std::uint64_t counted_ = 0;
};

}  // namespace

Pagemap Pagemap::open(std::optional<Detection> wished) {
    Pagemap out;
    out.file_ = Descriptor(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
    const Detection first = wished.value_or(Detection::scan);
    for (const Detection each : {Detection::scan, Detection::pagemap}) {
        if (each < first || !out.file_) continue;
        out.detection_ = each;
        if (out.is_right()) {
            out.counts_faults_ = Sample().faults() >= 2;
            return out;
        }
    }
    out.detection_ = Detection::compare;
    return out;
}

bool Pagemap::is_right() const {
    const Sample sample;
    std::vector<Found> found;
    if (!sample.complete() || !find(sample.begin(), 4 * kPiece, found)) return false;
    std::erase_if(found, [](Found each) { return each.piece >= 2 && !each.certain; });
    return found.size() == 2 && found[0].piece == 1 && found[1].piece == 3;
}

std::optional<Faults> Pagemap::faults() const {
    if (!counts_faults_) return std::nullopt;
    return Faults{std::this_thread::get_id(), count_faults()};
}

base::Result<void> Pagemap::find(const std::byte* begin, std::uint64_t bytes, std::vector<Found>& out) const {
    return detection_ == Detection::scan ? scan(begin, bytes, out) : read(begin, bytes, out);
}

base::Result<void> Pagemap::scan(const std::byte* begin, std::uint64_t bytes, std::vector<Found>& out) const {
    std::array<Region, kRegionsAtOnce> regions;
    Scan request{};
    request.size = sizeof request;
    request.start = address(begin);
    request.end = request.start + bytes;
    request.regions = reinterpret_cast<std::uintptr_t>(regions.data());
    request.regions_length = regions.size();
    request.all_of = request.inverted = kIsFile | kIsZeroPage;  // neither of them
    request.any_of = kIsPresent | kIsSwapped;
    request.returned = kIsPresent;
    while (request.start < request.end) {
        const int count = ::ioctl(file_.get(), kScanRequest, &request);
        if (count < 0) return std::unexpected(system_error("/proc/self/pagemap cannot be scanned"));
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            for (std::uint64_t at = regions[i].start; at < regions[i].end; at += kPiece) {
                out.push_back({static_cast<std::uint32_t>((at - address(begin)) / kPiece), true});
            }
        }
        if (request.walk_end <= request.start) break;
        request.start = request.walk_end;
    }
    return {};
}

base::Result<void> Pagemap::read(const std::byte* begin, std::uint64_t bytes, std::vector<Found>& out) const {
    std::array<std::uint64_t, kEntriesAtOnce> entries;
    const std::uint64_t pieces = bytes / kPiece;
    for (std::uint64_t done = 0; done < pieces;) {
        const std::size_t wanted = std::min<std::uint64_t>(entries.size(), pieces - done) * sizeof entries[0];
        const auto offset = static_cast<off_t>((address(begin) / kPiece + done) * sizeof entries[0]);
        const ssize_t got = ::pread(file_.get(), entries.data(), wanted, offset);
        if (got < static_cast<ssize_t>(sizeof entries[0])) {
            if (got < 0 && errno == EINTR) continue;
            return std::unexpected(system_error("/proc/self/pagemap cannot be read"));
        }
        const std::size_t count = static_cast<std::size_t>(got) / sizeof entries[0];
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint64_t entry = entries[i];
            if ((entry & (kPresent | kSwapped)) == 0 || (entry & kFileBacked) != 0) continue;
            const bool certain = (entry & (kSwapped | kExclusive)) != 0;
            out.push_back({static_cast<std::uint32_t>(done + i), certain});
        }
        done += count;
    }
    return {};
}

}  // namespace rues::vm
