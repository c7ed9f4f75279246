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

/// First value of a header, ignoring the name's case.
std::optional<std::string_view> find(const Headers& headers, std::string_view name) noexcept;

struct Request {
    std::string method;
    std::string target;          ///< path and query, still percent-encoded; `*` of OPTIONS
    unsigned minor_version = 1;  ///< of HTTP/1.x: 0 or 1
    Headers headers;
    Bytes body;
    std::string peer;  ///< address of the other side, without port
    bool loopback = false;

    std::string_view path() const noexcept;  ///< target before `?`
    std::optional<std::string_view> header(std::string_view name) const noexcept { return find(headers, name); }
};

struct Response {
    unsigned status = 200;
    Headers headers;  ///< Content-Length, Date and Connection are added
    Bytes body;
    bool close = false;  ///< end the connection after it
    /// For what may only happen behind the answer: kept until its last byte was handed to the kernel, or it is certain
    /// that it never will be. Released on the connection's loop and never inside `send`; where the loop has stopped
    /// before it was answered, with the loop.
    std::shared_ptr<void> until_sent{};
    /// Lines that are the same for many answers, ready to be sent: each ends with CRLF. Of static lifetime.
    std::string_view fixed_headers{};
    /// Sent behind `body`, from where it lies.
    SharedBytes shared_body{};

    std::size_t body_size() const noexcept { return body.size() + shared_body.bytes.size(); }
};

class WebSocketHandler;

/// What one WebSocket may do that others may not.
struct UpgradeOptions {
    /// Instead of the limits of frames and messages that all have; 0: those.
    std::size_t max_message_bytes = 0;
    /// Whether `on_binary` is called; if not, binary messages are read past.
    bool binary = false;
};

/// The one answer to one request. Movable; usable from any thread; dropping it unanswered answers 500.
class Responder {
public:
    class Target;
    explicit Responder(std::shared_ptr<Target> target) noexcept;
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&& other) noexcept;
    ~Responder();
    void send(Response response) &&;
    /// Answers with a body that is made while it is sent: chunked, towards HTTP/1.0 ended by the connection's end;
    /// `head.body` does not count. The head waits for the first piece, so a failure until then is still a 500, and an
    /// executor that does not take the first task a 503. Later it is asked again until it does. `Limits::body_timeout`
    /// without progress, of the client or of the source, ends the connection.
    void stream(Response head, std::unique_ptr<BodySource> body, Executor executor) &&;
    /// Answers with a body that `handler` writes as things happen, at no cost while nothing does: chunked, towards
    /// HTTP/1.0 ended by the connection's end, and the connection's last answer. The head goes out at once; `head.body`
    /// does not count. `Limits::body_timeout` without progress of the client while something is unsent, its end, or 64
    /// KiB that it says meanwhile, end the connection.
    void push(Response head, std::unique_ptr<PushHandler> handler) &&;
    /// Until it is answered a reset by the client is noticed, though nothing is read or written. On the loop.
    void watch();
    /// The same for an answer that waits for something to happen. `on_end` is called once, on the loop, when it should
    /// wait no longer: the client has ended its side (it may still read the answer), the connection has ended, or the
    /// server drains. Never from inside this call, and not once it is answered.
    void watch(std::move_only_function<void()> on_end);
    /// Whether the connection has ended: nobody waits for an answer. Any thread.
    bool has_gone() const noexcept;
    /// 101 with these extra headers, then the connection speaks WebSocket to `handler`. For an upgrade request that
    /// `websocket_problem` found good; like an answer it may come late, and nothing is read until it does. On a server
    /// that drains `on_drain` follows `on_open`.
    void upgrade(Headers extra, std::unique_ptr<WebSocketHandler> handler, UpgradeOptions options = {}) &&;

private:
    std::shared_ptr<Target> target_;
};

/// Whether the request's Upgrade names WebSocket. Any other protocol, and any Upgrade in HTTP/1.0 or with a method
/// other than GET, is to be ignored (RFC 9110 7.8).
bool asks_for_websocket(const Request& request) noexcept;

