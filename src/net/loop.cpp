#include "net/loop.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <ctime>

#include "base/thread_rank.hpp"
#include "net/http_connection.hpp"
#include "net/message.hpp"
#include "net/slice.hpp"

namespace rues::net {
namespace {

constexpr std::size_t kScratchBytes = 65'536;
/// Timeouts are at most this late. One timer per loop sweeps all its connections, instead of one timer per connection.
constexpr std::chrono::milliseconds kSweepPeriod{500};
constexpr std::chrono::milliseconds kShortestSweepPeriod{5};
constexpr std::size_t kAhead = 8;  // connections whose memory is prefetched before the sweep comes to them

/// When thousands of connections drain one after the other, those whose turns lie in one step drain together.
constexpr std::chrono::milliseconds kDrainStep{10};

std::chrono::milliseconds sweep_period(const Limits& limits) {
    const auto shortest = std::min({limits.handshake_timeout, limits.head_timeout, limits.body_timeout,
                                    limits.idle_timeout, limits.ping_interval});
    return std::clamp(shortest / 4, kShortestSweepPeriod, kSweepPeriod);
}

}  // namespace

void Population::leave() noexcept {
    count_.fetch_sub(1);
    // The waiter sets the flag before it reads the count. So either it sees this departure, or it is notified.
    if (!awaited_) return;
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
}

void Population::wait_until_empty(std::chrono::milliseconds most) {
    awaited_ = true;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, most, [this] { return count() == 0; });
}

Loop::Loop(std::size_t number, const Limits& limits, HttpHandler& handler, std::shared_ptr<Population> population,
           std::shared_ptr<Budget> uploads, std::shared_ptr<base::Clients> clients)
    : number_(number),
      limits_(limits),
      handler_(handler),
      population_(std::move(population)),
      uploads_(std::move(uploads)),
      clients_(std::move(clients)),
      context_(1),
      timer_(context_),
      sweep_period_(sweep_period(limits)),
      rest_timer_(context_),
      scratch_(kScratchBytes) {
    schedule_sweep();
}

void Loop::post(std::move_only_function<void()> task) {
    boost::asio::post(context_, std::move(task));
}

void Loop::post_after(std::chrono::milliseconds delay, std::move_only_function<void()> task) {
    auto timer = std::make_unique<boost::asio::steady_timer>(context_, delay);
    auto& started = *timer;
    started.async_wait(
        [timer = std::move(timer), task = std::move(task)](const boost::system::error_code& error) mutable {
            if (!error) task();
        });
}

Timer Loop::start_timer(std::chrono::milliseconds delay, std::move_only_function<void()> task) {
    struct Started {
        boost::asio::steady_timer timer;
        std::move_only_function<void()> task;
    };
    auto started = std::make_shared<Started>(boost::asio::steady_timer(context_, delay), std::move(task));
    // A timer that is due cannot be cancelled, so the error alone does not say that nobody wants the task any more.
    started->timer.async_wait([weak = std::weak_ptr(started)](const boost::system::error_code& error) {
        const auto kept = error ? nullptr : weak.lock();
        if (kept) kept->task();
    });
    return started;
}

bool Loop::runs_here() const noexcept {
    return const_cast<boost::asio::io_context&>(context_).get_executor().running_in_this_thread();
}

void Loop::expect_one() noexcept {
    load_.fetch_add(1, std::memory_order_relaxed);
    population_->enter();
}

void Loop::run() {
    base::use_rank(base::ThreadRank::prompt);
    context_.run();
}

void Loop::adopt(Socket::Stream socket, const Tcp::endpoint& peer, std::shared_ptr<const TlsContext> tls,
                 base::ClientPtr client) {
    auto connection =
        std::make_shared<HttpConnection>(*this, Socket(std::move(socket), std::move(tls)), peer, std::move(client));
    connection->slot_ = static_cast<std::uint32_t>(connections_.size());
    connections_.push_back(connection);
    if (draining_) {
        connection->terminate();
    } else {
        connection->begin();
    }
}

void Loop::replace(Connection& old, std::shared_ptr<Connection> by) {
    by->slot_ = old.slot_;
    connections_[old.slot_] = std::move(by);
}

