#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <variant>

#include "api/answer.hpp"
#include "api/work.hpp"
#include "base/log.hpp"
#include "net/handler.hpp"

namespace rues::api {

/// Gives each internal error (500) an id, so that the failure that a client reports can be found in the log, and counts
/// the answers with each error. Any thread.
class FailureLog {
public:
    explicit FailureLog(base::Log log);
    /// Logs `what` with a new id and returns the id, which the client gets as `x-request-id`. An empty `what` means
    /// that no answer was given.
    std::string report(std::string_view what) const;
    /// Counts an answer with this error.
    void count(ErrorCode code) const noexcept { counts_[static_cast<std::size_t>(code)].add(); }
    std::uint64_t count_of(ErrorCode code) const noexcept { return counts_[static_cast<std::size_t>(code)].value(); }

private:
    base::Log log_;
    std::string run_;  ///< random, so that ids of different runs differ
    mutable std::atomic<std::uint64_t> count_{0};
    mutable std::array<base::Counter, kErrorCodes> counts_{};
};

/// Takes the one answer to a request that did not come over HTTP: a Message of the legacy event system. One call of
/// `send` or `stream`, from any thread; a recipient that is destroyed before it was given an answer answers 500.
class Recipient {
public:
    virtual ~Recipient() = default;
    /// `failure`: the text of the error that the response renders; empty: it is no error.
    virtual void send(net::Response response, std::string_view failure) = 0;
    /// An answer whose body is made while it is sent, as by `net::Responder::stream`. `by_item`: the body is the items
    /// of a feeder, each after its length in 4 bytes, little endian.
    virtual void stream(net::Response head, std::unique_ptr<net::BodySource> body, net::Executor executor,
                        bool by_item) = 0;
    /// `on_end` is called as by `net::Responder::watch`.
    virtual void watch(std::move_only_function<void()> on_end) = 0;
    virtual bool has_gone() const noexcept = 0;
};

/// One request and its one answer, on the way through a handler. Movable to any thread. An exchange that is dropped
/// without an answer answers 500.
class Exchange {
public:
    /// `failures` must outlive the exchange.
    Exchange(net::Request asked, net::Responder responder, std::size_t on_loop, const FailureLog& failures) noexcept
        : request(std::move(asked)), loop(on_loop), to_(std::move(responder)), failures_(&failures) {}
    Exchange(net::Request asked, std::unique_ptr<Recipient> recipient, std::size_t on_loop,
             const FailureLog& failures) noexcept
        : request(std::move(asked)), loop(on_loop), to_(std::move(recipient)), failures_(&failures) {}

    net::Request request;
    std::size_t loop;
    std::chrono::steady_clock::time_point arrived = std::chrono::steady_clock::now();  ///< when the request was whole
    std::string entity;         ///< percent-decoded; empty where the route has none
    std::string topic;          ///< percent-decoded
    net::Body body;             ///< decoded (docs/reference/protocol.md 5.2)
    net::Headers extra;         ///< headers of the answer, also of an error
    bool cross_origin = true;   ///< whether the answer has CORS headers
    bool is_too_large = false;  ///< the body is larger than its route allows, and was not kept
    bool is_decoded = false;    ///< `body` was set by the caller, and is not decoded again
    /// The form of errors in Rusk 0.7 to 1.0: 500 with the text alone (docs/reference/protocol.md 9.2).
    bool has_old_errors = false;
    Place place;                       ///< of the request's class of work; given back with the exchange
    std::shared_ptr<void> until_sent;  ///< released when the kernel has the answer (`net::Response::until_sent`)

    /// Sends what a handler returned. `executor` makes the pieces of a stream, which keeps the place until it is sent.
    void answer(Result<Answer> answer, const net::Executor& executor) &&;

    void json(const base::json::value& value) && { std::move(*this).json_text(base::json::print(value)); }
    void json_text(std::string_view text) && { std::move(*this).send(200, "application/json", base::to_bytes(text)); }
    /// Sends raw bytes or hex text, as the request asks (docs/reference/protocol.md 5.3).
    void raw(base::ByteView bytes) &&;
    void text(std::string_view text) && {
        std::move(*this).send(200, is_message() ? "text/plain" : "", base::to_bytes(text));
    }
    void empty(unsigned status) && { std::move(*this).send(status, {}, {}); }
    void fail(const Failure& failure) &&;
    void send(unsigned status, std::string_view content_type, base::Bytes body) &&;
    /// Sends the body without copying it.
    void send_shared(unsigned status, std::string_view content_type, net::SharedBytes body) &&;
    /// Sends a body that `source` makes while it is sent, each piece in a task of `executor`. `by_item`: see
    /// `Recipient::stream`.
    void stream(unsigned status, std::string_view content_type, std::unique_ptr<net::BodySource> source,
                net::Executor executor, bool by_item = false) &&;
    /// True when the answer becomes Messages. Then the body of a feeder has its items apart (`Recipient::stream`).
    bool is_message() const noexcept { return std::holds_alternative<std::unique_ptr<Recipient>>(to_); }
    /// From now on the connection notices a reset by the client (`client_has_gone`). On the exchange's loop.
    void watch_client();
    /// For an answer that waits for an event: `on_end` is called when the answer should wait no longer
    /// (`net::Responder::watch`). On the exchange's loop.
    void watch_client(std::move_only_function<void()> on_end);
    /// True when the connection has ended, so that nobody will read the answer. Any thread.
    bool client_has_gone() const noexcept;
    /// REQUIRES: the request came over HTTP.
    net::Responder take_responder() && { return std::move(std::get<net::Responder>(to_)); }
    const FailureLog& failures() const noexcept { return *failures_; }

private:
    /// A response without a body. Takes `extra` and `until_sent`.
    net::Response head(unsigned status, std::string_view content_type) &&;
    void give(net::Response response, std::string_view failure = {}) &&;

    std::variant<net::Responder, std::unique_ptr<Recipient>> to_;
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
/// Changes what `render` made of the failure into the form of `Exchange::has_old_errors`.
void in_old_form(net::Response& response, const Failure& failure);

}  // namespace rues::api
