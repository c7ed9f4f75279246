#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "api/context.hpp"
#include "api/legacy/language.hpp"
#include "api/legacy/outbox.hpp"
#include "net/body_stream.hpp"
#include "net/timer.hpp"
#include "net/websocket.hpp"

/// The legacy event system on one WebSocket (docs/legacy.md).
namespace rues::api::legacy {

/// Largest message of a client: the largest data that a route takes, with room for headers and names, and so that data
/// which is a little too large is answered 413. A larger message closes the socket with 1009.
inline constexpr std::size_t kMaxMessage = (4 << 20) + (128 << 10);

struct Limits {
    std::size_t requests = 64;          ///< of a socket in progress; at the limit reading pauses
    std::size_t bytes = 4 << 20;        ///< of these requests; the same
    std::size_t high_water = 64 << 10;  ///< unsent bytes above which a socket reads neither log, client nor feeders
    std::chrono::milliseconds stall{30'000};   ///< a feeder whose client reads nothing for so long ends the socket
    std::chrono::milliseconds pool_retry{50};  ///< pause before a full pool is asked again for a feeder's items
};

/// The facts of an upgrade that its socket keeps.
struct Opening {
    std::size_t loop = 0;
    const FailureLog* failures = nullptr;
    net::Request request{};                 ///< without its headers
    bool may_debug = false;                 ///< the client is this machine's own user
    std::optional<Target> target{};         ///< of a socket of Rusk 0.7 to 1.0
    std::vector<wire::Uri> on{};            ///< subscriptions in the URL
    std::optional<wire::Position> after{};  ///< of subscriptions that name no position of their own
};

class Socket;

/// The way from a recipient to its socket. Any thread may hold it; `socket` belongs to the loop's thread.
struct Link {
    Link(const Context& of, std::size_t on_loop, const FailureLog& log, Socket* to)
        : context(of), loop(on_loop), failures(log), socket(to) {}

    const Context& context;
    const std::size_t loop;
    const FailureLog& failures;
    Socket* socket;                         ///< null once the socket has closed
    std::atomic<bool> is_gone{false};       ///< the same, for any thread
    std::atomic<std::thread::id> thread{};  ///< of the loop
};

/// The recipient of the answer to request number `request` of a socket.
std::unique_ptr<Recipient> recipient_of(std::shared_ptr<Link> link, std::uint64_t request);

/// The server's end of one WebSocket. Each request becomes an `Exchange` of the RUES route that it stands for; answers
/// leave as they are ready. Its subscriptions are a session of `feed`, for which it is a sink that encodes each stored
/// event again as a Message: there is no queue of events, the session has a cursor. Loop thread only.
class Socket final : public net::WebSocketHandler, public feed::Sink {
public:
    /// `context` must outlive the socket.
    Socket(const Context& context, Opening opening, Limits limits = {});
    ~Socket() override;

    // WebSocketHandler
    void on_open(net::WebSocket& socket) override;
    void on_text(std::string_view text) override;
    void on_binary(base::ByteView bytes) override;
    void on_writable() override;
    void on_drain() override;
    void on_closed(bool by_client) override;

    // feed::Sink
    void send_text(std::string_view) override {}
    std::size_t write(std::span<const base::ByteView> buffers, bool ends_message) override;
    void close(std::uint16_t code, std::string_view reason) override;
    base::Client* client() const noexcept override { return opening_.request.client.get(); }

    // From recipients and posted tasks, on the loop:
    void go_on();
    void answered(std::uint64_t request, net::Response response, const std::string& failure);
    void stream(std::uint64_t request, net::Response head, std::shared_ptr<net::BodyStream> body, bool by_item);
    void watch(std::uint64_t request, std::move_only_function<void()> on_end);

private:
    /// The body of an answer that is made while it is sent.
    struct Feeding {
        std::shared_ptr<net::BodyStream> body;
        net::Response head;
        bool by_item = false;  ///< each item is a Message; else the whole body is one
        bool is_asked = false;
        base::Bytes collected{};  ///< of a body that is one Message
        net::Timer retry{};
    };
    struct Pending {
        Caller caller;
        std::size_t bytes = 0;     ///< of the request, until it is answered
        bool is_answered = false;  ///< its last frame is in the outbox
        std::move_only_function<void()> on_end{};
        std::unique_ptr<Feeding> feeding{};
    };

    // socket.cpp: requests
    void take(std::expected<Asked, std::string> asked, std::size_t bytes);
    void handle(Asked asked, Exchange exchange);
    void report(Exchange exchange);
    void pace();

    // socket_events.cpp: subscriptions
    /// False: the hub has no place for another session.
    bool open_session(feed::Opening opening = {});
    void begin_subscriptions(std::vector<wire::Uri> on);
    void subscribe(const Asked& asked, Exchange exchange);
    void unsubscribe(const Asked& asked, Exchange exchange);

    // socket_answers.cpp: output
    void push(std::uint64_t request, const Said& said, base::Bytes data, bool is_last,
              std::shared_ptr<void> until_sent = {});
    void finish(Pending& pending);
    void ask(std::uint64_t request, Pending& pending);
    void take_piece(std::uint64_t request, net::Piece piece);
    void take_items(std::uint64_t request, const Feeding& feeding, base::ByteView items);
    void end_items(std::uint64_t request, Pending& pending);
    void fail(std::uint64_t request, const Failure& failure);
    void flush();
    void flush_soon();
    bool charge();
    void watch_progress(bool has_progressed);
    Pending* find(std::uint64_t request);
    static constexpr std::uint16_t kTryAgainLater = 1013;
    static constexpr std::string_view kTooMuchUnread = "too many unread answers";
    bool has_room() const noexcept { return outbox_.size() < limits_.high_water; }

    const Context& context_;
    const Limits limits_;
    const std::shared_ptr<Link> link_;
    Opening opening_;
    net::WebSocket* socket_ = nullptr;  ///< null before it opened and after it closed
    Outbox outbox_;
    bool is_blocked_ = false;  ///< the kernel did not take all bytes of the last write; `on_writable` follows
    bool is_paused_ = false;
    bool is_flushing_ = false;         ///< a posted `go_on` is on its way
    bool wants_events_ = false;        ///< the feed was told that there is no room
    bool as_text_ = false;             ///< events leave in the text form, because the last `subscribe` came in it
    std::uint64_t numbers_ = 0;        ///< the last number given to a request: how many there were
    std::uint64_t last_fed_ = 0;       ///< the feeder that had the last turn
    std::size_t request_bytes_ = 0;    ///< of requests in progress that are not answered
    std::size_t collected_bytes_ = 0;  ///< of bodies that are being collected
    Place charged_;                    ///< this socket's part of `legacy_bytes`
    base::Held unread_;                ///< the same in the account of its client
    std::map<std::uint64_t, Pending> pending_;  ///< requests in progress: until their answers are sent
    std::optional<wire::SessionId> session_;
    net::Timer stall_;
};

}  // namespace rues::api::legacy