void Loop::remove(Connection& connection) {
    const std::uint32_t slot = connection.slot_;
    const auto kept = std::move(connections_[slot]);  // it may be the last reference, and the caller is a method of it
    if (slot + 1 != connections_.size()) {
        connections_[slot] = std::move(connections_.back());
        connections_[slot]->slot_ = slot;
    }
    connections_.pop_back();
    if (auto* const client = connection.counted_by()) client->give_back(base::Holding::connections, 1);
    load_.fetch_sub(1, std::memory_order_relaxed);
    population_->leave();
}

void Loop::drain(std::chrono::milliseconds spread) {
    draining_ = true;
    drain_ = {};
    const auto all = connections_;
    if (spread <= std::chrono::milliseconds(0)) {
        for (const auto& connection : all) connection->drain();
        return;
    }
    for (const auto turn : {Connection::Turn::in_turn, Connection::Turn::late}) {
        for (const auto& connection : all) {
            if (connection->turn() == turn) drain_.order.push_back(connection);
        }
    }
    for (const auto& connection : all) {
        if (connection->turn() == Connection::Turn::at_once) connection->drain();
    }
    drain_.begin = std::chrono::steady_clock::now();
    drain_.spread = spread;
    drain_next();
}

/// Connection i of n has its turn after i/n of the time. So the first one, or a single one, does not wait.
void Loop::drain_next() {
    const std::size_t count = drain_.order.size();
    const auto due = [this, count](std::size_t i) {
        const auto apart = std::chrono::nanoseconds(drain_.spread) / static_cast<std::int64_t>(count);
        return drain_.begin + apart * static_cast<std::int64_t>(i);
    };
    const auto now = std::chrono::steady_clock::now();
    for (; drain_.next < count && due(drain_.next) <= now; ++drain_.next) {
        if (const auto alive = drain_.order[drain_.next].lock()) alive->drain();
    }
    if (drain_.next == count) return;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due(drain_.next) - now);
    post_after(std::max(left, kDrainStep), [this] { drain_next(); });
}

void Loop::use_limits(const Limits& limits) {
    limits_ = limits;
    sweep_period_ = sweep_period(limits);
}

void Loop::end_client(const base::ClientKey& key, const std::string& reason, std::optional<base::Holding> holding) {
    std::vector<std::shared_ptr<Connection>> ending;
    for (const auto& each : connections_) {
        if (each->client() == nullptr || each->client()->key() != key) continue;
        if (!holding || each->holds(*holding)) ending.push_back(each);
    }
    for (const auto& each : ending) each->give_way(reason);
}

void Loop::stop_here() {
    draining_ = true;
    while (!connections_.empty()) {
        const auto last = connections_.back();
        last->terminate();
    }
    deferred_.clear();
    released_.clear();
    (void)turns_.clear();
    timer_.cancel();
    rest_timer_.cancel();
    context_.stop();
}

void Loop::defer(std::shared_ptr<Connection> who, base::ClientPtr client) {
    put_off(std::move(who), std::move(client), false);
}

void Loop::put_off(std::shared_ptr<Connection> who, base::ClientPtr client, bool is_behind) {
    client->count_overdrawn();
    const bool is_first = deferred_.empty();
    base::Client* const key = client.get();
    deferred_[key].push_back({std::move(who), std::move(client), is_behind});
    if (is_first) post_after(kDeferral, [this] { continue_deferred(); });
}

/// Stops after one slice, and goes on in another task. A client whose thousands of connections waited would otherwise
/// stop the loop at the moment at which it has paid. Each connection that is continued does its work here: if they only
/// went to where connections wait for their turn, all but the first would come back unserved, again and again.
void Loop::continue_deferred() {
    const auto begun = std::chrono::steady_clock::now();
    const Slice slice(limits_.slice);
    bool is_over = false;
    for (auto line = deferred_.begin(); line != deferred_.end() && !is_over;) {
        auto& waiting = line->second;
        while (!waiting.empty() && !is_over && !must_wait(*line->first, std::chrono::steady_clock::now())) {
            continue_one(std::exchange(waiting.front(), {}));
            waiting.pop_front();
            is_over = slice.is_over();
        }
        line = waiting.empty() ? deferred_.erase(line) : std::next(line);
    }
    note_turn(begun);
    if (deferred_.empty()) return;
    const auto pause = is_over ? rest(std::chrono::steady_clock::now()) : std::chrono::nanoseconds(kDeferral);
    if (pause.count() == 0) return post([this] { continue_deferred(); });
    post_after(std::chrono::ceil<std::chrono::milliseconds>(pause), [this] { continue_deferred(); });
}