/// Checks of rusk-1.7 4.1 in order; nullopt: a good upgrade request. Else status and text.
std::optional<std::pair<unsigned, std::string>> websocket_problem(const Request& request);

/// A WebSocket as its handler sees it. Loop thread only.
class WebSocket {
public:
    virtual ~WebSocket() = default;
    /// Queues a small text message (the session id, command answers) in the control buffer of 20 KiB; overflow closes
    /// with 1008.
    virtual void send_text(std::string_view text) = 0;
    /// Hands bytes of ready-made messages to the kernel in one call; returns how many it took. When fewer than given,
    /// `on_writable` follows. `ends_message`: whether the last byte given is the last of a message (control frames go
    /// only between messages). After a call that was not taken whole the socket assumes the middle of a message; a call
    /// with no bytes and `ends_message` says that it is not. After `close` only the rest of an unfinished message is
    /// taken.
    virtual std::size_t write(std::span<const ByteView> buffers, bool ends_message) = 0;
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
    /// For a handler that has to answer before it can hear more: no message is given, and behind at most 64 KiB nothing
    /// is read, until `resume`. The end of the client is not noticed meanwhile, except by writing.
    virtual void pause() = 0;
    virtual void resume() = 0;
    /// Its place in `Server::send_to_all`, until `on_closed`; kNoLane with TLS.
    virtual Lane lane() = 0;
    /// Whether messages may come by its lane, which is so when the handler has nothing to send before them. While the
    /// socket has something of its own to say it closes the lane itself.
    virtual void use_lane(bool use) = 0;
    /// A part of the last message that came by the lane was taken: as after a `write` that was not taken whole.
    virtual void stopped_in_lane() = 0;
};

/// A write to this socket comes soon: its memory is brought near the processor. Touches nothing.
void expect_write(const WebSocket* socket) noexcept;

/// What a WebSocket is for. All calls on the loop's thread, never from inside a call of `WebSocket`; `on_open` is the
/// first and `on_closed` the last one (neither comes when the connection ends before it was opened).
class WebSocketHandler {
public:
    virtual ~WebSocketHandler() = default;
    virtual void on_open(WebSocket& socket) = 0;
    virtual void on_writable() = 0;
    virtual void on_text(std::string_view text) = 0;  ///< whole messages
    virtual void on_binary(ByteView) {}               ///< the same, with `UpgradeOptions::binary`
    /// The server stops: the place to close in words of its own. A socket that is open behind it is closed with 1012
    /// "Service restart".
    virtual void on_drain() {}
    /// `by_client`: the end began with a close frame of the client. Else it did not say so: an end or reset of the
    /// connection, silence, a violation of the protocol; or the server began.
    virtual void on_closed(bool by_client) = 0;
};

