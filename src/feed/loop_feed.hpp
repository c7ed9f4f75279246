#pragma once

#include <deque>
#include <unordered_set>

#include "feed/ended.hpp"
#include "feed/session.hpp"
#include "feed/tail.hpp"

namespace rues::feed {

/// What all loops share. Outlives them.
struct Shared {
    const store::Store& store;
    const Executors& executors;
    const base::Clock& clock;
    const wire::SessionIdCipher& cipher;
    const base::Log& log;
    Tail& tail;
    EndedSessions& ended;
    base::HashKey hash_key{};   ///< of maps whose keys clients choose
    base::RandomSource random;  ///< of session ids
};

/// In milliseconds, as the journal has it.
inline std::uint64_t steady_ms(std::chrono::steady_clock::time_point time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}
/// Where a client that has seen everything up to `after` goes on, and whether nothing is missing there.
std::pair<std::uint64_t, bool> resolve(const store::Store& store, std::uint64_t head, const wire::Position& after);

/// The sessions of one loop. Everything here runs on that loop's thread.
///
/// A live session that its socket stops becomes behind; a behind one reads the tail, or the log through the pool, with
/// its own filter, until it reaches `processed_` and is live again. So order and once-only delivery hold whatever the
/// path. loop_feed.cpp: who is there and wants what; delivery.cpp: the way of events; reading.cpp: reads of the log;
/// journaling.cpp: how the journal is kept small and whole.
class LoopFeed {
public:
    LoopFeed(std::size_t loop, const Shared& shared, const Limits& limits);
    ~LoopFeed();
    /// Begins a journal in `folder` that says which sessions of an earlier run can be resumed. Before the loop runs;
    /// waits for the disk. `next`: see store::SessionJournal::Read.
    base::Result<void> begin_journal(const std::filesystem::path& folder, std::uint64_t next);

    std::optional<wire::SessionId> open(Sink& sink, Opening opening);
    void writable(const wire::SessionId& id);
    void closed(const wire::SessionId& id, bool for_good);
    void drain(const wire::SessionId& id);
    Subscribed subscribe(const wire::SessionId& id, const wire::Uri& uri, const SubscribeOptions& options);
    Subscribed unsubscribe(const wire::SessionId& id, const wire::Uri& uri);
    Restored take_over(const wire::SessionId& id, const std::optional<wire::Position>& after);
    /// Its client has come back in another way and cannot want it any more: closes it with 4001, and it cannot be
    /// resumed.
    void supersede(const wire::SessionId& id);
    /// Calls `then`, on this loop, when the journal has room for what is restored.
    void make_room(Restored restored, std::move_only_function<void(Restored)> then);
    /// Looks at everything that came into the tail since the last time.
    void deliver();
    /// Once a second: ages, what can be resumed no longer, reads that found the pool full.
    void tick();
    void use_limits(const Limits& limits) { limits_ = limits; }
    /// The journal's files. Before the loop runs.
    std::vector<std::filesystem::path> journal_files() const;
    /// Those farthest behind, without what they are subscribed to.
    std::vector<Report> list(std::size_t most) const;
    std::optional<Report> inspect(std::span<const std::byte> first_bytes) const;
    std::size_t sessions() const noexcept { return count_; }
    bool is_open(const wire::SessionId& id) const { return find_open(id) != nullptr; }
    std::size_t number() const noexcept { return loop_; }

private:
    /// Consecutive records of one batch for one session.
    struct Run {
        std::uint32_t batch = 0;  ///< of `runs.batches`
        std::uint32_t first = 0;  ///< record
        std::uint32_t count = 0;
        std::uint32_t next = 0;  ///< run of the same session; 0: none
    };
    static constexpr std::uint32_t kNoRun = 0;
    struct Runs {
        std::vector<const store::LogRecords*> batches;
        std::vector<Run> all{1};  ///< the first stands for none
    };
    /// Consecutive records of one batch for all who subscribed to a topic.
    struct HandOut {
        const Topic* topic = nullptr;  ///< null: it went during the delivery
        std::uint32_t batch = 0;       ///< of `runs_.batches`
        std::uint32_t first = 0;       ///< record
        std::uint32_t count = 0;
    };
    enum class Purpose : std::uint8_t { half, cursor, replay, past };
    struct Read {
        wire::SessionId id{};
        Purpose purpose{};
        std::uint64_t replay = 0;    ///< its number
        std::uint64_t past = 0;      ///< Replay::past_number
        std::uint32_t removals = 0;  ///< the session's when it began
    };
    /// How far a rewrite of the journal has come: first the open sessions, then those that ended.
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
    ReplayRef replay_to_join(const Session& session, std::uint64_t after, bool with_past) const;
    void join(Session& session, Replay& replay, Subscription& subscription, std::uint64_t after, bool with_past);
    std::shared_ptr<void> hold(const wire::SessionId& id, Replay& replay);
    void release(const wire::SessionId& id, std::uint64_t replay);
    void restore(Session& session, const Restored& restored);
    void keep_for_resume(const Session& session);
    void end_taken(Session& session);
    std::uint64_t handed_out(const Session& session) const;
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
    bool wants(const Session& session, const store::LogRecord& record, const Replay* replay);
    void find_topics(const store::LogRecords& records, std::uint32_t batch);
    void hand_out_all();
    void hand_out(const HandOut& what);
    void hand_out_at_once(const HandOut& what);
    void use_lane(Session& session);
    static void leave_lane(Session& session);
    static std::uint32_t covered(const Subscription& subscription, std::uint64_t first_seq, std::uint32_t count);
    /// By a replay that the socket stopped.
    static bool is_held_up(const Session& session) {
        return session.is_blocked || (session.aside && session.aside->half.sent > 0);
    }
    void add_to_runs(Session& session, std::uint32_t batch, std::uint32_t first, std::uint32_t count);
    void flush_runs();
    /// Writes what the session's runs hold, in few calls. False when the socket is full.
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
    /// Offers records of the session's cursor, or of a replay, which may end meanwhile. `wanted_at`: all of them were
    /// wanted when it had had so many removals. False when the socket is full.
    bool offer(Session& session, const store::LogRecords& records, const ReplayRef replay,
               std::optional<std::uint32_t> wanted_at);
    bool is_past_limits(const Session& session) const;
    void drop(Session& session, std::uint16_t code, std::string_view why);

