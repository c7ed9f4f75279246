#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feed/loop_context.hpp"
#include "feed/session.hpp"

namespace rues::feed {

/// Sessions of a loop that share a live end: their subscriptions, and how far events were delivered to them.
struct Audience {
    Audience(const base::HashKey& key, std::uint64_t end) : topics(key), processed(end) {}
    Topics topics;
    std::uint64_t processed;  ///< the last record that was delivered to the live sessions
    /// The largest `from` of all subscriptions when they were made, when their session came from the other audience, or
    /// when their replay ended beyond `processed`. Live records after it need no check against `from`, except that a
    /// replay may cover them. (A replay that ends elsewhere sets `from` to a record that was delivered already.)
    std::uint64_t newest_from = 0;
};

/// The open sessions of one loop and their subscriptions. It writes each change of a subscription to the loop's session
/// journal, and knows nothing of how events reach a session. Belongs to the loop's thread.
class SessionTable {
public:
    explicit SessionTable(LoopContext& loop);

    /// Opens a session without subscriptions. Null: there are `Limits::max_sessions_per_loop`, its client has as many
    /// as it may have, or there is no randomness for an id.
    Session* open(Sink& sink, bool is_announced);
    /// Removes a session. Its slot is used again.
    void remove(Session& session);
    /// Null: there is no such session.
    Session* find(const wire::SessionId& id) const;
    /// The same without sessions that another session has resumed.
    Session* find_open(const wire::SessionId& id) const;
    std::size_t count() const noexcept { return count_; }
    /// Null where a slot is free.
    std::span<const std::unique_ptr<Session>> slots() const noexcept { return slots_; }

    /// Null: the session has not subscribed to it.
    Subscription* find_subscription(const Session& session, const wire::Uri& uri);
    /// REQUIRES: the session has no subscription to `uri`. `decodes`: see Topic; only for contracts. With its first
    /// such subscription the session joins the audience that gets decoded events, for the rest of its life.
    /// REQUIRES: it was counted (`count_subscription`, `count_anyway`).
    /// `certainty`: a subscription that waits for finality belongs to no audience; its replay covers it.
    Subscription& subscribe(Session& session, const wire::Uri& uri, std::uint64_t from, store::Unfinished unfinished,
                            bool decodes = false, const wire::Certainty& certainty = {});
    /// Counts one more subscription in the account of the session's client, before it is made. Unless the result is
    /// `ok`, nothing has changed.
    SubscribeResult count_subscription(const Session& session, const wire::Uri& uri) const;
    /// The same beyond every limit: for a subscription of a resumed session.
    void count_anyway(const Session& session, const wire::Uri& uri) const;
    /// Moves a session to the audience that gets decoded events, for the rest of its life; its subscriptions begin
    /// after what it has received. A session that is restored must join before its first subscription: until its cursor
    /// is set it counts as live, as if it had received everything.
    void join_decoding(Session& session);
    /// Ends a subscription. True: it was the last one of its topic, and the topic is gone.
    bool unsubscribe(Session& session, Subscription& subscription);
    /// Ends all subscriptions of a session that another session has resumed, or that was closed. The journal keeps
    /// them.
    void release_subscriptions(Session& session);
    /// The form in which the session gets `record`, by the subscriptions that its own cursor covers or, with `replay`,
    /// by the members of that replay.
    Form form_of(const Session& session, const store::LogRecord& record, const Replay* replay);

    ReplayRef new_replay(Session& session, wire::Finality finality = wire::Finality::accepted);
    /// Ends a replay that has reached the live end: the session's own cursor covers its subscriptions from here on.
    void finish_replay(Session& session, Replay& replay);
    /// A replay that waits for finality has checked everything up to `settled`. It joins the parked one, if there is
    /// one.
    void park(Session& session, Replay& replay);
    /// The session's replay, which was parked, has something to deliver from record `next` on.
    void wake(Session& session, Replay& replay, std::uint64_t next);
    /// Notes in the journal where awake replays of the session stand, unless that was done: what they cover must be
    /// delivered again after a kill, even if the client has seen later events.
    void journal_open(const Session& session);
    /// The subscriptions that wait for finality, and the last record that was checked for all parked replays.
    Topics& delayed() noexcept { return delayed_; }
    std::uint64_t settled(wire::Finality finality) const noexcept {
        return settled_[static_cast<std::size_t>(finality)];
    }
    void settle(wire::Finality finality, std::uint64_t seq) noexcept {
        settled_[static_cast<std::size_t>(finality)] = seq;
    }
    /// The last record that a cursor of the session may reach now: its own, or that of a replay.
    std::uint64_t end_of(const Session& session, const Replay* replay) const noexcept {
        const std::uint64_t live = processed(session);
        return replay == nullptr || !replay->is_delayed() ? live : std::min(live, settled(replay->finality));
    }
    /// The first replay of the session that has something to do: nothing holds it up, and it has records or earlier
    /// events to look at, or has come to its end. Null: none.
    ReplayRef ready_replay(const Session& session) const;

    /// The sessions that decode nothing, and the sessions that have, or had, a subscription which decodes
    /// (docs/decisions/0018).
    Audience& plain() noexcept { return plain_; }
    Audience& decoding() noexcept { return decoding_; }
    Audience& audience_of(const Session& session) noexcept { return session.decodes ? decoding_ : plain_; }
    /// The last record that was delivered to the live sessions of the session's audience.
    std::uint64_t processed(const Session& session) const noexcept {
        return (session.decodes ? decoding_ : plain_).processed;
    }
    /// The last event whose delivery to this session is complete, as far as its own cursor covers it.
    std::uint64_t delivered_up_to(const Session& session) const;

    /// Closes a session with the code and the text of the reason and with its last position, and counts that. Its owner
    /// still calls `Hub::closed`.
    void drop(Session& session, Closing why);
    /// Remembers a decision about the session, for its report.
    void note(Session& session, std::string what);
    /// The session as the journal stores it, while it is open.
    store::JournaledSession record_of(const Session& session) const;

    void keep_journal(std::unique_ptr<store::SessionJournal> journal) { journal_ = std::move(journal); }
    /// Null: none is kept.
    store::SessionJournal* journal() const noexcept { return journal_.get(); }

private:
    Subscription* find_subscription(const Session& session, const Topic& topic) const;
    Topics& index_of(const Session& session, const Topic& topic) noexcept {
        return topic.certainty.finality == wire::Finality::accepted ? audience_of(session).topics : delayed_;
    }
    void journal_replay(const Session& session, const Replay& replay, std::uint64_t from,
                        std::optional<store::Unfinished> unfinished);
    std::size_t journal_bytes(const Session& session, const wire::Uri& uri) const;
    void uncount_subscription(const Session& session, const wire::Uri& uri) const;

    LoopContext& loop_;
    std::unique_ptr<store::SessionJournal> journal_;
    std::vector<std::unique_ptr<Session>> slots_;
    std::vector<std::uint32_t> free_;
    std::size_t count_ = 0;
    Audience plain_;
    Audience decoding_;
    Topics delayed_;
    std::array<std::uint64_t, wire::kFinalities> settled_{};
    std::uint64_t replays_ = 0;     ///< number of replays started so far
    std::vector<Topic*> matching_;  ///< a member only to keep its memory
};

}  // namespace rues::feed
