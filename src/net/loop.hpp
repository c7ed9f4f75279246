#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/client.hpp"
#include "base/fair_queue.hpp"
#include "net/budget.hpp"
#include "net/handler.hpp"
#include "net/handshakes.hpp"
#include "net/limits.hpp"
#include "net/socket.hpp"
#include "net/timer.hpp"

namespace rues::net {

/// Counts the connections of all loops, for the limit and for `stop`, which waits until there is none. Any thread.
class Population {
public:
    std::size_t count() const noexcept { return count_.load(); }
    void enter() noexcept { count_.fetch_add(1); }
    void leave() noexcept;
    /// Returns when no connection is left, or after `most`.
    void wait_until_empty(std::chrono::milliseconds most);

private:
    std::atomic<std::size_t> count_{0};
    std::atomic<bool> awaited_{false};
    std::mutex mutex_;  ///< only for `changed_`
    std::condition_variable changed_;
};

/// A connection as its loop sees it, whatever protocol it speaks. Owned by the loop, used only on its thread.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    using Time = std::chrono::steady_clock::time_point;

    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    virtual ~Connection() = default;

    /// Called once, before any other call but `drain` and `terminate`.
    virtual void begin() = 0;
    /// Finishes what is under way and begins nothing new.
    virtual void drain() = 0;
    /// When this connection drains, if the drain is spread over a time.
    enum class Turn : std::uint8_t {
        at_once,
        in_turn,  ///< one after the other, because its client will come back at once
        late,     ///< after those, because its client has not received everything yet
    };
    virtual Turn turn() const noexcept { return Turn::at_once; }
    /// Ends the connection now.
    virtual void terminate() = 0;
    /// Ends the connection because its client must give way. `reason` reaches the client where the protocol allows it.
    virtual void give_way(const std::string& reason) = 0;
    /// Whom this connection serves; null: nobody whose account is known.
    virtual base::Client* client() const noexcept = 0;
    /// The account that counts this connection: that of the proxy while it may bring requests of many clients.
    virtual base::Client* counted_by() const noexcept { return client(); }
    /// Whether the end of this connection gives back some of `holding`.
    virtual bool holds(base::Holding holding) const noexcept = 0;
    /// Reads on after `Loop::defer`. The loop has chosen it: nothing puts it off again.
    virtual void continue_reading() = 0;
    /// Called by the sweep once `deadline()` has passed.
    virtual void on_deadline(Time now) = 0;
    /// The turn of a connection that was put behind (`Loop::put_behind`) has come.
    virtual void go_on() {}
    Time deadline() const noexcept { return deadline_; }

protected:
    static constexpr Time kNever = Time::max();
    /// How long a connection still reads after its last answer, so that the answer arrives before a reset.
    static constexpr std::chrono::milliseconds kLeaveTimeout{2'000};
    Time deadline_ = kNever;
    bool is_behind() const noexcept { return behind_; }

private:
    friend class Loop;
    std::uint32_t slot_ = 0;  ///< index in Loop::connections_
    bool behind_ = false;     ///< is in Loop::turns_ or Loop::deferred_
};

/// One event loop. Its thread runs all work of its connections. The server and unanswered `Responder`s keep it alive. A
/// loop that has stopped still takes tasks, but never runs them.
class Loop : public std::enable_shared_from_this<Loop> {
public:
    using Tcp = boost::asio::ip::tcp;

    Loop(std::size_t number, const Limits& limits, HttpHandler& handler, std::shared_ptr<Population> population,
         std::shared_ptr<Budget> uploads, std::shared_ptr<base::Clients> clients);

    // Any thread:
    boost::asio::io_context& context() noexcept { return context_; }
    /// `post`, `post_in_turn`, `post_after` and `start_timer`: see `Server`.
    void post(std::move_only_function<void()> task);
    void post_in_turn(std::move_only_function<void()> task);
    void post_after(std::chrono::milliseconds delay, std::move_only_function<void()> task);
    Timer start_timer(std::chrono::milliseconds delay, std::move_only_function<void()> task);
    bool runs_here() const noexcept;
    /// Number of connections, including expected ones.
    std::size_t load() const noexcept { return load_.load(std::memory_order_relaxed); }
    /// Counts a connection that `adopt` will bring.
    void expect_one() noexcept;
    /// Runs until `stop_here`, on the thread that calls it.
    void run();