void Loop::continue_one(const Deferred& one) {
    if (one.is_behind) return serve_behind(*one.who, one.client);
    one.who->continue_reading();
}

void Loop::put_behind(Connection& connection) {
    if (std::exchange(connection.behind_, true)) return;
    add_turn(base::ClientPtr(connection.client()), {connection.shared_from_this(), {}});
}

void Loop::in_turn(base::ClientPtr client, std::move_only_function<void()> task) {
    const auto now = std::chrono::steady_clock::now();
    if (client != nullptr && (turns_.size_of(client.get()) > 0 || has_had_part(*client, now)))
        return add_turn(std::move(client), {nullptr, std::move(task)});
    const base::ActingFor scope(client.get());
    task();
    task = {};
    if (client != nullptr) pay(*client, now);
}

void Loop::post_in_turn(std::move_only_function<void()> task) {
    post([this, client = base::ActingFor::kept(), task = std::move(task)]() mutable {
        in_turn(std::move(client), std::move(task));
    });
}

void Loop::add_turn(base::ClientPtr client, Turn turn) {
    turns_.push(std::move(client), std::move(turn));
    if (!std::exchange(takes_turns_, true)) go_on_soon();
}

/// The task stands behind the next look at the sockets, because a loop does that once between two of its tasks.
/// REQUIRES: a turn waits.
void Loop::go_on_soon() {
    const auto now = std::chrono::steady_clock::now();
    const auto pause = has_others(turns_.next(), now) ? rest(now) : std::chrono::nanoseconds(0);
    if (pause.count() == 0) return post([this] { next_turn(); });
    rest_timer_.expires_after(pause);
    rest_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) next_turn();
    });
}

void Loop::next_turn() {
    if (!turns_.empty()) take_turn();
    takes_turns_ = !turns_.empty();
    if (takes_turns_) go_on_soon();
}

void Loop::take_turn() {
    auto [client, turn, charged] = std::move(*turns_.take());
    const auto begun = std::chrono::steady_clock::now();
    if (turn.who != nullptr) {
        take_turn_of(*turn.who);
    } else {
        const base::ActingFor scope(client.get());
        turn.task();
        turn.task = {};
        if (client != nullptr) pay(*client, begun);
    }
    note_turn(begun);
    turns_.done(client.get(), charged, std::chrono::steady_clock::now() - begun);
}

/// A turn that the client cannot pay for comes later; until then the connection counts as behind.
void Loop::take_turn_of(Connection& next) {
    const auto client = base::ClientPtr(next.client());
    if (client != nullptr && must_wait(*client, std::chrono::steady_clock::now()))
        return put_off(next.shared_from_this(), client, true);
    serve_behind(next, client);
}

/// As a read does: the client pays for the turn, and what the turn gives to pools is its own.
void Loop::serve_behind(Connection& next, const base::ClientPtr& client) {
    const auto begun = std::chrono::steady_clock::now();
    note_client(client.get(), begun);
    next.behind_ = false;
    const base::ActingFor scope(client.get());
    next.go_on();
    if (client != nullptr) pay(*client, begun);
}

void Loop::release_soon(std::shared_ptr<void> kept) {
    if (kept == nullptr) return;
    released_.push_back(std::move(kept));
    if (released_.size() == 1) post([this] { const auto now = std::exchange(released_, {}); });
}

Connection::Time Loop::coarse_now() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);  // has the epoch of steady_clock
    return Connection::Time(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

std::string_view Loop::date() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    const std::int64_t second = now.tv_sec;
    if (second != date_second_) {
        date_second_ = second;
        date_ = http_date(second);
    }
    return date_;
}

void Loop::schedule_sweep() {
    timer_.expires_after(sweep_period_);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        sweep();
        schedule_sweep();
    });
}

void Loop::sweep() {
    const auto now = std::chrono::steady_clock::now();
    // Backwards: a connection that leaves is replaced by one that was already checked.
    for (std::size_t i = connections_.size(); i-- > 0;) {
        if (i >= connections_.size()) continue;
        if (i >= kAhead) __builtin_prefetch(connections_[i - kAhead].get());
        if (connections_[i]->deadline() > now) continue;
        const auto connection = connections_[i];
        connection->on_deadline(now);
    }
}

}  // namespace rues::net
