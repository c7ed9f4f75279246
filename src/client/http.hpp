#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "client/stream.hpp"

namespace rues::client {

using Headers = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::size_t kMaxHead = 65'536;
inline constexpr std::size_t kMaxBody = 256u << 20;

struct Answer {
    unsigned status = 0;
    Headers headers;
    base::Bytes body;

    /// The first value; the name's case does not matter.
    std::optional<std::string_view> header(std::string_view name) const noexcept;
    bool ok() const noexcept { return status >= 200 && status < 300; }
};

/// Parses the head of an answer: status line and headers, without the blank line.
Result<Answer> parse_head(std::string_view head);

/// The head of a request. `invalid` when method, path or a header has bytes that could end its line early.
Result<std::string> request_head(const Url& url, std::string_view method, std::string_view path,
                                 const Headers& headers);

/// Reads a whole head, and leaves the bytes after it in `rest`.
Result<Answer> read_head(Stream& stream, base::Bytes& rest, Deadline deadline);

/// Sends one request on a connection of its own. Any status is an answer; an error means that no answer came.
Result<Answer> http(const Url& url, std::string_view method, std::string_view path, const Headers& headers,
                    base::ByteView body, std::chrono::milliseconds timeout = std::chrono::seconds(30));

/// Gets the pieces of a body in their order, cut anywhere. Its error ends the request and is that of the request.
using Take = std::function<Result<void>(base::ByteView)>;

/// The same for an answer of any size: the body of a 2xx answer goes to `take` as it arrives, and the answer that is
/// returned has none. Other answers are as `http` returns them. `malformed` when a body ends early: then `take` has got
/// what came. `timed_out`: no byte came for as long as `silence`.
Result<Answer> http_stream(const Url& url, std::string_view method, std::string_view path, const Headers& headers,
                           base::ByteView body, const Take& take,
                           std::chrono::milliseconds silence = std::chrono::seconds(30));

}  // namespace rues::client
