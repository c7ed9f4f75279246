#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/client.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/siphash.hpp"
#include "feed/closing.hpp"
#include "feed/decoder.hpp"
#include "store/session_journal.hpp"
#include "store/store.hpp"
#include "wire/frame.hpp"
#include "wire/session_id.hpp"
#include "wire/uri.hpp"

/// Sessions, their subscriptions, and the delivery of committed events to them.
namespace rues::feed {

using base::ByteView;

/// The lane of a sink that has none.
inline constexpr std::uint32_t kNoLane = UINT32_MAX;
/// Lanes that did not take all bytes: the lane's index in the `lanes` argument, and the number of bytes that it took.
using Shortfalls = std::vector<std::pair<std::uint32_t, std::size_t>>;

/// Where the feed writes for one session. The owner of the socket implements it and keeps it valid from `Hub::open`
/// until `Hub::closed`, which it must call when the socket is gone. All calls come on the thread of the session's loop.
///
/// The feed writes only from inside `Hub::open`, `Hub::writable` and `Hub::drain`, and from tasks of its own on the
/// loop (delivery, replay, closing). It never writes from inside another call of the hub, such as `subscribe_here`.
class Sink {
public:
    virtual ~Sink() = default;
    /// Sends a text message: the session's id, or where a resumed session continues.
    virtual void send_text(std::string_view text) = 0;
    /// Writes WebSocket frames; returns how many bytes were taken. When these are fewer than given, the owner calls
    /// `Hub::writable` once the socket takes bytes again. Each buffer holds whole messages, except the rest of a
    /// half-sent message. The whole contract is that of net::WebSocket::write.
    virtual std::size_t write(std::span<const ByteView> buffers, bool ends_message) = 0;
    /// Closes the session. If a message is half sent, its rest may still be written. The owner calls `Hub::closed` as
    /// after any other end.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
    /// A hint that a write comes soon: the sink may prefetch the memory that the write needs.
    virtual void expect_write() const noexcept {}
    /// The sink's place for `Executors::send_to_all`, or kNoLane. Messages may come by the lane only between
    /// `use_lane(true)` and `use_lane(false)`.
    virtual std::uint32_t lane() { return kNoLane; }
    virtual void use_lane(bool) {}
    /// The socket took only a part of the bytes that came by its lane. The owner calls `Hub::writable` once the socket
    /// takes bytes again.
    virtual void stopped_in_lane() {}
    /// No command of the client is to come until `resume`: the subscriptions of its session are not complete.
    virtual void pause() {}
    virtual void resume() {}
    /// The account that pays for the session and its subscriptions, the same until `Hub::closed` returns. Null: nobody
    /// does.
    virtual base::Client* client() const noexcept { return nullptr; }
};

/// How the feed runs work elsewhere. Any thread may call `on_loop`, `on_pool` and `after`. A task that still waits when
/// the server stops may never run.
struct Executors {
    /// Runs a task soon on the thread of `loop`, never inside this call. The tasks of one caller run in order.
    std::function<void(std::size_t loop, std::move_only_function<void()>)> on_loop;
    /// Runs a task on a pool whose threads may block. False: the pool is full and does not take the task.
    std::function<bool(std::move_only_function<void()>)> on_pool;
    /// Runs a task on the thread of `loop`, `delay` later.
    std::function<void(std::size_t loop, std::chrono::milliseconds delay, std::move_only_function<void()>)> after;
    /// Sends `messages` to each of `lanes` with one write. Called on the thread of `loop`. Adds to `rest` each lane
    /// that did not take all bytes, for whatever reason. Empty if no sink has a lane.
    std::function<void(std::size_t loop, std::span<const std::uint32_t> lanes, ByteView messages, Shortfalls& rest)>
        send_to_all{};
    /// As `on_pool`, for the decoding of new events, and for reads of the log whose events are decoded. Neither delays
    /// the other or the reads of `on_pool`. Empty: `on_pool`.
    std::function<bool(std::move_only_function<void()>)> on_decoders{};
    std::function<bool(std::move_only_function<void()>)> on_decoded_reads{};
    /// As `on_loop`, for work of the client for whom the caller acts (`base::ActingFor`): the client pays for it, and a
    /// client that has had its part of the loop's time has its turn later. The tasks of one caller for one client run
    /// in order. Empty: `on_loop`.
    std::function<void(std::size_t loop, std::move_only_function<void()>)> in_turn{};

