#pragma once

#include <expected>
#include <memory>
#include <string>

#include "net/request_rules.hpp"
#include "net/server.hpp"

namespace rues::net {

/// One HTTP/1.1 request out of a connection's bytes, for one request only. Pure. Holds the head and the body so far;
/// what it has not taken stays with the caller, who gives it again with more behind it.
class HttpParser {
public:
    explicit HttpParser(const Limits& limits);
    ~HttpParser();

    /// Takes the head off `input` when all of it is there (nothing otherwise). `input` must begin with the same bytes
    /// in every call. Returns whether the head is complete.
    std::expected<bool, Refusal> put_head(ByteView& input);

    // After the head:

    const Request& request() const noexcept;
    bool keep_alive() const noexcept;
    bool has_body() const noexcept;
    /// The client waits for `100 Continue` before it sends the body.
    bool expects_continue() const noexcept;
    /// 413 at once when the announced body is larger; later when a chunked one becomes so.
    std::expected<void, Refusal> limit_body(std::size_t bytes);
    /// Takes what it can of the body off `input`; returns whether the request is complete.
    std::expected<bool, Refusal> put_body(ByteView& input);
    Request take() noexcept;

private:
    struct Beast;
    std::unique_ptr<Beast> beast_;
    std::size_t max_head_;
    std::size_t checked_ = 0;     ///< bytes of the head whose lines are in order
    std::size_t searched_ = 0;    ///< bytes in which the end of the head was already looked for
    bool wants_line_ = false;     ///< the line of a chunk, or the trailer, is incomplete
    std::size_t body_taken_ = 0;  ///< bytes of the body as it came, chunk lines and trailer included
};

}  // namespace rues::net