    /// Call it before the loop runs, if connections may have TLS.
    void use_handshakes(std::shared_ptr<Handshakes> handshakes) noexcept { handshakes_ = std::move(handshakes); }

    // The loop's thread only:
    /// Makes a connection of an accepted socket. A loop that drains ends it at once. `client` counts it already.
    void adopt(Socket::Stream socket, const Tcp::endpoint& peer, std::shared_ptr<const TlsContext> tls,
               base::ClientPtr client);
    /// Puts `by` in the place of `old`: it serves the same client from now on, whose account counts it already.
    void replace(Connection& old, std::shared_ptr<Connection> by);
    /// Releases a connection that has ended.
    void remove(Connection& connection);
    /// See `Server::drain`.
    void drain(std::chrono::milliseconds spread);
    /// Ends all connections and lets `run` return.
    void stop_here();
    /// See `Server::end_client`.
    void end_client(const base::ClientKey& key, const std::string& reason, std::optional<base::Holding> holding);
    /// See `Server::use_limits`.
    void use_limits(const Limits& limits);
    /// Gives a connection that has taken its slice another turn: `go_on` is called, never inside this call. One turn is
    /// taken at a time, and between two of them the loop serves every socket that has become ready. So other sockets
    /// wait for one slice, whatever the number of connections behind. The order of turns is that of what the turns of
    /// each client have taken so far (`base::FairQueue`). While several clients are served, turns take at most half of
    /// the loop's time.
    void put_behind(Connection& connection);
    /// Runs work for a client, which pays for it: at once, or in a turn when the client has had its part and others are
    /// served here, or has turns that wait. The tasks of a client run in order. `client`: null for nobody's work, which
    /// runs at once.
    void in_turn(base::ClientPtr client, std::move_only_function<void()> task);
    /// Releases `kept` in a task of its own, when nothing else is on the stack; at the latest in `stop_here`.
    void release_soon(std::shared_ptr<void> kept);

    /// Says that this loop works for `client` now.
    void note_client(const base::Client* client, Connection::Time now) noexcept {
        if (client == last_client_) return;
        if (last_client_ != nullptr) last_change_ = now;  // the first client has no others
        last_client_ = client;
    }
    /// Whether `client` must wait because it has spent its share and this loop has others to serve.
    bool must_wait(const base::Client& client, Connection::Time now) const noexcept {
        return client.debt(now).count() > 0 && has_others(&client, now);
    }
    /// Whether `client` has had its part of the loop's present time, one slice of each `kWindow` slices, and the loop
    /// has others to serve. A hundred sockets of one client that become ready at once would otherwise have a slice each
    /// before the loop looks at the sockets of others.
    bool has_had_part(const base::Client& client, Connection::Time now) noexcept {
        if (!has_others(&client, now)) return false;
        begin_window(now);
        return part_of(client) >= limits_.slice;
    }
    /// Charges the client for what this loop did for it since `begun`.
    void pay(base::Client& client, Connection::Time begun) noexcept {
        const auto now = std::chrono::steady_clock::now();
        client.charge(now - begun, now);
        begin_window(now);
        part_of(client) += now - begun;
    }
    /// Calls `continue_reading` when the client of `who`, which is `client`, need not wait any more.
    void defer(std::shared_ptr<Connection> who, base::ClientPtr client);
    base::Clients& clients() noexcept { return *clients_; }

    Lanes& lanes() noexcept { return lanes_; }
    bool draining() const noexcept { return draining_; }
    std::size_t number() const noexcept { return number_; }
    const Limits& limits() const noexcept { return limits_; }
    HttpHandler& handler() noexcept { return handler_; }
    const std::shared_ptr<Budget>& uploads() const noexcept { return uploads_; }
    const std::shared_ptr<Handshakes>& handshakes() const noexcept { return handshakes_; }
    /// A buffer for one read. Its content is valid until the next read.
    std::span<std::byte> scratch() noexcept { return scratch_; }
    /// The steady time, some milliseconds late. Exact enough for timeouts, at a tenth of the cost of the exact time.
    static Connection::Time coarse_now() noexcept;
    /// The value of the header `Date`, made once a second.
    std::string_view date();

private:
    /// A connection that waits until its client has paid.
    struct Deferred {
        std::shared_ptr<Connection> who;
        base::ClientPtr client;
        bool is_behind = false;  ///< it had its turn among those behind; else it had something to read
    };
    /// An entry of `turns_`: a connection, or a task.
    struct Turn {
        std::shared_ptr<Connection> who;
        std::move_only_function<void()> task;
    };

