#pragma once

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "feed/hub.hpp"
#include "feed/subscriptions.hpp"
#include "feed/tail.hpp"

namespace rues::feed {

/// The sessions of one loop. Everything here runs on that loop's thread.
///
/// A session is *live* (everything up to `processed_` was looked at for it, nothing unsent) or *behind*: it has a
/// cursor, perhaps with a message half sent, and no queue. A live session that its socket stops becomes behind; a
/// behind one reads the tail, or the log through the pool, with its own filter, until it reaches `processed_` and is
/// live again. So order and once-only delivery hold whatever the path.
class LoopFeed {
public:
    LoopFeed(std::size_t loop, const store::Store& store, const Tail& tail, const Executors& executors,
             const Limits& limits, const wire::SessionIdCipher& cipher, const base::Log& log);
    ~LoopFeed();

    std::optional<wire::SessionId> open(Sink& sink);
    void writable(const wire::SessionId& id);
    void closed(const wire::SessionId& id);
    SubscribeResult subscribe(const wire::SessionId& id, const wire::Uri& uri);
    SubscribeResult unsubscribe(const wire::SessionId& id, const wire::Uri& uri);
    /// Looks at everything that came into the tail since the last time.
    void deliver();
    std::size_t sessions() const noexcept { return count_; }

private:
    struct Session {
        wire::SessionId id{};
        Sink* sink = nullptr;
        Subscriptions subscriptions;
        bool live = true;
        bool blocked = false;    ///< behind: the socket is full and will say when it is not
        bool reading = false;    ///< behind: a read of the log is under way
        bool dropped = false;    ///< closed by us: gets the rest of `rest`, nothing else
        std::uint64_t next = 0;  ///< behind: first record not looked at yet
        base::Bytes rest;        ///< behind: what is left of a half sent message; a copy, so that no batch is kept
    };
    struct Pending {
        store::LogBatch batch;
        std::size_t index;
    };

    Session* find(const wire::SessionId& id) const;
    /// Writes what is pending in one call; what was not taken makes the session behind. False when the socket is full.
    bool write(Session& session, const std::vector<Pending>& pending);
    void catch_up(Session& session);
    /// Offers the records of `batch` from session.next on. False when the socket is full.
    bool offer(Session& session, const store::LogBatch& batch);
    void read_log(Session& session);
    void drop(Session& session, std::uint16_t code, const std::string& why);
    void fall_behind(Session& session, std::uint64_t next);
    void unindex(Session& session, const SubscriptionKey& key);

    const std::size_t loop_;
    const store::Store& store_;
    const Tail& tail_;
    const Executors& executors_;
    const Limits& limits_;
    const wire::SessionIdCipher& cipher_;
    const base::Log& log_;
    std::uint64_t processed_;
    std::vector<std::unique_ptr<Session>> slots_;
    std::vector<std::uint32_t> free_;
    std::size_t count_ = 0;
    std::unordered_set<Session*> behind_;  ///< those that are not live
    /// Sessions that want an event, found in two look-ups whatever their number.
    std::unordered_map<SubscriptionKey, std::vector<Session*>, SubscriptionKeyHash> index_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< for answers of the pool that come too late
};

}  // namespace rues::feed
