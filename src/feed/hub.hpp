#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/siphash.hpp"
#include "store/session_journal.hpp"
#include "store/store.hpp"
#include "wire/frame.hpp"
#include "wire/session_id.hpp"
#include "wire/uri.hpp"

/// Sessions, what they subscribed to, and the way of committed events to them.
namespace rues::feed {

using base::ByteView;

inline constexpr std::uint32_t kNoLane = UINT32_MAX;
/// Of lanes that did not take all: the place among those asked, and the bytes taken.
using Shortfalls = std::vector<std::pair<std::uint32_t, std::size_t>>;

/// A session's way out, given by whoever owns the socket. Used only on the session's loop. Nothing is written from
/// inside a call into the feed but `open`, `writable`, `drain` and a delivery.
class Sink {
public:
    virtual ~Sink() = default;
    virtual void send_text(std::string_view text) = 0;
    /// See net::WebSocket::write. Each buffer holds whole messages, but for the rest of a half sent one.
    virtual std::size_t write(std::span<const ByteView> buffers, bool ends_message) = 0;
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
    /// A write comes soon: what it needs may be brought near.
    virtual void expect_write() const noexcept {}
    /// Where `Executors::send_to_all` finds it, if it may be written to so, from `use_lane(true)` to `use_lane(false)`.
    virtual std::uint32_t lane() { return kNoLane; }
    virtual void use_lane(bool) {}
    /// Of the last message sent by its lane only a part was taken. `writable` follows.
    virtual void stopped_in_lane() {}
};

/// Runs a task on a loop's thread, at once or later / on a pool that may block, if it takes it. Any thread.
struct Executors {
    std::function<void(std::size_t loop, std::move_only_function<void()>)> on_loop;
    std::function<bool(std::move_only_function<void()>)> on_pool;
    std::function<void(std::size_t loop, std::chrono::milliseconds delay, std::move_only_function<void()>)> after;
    /// One write to each of the lanes of a loop, on its thread. To `rest` are added those that did not take all, for
    /// any reason. Empty where no sink has a lane.
    std::function<void(std::size_t loop, std::span<const std::uint32_t> lanes, ByteView messages, Shortfalls& rest)>
        send_to_all{};
};

/// May be changed while sessions are open; `tail_bytes` may not.
struct Limits {
    std::size_t max_sessions_per_loop = 65'536;
    std::size_t max_subscriptions = 10'000;       ///< a session
    std::size_t tail_bytes = 8 << 20;             ///< recent events kept in memory, shared by all sessions
    std::size_t catch_up_bytes = 256 << 10;       ///< most that one read of the log brings into memory
    std::size_t catch_up_reads = 16;              ///< of one loop at once
    std::uint64_t catch_up_distance = 1'000'000;  ///< events farther behind than when it fell behind: 1013
    std::chrono::milliseconds catch_up_age = std::chrono::minutes(10);  ///< behind without a pause: 1013
    std::chrono::milliseconds resume_time = std::chrono::minutes(2);    ///< a session can be resumed after its end
    std::size_t resume_bytes = 32 << 20;  ///< of memory for sessions that can be resumed, of all loops together
    bool late_subscriptions = true;       ///< what already happened to one entity is delivered again
};

/// Most bytes of a subscription's URI in its canonical form. All that is kept of a subscription is in proportion to it.
inline constexpr std::size_t kMaxUriBytes = 1'024;
/// Of `uri.to_string()`.
std::size_t bytes_of(const wire::Uri& uri);
inline bool is_too_long(const wire::Uri& uri) {
    return bytes_of(uri) > kMaxUriBytes;
}

enum class SubscribeResult : std::uint8_t {
    ok,
    unknown_session,
    not_subscribed,
    too_long,          ///< the URI: more than kMaxUriBytes
    too_many,          ///< subscriptions
    too_many_replays,  ///< of the session under way
    busy,              ///< too many requests wait for the loop
};

struct SubscribeOptions {
    std::optional<wire::Position> after{};  ///< replays from there, then live
    bool with_past = true;                  ///< what already happened to its one entity, if that ends something
    bool until_end = false;                 ///< of one transaction: ends behind its `removed`, or `dropped`
};

struct Subscribed {
    SubscribeResult result = SubscribeResult::ok;
    wire::Position position{};        ///< events after it are covered
    std::optional<bool> recovered{};  ///< of `after`: whether nothing after it is missing
    bool fresh = false;               ///< it was not there before
    /// What is replayed comes when the last copy of this is gone, so that the answer can be first.
    std::shared_ptr<void> hold{};
};

/// What a session that goes on for another begins with.
struct Restored {
    struct Subscription {
        wire::Uri uri;
        std::uint64_t from = 0;  ///< record after which it counts
        store::Unfinished unfinished = store::Unfinished::nothing;
    };
    std::vector<Subscription> subscriptions;
    wire::Position from{};
    bool recovered = false;  ///< everything after `from` is delivered, and the subscriptions are those it had
    std::optional<wire::SessionId> old{};  ///< the session that it goes on for; nullopt: that one is not known
};

struct Opening {
    bool is_announced = true;            ///< by its id as the first message
    std::optional<Restored> restored{};  ///< told by the second message, if announced
};

/// One session as `/debug/sessions` shows it.
struct Report {
    std::string id;  ///< first 8 digits
    std::size_t loop = 0;
    std::size_t subscription_count = 0;
    std::vector<std::string> subscriptions;  ///< at most 100 of them
    std::string state;                       ///< live, behind, replaying or closing
    wire::Position cursor;                   ///< last event that was looked at for it
    std::uint64_t lag = 0;                   ///< events
    std::chrono::milliseconds behind_for{0};
    std::size_t replays = 0;  ///< under way
    bool is_blocked = false;  ///< its socket is full
    struct Decision {
        std::uint64_t unix_ms = 0;
        std::string what;
    };
    std::vector<Decision> decisions;  ///< the last ones, oldest first
};

/// Callable from any thread unless said otherwise.
class Hub {
public:
    struct Options {
        std::size_t loops = 1;
        Limits limits{};
        base::ByteArray<16> id_key{};
        std::filesystem::path journal{};  ///< folder of the journals of subscriptions; empty: none are kept
        base::HashKey hash_key{};         ///< drawn at start: of maps whose keys clients choose
        base::RandomSource random = base::system_random;  ///< of session ids; without randomness no session opens
    };
    /// Reads what sessions an earlier run left. Waits for the disk. Nothing may be appended to the log from here on
    /// until `appended` can be called for it. An error too when there are more loops than a session id can name.
    static base::Result<std::unique_ptr<Hub>> create(const store::Store& store, const Options& options,
                                                     Executors executors, const base::Clock& clock, base::Log log);
    virtual ~Hub() = default;
    /// Begins what is done from time to time: the executors work from here on.
    virtual void start() = 0;

