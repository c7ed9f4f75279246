#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "base/client.hpp"
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
    /// Reads on after `Loop::defer`.
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
    std::shared_ptr<base::Client> counted_;  ///< the account that counts this connection
    std::uint32_t slot_ = 0;                 ///< index in Loop::connections_
    bool behind_ = false;                    ///< is in Loop::behind_
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
    /// `post`, `post_after` and `start_timer`: see `Server`.
    void post(std::move_only_function<void()> task);
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
               std::shared_ptr<base::Client> client);
    /// Puts `by` in the place of `old`: it serves the same client from now on.
    void replace(Connection& old, std::shared_ptr<Connection> by);
    /// Releases a connection that has ended.
    void remove(Connection& connection);
    /// See `Server::drain`.
    void drain(std::chrono::milliseconds spread);
    /// Ends all connections and lets `run` return.
    void stop_here();
    /// See `Server::end_client`.
    void end_client(const base::ClientKey& key, const std::string& reason);
    /// See `Server::use_limits`.
    void use_limits(const Limits& limits);
    /// Gives a connection that has taken its slice another turn, after those that wait already: `go_on` is called,
    /// never inside this call. One of them goes on at a time, and between two of them the loop serves every socket that
    /// has become ready. So other sockets wait for one slice, whatever the number of connections behind.
    void put_behind(Connection& connection);
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
        return client.debt(now).count() > 0 && (last_client_ != &client || now - last_change_ < kOthersMemory);
    }
    /// Calls `continue_reading` when the client of `who`, which is `client`, need not wait any more.
    void defer(std::shared_ptr<Connection> who, std::shared_ptr<base::Client> client);
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
    void schedule_sweep();
    void sweep();
    void drain_next();
    void go_on_soon();
    void take_turn(Connection& next);
    void put_off(std::shared_ptr<Connection> who, std::shared_ptr<base::Client> client, bool is_behind);
    void continue_deferred();

    /// How long a loop remembers that it has worked for another client.
    static constexpr std::chrono::milliseconds kOthersMemory{1'000};
    static constexpr std::chrono::milliseconds kDeferral{5};  ///< time between two looks at deferred connections

    std::size_t number_;
    Limits limits_;
    HttpHandler& handler_;
    std::shared_ptr<Population> population_;
    std::shared_ptr<Budget> uploads_;  ///< for request bodies that are not complete yet
    std::shared_ptr<base::Clients> clients_;
    const base::Client* last_client_ = nullptr;  ///< only compared
    Connection::Time last_change_{};
    struct Deferred {
        std::shared_ptr<Connection> who;
        std::shared_ptr<base::Client> client;
        bool is_behind;  ///< it had its turn among those behind; else it had something to read
    };
    std::deque<Deferred> deferred_;
    std::shared_ptr<Handshakes> handshakes_;
    std::atomic<std::size_t> load_{0};
    Lanes lanes_;  ///< outlives the sockets in the last tasks of `context_`
    boost::asio::io_context context_;
    boost::asio::steady_timer timer_;
    std::chrono::milliseconds sweep_period_;
    std::vector<std::shared_ptr<Connection>> connections_;
    std::vector<std::shared_ptr<void>> released_;
    std::deque<std::shared_ptr<Connection>> behind_;  ///< each connection at most once
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
