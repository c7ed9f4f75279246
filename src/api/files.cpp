#include "api/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace rues::api {
namespace {

constexpr std::size_t kPieceBytes = 65'536;

class Descriptor {
public:
    explicit Descriptor(int fd) noexcept : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const noexcept { return fd_; }

private:
    int fd_;
};

/// Part of a file, opened when the first piece is asked for. A file that became shorter breaks the answer off.
class FileBody final : public net::BodySource {
public:
    FileBody(std::filesystem::path path, std::uint64_t from, std::uint64_t bytes, bool in_hex)
        : path_(std::move(path)), at_(from), rest_(bytes), in_hex_(in_hex) {}

    net::Piece next(const std::stop_token&) override {
        using Then = net::Piece::Then;
        if (file_.get() < 0 && rest_ > 0) file_ = Descriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
        if (file_.get() < 0) return {{}, rest_ == 0 ? Then::end : Then::failure};
        base::Bytes bytes(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, rest_)));
        const auto got = ::pread(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at_));
        if (got < 0 || static_cast<std::size_t>(got) != bytes.size()) return {{}, Then::failure};
        at_ += bytes.size();
        rest_ -= bytes.size();
        if (in_hex_) bytes = base::to_bytes(base::to_hex(bytes));
        return {std::move(bytes), rest_ == 0 ? Then::end : Then::more};
    }

private:
    std::filesystem::path path_;
    std::uint64_t at_;
    std::uint64_t rest_;
    bool in_hex_;
    Descriptor file_{-1};
};

struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};
enum class RangeKind : std::uint8_t { whole, part, outside };

/// One range of bytes (RFC 9110 14.1.2). What is not understood is the whole, as the RFC lets a server choose.
RangeKind range_of(std::string_view text, std::uint64_t size, Range& out) {
    constexpr std::string_view kUnit = "bytes=";
    if (!text.starts_with(kUnit)) return RangeKind::whole;
    text.remove_prefix(kUnit.size());
    const auto dash = text.find('-');
    if (dash == std::string_view::npos || text.contains(',')) return RangeKind::whole;
    const auto first = base::parse_u64(text.substr(0, dash));
    const auto last = base::parse_u64(text.substr(dash + 1));
    if (first) {
        if (!last && dash + 1 != text.size()) return RangeKind::whole;
        if (last && *last < *first) return RangeKind::whole;
        if (*first >= size) return RangeKind::outside;
        out = {*first, std::min(last.value_or(size - 1), size - 1)};
        return RangeKind::part;
    }
    if (dash != 0 || !last) return RangeKind::whole;
    if (*last == 0 || size == 0) return RangeKind::outside;
    out = {size - std::min(*last, size), size - 1};
    return RangeKind::part;
}

}  // namespace

std::optional<File> File::find(const std::filesystem::path& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
    const auto size = static_cast<std::uint64_t>(found.st_size);
    return File{path, size, fmt::format("{:x}-{:x}.{:x}", size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec)};
}

void send_file(const Context& context, Call call, const File& file, std::string_view content_type, bool in_hex) {
    const std::string tag = fmt::format("\"{}{}\"", file.tag, in_hex ? "-hex" : "");
    call.extra.emplace_back("etag", tag);
    const bool is_get = call.request.method == "GET";
    if ((is_get || call.request.method == "HEAD") && !in_hex) call.extra.emplace_back("accept-ranges", "bytes");
    const auto known = call.request.header("if-none-match");
    if (known && (*known == "*" || known->contains(tag))) return std::move(call).empty(304);
    Range range{0, file.size - 1};
    RangeKind kind = RangeKind::whole;
    const auto asked = call.request.header("range");
    if (asked && is_get && !in_hex && call.request.header("if-range").value_or(tag) == tag) {
        kind = range_of(*asked, file.size, range);
    }
    if (kind == RangeKind::outside) {
        call.extra.emplace_back("content-range", fmt::format("bytes */{}", file.size));
        return std::move(call).fail({ErrorCode::range_not_satisfiable, {}});
    }
    unsigned status = 200;
    if (kind == RangeKind::part) {
        status = 206;
        call.extra.emplace_back("content-range", fmt::format("bytes {}-{}/{}", range.first, range.last, file.size));
    }
    const std::uint64_t bytes = file.size == 0 ? 0 : range.last - range.first + 1;
    std::move(call).stream(status, content_type, std::make_unique<FileBody>(file.path, range.first, bytes, in_hex),
                           context.read_pool);
}

}  // namespace rues::api
