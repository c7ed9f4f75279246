#pragma once

#include <atomic>
#include <map>
#include <memory>

#include "api/api.hpp"
#include "api/graphql/socket_protocol.hpp"
#include "query/subscriptions.hpp"

/// Queries and subscriptions over one WebSocket: graphql-transport-ws (decisions 29; docs/delivery.md).
namespace rues::api::graphql_ws {

struct Limits {
    std::size_t operations = 64;  ///< of a socket
    std::size_t asked = 4;        ///< of these, requests that the pool has; then nothing is read
    std::size_t made = 4;         ///< of these, subscriptions whose events the pool has
    std::chrono::milliseconds init_timeout{3'000};
    std::chrono::milliseconds deadline{10'000};  ///< of a query from its arrival, of events from when the pool has them
    std::chrono::milliseconds pool_retry{50};    ///< for events that the pool had no room for
    std::size_t batch_messages = 32;             ///< of the log that one subscription holds
    std::size_t batch_bytes = 64 << 10;
    std::size_t answer_bytes = 2 << 20;        ///< of one query or event; HTTP has no such limit
    std::size_t high_water = 64 << 10;         ///< unsent; above it nothing is taken from the log or the client
    std::size_t all_unsent_bytes = 256 << 20;  ///< above the high water, of all sockets together: 1013
};

/// Each subscription is a session of the feed of its own, so that each has its cursor: while the socket is full, or a
/// few events are being answered, it takes no more, and the feed goes on from the log later. Loop thread only; what is
/// asked of the store is done on the query pool.
class Socket final : public net::WebSocketHandler {
public:
    /// `context` outlives it. Not `is_understood`: the client offers no subprotocol that we speak.
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
    void take(Ping ping);
    void take(Pong) {}
    void take(Subscribe subscribe);
    void take(Complete complete);

    /// Passes a result from the pool to `then`, on this loop, unless the socket is gone by then.
    template <typename Then>
    auto back_here(Then then) {
        return [&context = context_, loop = loop_, alive = alive_, then = std::move(then)](auto result) mutable {
            context.on_loop(loop, [alive, then = std::move(then), result = std::move(result)]() mutable {
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
    void made(std::uint64_t operation, Made made);
    /// Gives one subscription after the other what there is room for.
    void go_on();
    void go_on(Operation& operation);
    bool has_room() const noexcept { return out_.size() - sent_ < limits_.high_water; }
    bool may_make() const noexcept { return has_room() && made_ < limits_.made; }
    void say(std::string_view message);
    void say_frames(std::string_view frames);
    void flush();
    /// Counts what is unsent above the high water.
    void charge();
    /// Hears the client as long as there is room for answers.
    void pace();
    Operation* find(std::uint64_t number);
    Operation* named(std::string_view id);
    /// Tells the client why the operation ends, and ends it.
    void refuse(Operation& operation, const std::vector<graphql::Error>& errors);
    void end(std::uint64_t operation);

    const Context& context_;
    const std::size_t loop_;
    const bool is_understood_;
    const Limits limits_;
    net::WebSocket* socket_ = nullptr;  ///< null: not any more
    bool is_acknowledged_ = false;
    bool is_blocked_ = false;  ///< the kernel took less than it was given
    bool is_paused_ = false;
    std::size_t asked_ = 0;
    std::size_t made_ = 0;
    std::size_t charged_ = 0;  ///< of Context::graphql_unsent
    std::string out_;          ///< frames
    std::size_t sent_ = 0;
    std::uint64_t numbers_ = 0;
    std::map<std::uint64_t, std::unique_ptr<Operation>> operations_;  ///< by number: ids come again
    std::uint64_t last_served_ = 0;
    net::Timer init_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< for answers that come too late
};

}  // namespace rues::api::graphql_ws
