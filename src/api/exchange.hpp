#pragma once

#include <atomic>
#include <chrono>

#include "api/answer.hpp"
#include "api/work.hpp"
#include "base/log.hpp"
#include "net/handler.hpp"

namespace rues::api {

/// Gives each internal error (500) an id, so that the failure that a client reports can be found in the log. Any
/// thread.
class FailureLog {
public:
    explicit FailureLog(base::Log log);
    /// Logs `what` with a new id and returns the id, which the client gets as `x-request-id`. An empty `what` means
    /// that no answer was given.
    std::string report(std::string_view what) const;

private:
    base::Log log_;
    std::string run_;  ///< random, so that ids of different runs differ
    mutable std::atomic<std::uint64_t> count_{0};
};

/// One request and its one answer, on the way through a handler. Movable to any thread. An exchange that is dropped
/// without an answer answers 500.
class Exchange {
public:
    /// `failures` must outlive the exchange.
    Exchange(net::Request asked, net::Responder responder, std::size_t on_loop, const FailureLog& failures) noexcept
        : request(std::move(asked)), loop(on_loop), responder_(std::move(responder)), failures_(&failures) {}

    net::Request request;
    std::size_t loop;
    std::chrono::steady_clock::time_point arrived = std::chrono::steady_clock::now();  ///< when the request was whole
    std::string entity;                ///< percent-decoded; empty where the route has none
    std::string topic;                 ///< percent-decoded
    base::Bytes body;                  ///< decoded (docs/reference/protocol.md 5.2)
    net::Headers extra;                ///< headers of the answer, also of an error
    bool cross_origin = true;          ///< whether the answer has CORS headers
    Place place;                       ///< of the request's class of work; given back with the exchange
    std::shared_ptr<void> until_sent;  ///< released when the kernel has the answer (`net::Response::until_sent`)

    /// Sends what a handler returned. `executor` makes the pieces of a stream, which keeps the place until it is sent.
    void answer(Result<Answer> answer, const net::Executor& executor) &&;

    void json(const base::json::value& value) && { std::move(*this).json_text(base::json::print(value)); }
    void json_text(std::string_view text) && { std::move(*this).send(200, "application/json", base::to_bytes(text)); }
    /// Sends raw bytes or hex text, as the request asks (docs/reference/protocol.md 5.3).
    void raw(base::ByteView bytes) &&;
    void text(std::string_view text) && { std::move(*this).send(200, {}, base::to_bytes(text)); }
    void empty(unsigned status) && { std::move(*this).send(status, {}, {}); }
    void fail(const Failure& failure) &&;
    void send(unsigned status, std::string_view content_type, base::Bytes body) &&;
    /// Sends the body without copying it.
    void send_shared(unsigned status, std::string_view content_type, net::SharedBytes body) &&;
    /// Sends a body that `source` makes while it is sent, each piece in a task of `executor`.
    void stream(unsigned status, std::string_view content_type, std::unique_ptr<net::BodySource> source,
                net::Executor executor) &&;
    /// From now on the connection notices a reset by the client (`client_has_gone`). On the exchange's loop.
    void watch_client() { responder_.watch(); }
    /// For an answer that waits for an event: `on_end` is called when the answer should wait no longer
    /// (`net::Responder::watch`). On the exchange's loop.
    void watch_client(std::move_only_function<void()> on_end) { responder_.watch(std::move(on_end)); }
    /// True when the connection has ended, so that nobody will read the answer. Any thread.
    bool client_has_gone() const noexcept { return responder_.has_gone(); }
    net::Responder take_responder() && { return std::move(responder_); }

private:
    /// A response without a body. Takes `extra` and `until_sent`.
    net::Response head(unsigned status, std::string_view content_type) &&;

    net::Responder responder_;
    const FailureLog* failures_;
};

/// Adds headers that forbid proxies to collect a streamed answer before they pass it on (`X-Accel-Buffering`, read by
/// nginx and others). For answers whose reader wants each piece at once.
void forbid_buffering(net::Headers& headers);

/// Headers of every answer: the protocol's version and, with `cross_origin`, CORS.
net::Headers common_headers(bool cross_origin);
/// The same as header lines with CRLF. Valid until the program ends.
std::string_view common_header_lines(bool cross_origin);
/// Makes the answer for a failure. No other function makes bytes of a failure. An internal error is logged with its id.
net::Response render(const Failure& failure, bool cross_origin, const FailureLog& failures);

}  // namespace rues::api
