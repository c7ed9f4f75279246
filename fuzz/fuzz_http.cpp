#include <cstdlib>
#include <string>

#include "base/encoding.hpp"
#include "net/http.hpp"
#include "net/limits.hpp"
#include "net/request_reader.hpp"
#include "wire/websocket.hpp"

namespace {

using namespace rues;

constexpr std::size_t kBodyLimit = 256;
constexpr std::size_t kMaxFrame = 128;
constexpr std::size_t kMaxMessage = 256;

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

/// Checks the guarantees of every request that reaches a handler.
void check(const net::Request& request, const net::Limits& limits) {
    require(request.headers.size() <= limits.max_headers);
    require(request.body.size() <= kBodyLimit);
    require(request.minor_version <= 1);
    require(request.target.starts_with('/') || (request.target == "*" && request.method == "OPTIONS"));
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    std::size_t codings = 0;
    for (const auto& [name, value] : request.headers) {
        require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
        require(!name.empty() && name.find_first_of(" \t\r\n:") == std::string::npos);
        hosts += base::equal_ignoring_case(name, "host");
        lengths += base::equal_ignoring_case(name, "content-length");
        codings += base::equal_ignoring_case(name, "transfer-encoding");
    }
    require(hosts <= 1 && hosts + (request.minor_version == 0) >= 1);
    require(lengths <= 1 && (lengths == 0 || codings == 0));
    require(lengths + codings > 0 || request.body.empty());
}

/// The rest of a connection after an upgrade.
struct Messages {
    wire::websocket::Reader reader{wire::websocket::Sender::client, kMaxFrame, kMaxMessage};
    bool over = false;

    void read(base::ByteView bytes, Outcome& out) {
        while (!over) {
            const auto message = reader.next(bytes);
            if (message && !*message) return;
            over = !message || (*message)->kind == wire::websocket::Opcode::close;
            if (!message) {
                out.refused = true;
                return;
            }
            require((*message)->payload.size() <= kMaxMessage);
            out.accepted += '#' + std::to_string(static_cast<int>((*message)->kind)) + (*message)->payload;
        }
    }
};

/// Reads requests, and messages after an upgrade, with `piece` more bytes each time. Returns everything that was
/// accepted.
Outcome read(base::ByteView all, std::size_t piece) {
    static const net::Limits limits = small_limits();
    Outcome out;
    net::RequestReader reader(std::make_shared<net::Budget>(kBodyLimit));
    bool in_body = false;
    std::optional<Messages> upgraded;
    while (!all.empty()) {
        const auto now = all.first(std::min(piece, all.size()));
        all = all.subspan(now.size());
        if (upgraded) {
            upgraded->read(now, out);
            continue;
        }
        reader.put(now);
        for (;;) {
            const auto done = in_body ? reader.read_body() : reader.read_head(limits);
            if (!done) return {std::move(out.accepted), true};
            if (!*done) break;
            if (!in_body) {
                in_body = true;
                if (!reader.expect_body({kBodyLimit})) return {std::move(out.accepted), true};
                continue;
            }
            const net::Request request = reader.take();
            check(request, limits);
            out.accepted += request.method + ' ' + request.target + ' ';
            for (const auto& [name, value] : request.headers) out.accepted += name + ':' + value + ' ';
            out.accepted += base::text(request.body);
            in_body = false;
            if (!net::websocket_problem(request)) {
                upgraded.emplace().read(reader.take_input(), out);
                break;
            }
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
    // is accepted. Pieces must never be read as other requests.
    require(whole.accepted.starts_with(pieces.accepted));
    if (!pieces.refused) require(whole.accepted == pieces.accepted);
    return 0;
}
