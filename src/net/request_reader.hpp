#pragma once

#include <expected>
#include <memory>
#include <utility>

#include "base/client.hpp"
#include "net/budget.hpp"
#include "net/http_parser.hpp"

namespace rues::net {

/// Reads the requests of one HTTP/1.1 connection, one after the other: a new parser for each, and the bytes that are
/// not parsed yet. Owns no buffer and no parser between requests. One thread.
class RequestReader {
public:
    /// Incomplete bodies take their memory from `uploads`.
    explicit RequestReader(std::shared_ptr<Budget> uploads) noexcept : upload_(std::move(uploads)) {}

    void put(ByteView bytes) { base::append(input_, bytes); }
    /// Bytes that wait. After a refusal nobody knows what they are.
    bool has_input() const noexcept { return !input_.empty(); }
    /// Moves these bytes out.
    Bytes take_input() noexcept { return std::exchange(input_, {}); }
    /// Whether the first byte of a request has come.
    bool in_request() const noexcept { return parser_ != nullptr; }

    /// Reads the head of the next request; returns whether it is complete.
    std::expected<bool, Refusal> read_head(const Limits& limits);
    /// The head that was read, and its body so far.
    const HttpParser& parser() const noexcept { return *parser_; }
    /// The client waits for `100 Continue`, because it has sent nothing of the body.
    bool awaits_continue() const noexcept { return input_.empty() && parser_->expects_continue(); }
    /// See `HttpParser::expect_body`.
    std::expected<void, Refusal> expect_body(const BodyRules& rules) { return parser_->expect_body(rules); }
    /// Whether bytes that come now are of a secret body.
    bool reads_secret() const noexcept { return parser_ != nullptr && parser_->request().body.is_secret; }
    /// From now on the memory of a body counts in the account of this client too. Null: in none.
    void charge(base::ClientPtr client) noexcept {
        client_ = client;
        of_client_ = base::Held(std::move(client), base::Holding::uploads);
    }
    /// Reads as much of the body as is there; returns whether the request is complete.
    std::expected<bool, Refusal> read_body();
    /// Moves the request out, whole or refused, and forgets the parser and the memory of the body.
    Request take();

private:
    void keep(std::size_t last);

    Bytes input_;  ///< not parsed yet
    std::unique_ptr<HttpParser> parser_;
    BudgetShare upload_;  ///< memory of the body in `parser_`
    base::ClientPtr client_;
    base::Held of_client_;  ///< the same in its account
};

}  // namespace rues::net
