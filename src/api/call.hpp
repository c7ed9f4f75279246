#pragma once

#include <atomic>
#include <chrono>

#include "api/errors.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "net/server.hpp"

namespace rues::api {

/// Names our own failures, so that what a client reports can be found in the log. Any thread.
class FailureLog {
public:
    explicit FailureLog(base::Log log);
    /// Writes what happened; the id that the client gets as `x-request-id`.
    std::string report(std::string_view what) const;

private:
    base::Log log_;
    std::string run_;  ///< tells this run of the program from others
    mutable std::atomic<std::uint64_t> count_{0};
};

/// One request on its way through a handler, and its one answer. Movable to any thread.
class Call {
public:
    /// `failures` outlives it.
    Call(net::Request asked, net::Responder responder, std::size_t on_loop, const FailureLog& failures) noexcept
        : request(std::move(asked)), loop(on_loop), responder_(std::move(responder)), failures_(&failures) {}

    net::Request request;
    std::size_t loop;
    std::chrono::steady_clock::time_point arrived = std::chrono::steady_clock::now();  ///< all of the request
    std::string entity;                ///< percent-decoded; empty where the route has none
    std::string topic;                 ///< percent-decoded
    base::Bytes body;                  ///< decoded (RP 5.2)
    net::Headers extra;                ///< go with the answer, whatever it is
    bool cross_origin = true;          ///< CORS headers are added
    std::shared_ptr<void> until_sent;  ///< kept until the answer is with the kernel

    void json(const base::json::value& value) && { std::move(*this).json_text(base::json::print(value)); }
    void json_text(std::string_view text) && { std::move(*this).send(200, "application/json", base::to_bytes(text)); }
    /// Raw bytes or hex text, as the request asks (RP 5.3).
    void raw(base::ByteView bytes) &&;
    void text(std::string_view text) && { std::move(*this).send(200, {}, base::to_bytes(text)); }
    void empty(unsigned status) && { std::move(*this).send(status, {}, {}); }
    void fail(const Failure& failure) &&;
    void send(unsigned status, std::string_view content_type, base::Bytes body) &&;
    /// Without a copy of the body.
    void send_shared(unsigned status, std::string_view content_type, net::SharedBytes body) &&;
    /// A body that is made while it is sent, each piece by `executor`.
    void stream(unsigned status, std::string_view content_type, std::unique_ptr<net::BodySource> source,
                net::Executor executor) &&;
    /// From now on it is noticed when the client ends the connection by a reset.
    void watch_client() { responder_.watch(); }
    /// For an answer that waits for something to happen: `on_end` is called when it should wait no longer
    /// (`net::Responder::watch`). On its loop.
    void watch_client(std::move_only_function<void()> on_end) { responder_.watch(std::move(on_end)); }
    /// Nobody will read the answer. Any thread.
    bool client_has_gone() const noexcept { return responder_.has_gone(); }
    net::Responder take_responder() && { return std::move(responder_); }

private:
    /// Status and headers, `extra` and `until_sent` among them.
    net::Response head(unsigned status, std::string_view content_type) &&;

    net::Responder responder_;
    const FailureLog* failures_;
};

/// Whether a proxy may keep an answer that is streamed back until it is whole (`X-Accel-Buffering`, read by nginx and
/// others). Who streams because its reader wants each piece at once says no.
void forbid_buffering(net::Headers& headers);

/// Headers of every answer: the protocol's version and CORS.
net::Headers common_headers(bool cross_origin);
/// The same as lines.
std::string_view common_header_lines(bool cross_origin);
/// A failure as an answer; the only place that makes bytes of one.
net::Response render(const Failure& failure, bool cross_origin, const FailureLog& failures);

}  // namespace rues::api
