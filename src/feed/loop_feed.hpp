#pragma once

#include <deque>
#include <unordered_set>

#include "feed/ended.hpp"
#include "feed/session.hpp"
#include "feed/tail.hpp"

namespace rues::feed {

/// What all loops share. It outlives them.
struct Shared {
    const store::Store& store;
    const Executors& executors;
    const base::Clock& clock;
    const wire::SessionIdCipher& cipher;
    const base::Log& log;
    Tail& tail;
    EndedSessions& ended;
    base::HashKey hash_key{};   ///< for maps whose keys clients choose
    base::RandomSource random;  ///< for session ids
};

/// A steady time in milliseconds, as the journal stores it.
inline std::uint64_t steady_ms(std::chrono::steady_clock::time_point time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}
/// For a client that has seen every event up to `after`: the sequence number after which delivery is complete, and
/// whether no event between the two is missing.
std::pair<std::uint64_t, bool> resolve(const store::Store& store, std::uint64_t head, const wire::Position& after);

/// The sessions of one loop. All calls come on that loop's thread; see `Hub` for the contract of the methods that it
/// has too.
///
/// A live session whose socket is full falls behind. A session that is behind reads the tail, or the log through the
/// pool, with a filter of its own, until it reaches `processed_` and is live again. So every event is delivered once
/// and in order, whichever way it comes. Sources: loop_feed.cpp (sessions and their subscriptions), delivery.cpp
/// (delivery of events), reading.cpp (reads of the log), journaling.cpp (the session journal).
class LoopFeed {
public:
    LoopFeed(std::size_t loop, const Shared& shared, const Limits& limits);
    ~LoopFeed();
    /// Creates a journal in `folder` that has the sessions of an earlier run which can be resumed. Call it before the
    /// loop starts; it waits for the disk. `next`: see store::SessionJournal::Read.
    base::Result<void> begin_journal(const std::filesystem::path& folder, std::uint64_t next);

    std::optional<wire::SessionId> open(Sink& sink, Opening opening);
    void writable(const wire::SessionId& id);
    void closed(const wire::SessionId& id, bool for_good);
    void drain(const wire::SessionId& id);
    Subscribed subscribe(const wire::SessionId& id, const wire::Uri& uri, const SubscribeOptions& options);
    Subscribed unsubscribe(const wire::SessionId& id, const wire::Uri& uri);
    Restored take_over(const wire::SessionId& id, const std::optional<wire::Position>& after);
    /// Closes session `id` with 4001 and makes it unresumable: its client has come back with another id and cannot want
    /// this one any more.
    void supersede(const wire::SessionId& id);
    /// Calls `then` on this loop once the journal has room for the restored subscriptions, or cannot make room. May
    /// call it at once.
    void make_room(Restored restored, std::move_only_function<void(Restored)> then);
    /// Delivers all records that came into the tail since the last call.
    void deliver();
    /// Call it once a second: closes sessions that are behind for too long, drops ended sessions that can no longer be
    /// resumed, and starts reads that the full pool had refused.
    void tick();
    void use_limits(const Limits& limits) { limits_ = limits; }
    /// The journal's files. Call it before the loop starts.
    std::vector<std::filesystem::path> journal_files() const;
    /// Reports on the `most` sessions that are farthest behind, without their subscriptions and decisions.
    std::vector<Report> list(std::size_t most) const;
    std::optional<Report> inspect(std::span<const std::byte> first_bytes) const;
    std::size_t sessions() const noexcept { return count_; }
    bool is_open(const wire::SessionId& id) const { return find_open(id) != nullptr; }
    std::size_t number() const noexcept { return loop_; }

private:
    /// Consecutive records of one batch that one session gets.
    struct Run {
        std::uint32_t batch = 0;  ///< index in `runs.batches`
        std::uint32_t first = 0;  ///< record
        std::uint32_t count = 0;
        std::uint32_t next = 0;  ///< next run of the same session; 0: none
    };
    static constexpr std::uint32_t kNoRun = 0;
    struct Runs {
        std::vector<const store::LogRecords*> batches;
        std::vector<Run> all{1};  ///< element 0 stands for "none"
    };
    /// Consecutive records of one batch that all subscribers of a topic get.
    struct TopicRun {
        const Topic* topic = nullptr;  ///< null: the topic was removed during the delivery
        std::uint32_t batch = 0;       ///< index in `runs_.batches`
        std::uint32_t first = 0;       ///< record
        std::uint32_t count = 0;
    };
    enum class Purpose : std::uint8_t { half, cursor, replay, late };
    struct Read {
        wire::SessionId id{};
        Purpose purpose{};
        std::uint64_t replay = 0;       ///< Replay::number; 0: the session's own cursor
        std::uint64_t late_number = 0;  ///< Replay::late_number
        std::uint32_t removals = 0;     ///< the records need no check while Session::removals is this
    };
    /// How far a rewrite of the journal has come: it writes the open sessions first, then the ended ones.
    struct Rewrite {
        std::size_t slot = 0;
        std::uint64_t ended = 0;  ///< see EndedSessions::part
        std::vector<EndedSessions::Session> part{};
        bool is_last_part = false;
    };