    // reading.cpp
    void read(Session& session, Purpose purpose, const Replay* replay = nullptr);
    void start_reads();
    static bool is_outdated(const Read& read, const Replay* replay);
    bool start(const Read& read);
    void arrived(const Read& read, base::Result<store::Store::Scan> scan);
    void take(Session& session, const Read& read, const store::Store::Scan& scan);
    bool hand_out_past(Session& session, Replay& replay, const store::LogRecords& records);
    Wants wants_of(const Session& session, const Replay* replay) const;
    ReplayRef find_replay(const Session& session, std::uint64_t number) const;

    const std::size_t loop_;
    const Shared& shared_;
    Limits limits_;
    std::unique_ptr<store::SessionJournal> journal_;  ///< null: none
    std::optional<Rewrite> rewrite_;                  ///< of the journal, under way
    std::uint64_t processed_;                         ///< last record that was looked at for the live ones
    std::vector<std::unique_ptr<Session>> slots_;
    std::vector<std::uint32_t> free_;
    std::size_t count_ = 0;
    Topics topics_{shared_.hash_key};
    /// Of all subscriptions when they were made; what the loop looks at behind it is covered by replays only. (The end
    /// of a replay sets `from` to what was looked at already.)
    std::uint64_t newest_from_ = 0;
    std::unordered_set<Session*> behind_;  ///< those that are not live
    std::uint64_t replays_ = 0;            ///< begun so far

    // Of one delivery, kept for their memory:
    std::uint64_t wake_ = 0;
    Runs runs_;
    std::vector<HandOut> hand_outs_;
    std::vector<store::LogBatch> batches_;
    std::vector<Session*> touched_;
    std::vector<Topic*> wanting_;
    Shortfalls rest_;

    std::deque<Read> waiting_reads_;
    std::size_t reads_under_way_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< for answers that come too late
};

}  // namespace rues::feed