    /// Calls `in_turn`, or `on_loop` where it is empty.
    void run_in_turn(std::size_t loop, std::move_only_function<void()> task) const {
        (in_turn ? in_turn : on_loop)(loop, std::move(task));
    }
};

/// All but `tail_bytes` and `decoded_bytes` may change while sessions are open (`Hub::use_limits`).
struct Limits {
    std::size_t max_sessions_per_loop = 65'536;
    std::size_t max_subscriptions = 10'000;  ///< per session
    std::size_t tail_bytes = 8 << 20;        ///< recent events kept in memory, shared by all sessions
    std::size_t catch_up_bytes = 256 << 10;  ///< most bytes that one read of the log brings into memory
    std::size_t catch_up_reads = 16;         ///< reads that one loop has under way at once
    /// A session that lags by so many more events than when it fell behind is closed with 1013.
    std::uint64_t catch_up_distance = 1'000'000;
    /// A session that is behind for longer is closed with 1013.
    std::chrono::milliseconds catch_up_age = std::chrono::minutes(10);
    std::chrono::milliseconds resume_time = std::chrono::minutes(2);  ///< how long an ended session can be resumed
    std::size_t resume_bytes = 32 << 20;  ///< memory for ended sessions that can be resumed, of all loops together
    bool late_subscriptions = true;       ///< events of an entity from before the subscription are replayed
    /// Decoded events kept in memory, shared by all sessions; each counts 256 bytes more than its message.
    std::size_t decoded_bytes = 16 << 20;
    /// An event whose decoding takes longer, or that no thread was free to decode, comes as it is.
    std::chrono::milliseconds decode_wait = std::chrono::seconds(30);
};

/// Most bytes of a subscription's URI in its canonical form. The memory of a subscription grows with its URI, so this
/// limit bounds it.
inline constexpr std::size_t kMaxUriBytes = 1'024;
/// Bytes of `uri.to_string()`, the canonical form.
std::size_t bytes_of(const wire::Uri& uri);
inline bool is_too_long(const wire::Uri& uri) {
    return bytes_of(uri) > kMaxUriBytes;
}

enum class SubscribeResult : std::uint8_t {
    ok,
    unknown_session,
    not_subscribed,
    too_long,            ///< the URI has more than kMaxUriBytes
    too_many,            ///< the session has `Limits::max_subscriptions` subscriptions
    too_many_of_client,  ///< the client's sessions together have as many as it may have
    too_many_of_all,     ///< all clients' sessions together have as many as there may be
    journal_of_client,   ///< the client's subscriptions take as much of the session journal as they may
    journal_of_all,      ///< the same for those of all clients
    too_many_replays,    ///< the session has too many replays under way
    busy,                ///< too many requests wait for the loop
};

struct SubscribeOptions {
    std::optional<wire::Position> after{};  ///< replays the events after this position, then goes on live
    /// A late subscription (only without `after`): replays earlier events of the URI's entity, if the topic ends
    /// something (wire::is_terminal).
    bool late_replay = true;
    bool until_end = false;  ///< for one transaction: ends after its `removed` or `dropped`
    /// Whether events of contracts come decoded; nullopt: as the session was opened (Opening::decodes). Subscriptions
    /// to other components do not decode, whatever is asked.
    std::optional<bool> decodes{};
    /// How firm the block of an event must be, and whether retractions come; nullopt: as the session was opened.
    std::optional<wire::Finality> finality{};
    std::optional<bool> retractions{};
};

struct Subscribed {
    SubscribeResult result = SubscribeResult::ok;
    wire::Position position{};  ///< every matching event after it is delivered
    /// Only with `SubscribeOptions::after`: true if no event after that position is missing.
    std::optional<bool> recovered{};
    bool fresh = false;    ///< this call added the subscription
    bool decodes = false;  ///< its events come decoded
    wire::Certainty certainty{};
    /// The replay starts when the last copy of this is destroyed, on any thread, so that the caller can send its answer
    /// first. Null: nothing is replayed.
    std::shared_ptr<void> hold{};
};

/// What a session starts with when it resumes another one.
struct Restored {
    struct Subscription {
        wire::Uri uri;
        std::uint64_t from = 0;  ///< events after this sequence number are delivered
        store::Unfinished unfinished = store::Unfinished::nothing;
        bool decodes = false;
        wire::Certainty certainty{};
    };
    std::vector<Subscription> subscriptions;
    /// Delivery is complete after this position.
    wire::Position from{};
    bool recovered = false;     ///< no event after the client's position is missing, and no subscription either
    std::size_t uri_bytes = 0;  ///< of the URIs of all subscriptions
    std::optional<wire::SessionId> old{};  ///< the resumed session; nullopt: it is not known, or not any more
};

/// How a session opens.
struct Opening {
    bool is_announced = true;  ///< its id is sent as the first message; only an announced session can be resumed
    /// What a resuming session starts with. If the session is announced, its second message says where it continues.
    std::optional<Restored> restored{};
    /// Its new subscriptions decode the events of contracts, unless they say something else.
    bool decodes = false;
    wire::Certainty certainty{};  ///< of its new subscriptions, unless they say something else
    /// Counts the resuming until the session is open.
    base::Held resuming{};
};

/// One session as `/debug/sessions` shows it.
struct Report {
    std::string id;  ///< first 8 digits of the session's id
    std::size_t loop = 0;
    std::size_t subscription_count = 0;
    std::vector<std::string> subscriptions;  ///< at most 100 of them
    std::string state;                       ///< live, behind, replaying or closing
    wire::Position cursor;                   ///< last event that was checked for this session
    std::uint64_t lag = 0;                   ///< events between the cursor and the end of the log
    std::chrono::milliseconds behind_for{0};
    std::size_t replays = 0;  ///< replays under way
    bool is_blocked = false;  ///< its socket is full
    struct Decision {
        std::uint64_t unix_ms = 0;
        std::string what;
    };
    std::vector<Decision> decisions;  ///< the newest ones, oldest first
};

/// Memory that the feed keeps for all sessions together.
struct MemoryUse {
    struct Part {
        std::size_t used = 0;   ///< bytes
        std::size_t limit = 0;  ///< bytes
    };
    Part tail;     ///< the newest events
    Part decoded;  ///< decoded events
    Part kept;     ///< ended sessions that can be resumed
};

/// Delivers committed events to sessions. One per process. It knows no sockets: a session writes to its `Sink`.
///
/// Any thread may call a method that does not say otherwise. "Loop thread" means the thread of the loop that the call
/// names. Callbacks (`done`) run on a loop's thread and must not block.
///
/// The hub and its executors use one another: stop the loops and the pool before the hub is destroyed.
class Hub {
public:
    struct Options {
        std::size_t loops = 1;
        Limits limits{};
        /// Key of the session ids (wire::SessionIdCipher).
        base::ByteArray<16> id_key{};
        std::filesystem::path journal{};  ///< folder of the session journals; empty: none are kept
        base::HashKey hash_key{};         ///< drawn at random at start, for maps whose keys clients choose
        base::RandomSource random = base::system_random;  ///< for session ids; while it fails no session opens
        Decoder decoder{};                                ///< empty: no event can be decoded
    };
    /// Creates the hub and reads the sessions of an earlier run from the journals. Waits for the disk. `store` and
    /// `clock` outlive the hub. Every record that is appended to the log after this call begins must be given to
    /// `appended`. Errors: kind `invalid` when there are no loops or more than a session id can name; otherwise the
    /// journals cannot be read or created.
    static base::Result<std::unique_ptr<Hub>> create(const store::Store& store, const Options& options,
                                                     Executors executors, const base::Clock& clock, base::Log log);
    virtual ~Hub() = default;
    /// Starts the work that each loop does once a second. The executors must work from this call on.
    virtual void start() = 0;

