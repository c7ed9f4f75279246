#include "api/endpoints/file_answer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/hash.hpp"
#include "net/body_source.hpp"
#include "store/whole_file.hpp"

namespace rues::api {
namespace {

constexpr std::size_t kPieceBytes = 65'536;
constexpr std::size_t kMaxFileBytes = 256 << 20;  // since every file stays in memory

/// A part of a file as a body, or all of it.
class FileBody final : public net::BodySource {
public:
    FileBody(std::shared_ptr<const base::Bytes> file, std::size_t from, std::size_t bytes, bool in_hex)
        : file_(std::move(file)), rest_(base::ByteView(*file_).subspan(from, bytes)), in_hex_(in_hex) {}

    net::Piece next(const std::stop_token&) override {
        const auto piece = rest_.first(std::min(kPieceBytes, rest_.size()));
        rest_ = rest_.subspan(piece.size());
        const auto then = rest_.empty() ? net::Piece::Then::end : net::Piece::Then::more;
        return {in_hex_ ? base::to_bytes(base::to_hex(piece)) : base::to_bytes(piece), then};
    }

private:
    const std::shared_ptr<const base::Bytes> file_;
    base::ByteView rest_;
    const bool in_hex_;
};

struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};
enum class RangeKind : std::uint8_t { whole, part, outside };

/// Reads one range of bytes (RFC 9110 14.1.2). For any other text the answer is the whole file, which the RFC allows.
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

base::Result<File> File::read(const std::filesystem::path& path) {
    auto bytes = store::read_whole(path, kMaxFileBytes);
    if (!bytes) return std::unexpected(bytes.error());
    auto tag = base::to_hex(crypto::sha256(*bytes));
    return File{std::make_shared<const base::Bytes>(std::move(*bytes)), std::move(tag)};
}

void send_file(const Context& context, Exchange exchange, const File& file, std::string_view content_type,
               bool in_hex) {
    const std::string tag = fmt::format("\"{}{}\"", file.tag, in_hex ? "-hex" : "");
    exchange.extra.emplace_back("etag", tag);
    const bool is_get = exchange.request.method == "GET";
    if ((is_get || exchange.request.method == "HEAD") && !in_hex) exchange.extra.emplace_back("accept-ranges", "bytes");
    const auto known = exchange.request.header("if-none-match");
    if (known && (*known == "*" || known->contains(tag))) return std::move(exchange).empty(304);
    const std::size_t size = file.bytes->size();
    Range range{0, size - 1};
    RangeKind kind = RangeKind::whole;
    const auto asked = exchange.request.header("range");
    if (asked && is_get && !in_hex && exchange.request.header("if-range").value_or(tag) == tag) {
        kind = range_of(*asked, size, range);
    }
    if (kind == RangeKind::outside) {
        exchange.extra.emplace_back("content-range", fmt::format("bytes */{}", size));
        return std::move(exchange).fail({ErrorCode::range_not_satisfiable, {}});
    }
    unsigned status = 200;
    if (kind == RangeKind::part) {
        status = 206;
        exchange.extra.emplace_back("content-range", fmt::format("bytes {}-{}/{}", range.first, range.last, size));
    }
    const std::uint64_t bytes = size == 0 ? 0 : range.last - range.first + 1;
    std::move(exchange).stream(status, content_type, std::make_unique<FileBody>(file.bytes, range.first, bytes, in_hex),
                               context.read_pool);
}

}  // namespace rues::api
