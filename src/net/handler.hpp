#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "net/body_source.hpp"
#include "net/http.hpp"
#include "net/push_stream.hpp"
#include "net/websocket.hpp"

/// What a user of a server implements (`HttpHandler`, and the handlers and sources of long answers) and calls.
namespace rues::net {

class Loop;
class Answerable;

/// Gives the one answer to one request. Movable. Any thread may use it, one at a time, and as late as it likes. If it
/// is destroyed before it has answered, the client gets 500. It keeps its loop alive. An answer whose connection has
/// ended is dropped silently.
class Responder {
public:
    /// Answers request number `request` of `to`, which lives on `loop`.
    Responder(std::shared_ptr<Loop> loop, std::weak_ptr<Answerable> to, std::uint64_t request) noexcept;
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&& other) noexcept;
    ~Responder();
    /// Answers with a whole response.
    void send(Response response) &&;
    /// Answers with a body that is made while it is sent: chunked, or for HTTP/1.0 ended by the end of the connection.
    /// `head.body` is ignored. The head is sent with the first piece. Until then a failure of the source is 500, and an
    /// executor that does not take the first task, or no piece within `Limits::body_timeout`, is 503. Later a full
    /// executor is asked again until it takes the task, and a failure breaks the connection off; `Limits::body_timeout`
    /// without progress of the client or of the source ends the connection.
    void stream(Response head, std::unique_ptr<BodySource> body, Executor executor) &&;
    /// Answers with a body that `handler` writes as things happen, at no cost while nothing does: chunked, or for
    /// HTTP/1.0 ended by the end of the connection. It is the connection's last answer. The head is sent at once;
    /// `head.body` is ignored. The connection ends when the client ends its side, when the client sends more than 64
    /// KiB meanwhile, or after `Limits::body_timeout` without progress of the client while something is unsent.
    void push(Response head, std::unique_ptr<PushHandler> handler) &&;
    /// Lets a reset by the client end the connection from now until the answer, although nothing is read or written
    /// meanwhile. Loop thread.
    void watch();
    /// The same, for an answer that waits for something to happen. `on_end` is called when the answer should wait no
    /// longer: the client has ended its side (it may still read the answer), the connection has ended, or the server
    /// drains. It is called once, on the loop, never from inside this call, and not after the answer was given. Loop
    /// thread.
    void watch(std::move_only_function<void()> on_end);
    /// Whether the connection has ended, so that nobody waits for the answer. Any thread.
    bool has_gone() const noexcept;
    /// Answers 101 with these extra headers; from then on the connection speaks WebSocket to `handler`. REQUIRES:
    /// `websocket_problem` found the request good. The answer may come late; nothing is read until then. If the server
    /// drains, `on_drain` follows `on_open`.
    void upgrade(Headers extra, std::unique_ptr<WebSocketHandler> handler, UpgradeOptions options = {}) &&;

private:
    /// Calls `give` with `to_` on the loop; at once if this is the loop's thread. Empties the responder.
    template <typename Give>
    void give(Give give);
    void drop();

    std::shared_ptr<Loop> loop_;  ///< null: it has answered, or was moved from
    std::weak_ptr<Answerable> to_;
    std::uint64_t request_;
};

/// Answers the requests of a server. All loops call the same object, each on its own thread and at the same time. No
/// method may block. It outlives the server.
class HttpHandler {
public:
    virtual ~HttpHandler() = default;
    /// Called when a head with a body is complete. A body that is larger than its limit is refused with 413, before it
    /// is read if its length is announced.
    virtual BodyRules body_rules(std::string_view method, std::string_view path) const = 0;
    /// Makes the answer to a request that the connection itself refuses (400, 408, 413, 431, 501, 503, 505), whose
    /// responder was dropped (500), or whose stream cannot begin (500, 503). `head`: for 413 the request without its
    /// body; otherwise null.
    virtual Response refusal(unsigned status, std::string_view text, const Request* head) const = 0;
    /// Handles a request: answers by `responder`, at once or later, on any thread. `loop`: the number of the loop that
    /// calls.
    virtual void handle(Request request, Responder responder, std::size_t loop) = 0;
};

}  // namespace rues::net
