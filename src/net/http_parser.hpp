#pragma once

#include <expected>
#include <memory>
#include <string>

#include "net/limits.hpp"
#include "net/request_rules.hpp"

namespace rues::net {

/// Parses one HTTP/1.1 request; the next request needs a new parser. Pure. It holds the head and the body so far. Bytes
/// that it has not taken stay with the caller, who gives them again with more bytes after them.
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
    /// Call it before the body is read. 413 from here if the announced body is larger than its limit; from `put_body`
    /// when a chunked body becomes larger.
    std::expected<void, Refusal> expect_body(const BodyRules& rules);
    /// Takes as many bytes of the body off `input` as it can; returns whether the request is complete.
    std::expected<bool, Refusal> put_body(ByteView& input);
    /// Moves the request out. Call it once.
    Request take() noexcept;

private:
    struct Beast;
    std::unique_ptr<Beast> beast_;
    std::size_t max_head_;
    std::size_t checked_ = 0;     ///< bytes of the head whose lines were checked
    std::size_t searched_ = 0;    ///< bytes in which the end of the head was searched
    bool wants_line_ = false;     ///< the line of a chunk, or the trailer, is incomplete
    std::size_t body_taken_ = 0;  ///< bytes of the body as received, with chunk lines and trailer
};

}  // namespace rues::net