    /// Opens a session that writes to `sink`, which must stay valid until `closed`. From inside this call an announced
    /// session is sent its id, and if it resumes another one a second message that says where it continues. One that
    /// resumes very many subscriptions gets both later, once these are restored; until then its sink is paused.
    /// nullopt: the loop has `Limits::max_sessions_per_loop` sessions, the client as many as it may have, or there is
    /// no randomness for an id; then `sink` is not used further. Loop thread.
    virtual std::optional<wire::SessionId> open(std::size_t loop, Sink& sink, Opening opening) = 0;
    /// The session's socket takes bytes again. Delivery continues from inside this call. An unknown id is ignored. Loop
    /// thread.
    virtual void writable(std::size_t loop, const wire::SessionId& id) = 0;
    /// The session's socket is gone. Ends the session; `sink` is not used after this call. Unless `for_good`, an
    /// announced session that has subscriptions can be resumed for `Limits::resume_time`. An unknown id is ignored.
    /// Loop thread.
    virtual void closed(std::size_t loop, const wire::SessionId& id, bool for_good) = 0;
    /// Closes the session with 1012 and its last position, because the server stops. The owner still calls `closed`.
    /// Loop thread.
    virtual void drain(std::size_t loop, const wire::SessionId& id) = 0;

    /// Collects the subscriptions of session `old`, so that a new session can resume it. `old` may be open (it is then
    /// closed with 4001), ended, or of an earlier run; if it is unknown, the answer has no subscriptions and is not
    /// `recovered`. `after`: the client has seen every event up to there; nullopt: up to the last event that was
    /// written to the socket of `old`. `done` is called on the thread of `loop`, where the caller gives the answer to
    /// `open`.
    ///
    /// When `open` gets the answer, an earlier session that had resumed `old` is closed with 4001, and the session that
    /// `old` itself had resumed cannot be resumed any more.
    virtual void take_over(const wire::SessionId& old, std::optional<wire::Position> after, std::size_t loop,
                           std::move_only_function<void(Restored)> done) = 0;