struct Limits {
    std::size_t max_connections = 16'000;                 ///< then new ones are closed at once; see `Options`
    std::size_t max_head_bytes = 16'384;                  ///< request line and headers: 431
    std::size_t max_headers = 100;                        ///< 431
    std::size_t max_upload_bytes = 268'435'456;           ///< of all bodies that are not whole yet: 503
    std::size_t max_requests = 100'000;                   ///< of one connection; the last answer says `close`
    std::chrono::milliseconds handshake_timeout{10'000};  ///< TLS, from the accept to its end
    std::chrono::milliseconds head_timeout{10'000};       ///< from the first byte of a head to its end: 408
    std::chrono::milliseconds body_timeout{30'000};       ///< for every 4 KiB of a body, or its rest: 408
    std::chrono::milliseconds idle_timeout{75'000};       ///< keep-alive connection without a request
    std::chrono::milliseconds ping_interval{25'000};      ///< WebSocket; two unanswered end it
    std::size_t max_frame_bytes = 65'536;                 ///< WebSocket, from the client: 1009
    std::size_t max_message_bytes = 262'144;              ///< 1009
};

/// Keeps a timer of `Server::start_timer`. Used on the timer's loop.
using Timer = std::shared_ptr<void>;

class HttpHandler {
public:
    virtual ~HttpHandler() = default;
    /// Bytes of body this request may have; asked when its head is complete. More is 413 as `too_large` says it, before
    /// reading on.
    virtual std::size_t body_limit(std::string_view method, std::string_view path) const = 0;
    /// The answer to a request that the connection itself refuses (400, 408, 413, 431, 501, 505), or to one whose
    /// handler fails (500) or whose stream cannot begin (500, 503). `head`: the request without its body, where it is
    /// refused for that (413); else null.
    virtual Response refusal(unsigned status, std::string_view text, const Request* head) const = 0;
    /// On the loop's thread; must not block. `loop` is the number of the loop.
    virtual void handle(Request request, Responder responder, std::size_t loop) = 0;
};

/// Enough for a server of a few loops that opens no files of its own.
inline constexpr std::size_t kReservedDescriptors = 64;

struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;              ///< 0: any free one
    std::size_t loops = 0;                  ///< 0: one per CPU of the affinity mask
    std::shared_ptr<const TlsContext> tls;  ///< nullptr: plain
    Limits limits;
    /// Descriptors of the process that connections never take, whatever `Limits::max_connections` says: those of files,
    /// loops and whatever else the program opens.
    std::size_t reserved_descriptors = kReservedDescriptors;
};

/// Raises the process's soft limit of open files, which is meant for programs that use select(), to the hard one, which
/// is what the operator allows. Returns the limit that holds now.
std::size_t raise_descriptor_limit() noexcept;

class Server {
public:
    /// Binds and listens; nothing is accepted before `start`. An error of kind invalid when the process may not open
    /// more files than `reserved_descriptors`.
    static base::Result<std::unique_ptr<Server>> create(const Options& options, HttpHandler& handler, base::Log log);
    virtual ~Server() = default;  ///< stops
    virtual void start() = 0;
    /// Stops accepting and ends idle connections at once, others behind their answer. WebSockets and pushed bodies are
    /// told (`on_drain`) one after the other, evenly over `spread`, those behind with their client last; a spread of 0,
    /// also later, tells all that are left. Does not wait: `connections` says when all have gone.
    virtual void drain(std::chrono::milliseconds spread) = 0;
    /// Drains all at once, waits at most `grace` for the end of connections, and ends what is left.
    virtual void stop(std::chrono::milliseconds grace) = 0;
    /// For what begins from now on, the next ping of a WebSocket too; `max_upload_bytes` stays. Any thread.
    virtual void use_limits(const Limits& limits) = 0;
    /// For connections accepted from now on; the server was made with TLS. Any thread.
    virtual void use_tls(std::shared_ptr<const TlsContext> tls) = 0;
    virtual std::uint16_t port() const noexcept = 0;
    virtual std::size_t loops() const noexcept = 0;
    /// Runs `task` on a loop's thread. Any thread. Tasks of one caller run in order; those still waiting when the
    /// server has stopped never run.
    virtual void post(std::size_t loop, std::move_only_function<void()> task) = 0;
    /// The same, `delay` later.
    virtual void post_after(std::size_t loop, std::chrono::milliseconds delay,
                            std::move_only_function<void()> task) = 0;
    /// The same for who may not need it any more: without the timer that is given back, `task` is destroyed at once and
    /// never runs. So what a request waits for takes no memory once the request has ended.
    [[nodiscard]] virtual Timer start_timer(std::size_t loop, std::chrono::milliseconds delay,
                                            std::move_only_function<void()> task) = 0;
    /// Whole messages to many WebSockets of one loop (`Lanes::send`), on its thread.
    virtual void send_to_all(std::size_t loop, std::span<const Lane> lanes, ByteView messages,
                             Shortfalls& rest) const = 0;
    virtual std::size_t connections() const noexcept = 0;
};

}  // namespace rues::net
