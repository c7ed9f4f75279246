#include <cstdlib>
#include <string>

#include "net/http_parser.hpp"

namespace {

using namespace rues;

constexpr std::size_t kBodyLimit = 256;

void require(bool holds) {
    if (!holds) std::abort();
}

net::Limits small_limits() {
    net::Limits limits;
    limits.max_head_bytes = 512;
    limits.max_headers = 8;
    return limits;
}

struct Outcome {
    std::string accepted;  ///< the requests, in order
    bool refused = false;
};

/// Reads requests as a connection does, with `piece` bytes more each time, and says what came of them.
Outcome read(base::ByteView all, std::size_t piece) {
    static const net::Limits limits = small_limits();
    Outcome out;
    base::Bytes input;
    auto parser = std::make_unique<net::HttpParser>(limits);
    bool in_body = false;
    while (!all.empty()) {
        const auto now = all.first(std::min(piece, all.size()));
        all = all.subspan(now.size());
        base::append(input, now);
        for (;;) {
            base::ByteView rest = input;
            const auto done = in_body ? parser->put_body(rest) : parser->put_head(rest);
            if (!done) return {std::move(out.accepted), true};
            require(rest.size() <= input.size());
            input.erase(input.begin(), input.end() - static_cast<std::ptrdiff_t>(rest.size()));
            if (!*done) break;
            if (!in_body) {
                in_body = true;
                if (!parser->limit_body(kBodyLimit)) return {std::move(out.accepted), true};
                continue;
            }
            const net::Request request = parser->take();
            require(request.headers.size() <= limits.max_headers);
            require(request.body.size() <= kBodyLimit);
            out.accepted += request.method + ' ' + request.target + ' ';
            for (const auto& [name, value] : request.headers) {
                require(value.find_first_of("\r\n") == std::string::npos);
                out.accepted += name + ':' + value + ' ';
            }
            out.accepted += base::text(request.body);
            parser = std::make_unique<net::HttpParser>(limits);
            in_body = false;
        }
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
    const Outcome whole = read(bytes, bytes.size() + 1);
    const Outcome pieces = read(bytes, data[0] % 64 + 1);
    // A chunk's line that is too long is refused only while it is incomplete, so pieces may be refused where the whole
    // is not; never may they be taken for other requests.
    require(whole.accepted.starts_with(pieces.accepted));
    if (!pieces.refused) require(whole.accepted == pieces.accepted);
    return 0;
}
