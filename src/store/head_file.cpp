#include "store/head_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/endian.hpp"
#include "store/files.hpp"
#include "wire/uri.hpp"

namespace rues::store {
namespace {

using base::Error;

constexpr std::string_view kMagic = "rueshd01";
constexpr std::size_t kSize = 48;  ///< fits in one sector, so a power cut leaves the old content or the new content

Bytes encode(const Head& head) {
    base::Writer out(kSize);
    out.put(base::view(kMagic)).put(head.epoch).put(head.synced).put(head.written).put(head.boot);
    out.put(wire::text_hash(base::text(out.bytes())));
    return out.take();
}

std::optional<Head> decode(ByteView bytes) {
    if (bytes.size() != kSize || !base::text(bytes).starts_with(kMagic)) return std::nullopt;
    base::Reader in(bytes.subspan(kMagic.size()));
    const Head out{*in.take<std::uint64_t>(), *in.take<std::uint64_t>(), *in.take<std::uint64_t>(),
                   *in.take<std::uint64_t>()};
    return base::equal(encode(out), bytes) ? std::optional(out) : std::nullopt;
}

/// Returns 0, or the error number.
int write_whole(int file, ByteView bytes) {
    const auto written = ::pwrite(file, bytes.data(), bytes.size(), 0);
    if (written < 0) return errno;
    return written == static_cast<ssize_t>(bytes.size()) ? 0 : ENOSPC;
}

}  // namespace

std::uint64_t boot_number(std::string_view boot_id) noexcept {
    return boot_id.empty() ? 0 : wire::text_hash(boot_id);
}

Loss loss_of(const Head& head, const layout::Epochs& epochs, std::uint64_t last_seq, std::uint64_t boot) {
    const auto epoch = std::ranges::find(epochs, head.epoch, &layout::Epochs::value_type::first);
    if (epoch == epochs.end()) return Loss::synced;
    const std::uint64_t end = std::next(epoch) == epochs.end() ? last_seq : epoch->second;
    if (end < head.synced) return Loss::synced;
    return boot != 0 && boot == head.boot && end < head.written ? Loss::unsynced : Loss::nothing;
}

std::filesystem::path HeadFile::path_of(const std::filesystem::path& store) {
    auto out = store.lexically_normal();
    if (!out.has_filename()) out = out.parent_path();  // "store/"
    return out.concat(".head");
}

Result<std::optional<Head>> HeadFile::read(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT) return std::nullopt;
    if (file < 0) return file_failure(path, errno);
    base::ByteArray<kSize + 1> bytes{};
    const auto got = ::pread(file, bytes.data(), bytes.size(), 0);
    const int problem = errno;
    ::close(file);
    if (got < 0) return file_failure(path, problem);
    const auto out = decode(ByteView(bytes).first(static_cast<std::size_t>(got)));
    if (!out) return base::failure(Error::Kind::corrupt, fmt::format("{} is damaged", path.string()));
    return out;
}

Result<std::unique_ptr<HeadFile>> HeadFile::create(const std::filesystem::path& path, const Head& head) {
    std::unique_ptr<HeadFile> out(new HeadFile(path, head));
    const auto beside = std::filesystem::path(path).concat(".new");
    out->file_ = ::open(beside.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (out->file_ < 0) return file_failure(beside, errno);
    int problem = write_whole(out->file_, encode(head));
    if (problem == 0 && ::fsync(out->file_) != 0) problem = errno;
    if (problem == 0 && ::rename(beside.c_str(), path.c_str()) != 0) problem = errno;
    if (problem == 0) problem = sync_folder(path.parent_path());
    if (problem == 0) return out;
    ::unlink(beside.c_str());
    return file_failure(path, problem);
}

HeadFile::~HeadFile() {
    if (file_ >= 0) ::close(file_);
}

Result<void> HeadFile::write() {
    if (const int problem = write_whole(file_, encode(head_)); problem != 0) return file_failure(path_, problem);
    return {};
}

Result<void> HeadFile::written(std::uint64_t seq) {
    head_.written = seq;
    return write();
}

Result<void> HeadFile::synced(std::uint64_t seq) {
    head_.written = head_.synced = seq;
    if (auto done = write(); !done) return done;
    if (::fdatasync(file_) != 0) return file_failure(path_, errno);
    return {};
}

}  // namespace rues::store