    /// Opens a session on `loop`. Loop thread. nullopt: too many sessions.
    virtual std::optional<wire::SessionId> open(std::size_t loop, Sink& sink, Opening opening) = 0;
    /// The socket takes bytes again. Loop thread.
    virtual void writable(std::size_t loop, const wire::SessionId& id) = 0;
    /// The socket is gone; `sink` is not used any more. `for_good`: nobody will resume it. Loop thread.
    virtual void closed(std::size_t loop, const wire::SessionId& id, bool for_good) = 0;
    /// Closes the session because the server stops. Loop thread.
    virtual void drain(std::size_t loop, const wire::SessionId& id) = 0;

    /// Takes what a session was subscribed to, wherever it is: open (then it is closed with 4001), ended, or of an
    /// earlier run. `done` is called on `loop`. `after`: nullopt: the last event handed out. When a session is opened
    /// with the answer, one that went on for the same old session before is closed with 4001, and the session before
    /// the old one cannot be resumed any more.
    virtual void take_over(const wire::SessionId& old, std::optional<wire::Position> after, std::size_t loop,
                           std::move_only_function<void(Restored)> done) = 0;

    /// `done` is called on the session's loop after the change was applied.
    using OnSubscribed = std::move_only_function<void(Subscribed)>;
    virtual void subscribe(const wire::SessionId& id, wire::Uri uri, SubscribeOptions options, OnSubscribed done) = 0;
    virtual void unsubscribe(const wire::SessionId& id, wire::Uri uri, OnSubscribed done) = 0;

    /// The same at once, for whoever is on the session's loop.
    virtual Subscribed subscribe_here(std::size_t loop, const wire::SessionId& id, const wire::Uri& uri,
                                      const SubscribeOptions& options) = 0;
    virtual Subscribed unsubscribe_here(std::size_t loop, const wire::SessionId& id, const wire::Uri& uri) = 0;

    /// The log grew. Chain thread, in log order, every record of the log behind those that the store had when the hub
    /// was created.
    virtual void appended(store::LogBatch batch) = 0;

    /// Whether a session is open; nullopt: too many requests wait for its loop. `done` is called on `loop`.
    virtual void find(const wire::SessionId& id, std::size_t loop,
                      std::move_only_function<void(std::optional<bool>)> done) = 0;

    /// Where a client that has seen everything up to `after` really goes on, and whether nothing is missing there.
    virtual std::pair<wire::Position, bool> resolve(const wire::Position& after) const = 0;
    virtual void use_limits(const Limits& limits) = 0;
    virtual std::size_t sessions() const noexcept = 0;
    /// Sessions of all loops without what they are subscribed to, those farthest behind first, at most 1,000. `done` is
    /// called on some loop.
    virtual void list(std::move_only_function<void(std::vector<Report>)> done) = 0;
    /// The session whose id begins with these bytes.
    virtual void inspect(base::Bytes first_bytes, std::move_only_function<void(std::optional<Report>)> done) = 0;
};

}  // namespace rues::feed
