#include "app/key_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/endian.hpp"
#include "crypto/hash.hpp"

namespace rues::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeader = 64;
constexpr std::string_view kMagic = "RUESKEY1";
static_assert(sizeof(crypto::Fr) == 32 && std::is_trivially_copyable_v<crypto::Fr>);

base::ByteArray<kHeader> key_header(base::ByteView coefficients) {
    base::ByteArray<kHeader> out{};
    std::ranges::copy(base::view(kMagic), out.begin());
    base::store_le(out.data() + 8, std::uint64_t{coefficients.size() / sizeof(crypto::Fr)});
    std::ranges::copy(crypto::blake3(coefficients), out.begin() + 16);
    return out;
}

std::unexpected<base::Error> io(const fs::path& path, int problem) {
    return base::failure(problem == ENOENT ? base::Error::Kind::not_found : base::Error::Kind::io,
                         fmt::format("{}: {}", path.string(), std::strerror(problem)));
}

class OwnedDescriptor {
public:
    explicit OwnedDescriptor(int number) : number_(number) {}
    OwnedDescriptor(const OwnedDescriptor&) = delete;
    OwnedDescriptor& operator=(const OwnedDescriptor&) = delete;
    ~OwnedDescriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int number() const { return number_; }

private:
    int number_;
};

bool write_all(int file, base::ByteView bytes) {
    while (!bytes.empty()) {
        const auto done = ::write(file, bytes.data(), bytes.size());
        if (done < 0 && errno != EINTR) return false;
        if (done > 0) bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
    return true;
}

}  // namespace

base::Result<MappedCoefficients> map_key_file(const fs::path& path, std::size_t count) {
    const OwnedDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) return io(path, errno);
    const std::size_t size = kHeader + count * sizeof(crypto::Fr);
    struct stat facts{};
    if (::fstat(file.number(), &facts) != 0) return io(path, errno);
    const auto corrupt = [&] {
        return base::failure(base::Error::Kind::corrupt, fmt::format("{} is not what was written", path.string()));
    };
    if (!S_ISREG(facts.st_mode) || static_cast<std::size_t>(facts.st_size) != size) return corrupt();
    void* const at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (at == MAP_FAILED) return io(path, errno);
    std::shared_ptr<const void> owner(at, [size](const void* mapped) { ::munmap(const_cast<void*>(mapped), size); });
    const base::ByteView bytes(static_cast<const std::byte*>(at), size);
    const auto coefficients = bytes.subspan(kHeader);
    if (!std::ranges::equal(bytes.first(kHeader), key_header(coefficients))) return corrupt();
    const void* const first = coefficients.data();
    return MappedCoefficients{std::move(owner), {static_cast<const crypto::Fr*>(first), count}};
}

base::Result<void> write_key_file(const fs::path& path, std::span<const crypto::Fr> coefficients) {
    // The number of the process keeps others from renaming a file that this one still writes.
    const auto beside = fs::path(path).concat(fmt::format(".{}{}", ::getpid(), kHalfExtension));
    ::unlink(beside.c_str());
    const auto bytes = std::as_bytes(coefficients);
    int problem = 0;
    {
        const OwnedDescriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (file.number() < 0) return io(path, errno);
        if (!write_all(file.number(), key_header(bytes)) || !write_all(file.number(), bytes) ||
            ::fsync(file.number()) != 0)
            problem = errno;
    }
    if (problem == 0 && ::rename(beside.c_str(), path.c_str()) != 0) problem = errno;
    if (problem == 0) return {};
    ::unlink(beside.c_str());
    return io(path, problem);
}

}  // namespace rues::app
