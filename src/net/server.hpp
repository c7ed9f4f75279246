#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "net/body_source.hpp"
#include "net/lanes.hpp"
#include "net/push_stream.hpp"
#include "net/shared_bytes.hpp"
#include "net/tls.hpp"

/// Sockets: event loops, HTTP/1.1, WebSocket. Knows nothing of routes, events or the chain.
namespace rues::net {

using base::Bytes;
using base::ByteView;
using Headers = std::vector<std::pair<std::string, std::string>>;  ///< names as received or as sent, in order

/// The first value of a header; ignores the case of its name. nullopt: the header is not there.
std::optional<std::string_view> find(const Headers& headers, std::string_view name) noexcept;

struct Request {
    std::string method;
    std::string target;          ///< path and query, still percent-encoded; `*` for OPTIONS
    unsigned minor_version = 1;  ///< of HTTP/1.x: 0 or 1
    Headers headers;
    Bytes body;
    std::string peer;  ///< address of the other side, without port
    bool loopback = false;

    std::string_view path() const noexcept;  ///< the target up to `?`
    std::optional<std::string_view> header(std::string_view name) const noexcept { return find(headers, name); }
};

struct Response {
    unsigned status = 200;
    Headers headers;  ///< Content-Length, Date and Connection are added
    Bytes body;
    bool close = false;  ///< end the connection after this answer
    /// Kept until the kernel has taken the last byte of the answer, or it is certain that it never will. For work that
    /// must not start before the answer. Released on the connection's loop and never inside `send`; if the loop stopped
    /// before the answer was given, released with the loop.
    std::shared_ptr<void> until_sent{};
    /// Header lines that many answers share, each ended by CRLF. The text must have static lifetime.
    std::string_view fixed_headers{};
    /// Sent after `body`, without a copy unless it is small.
    SharedBytes shared_body{};

