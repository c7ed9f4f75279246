#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

/// Calls of the C library that a test program answers itself: linked into it, they take the place of the library's for
/// the whole program, RocksDB included. So no code of the program needs a seam for them. Any thread.
namespace rues::test {

/// While one lives, `getrandom` is answered by `by`. One at a time.
class ReplacedRandomness {
public:
    using Call = ssize_t (*)(void* out, std::size_t size, unsigned flags);
    explicit ReplacedRandomness(Call by);
    ~ReplacedRandomness();
    ReplacedRandomness(const ReplacedRandomness&) = delete;
    ReplacedRandomness& operator=(const ReplacedRandomness&) = delete;

    /// A machine that has no randomness.
    static ssize_t none(void*, std::size_t, unsigned);
    /// The system's.
    static ssize_t real(void* out, std::size_t size, unsigned flags);
};

/// While one lives, the files that `fdatasync` and `fsync` are called for are noted. One at a time.
class WatchedSyncs {
public:
    WatchedSyncs();
    ~WatchedSyncs();
    WatchedSyncs(const WatchedSyncs&) = delete;
    WatchedSyncs& operator=(const WatchedSyncs&) = delete;

    /// Names without their folders, in the order of the calls since the last `take`.
    static std::vector<std::string> take();
    /// From now on a call for a file of this name fails with EIO and syncs nothing.
    static void fail_for(const std::string& name);
};

}  // namespace rues::test
