#include "vm/pages/mapping.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace rues::vm {
namespace {

constexpr std::size_t kReserved = kMaxBytes + Mapping::kGuard;
/// Ranges of one call of process_madvise. The system takes at most 1,024 (IOV_MAX).
constexpr std::size_t kRangesAtOnce = 256;

std::unexpected<base::Error> system_failure(const char* what) {
    return base::failure(base::Error::Kind::io, std::string(what) + ": " + std::generic_category().message(errno));
}

/// Anonymous memory must not be made of huge pages, of which a write would touch 512 pieces at once, and a child
/// process must not share it: shared pieces look as if they were only read. Pieces of the memory file need neither.
bool advise_anonymous(void* at, std::size_t bytes) {
    // EINVAL: a system without huge pages.
    if (::madvise(at, bytes, MADV_NOHUGEPAGE) != 0 && errno != EINVAL) return false;
    return ::madvise(at, bytes, MADV_DONTFORK) == 0;
}

}  // namespace

base::Result<std::unique_ptr<Mapping>> Mapping::create(std::shared_ptr<PageFile> file) {
    void* at = ::mmap(nullptr, kReserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return system_failure("no addresses are left for contract memory");
    std::unique_ptr<Mapping> out(new Mapping(std::move(file), static_cast<std::byte*>(at)));
    if (!advise_anonymous(at, kReserved)) return system_failure("contract memory cannot be prepared");
    out->count(1);
    return out;
}

Mapping::~Mapping() {
    ::munmap(base_, kReserved);
    count(0);
}

/// Besides the mappings between two boundaries: what is open below or above them, and what is not open.
std::size_t Mapping::mappings_of(const Boundaries& boundaries) {
    return boundaries.count() + 2;
}

void Mapping::count(std::size_t mappings) {
    file_->add_mappings(static_cast<std::int64_t>(mappings) - static_cast<std::int64_t>(counted_));
    counted_ = mappings;
}

bool Mapping::open(std::uint32_t pages) {
    if (pages <= open_) return true;
    if (pages > kMaxPages) return false;
    std::byte* at = base_ + std::size_t{open_} * kPage;
    if (::mprotect(at, std::size_t{pages - open_} * kPage, PROT_READ | PROT_WRITE) != 0) return false;
    open_ = pages;
    return true;
}

void Mapping::add(Boundaries& boundaries, std::span<const Run> runs) {
    for (const Run& run : runs) {
        for (std::uint32_t i = 1; i < run.count; ++i) boundaries.reset(run.first + i);
        boundaries.set(run.first);
        boundaries.set(run.first + run.count);
    }
}

bool Mapping::is_allowed(std::size_t mappings) const {
    const auto more = static_cast<std::int64_t>(mappings) - static_cast<std::int64_t>(counted_);
    return mappings <= kMaxMappings && file_->mappings() + more <= PageFile::kMaxMappings;
}

bool Mapping::fits(std::span<const Run> runs) const {
    // A run adds two boundaries at most.
    if (is_allowed(counted_ + 2 * runs.size() + 2)) return true;
    Boundaries after = boundaries_;
    add(after, runs);
    return is_allowed(mappings_of(after));
}

bool Mapping::fits_alone(std::span<const Run> runs) const {
    Boundaries after;
    add(after, runs);
    return is_allowed(mappings_of(after));
}

base::Result<void> Mapping::map(std::span<const Run> runs) {
    for (const Run& run : runs) {
        std::byte* at = base_ + std::size_t{run.first} * kPage;
        const std::size_t bytes = std::size_t{run.count} * kPage;
        const int flags = MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE | (run.slot ? 0 : MAP_ANONYMOUS);
        const auto offset = static_cast<off_t>(std::size_t{run.slot.value_or(0)} * kPage);
        void* got = ::mmap(at, bytes, PROT_READ | PROT_WRITE, flags, run.slot ? file_->descriptor() : -1, offset);
        if (got == MAP_FAILED) return system_failure("contract memory cannot be mapped");
        if (!run.slot && !advise_anonymous(at, bytes)) return system_failure("contract memory cannot be prepared");
    }
    add(boundaries_, runs);
    count(mappings_of(boundaries_));
    return {};
}

base::Result<void> Mapping::drop(std::span<const PieceRun> pieces) {
    const auto begin_of = [this](const PieceRun& each) { return base_ + std::size_t{each.first} * kPiece; };
    while (pieces.size() > 1) {
        std::array<iovec, kRangesAtOnce> ranges;
        const std::size_t count = std::min(pieces.size(), ranges.size());
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < count; ++i) {
            ranges[i] = {begin_of(pieces[i]), std::size_t{pieces[i].count} * kPiece};
            bytes += ranges[i].iov_len;
        }
        // Several ranges in one call cost a fourth of a call each. Linux before 6.13 refuses this advice here.
        const long done = ::syscall(SYS_process_madvise, file_->process(), ranges.data(), count, MADV_DONTNEED, 0U);
        if (done < 0 || static_cast<std::size_t>(done) != bytes) break;
        pieces = pieces.subspan(count);
    }
    for (const PieceRun& each : pieces) {
        if (::madvise(begin_of(each), std::size_t{each.count} * kPiece, MADV_DONTNEED) != 0) {
            return system_failure("contract memory cannot be dropped");
        }
    }
    return {};
}

base::Result<void> Mapping::reset() {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    if (::mmap(base_, kReserved, PROT_NONE, flags, -1, 0) == MAP_FAILED) {
        return system_failure("contract memory cannot be mapped");
    }
    if (!advise_anonymous(base_, kReserved)) return system_failure("contract memory cannot be prepared");
    boundaries_.reset();
    open_ = 0;
    count(1);
    return {};
}

}  // namespace rues::vm