    void schedule_sweep();
    void sweep();
    void drain_next();
    void go_on_soon();
    void next_turn();
    void take_turn();
    void take_turn_of(Connection& next);
    void serve_behind(Connection& next, const base::ClientPtr& client);
    void add_turn(base::ClientPtr client, Turn turn);
    void begin_window(Connection::Time now) noexcept {
        if (now - window_begin_ < kWindow * limits_.slice) return;
        window_begin_ = now;
        parts_.fill({});
    }
    /// Time spent for the client since `window_begin_`. Two clients may share an entry; then they take turns earlier
    /// than they need to.
    std::chrono::nanoseconds& part_of(const base::Client& client) noexcept {
        return parts_[std::hash<const void*>()(&client) / alignof(std::max_align_t) % parts_.size()];
    }
    /// How long no turn is taken, so that whoever is served without one finds this thread asleep: the kernel then runs
    /// it as soon as a socket has something to read. A thread that always works waits for its processor.
    std::chrono::nanoseconds rest(Connection::Time now) const noexcept {
        const auto owed = rest_until_ - now;
        return owed > limits_.slice ? owed : std::chrono::nanoseconds(0);
    }
    /// Whether this loop has others than `client` to serve.
    bool has_others(const base::Client* client, Connection::Time now) const noexcept {
        return last_client_ != client || now - last_change_ < kOthersMemory;
    }
    /// Turns took the time since `begun`.
    void note_turn(Connection::Time begun) noexcept {
        const auto now = std::chrono::steady_clock::now();
        rest_until_ = std::min(std::max(rest_until_, begun) + 2 * (now - begun), now + kDeferral);
    }
    void put_off(std::shared_ptr<Connection> who, base::ClientPtr client, bool is_behind);
    void continue_deferred();
    void continue_one(const Deferred& one);

    /// How long a loop remembers that it has worked for another client.
    static constexpr std::chrono::milliseconds kOthersMemory{1'000};
    static constexpr std::chrono::milliseconds kDeferral{5};  ///< time between two looks at deferred connections
    static constexpr int kWindow = 5;
    static constexpr std::size_t kParts = 256;

    std::size_t number_;
    Limits limits_;
    HttpHandler& handler_;
    std::shared_ptr<Population> population_;
    std::shared_ptr<Budget> uploads_;  ///< for request bodies that are not complete yet
    std::shared_ptr<base::Clients> clients_;
    const base::Client* last_client_ = nullptr;  ///< only compared
    Connection::Time last_change_{};
    std::map<base::Client*, std::deque<Deferred>> deferred_;  ///< no line is empty
    std::shared_ptr<Handshakes> handshakes_;
    std::atomic<std::size_t> load_{0};
    Lanes lanes_;  ///< outlives the sockets in the last tasks of `context_`
    boost::asio::io_context context_;
    boost::asio::steady_timer timer_;
    std::chrono::milliseconds sweep_period_;
    std::vector<std::shared_ptr<Connection>> connections_;
    std::vector<std::shared_ptr<void>> released_;
    base::FairQueue<Turn> turns_;                           ///< each connection at most once
    bool takes_turns_ = false;                              ///< the task that takes the next turn has been posted
    std::array<std::chrono::nanoseconds, kParts> parts_{};  ///< see part_of
    Connection::Time window_begin_{};
    Connection::Time rest_until_{};         ///< turns have had half of the time until here
    boost::asio::steady_timer rest_timer_;  ///< the next turn comes when it ends
    bool draining_ = false;
    /// Connections that wait for their turn to drain, and how they are spread over the time.
    struct Drain {
        std::vector<std::weak_ptr<Connection>> order;
        std::size_t next = 0;
        Connection::Time begin;
        std::chrono::milliseconds spread{0};
    };
    Drain drain_;
    std::vector<std::byte> scratch_;
    std::int64_t date_second_ = -1;
    std::string date_;
};

}  // namespace rues::net
