#pragma once

#include "api/context.hpp"

/// The node's HTTP surface: finds the handler of each request and makes the bytes of each answer.
/// docs/reference/protocol.md 3, 8; docs/reference/rusk-1.7.md 1.
namespace rues::api {

/// Checks a request in the node's order (docs/reference/rusk-1.7.md 1.3) and hands it to the handler of its row: the
/// one way for requests of HTTP and for Messages. On the exchange's loop; does not block.
void answer_request(const Context& context, Exchange exchange);
/// The rules of the row that answers `method` at `path`, else of the path's first row; a small limit for unknown paths.
/// Any thread.
net::BodyRules body_rules_at(const Context& context, std::string_view method, std::string_view path);

/// Answers the requests of all loops. It keeps nothing of a request between two calls, so the loops may call it at the
/// same time.
class Api final : public net::HttpHandler {
public:
    explicit Api(Context context);

    /// `body_rules_at`. Any thread.
    net::BodyRules body_rules(std::string_view method, std::string_view path) const override;
    /// The answer of the error table for `status`. With `head` the checks of the head come first, in the node's order.
    /// Any thread.
    net::Response refusal(unsigned status, std::string_view text, const net::Request* head) const override;
    /// `answer_request`. On the thread of `loop`; does not block.
    void handle(net::Request request, net::Responder responder, std::size_t loop) override;

private:
    FailureLog failures_;
    Context context_;
};

}  // namespace rues::api