    /// Gets the result of `subscribe` or `unsubscribe`, once: on the thread of the session's loop, after the change was
    /// applied. Only `busy` comes from inside the call, on the caller's thread; then nothing has changed.
    using OnSubscribed = std::move_only_function<void(Subscribed)>;
    /// Subscribes the session to `uri`. A subscription that exists already stays as it is, whatever the options.
    virtual void subscribe(const wire::SessionId& id, wire::Uri uri, SubscribeOptions options, OnSubscribed done) = 0;
    /// Ends a subscription. No message of it follows, except the rest of a half-sent one or one that another
    /// subscription of the session matches.
    virtual void unsubscribe(const wire::SessionId& id, wire::Uri uri, OnSubscribed done) = 0;

    /// The same, done when the call returns, and never `busy`. Loop thread: a session of another loop is
    /// `unknown_session`.
    virtual Subscribed subscribe_here(std::size_t loop, const wire::SessionId& id, const wire::Uri& uri,
                                      const SubscribeOptions& options) = 0;
    virtual Subscribed unsubscribe_here(std::size_t loop, const wire::SessionId& id, const wire::Uri& uri) = 0;

    /// The log grew by `batch`, which is committed and not empty. Wakes every loop to deliver it and does not wait for
    /// the delivery. Called by the chain thread, in log order, with every record after those that the store had when
    /// the hub was created.
    virtual void appended(store::LogBatch batch) = 0;

    /// The message of an event as decoding sessions get it: decoded, or marked as one that cannot be decoded. An event
    /// that is not decoded (`is_decodable`) comes as it is. May run a decoder on the caller's thread.
    virtual base::Bytes decoded(const store::LogRecord& record) = 0;
    /// The driver of some contract was added or replaced: events that the old one decoded are not delivered any more.
    virtual void driver_changed() = 0;

    /// Tells whether a session is open. `done` is called on the thread of `loop`. nullopt: too many requests wait for
    /// the loop that owns the session; ask again later.
    virtual void find(const wire::SessionId& id, std::size_t loop,
                      std::move_only_function<void(std::optional<bool>)> done) = 0;

    /// For a reader of the log that wants this finality: it must end at this number, and asks the second value which
    /// events of blocks come. Null: all of them.
    virtual std::pair<std::uint64_t, std::shared_ptr<const store::TakenBack>> settled(
        wire::Finality finality) const = 0;
    /// For a client that has seen every event up to `after`: the position after which delivery is complete, and whether
    /// no event between the two is missing.
    virtual std::pair<wire::Position, bool> resolve(const wire::Position& after) const = 0;
    /// Replaces the limits, except `tail_bytes`. Each loop applies them when it runs its next tasks.
    virtual void use_limits(const Limits& limits) = 0;
    /// Number of open sessions.
    virtual std::size_t sessions() const noexcept = 0;
    virtual MemoryUse memory() const = 0;
    /// How many sessions this server has closed so far, by reason.
    virtual const ClosingCounts& closings() const noexcept = 0;
    /// Reports on sessions of all loops, without their subscriptions and decisions: those farthest behind first, at
    /// most 1,000. `done` is called on some loop's thread.
    virtual void list(std::move_only_function<void(std::vector<Report>)> done) = 0;
    /// A whole report on the session whose id begins with these bytes (at most 16; the first one found). nullopt: there
    /// is none. `done` is called on some loop's thread.
    virtual void inspect(base::Bytes first_bytes, std::move_only_function<void(std::optional<Report>)> done) = 0;
};

}  // namespace rues::feed