    // loop_feed.cpp
    Session* find(const wire::SessionId& id) const;
    Session* find_open(const wire::SessionId& id) const;
    Subscription* find_subscription(const Session& session, const Topic& topic) const;
    Subscription& add_subscription(Session& session, const wire::Uri& uri, std::uint64_t from,
                                   store::Unfinished unfinished = store::Unfinished::nothing);
    void remove_subscription(Session& session, Subscription& subscription);
    void finish_replay(Session& session, Replay& replay);
    ReplayRef new_replay(Session& session);
    ReplayRef replay_to_join(const Session& session, std::uint64_t after, bool is_late) const;
    void join(Session& session, Replay& replay, Subscription& subscription, std::uint64_t after, bool is_late);
    std::shared_ptr<void> hold(const wire::SessionId& id, Replay& replay);
    void release(const wire::SessionId& id, std::uint64_t replay);
    void restore(Session& session, const Restored& restored);
    void keep_for_resume(const Session& session);
    void end_taken(Session& session);
    std::uint64_t delivered_up_to(const Session& session) const;
    store::JournaledSession record_of(const Session& session) const;
    wire::Position at(std::uint64_t seq) const { return {shared_.store.epoch(), seq}; }
    Aside& aside_of(Session& session);
    void note(Session& session, std::string what);
    Report report_of(const Session& session, bool whole) const;
    std::uint64_t lag_of(const Session& session) const;

    // journaling.cpp
    store::SessionJournal::Background background();
    void rewrite_journal();
    void rewrite_later();
    void rewrite_some();
    std::optional<store::JournaledSession> next_to_rewrite();

    // delivery.cpp
    bool matches(const Session& session, const store::LogRecord& record, const Replay* replay);
    void find_topics(const store::LogRecords& records, std::uint32_t batch);
    void deliver_topic_runs();
    void add_to_runs(const TopicRun& run);
    void deliver_at_once(const TopicRun& run);
    void use_lane(Session& session);
    static void leave_lane(Session& session);
    static std::uint32_t covered(const Subscription& subscription, std::uint64_t first_seq, std::uint32_t count);
    /// Whether nothing can be written: the socket is full, or a message of a replay is half sent.
    static bool is_held_up(const Session& session) {
        return session.is_blocked || (session.aside && session.aside->half.sent > 0);
    }
    void add_to_runs(Session& session, std::uint32_t batch, std::uint32_t first, std::uint32_t count);
    void flush_runs();
    /// Writes the records of the session's runs with few calls. False when the socket is full.
    bool write(Session& session, const Runs& runs, std::uint32_t first_run, Replay* replay);
    void stopped_within(Session& session, const store::LogRecords& records, std::uint32_t first, std::size_t sent,
                        Replay* replay);
    void stopped_in(Session& session, const store::LogRecord& record, std::size_t sent, Replay* replay);
    void end_what_ends(Session& session, const Runs& runs, std::uint32_t first_run);
    void fall_behind(Session& session, std::uint64_t next);
    void advance(Session& session);
    bool finish_half(Session& session, const store::LogRecord* record);
    bool catch_up(Session& session);
    bool replay(Session& session);
    /// Sends those of `records` that the session wants, for its own cursor or for `replay`, which may end meanwhile.
    /// All records were chosen for this session when it had had `checked_at` removals: unless it had more since, they
    /// are not checked again. False when the socket is full.
    bool offer(Session& session, const store::LogRecords& records, const ReplayRef replay,
               std::optional<std::uint32_t> checked_at);
    bool is_past_limits(const Session& session) const;
    void drop(Session& session, std::uint16_t code, std::string_view why);

    // reading.cpp
    void read(Session& session, Purpose purpose, const Replay* replay = nullptr);
    void start_reads();
    static bool is_outdated(const Read& read, const Replay* replay);
    bool start(Read& read);
    void arrived(const Read& read, base::Result<store::Store::Scan> scan);
    void take(Session& session, const Read& read, const store::Store::Scan& scan);
    bool deliver_earlier(Session& session, Replay& replay, const store::LogRecords& records);
    Matcher matcher_of(const Session& session, const Replay* replay) const;
    ReplayRef find_replay(const Session& session, std::uint64_t number) const;

    const std::size_t loop_;
    const Shared& shared_;
    Limits limits_;
    std::unique_ptr<store::SessionJournal> journal_;  ///< null: none
    std::optional<Rewrite> rewrite_;                  ///< the rewrite of the journal that is under way
    std::uint64_t processed_;                         ///< last record that was delivered to the live sessions
    std::vector<std::unique_ptr<Session>> slots_;
    std::vector<std::uint32_t> free_;
    std::size_t count_ = 0;
    Topics topics_{shared_.hash_key};
    /// The largest `from` of all subscriptions when they were made. Live records after it need no check against `from`,
    /// except that a replay may cover them. (The end of a replay sets `from` to a record that was delivered already.)
    std::uint64_t newest_from_ = 0;
    std::unordered_set<Session*> behind_;  ///< sessions that are not live
    std::uint64_t replays_ = 0;            ///< number of replays started so far

    // State of one delivery. Members only to keep their memory:
    std::uint64_t wake_ = 0;
    Runs runs_;
    std::vector<TopicRun> topic_runs_;
    std::vector<store::LogBatch> batches_;
    std::vector<Session*> touched_;
    std::vector<Topic*> matching_;
    Shortfalls rest_;

    std::deque<Read> waiting_reads_;
    std::size_t reads_under_way_ = 0;
    /// False once this object is gone, for tasks that run later.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace rues::feed
