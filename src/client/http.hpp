#pragma once

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

    std::optional<std::string_view> header(std::string_view name) const noexcept;  ///< ignoring case
    bool ok() const noexcept { return status >= 200 && status < 300; }
};

/// The head of an answer, without the blank line.
Result<Answer> parse_head(std::string_view head);

/// The request's head; `invalid` when method, path or a header could not be told apart from the next line.
Result<std::string> request_head(const Url& url, std::string_view method, std::string_view path,
                                 const Headers& headers);

/// Reads a whole head and leaves what came after it in `rest`.
Result<Answer> read_head(Stream& stream, base::Bytes& rest, Deadline deadline);

/// One request on a connection of its own. Any status is an answer; the error is for what kept it from coming.
Result<Answer> http(const Url& url, std::string_view method, std::string_view path, const Headers& headers,
                    base::ByteView body, std::chrono::milliseconds timeout = std::chrono::seconds(30));

}  // namespace rues::client
