#include "vm/pages/page_file.hpp"

#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "crypto/hash.hpp"

namespace rues::vm {
namespace {

using Kind = base::Error::Kind;

/// The file has this many times as many slot numbers as slots that may be in use, so that neighbouring numbers are
/// found also when the used ones are scattered. Numbers cost address space only.
constexpr std::uint32_t kNumbersPerSlot = 4;

std::unexpected<base::Error> system_failure(const char* what) {
    return base::failure(Kind::io, std::string(what) + ": " + std::generic_category().message(errno));
}

constexpr std::array<std::byte, kPage> kZeros{};

}  // namespace

Slot::~Slot() {
    file_->release(number_, content_);
}

const std::byte* Slot::bytes() const {
    return file_->view_ + std::size_t{number_} * kPage;
}

std::byte* Slot::writable() {
    return file_->view_ + std::size_t{number_} * kPage;
}

base::Result<std::shared_ptr<PageFile>> PageFile::create(const Options& options) {
    if (::sysconf(_SC_PAGESIZE) != static_cast<long>(kPiece)) {
        return base::failure(Kind::invalid, "contract memory needs a system with memory pages of 4 KiB");
    }
    if (options.max_bytes < kLeastBytes || options.max_bytes > kMostBytes) {
        return base::failure(Kind::invalid, "the memory for contracts must be between 1 MiB and 4 TiB");
    }
    const auto limit = static_cast<std::uint32_t>(options.max_bytes / kPage);
    const auto range = static_cast<std::uint32_t>(std::size_t{kNumbersPerSlot} * limit + 2 * SlotNumbers::kWarm);
    const std::uint64_t bytes = std::uint64_t{range} * kPage;

    // Beyond this limit the system would end the program with a signal.
    rlimit file_size{};
    if (::getrlimit(RLIMIT_FSIZE, &file_size) == 0 && file_size.rlim_cur < bytes) {
        return base::failure(Kind::io, "the limit of file sizes (ulimit -f) is too small for the memory file");
    }
    Descriptor file(::memfd_create("rues-pages", MFD_CLOEXEC));
    if (!file) return system_failure("no memory file can be made");
    if (::ftruncate(file.get(), static_cast<off_t>(bytes)) != 0) return system_failure("the memory file cannot grow");
    void* view = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file.get(), 0);
    if (view == MAP_FAILED) return system_failure("the memory file cannot be mapped");
    ::madvise(view, bytes, MADV_DONTFORK);
    return std::shared_ptr<PageFile>(
        new PageFile(std::move(file), Pagemap::open(options.detection), static_cast<std::byte*>(view), limit, range));
}

PageFile::PageFile(Descriptor file, Pagemap pagemap, std::byte* view, std::uint32_t limit, std::uint32_t range)
    : file_(std::move(file)),
      process_(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0))),
      pagemap_(std::move(pagemap)),
      view_(view),
      range_(range),
      numbers_(limit, range) {}

PageFile::~PageFile() {
    ::munmap(view_, std::size_t{range_} * kPage);
}

base::Result<std::vector<std::shared_ptr<Slot>>> PageFile::allocate(std::size_t count) {
    std::optional<std::vector<SlotRun>> runs;
    std::uint64_t content = 0;
    {
        const std::lock_guard lock(mutex_);
        if (count <= range_) runs = numbers_.allocate(static_cast<std::uint32_t>(count));
        content = last_content_ + 1;
        last_content_ += count;
    }
    if (!runs) return base::failure(Kind::no_space, "the memory for contracts is full");
    return handles(*runs, content);
}

std::vector<std::shared_ptr<Slot>> PageFile::take_again(std::uint32_t first, std::span<const std::uint64_t> contents) {
    std::uint64_t content = 0;
    {
        const std::lock_guard lock(mutex_);
        if (!numbers_.take_again(first, contents)) return {};
        content = last_content_ + 1;
        last_content_ += contents.size();
    }
    const SlotRun run{first, static_cast<std::uint32_t>(contents.size())};
    return handles({&run, 1}, content);
}

std::vector<std::shared_ptr<Slot>> PageFile::handles(std::span<const SlotRun> runs, std::uint64_t content) {
    std::vector<std::shared_ptr<Slot>> out;
    for (const SlotRun run : runs) {
        for (std::uint32_t i = 0; i < run.count; ++i)
            out.push_back(std::make_shared<Slot>(shared_from_this(), run.first + i, content++));
    }
    return out;
}

base::Result<void> PageFile::fill(const Slot& slot, base::ByteView bytes) {
    if (bytes.empty()) bytes = kZeros;
    std::size_t done = 0;
    while (done < kPage) {
        const auto at = static_cast<off_t>(std::size_t{slot.number()} * kPage + done);
        const ssize_t count = ::pwrite(file_.get(), bytes.data() + done, kPage - done, at);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return base::failure(Kind::no_space, "the system has no memory left for contracts");
        done += static_cast<std::size_t>(count);
    }
    return {};
}

base::Result<std::vector<Page>> PageFile::add(std::span<const base::ByteView> pages) {
    auto slots = allocate(pages.size());
    if (!slots) return std::unexpected(std::move(slots).error());
    std::vector<Page> out;
    out.reserve(pages.size());
    for (std::size_t i = 0; i < pages.size(); ++i) {
        const std::shared_ptr<Slot>& slot = (*slots)[i];
        if (auto filled = fill(*slot, pages[i]); !filled) return std::unexpected(std::move(filled).error());
        slot->set_hash(crypto::blake3(pages[i]));
        out.emplace_back(slot);
    }
    return out;
}

base::Result<Page> PageFile::add(base::ByteView page, const base::Hash32& hash) {
    auto slots = allocate(1);
    if (!slots) return std::unexpected(std::move(slots).error());
    const std::shared_ptr<Slot>& slot = slots->front();
    if (auto filled = fill(*slot, page); !filled) return std::unexpected(std::move(filled).error());
    slot->set_hash(hash);
    return Page(slot);
}

void PageFile::release(std::uint32_t number, std::uint64_t content) {
    std::vector<SlotRun> cold;
    {
        const std::lock_guard lock(mutex_);
        numbers_.release(number, content);
        cold = numbers_.take_cold();
    }
    if (cold.empty()) return;
    for (const SlotRun run : cold) {
        // If this fails, the slots keep their memory until they are used again. They are filled completely then.
        (void)::fallocate(file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                          static_cast<off_t>(std::size_t{run.first} * kPage),
                          static_cast<off_t>(std::size_t{run.count} * kPage));
    }
    const std::lock_guard lock(mutex_);
    numbers_.put_back(cold);
}

std::uint64_t PageFile::bytes_in_use() const {
    const std::lock_guard lock(mutex_);
    return std::uint64_t{numbers_.in_use()} * kPage;
}

}  // namespace rues::vm
