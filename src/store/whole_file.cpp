#include "store/whole_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace rues::store {
namespace {

using base::Error;

std::unexpected<Error> refuse(Error::Kind kind, const std::filesystem::path& path, std::string_view why) {
    return base::failure(kind, fmt::format("{}: {}", path.string(), why));
}

bool is_same(const struct stat& a, const struct stat& b) {
    const auto equal = [](const timespec& x, const timespec& y) {
        return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
    };
    return a.st_size == b.st_size && equal(a.st_mtim, b.st_mtim) && equal(a.st_ctim, b.st_ctim);
}

/// Fills `into`, or reads less when the file ends. Returns the number of bytes, or -1 with `errno` set.
ssize_t read_all(int file, std::span<std::byte> into) {
    std::size_t done = 0;
    while (done < into.size()) {
        const auto got = ::read(file, into.data() + done, into.size() - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return static_cast<ssize_t>(done);
}

}  // namespace

base::Result<base::Bytes> read_whole(const std::filesystem::path& path, std::size_t most) {
    // O_NONBLOCK: opening a pipe would wait for a writer.
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        const auto kind = errno == ENOENT ? Error::Kind::not_found : Error::Kind::io;
        return refuse(kind, path, std::generic_category().message(errno));
    }
    const struct Closing {
        int file;
        ~Closing() { ::close(file); }
    } closing{file};
    struct stat before{};
    struct stat after{};
    if (::fstat(file, &before) != 0) return refuse(Error::Kind::io, path, std::generic_category().message(errno));
    if (!S_ISREG(before.st_mode)) return refuse(Error::Kind::invalid, path, "not a regular file");
    const auto size = static_cast<std::size_t>(before.st_size);
    if (size > most) return refuse(Error::Kind::invalid, path, fmt::format("more than {} bytes", most));
    base::Bytes out(size);
    const auto got = read_all(file, out);
    if (got < 0 || ::fstat(file, &after) != 0)
        return refuse(Error::Kind::io, path, std::generic_category().message(errno));
    if (static_cast<std::size_t>(got) != size || !is_same(before, after))
        return refuse(Error::Kind::invalid, path, "it changed while it was read");
    return out;
}

}  // namespace rues::store