    std::size_t body_size() const noexcept { return body.size() + shared_body.bytes.size(); }
};

class WebSocketHandler;

/// Options of one WebSocket.
struct UpgradeOptions {
    /// Limit of frames and messages from the client, instead of the general ones in `Limits`. 0: the general limits.
    std::size_t max_message_bytes = 0;
    /// Whether `on_binary` is called. If not, the content of binary messages is dropped.
    bool binary = false;
};

/// Gives the one answer to one request. Movable. Any thread may use it, one at a time, and as late as it likes. If it
/// is destroyed before it has answered, the client gets 500. It keeps its loop alive. An answer whose connection has
/// ended is dropped silently.
class Responder {
public:
    class Target;
    explicit Responder(std::shared_ptr<Target> target) noexcept;
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
    std::shared_ptr<Target> target_;
};

/// Whether the request's Upgrade names WebSocket. Any other protocol, and any Upgrade in HTTP/1.0 or with a method
/// other than GET, must be ignored (RFC 9110 7.8).
bool asks_for_websocket(const Request& request) noexcept;

/// Checks an upgrade request in the order of docs/reference/rusk-1.7.md 4.1. nullopt: it is good. Otherwise the status
/// and text of the answer.
std::optional<std::pair<unsigned, std::string>> websocket_problem(const Request& request);

/// A WebSocket as its handler sees it. Valid from `WebSocketHandler::on_open` until `on_closed` returns. Loop thread
/// only.
class WebSocket {
public:
    virtual ~WebSocket() = default;
    /// Sends a small text message (the session id, the answer to a command). It waits in the control buffer of 20 KiB
    /// while a message is half written or the kernel takes no more; overflow closes with 1008. Ignored after `close`.
    virtual void send_text(std::string_view text) = 0;
    /// Gives bytes of ready-made WebSocket frames to the kernel in one call; returns how many it took. If these are
    /// fewer than given, the caller keeps the rest, and `on_writable` follows. `ends_message`: the last byte given is
    /// the last of a message (control frames go only between messages).
    ///
    /// After a call whose bytes were not all taken, the socket assumes that it is in the middle of a message, which the
    /// caller must then finish. If it is not, the caller says so with a call that has no bytes and `ends_message`.
    /// After `close` only the rest of an unfinished message is taken.
    virtual std::size_t write(std::span<const ByteView> buffers, bool ends_message) = 0;
    /// Closes with this code and reason, after the message that is being written. The second close is ignored.
    /// `on_closed` follows, never from inside this call.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
    /// For a handler that must answer before it can take more: no message comes, and after at most 64 KiB nothing is
    /// read, until `resume`. Meanwhile the end of the client is noticed only by writing.
    virtual void pause() = 0;
    /// Ends `pause`. Messages that wait come later, not from inside this call.
    virtual void resume() = 0;
    /// The place of this socket for `Server::send_to_all`, valid until `on_closed`. kNoLane with TLS.
    virtual Lane lane() = 0;
    /// Allows or forbids messages by the lane. Allow them only while the handler has nothing to send before them. While
    /// the socket has bytes of its own to send, it closes the lane by itself.
    virtual void use_lane(bool use) = 0;
    /// Tells the socket that only a part of the last bytes by the lane was taken. The same holds then as after a
    /// `write` whose bytes were not all taken.
    virtual void stopped_in_lane() = 0;
};

/// Prefetches the memory of a socket to which a write follows soon. It only computes addresses and touches nothing.
void expect_write(const WebSocket* socket) noexcept;

/// Handles one WebSocket. All calls come on the loop's thread, never from inside a call of `WebSocket`. `on_open` is
/// the first call and `on_closed` the last; neither comes if the connection ends before it was opened. After
/// `on_closed` the handler is destroyed.
class WebSocketHandler {
public:
    virtual ~WebSocketHandler() = default;
    /// The connection speaks WebSocket. What the handler sends from here leaves together with the 101.
    virtual void on_open(WebSocket& socket) = 0;
    /// The socket takes bytes again after a `write` whose bytes were not all taken.
    virtual void on_writable() = 0;
    virtual void on_text(std::string_view text) = 0;  ///< a whole message
    virtual void on_binary(ByteView) {}               ///< a whole message; only with `UpgradeOptions::binary`
    /// The server stops: the handler may close with words of its own. A socket that is still open after this call is
    /// closed with 1012 "Service restart".
    virtual void on_drain() {}
    /// The connection has ended, or only the close frame is still to be sent. `by_client`: the client sent a close
    /// frame first. Otherwise the connection ended without one (end, reset, silence, violation of the protocol), or the
    /// server closed first.
    virtual void on_closed(bool by_client) = 0;
};

struct Limits {
    std::size_t max_connections = 16'000;                 ///< more are closed at once; see `Options`
    std::size_t max_head_bytes = 16'384;                  ///< request line and headers: 431
    std::size_t max_headers = 100;                        ///< 431
    std::size_t max_upload_bytes = 268'435'456;           ///< all incomplete request bodies together: 503
    std::size_t max_requests = 100'000;                   ///< per connection; the last answer says `close`
    std::chrono::milliseconds handshake_timeout{10'000};  ///< TLS: from the accept to the end of the handshake
    std::chrono::milliseconds head_timeout{10'000};       ///< from the first byte of a head to its end: 408
    std::chrono::milliseconds body_timeout{30'000};       ///< for every 4 KiB of a body, or its rest: 408
    std::chrono::milliseconds idle_timeout{75'000};       ///< keep-alive connection without a request
    std::chrono::milliseconds ping_interval{25'000};      ///< WebSocket; two unanswered pings end it
    std::size_t max_frame_bytes = 65'536;                 ///< WebSocket, from the client: 1009
    std::size_t max_message_bytes = 262'144;              ///< 1009
};

/// Owns a timer of `Server::start_timer`. Release it on the timer's loop.
using Timer = std::shared_ptr<void>;

/// Answers the requests of a server. All loops call the same object, each on its own thread and at the same time. No
/// method may block. It outlives the server.
class HttpHandler {
public:
    virtual ~HttpHandler() = default;
    /// The most bytes of body that this request may have. Called when a head with a body is complete. A larger body is
    /// refused with 413, before it is read if its length is announced.
    virtual std::size_t body_limit(std::string_view method, std::string_view path) const = 0;
    /// Makes the answer to a request that the connection itself refuses (400, 408, 413, 431, 501, 503, 505), whose
    /// responder was dropped (500), or whose stream cannot begin (500, 503). `head`: for 413 the request without its
    /// body; otherwise null.
    virtual Response refusal(unsigned status, std::string_view text, const Request* head) const = 0;
    /// Handles a request: answers by `responder`, at once or later, on any thread. `loop`: the number of the loop that
    /// calls.
    virtual void handle(Request request, Responder responder, std::size_t loop) = 0;
};

/// Enough for a server with a few loops that opens no files of its own.
inline constexpr std::size_t kReservedDescriptors = 64;

struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;              ///< 0: any free one
    std::size_t loops = 0;                  ///< 0: one per CPU of the affinity mask
    std::shared_ptr<const TlsContext> tls;  ///< nullptr: plain
    Limits limits;
    /// Descriptors of the process that connections never take, whatever `Limits::max_connections` says: those for
    /// files, loops and everything else that the program opens.
    std::size_t reserved_descriptors = kReservedDescriptors;
};

/// Raises the process's soft limit of open files to the hard limit. The soft limit protects programs that use select();
/// the hard limit is what the operator allows. Returns the limit that holds now.
std::size_t raise_descriptor_limit() noexcept;

/// An HTTP server with one thread per loop. One thread calls `start` and `stop`; any thread may call the other methods,
/// unless they say otherwise.
class Server {
public:
    /// Binds and listens; nothing is accepted before `start`. Error kinds: `invalid` for a wrong address, or if the
    /// process may not open more files than `reserved_descriptors`; `io` if it cannot listen. `handler` outlives the
    /// server.
    static base::Result<std::unique_ptr<Server>> create(const Options& options, HttpHandler& handler, base::Log log);
    virtual ~Server() = default;  ///< stops without grace
    /// Starts the threads of the loops and accepts connections. Call it once.
    virtual void start() = 0;
    /// Stops accepting. Idle connections end at once, others after their answer. WebSockets and pushed bodies get
    /// `on_drain` one after the other, evenly over `spread`; those whose client has not received everything come last.
    /// A later call with `spread` 0 drains all that are left at once. Does not wait: `connections` tells when all have
    /// gone.
    virtual void drain(std::chrono::milliseconds spread) = 0;
    /// Drains all at once, waits at most `grace` for the end of connections, ends those that are left, and joins the
    /// threads. Not on a loop. Tasks that still wait then never run.
    virtual void stop(std::chrono::milliseconds grace) = 0;
    /// Replaces the limits for everything that begins from now on, such as the next ping of a WebSocket.
    /// `max_upload_bytes` stays as it was.
    virtual void use_limits(const Limits& limits) = 0;
    /// Replaces the certificate for connections accepted from now on. REQUIRES: the server was created with TLS.
    virtual void use_tls(std::shared_ptr<const TlsContext> tls) = 0;
    virtual std::uint16_t port() const noexcept = 0;
    virtual std::size_t loops() const noexcept = 0;
    /// Runs `task` on the thread of `loop`, never inside this call. The tasks of one caller run in order. Tasks that
    /// still wait when the server stops never run.
    virtual void post(std::size_t loop, std::move_only_function<void()> task) = 0;
    /// Runs `task` on the thread of `loop`, `delay` later.
    virtual void post_after(std::size_t loop, std::chrono::milliseconds delay,
                            std::move_only_function<void()> task) = 0;
    /// The same for a task that may become unwanted: when the returned timer is released, `task` is destroyed at once
    /// and never runs. So a timeout takes no memory once its request has ended.
    [[nodiscard]] virtual Timer start_timer(std::size_t loop, std::chrono::milliseconds delay,
                                            std::move_only_function<void()> task) = 0;
    /// Sends whole messages to many WebSockets of one loop (see `Lanes::send`). Loop thread.
    virtual void send_to_all(std::size_t loop, std::span<const Lane> lanes, ByteView messages,
                             Shortfalls& rest) const = 0;
    /// Number of open connections of all loops.
    virtual std::size_t connections() const noexcept = 0;
};

}  // namespace rues::net
