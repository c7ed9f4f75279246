#include "support/system_calls.hpp"

#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <utility>

namespace rues::test {
namespace {

std::atomic<ReplacedRandomness::Call> random_call{&ReplacedRandomness::real};

struct Syncs {
    std::mutex mutex;
    bool are_watched = false;
    std::vector<std::string> names;
    std::string failing;
};

Syncs& syncs() {
    static Syncs all;
    return all;
}

/// Notes the call; true: it fails.
bool fails(int file) {
    Syncs& all = syncs();
    const std::lock_guard lock(all.mutex);
    if (!all.are_watched) return false;
    std::error_code error;
    const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file), error);
    all.names.push_back(path.filename().string());
    return !all.failing.empty() && all.names.back() == all.failing;
}

int synced(int file, long call) {
    if (fails(file)) {
        errno = EIO;
        return -1;
    }
    return static_cast<int>(::syscall(call, file));
}

}  // namespace

ReplacedRandomness::ReplacedRandomness(Call by) {
    random_call = by;
}
ReplacedRandomness::~ReplacedRandomness() {
    random_call = &real;
}
ssize_t ReplacedRandomness::none(void*, std::size_t, unsigned) {
    errno = ENOSYS;
    return -1;
}
ssize_t ReplacedRandomness::real(void* out, std::size_t size, unsigned flags) {
    return ::syscall(SYS_getrandom, out, size, flags);
}

WatchedSyncs::WatchedSyncs() {
    const std::lock_guard lock(syncs().mutex);
    syncs().are_watched = true;
}
WatchedSyncs::~WatchedSyncs() {
    const std::lock_guard lock(syncs().mutex);
    syncs().are_watched = false;
    syncs().names.clear();
    syncs().failing.clear();
}
std::vector<std::string> WatchedSyncs::take() {
    const std::lock_guard lock(syncs().mutex);
    return std::exchange(syncs().names, {});
}
void WatchedSyncs::fail_for(const std::string& name) {
    const std::lock_guard lock(syncs().mutex);
    syncs().failing = name;
}

}  // namespace rues::test

extern "C" {

ssize_t getrandom(void* out, std::size_t size, unsigned flags) {
    return rues::test::random_call.load()(out, size, flags);
}
int fdatasync(int file) {
    return rues::test::synced(file, SYS_fdatasync);
}
int fsync(int file) {
    return rues::test::synced(file, SYS_fsync);
}
}
