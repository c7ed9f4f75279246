#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace rues::net {

/// How one answer is framed.
struct Framing {
    /// How the client finds the end of the body (RFC 9112 6.3).
    enum class End : std::uint8_t { length, chunk, close };
    bool http_1_0 = false;
    bool keep_alive = true;
    End end = End::length;
};

/// Status line, headers and the blank line after them. `date` is the value of the `Date` header.
std::string response_head(const Response& response, Framing framing, std::string_view date);
/// The head of the answer 101 for a `Sec-WebSocket-Key` (docs/reference/rusk-1.7.md 4.1).
std::string switching_head(std::string_view key, const Headers& extra, std::string_view date);
/// What a client that sent `Expect: 100-continue` waits for (RFC 9110 10.1.1).
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
/// IMF-fixdate (RFC 9110 5.6.7) of seconds since the Unix epoch.
std::string http_date(std::int64_t seconds);
/// Whether a status comes without body and Content-Length (RFC 9110 6.4.1).
constexpr bool has_no_body(unsigned status) {
    return status < 200 || status == 204 || status == 304;
}

}  // namespace rues::net
