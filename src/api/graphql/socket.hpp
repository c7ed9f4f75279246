#pragma once

#include <atomic>
#include <map>
#include <memory>

#include "api/context.hpp"
#include "api/graphql/socket_protocol.hpp"
#include "net/timer.hpp"
#include "net/websocket.hpp"
#include "query/subscriptions.hpp"

/// Queries and subscriptions over one WebSocket: graphql-transport-ws (docs/reference/differences.md 29;
/// docs/delivery.md).
namespace rues::api::graphql_ws {

struct Limits {
    std::size_t operations = 64;                    ///< operations of a socket; the next one is refused
    std::size_t asked = 4;                          ///< requests of a socket on the pool; at the limit reading pauses
    std::size_t made = 4;                           ///< subscriptions of a socket whose events are on the pool
    std::chrono::milliseconds init_timeout{3'000};  ///< until `connection_init`: 4408
    std::chrono::milliseconds deadline{10'000};  ///< of a query from its arrival, of events from their way to the pool
    std::chrono::milliseconds pool_retry{50};    ///< pause before events are offered again to a full pool
    std::size_t batch_messages = 32;             ///< messages of the log that one subscription takes at once
    std::size_t batch_bytes = 64 << 10;          ///< the same in bytes
    std::size_t answer_bytes = 2 << 20;          ///< of one query or event; HTTP has no such limit
    std::size_t high_water = 64 << 10;           ///< unsent bytes above which a socket reads neither log nor client
};

/// The server's end of one WebSocket with the subprotocol.
///
/// Each subscription is a session of `feed` of its own, so each has its cursor. While the socket is full, or the pool
/// answers a batch of the subscription's events, the subscription takes no more events, and `feed` continues later from
/// the log. Loop thread only; the store is read on the query pool.
class Socket final : public net::WebSocketHandler {
public:
    /// `context` must outlive the socket. `is_understood`: the client offers a subprotocol that we speak; else the
    /// socket closes with 4406.
    Socket(const Context& context, std::size_t loop, bool is_understood, Limits limits = {});
    ~Socket() override;

    void on_open(net::WebSocket& socket) override;
    void on_text(std::string_view text) override;
    void on_writable() override;
    void on_closed(bool by_client) override;

private:
    class Operation;
    class Answers;
    struct Asked;
    struct Made;

    void take(ConnectionInit);
    void take(const Ping& ping);
    void take(Pong) {}
    void take(Subscribe subscribe);
    void take(const Complete& complete);

    /// A function for the pool that passes its result to `then` on this socket's loop, unless the socket is gone.
    template <typename Then>
    auto back_here(Then then) {
        return [&context = context_, loop = loop_, alive = alive_, then = std::move(then)](auto result) mutable {
            context.in_turn(loop, [alive, then = std::move(then), result = std::move(result)]() mutable {
                if (*alive) then(std::move(result));
            });
        };
    }
    static Asked ask(const Context& context, const graphql_http::Question& question, std::size_t max_bytes,
                     const std::function<bool()>& cancelled);
    void answered(std::uint64_t operation, Asked asked);

    // graphql_ws_events.cpp
    void begin(Operation& operation);
    void make(Operation& operation);
    void made(std::uint64_t operation, const Made& made);
    /// Lets the subscriptions continue in turn, as long as there is room for their answers.
    void go_on();
    void go_on(Operation& operation);
    bool has_room() const noexcept { return out_.size() - sent_ < limits_.high_water; }
    bool may_make() const noexcept { return has_room() && made_ < limits_.made; }
    void say(std::string_view message);
    void say_frames(std::string_view frames);
    void flush();
    /// Counts this socket's unsent bytes above the high water in `Limits::graphql_unsent` of the context, and closes
    /// the socket when all sockets together have too many.
    void charge();
    /// Closes the socket of a client that does not read, and frees what it has not read. The end of a half-sent message
    /// is lost, so the connection ends without a close frame.
    void give_up(std::uint16_t code, std::string_view reason);
    /// Pauses or resumes reading from the client: it reads as long as there is room for answers.
    void pace();
    Operation* find(std::uint64_t number);
    Operation* named(std::string_view id);
    /// Sends the errors as the end of the operation, and ends it.
    void refuse(Operation& operation, const std::vector<graphql::Error>& errors);
    void end(std::uint64_t operation);

    const Context& context_;
    const std::size_t loop_;
    const bool is_understood_;
    const Limits limits_;
    net::WebSocket* socket_ = nullptr;  ///< null before it opened and after it closed
    base::ClientPtr client_;            ///< whose account pays for the socket and its operations
    bool is_acknowledged_ = false;
    bool is_blocked_ = false;  ///< the kernel did not take all bytes of the last write; `on_writable` follows
    bool is_paused_ = false;
    bool is_over_ = false;       ///< too much was unread: the socket closes, and nothing more is kept for it
    std::size_t asked_ = 0;      ///< requests on the pool
    std::size_t made_ = 0;       ///< subscriptions whose events are on the pool, or wait to be offered again
    Place charged_;              ///< this socket's part of `graphql_unsent`
    base::Held unread_;          ///< the same in the account of its client
    std::string out_;            ///< frames that are not sent, after the first `sent_` bytes
    std::size_t sent_ = 0;       ///< bytes of `out_`
    std::uint64_t numbers_ = 0;  ///< the last number given to an operation
    std::map<std::uint64_t, std::unique_ptr<Operation>> operations_;  ///< by number, because clients use ids again
    std::uint64_t last_served_ = 0;                               ///< number of the subscription that had the last turn
    net::Timer init_;                                             ///< runs until `connection_init`
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< false once the socket is gone (`back_here`)
};

}  // namespace rues::api::graphql_ws
