#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/client.hpp"
#include "base/wipe.hpp"
#include "net/shared_bytes.hpp"

/// Requests and answers of HTTP as values.
namespace rues::net {

using base::Bytes;
using base::ByteView;
using Headers = std::vector<std::pair<std::string, std::string>>;  ///< names as received or as sent, in order

/// The first value of a header; ignores the case of its name. nullopt: the header is not there.
std::optional<std::string_view> find(const Headers& headers, std::string_view name) noexcept;

/// The bytes of a body. A body that is a secret wipes its memory before it frees it, also while it grows. Bytes that
/// are moved out of it belong to their new owner.
class Body : public Bytes {
public:
    Body() noexcept = default;
    Body(Bytes bytes) noexcept : Bytes(std::move(bytes)) {}
    Body(const Body&) = default;
    Body(Body&&) noexcept = default;
    Body& operator=(Body other) noexcept {
        swap(other);
        std::swap(is_secret, other.is_secret);
        return *this;
    }
    ~Body() {
        if (is_secret) base::wipe(*this);
    }
    void append(ByteView bytes);

    bool is_secret = false;
};

/// What the handler says about the body of a request before it is read.
struct BodyRules {
    std::size_t limit = 0;   ///< the most bytes
    bool is_secret = false;  ///< the server wipes the memory through which the body came
};

struct Request {
    std::string method;
    std::string target;          ///< path and query, still percent-encoded; `*` for OPTIONS
    unsigned minor_version = 1;  ///< of HTTP/1.x: 0 or 1
    Headers headers;
    Body body;
    std::string peer;  ///< address of the other side, without port
    bool loopback = false;
    /// Who asks: the peer, or the address that a proxy in `Options::trusted_proxies` names. Null only in tests.
    base::ClientPtr client{};

    std::string_view path() const noexcept;  ///< the target up to `?`
    std::optional<std::string_view> header(std::string_view name) const noexcept { return find(headers, name); }
};

struct Response {
    unsigned status = 200;
    Headers headers;  ///< Content-Length, Date and Connection are added
    Bytes body;
    bool close = false;  ///< end the connection after this answer
    /// Kept until the kernel has taken the last byte of the answer, or it is certain that it never will. For work that
    /// must not start before the answer. Released on the connection's loop and never inside `send`; if the loop stopped
    /// before the answer was given, released with the loop.
    std::shared_ptr<void> until_sent{};
    /// Header lines that many answers share, each ended by CRLF. The text must have static lifetime.
    std::string_view fixed_headers{};
    /// Sent after `body`, without a copy unless it is small.
    SharedBytes shared_body{};

    std::size_t body_size() const noexcept { return body.size() + shared_body.bytes.size(); }
};

/// Whether the request's Upgrade names WebSocket. Any other protocol, and any Upgrade in HTTP/1.0 or with a method
/// other than GET, must be ignored (RFC 9110 7.8).
bool asks_for_websocket(const Request& request) noexcept;

/// Checks an upgrade request in the order of docs/reference/rusk-1.7.md 4.1. nullopt: it is good. Otherwise the status
/// and text of the answer.
std::optional<std::pair<unsigned, std::string>> websocket_problem(const Request& request);

}  // namespace rues::net
