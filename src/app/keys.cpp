#include "app/keys.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace rues::app {
namespace {

using Key = base::ByteArray<16>;

base::Result<Key> draw(const base::RandomSource& random) {
    Key key;
    if (!random(key)) return base::failure(base::Error::Kind::io, "the system provides no randomness");
    return key;
}

}  // namespace

base::Result<base::HashKey> draw_hash_key(const base::RandomSource& random) {
    return draw(random);
}

base::Result<Key> session_key(const std::filesystem::path& folder, const base::RandomSource& random) {
    const auto path = folder / "session.key";
    if (const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC); fd >= 0) {
        Key stored;
        const auto got = ::read(fd, stored.data(), stored.size());
        ::close(fd);
        if (got == static_cast<ssize_t>(stored.size())) return stored;
    }
    const auto key = draw(random);
    if (!key) return key;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool written = fd >= 0 && ::write(fd, key->data(), key->size()) == static_cast<ssize_t>(key->size());
    if (fd >= 0) ::close(fd);
    if (!written) return base::failure(base::Error::Kind::io, fmt::format("{} cannot be written", path.string()));
    return key;
}

}  // namespace rues::app
