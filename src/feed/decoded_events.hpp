#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/lru_cache.hpp"
#include "feed/decoder.hpp"
#include "store/log_records.hpp"

namespace rues::feed {

/// True for an event of a contract with a binary payload. Only such an event is decoded; every other event comes as it
/// is to all sessions.
bool is_decodable(const store::LogRecord& record);

/// The newest decoded events, shared by all loops, and the decoding of further ones. An event is decoded once for all
/// sessions while it is kept; an event that is needed again later is decoded again. Any thread; the lock is held only
/// for a look-up or one step of the queue, never while a payload is decoded.
///
/// A decoded event is the whole message that a decoding session gets. For an event that cannot be decoded that is the
/// stored one with the reason (wire::as_undecoded). Such a failure is kept for kFailureKept only, so that a driver
/// which comes later counts.
class DecodedEvents {
public:
    using Message = std::shared_ptr<const base::Bytes>;
    /// Runs a task on a pool whose threads may run decoders. False: the pool is full.
    using Pool = std::function<bool(std::move_only_function<void()>)>;
    /// Tells a loop that an event which it waited for is not under way any more. Any thread.
    using Tell = std::function<void(std::size_t loop)>;

    struct Look {
        Message message;            ///< null: not known
        bool is_under_way = false;  ///< another thread decodes it or will do so; the loop is told when that ends
    };

    static constexpr std::size_t kMaxWaiting = 4'096;         ///< events that wait for a thread
    static constexpr std::size_t kMaxWaitingBytes = 8 << 20;  ///< of their messages
    static constexpr std::size_t kMostOfOne = 2;              ///< events of one contract that are decoded at once
    /// A contract with an event that took so long counts as slow for kSlowFor. All slow contracts together have
    /// kMostOfSlow events decoded at once, and reads leave their events to the pool: so they take neither all of its
    /// threads nor those of the reads from the others.
    /// @{
    static constexpr std::chrono::milliseconds kSlowDecoding{50};
    static constexpr std::chrono::seconds kSlowFor{10};
    static constexpr std::size_t kMostOfSlow = 2;
    static constexpr std::size_t kMaxSlow = 1'024;  ///< contracts that are remembered as slow
    /// @}
    static constexpr std::size_t kMaxJson = 256 << 10;  ///< bytes of a decoded payload
    static constexpr std::size_t kEntryBytes = 256;     ///< what an entry counts beside its message
    static constexpr std::chrono::seconds kFailureKept{5};

    /// `max_bytes`: of the messages that are kept, and with kEntryBytes also of their number.
    DecodedEvents(Decoder decoder, std::size_t max_bytes, const base::Clock& clock, Pool pool, Tell tell);

    /// What is known of `record` now.
    Look find(const store::LogRecord& record, std::size_t loop);
    /// The same, and has the event decoded on the pool when nobody does that yet. Neither known nor under way: too many
    /// events wait; ask again later.
    Look ask(const store::LogRecord& record, std::size_t loop);
    /// The same, but decodes on the caller's thread, unless the contract is slow and the queue has room: the message is
    /// null only when the event is under way elsewhere. `also_slow`: here even then, for a caller that has waited for
    /// this event already; in a small memory it may have been dropped since.
    Look decode(const store::LogRecord& record, std::size_t loop, bool also_slow = false);
    /// Always gives the message, even when another thread is decoding the event just now.
    Message decode_now(const store::LogRecord& record);
    /// True: the event is under way, and the loop is told when that ends.
    bool is_under_way(std::uint64_t seq, std::size_t loop);
    /// For kFailureKept the event counts as one that cannot be decoded, unless its decoding ends well before.
    void give_up(std::uint64_t seq, std::string_view reason);
    /// The driver of a contract was added or replaced: everything that is kept is dropped, and what is being decoded is
    /// not kept. Drivers change so rarely that the events of other contracts are not told apart.
    void forget();
    /// Call it once a second: begins waiting events that a full pool had refused.
    void tick();

    std::size_t waiting() const;
    std::size_t kept_bytes() const;
    std::size_t max_bytes() const noexcept { return max_bytes_; }

private:
    using Lock = std::unique_lock<std::mutex>;
    struct Kept {
        Message message;     ///< null: it failed
        std::string reason;  ///< of the failure
        base::SteadyTime until{};
    };
    struct Waiting {
        std::uint64_t seq = 0;
        base::Bytes message;
    };
    /// The events of one contract that wait for a thread.
    struct Queue {
        std::deque<Waiting> events;
        std::size_t running = 0;
    };
    struct Result {
        Message message;
        std::string failure;                           ///< empty: the message is decoded
        std::optional<base::ByteArray<32>> is_slow{};  ///< the contract, when this took kSlowDecoding
    };

    Look known(const store::LogRecord& record, std::size_t loop, bool joins);
    Result make(std::uint64_t seq, base::ByteView message) const;
    void keep(std::uint64_t seq, const Result& result, std::uint64_t begun);
    void finish(std::uint64_t seq, const Result& result, std::uint64_t begun);
    void add_turn(const base::ByteArray<32>& contract);
    std::size_t ready() const;
    bool is_slow(const base::ByteArray<32>& contract);
    void remember_slow(const base::ByteArray<32>& contract);
    void run_next();
    void begin_tasks();

    const Decoder decoder_;
    const base::Clock& clock_;
    const Pool pool_;
    const Tell tell_;
    const std::size_t max_bytes_;

    mutable std::mutex mutex_;
    base::LruCache<std::uint64_t, Kept> kept_;
    std::uint64_t changes_ = 0;  ///< of drivers
    /// The events that wait or are being decoded, and the loops that are told when that ends.
    std::map<std::uint64_t, std::vector<std::size_t>> under_way_;
    /// A thread takes the contracts in turn, so that one with many or slow events does not hold up the others.
    std::map<base::ByteArray<32>, Queue> queues_;
    /// Contracts with events that may begin, each in one of the two and once; those of slow contracts apart.
    std::deque<base::ByteArray<32>> turns_;
    std::deque<base::ByteArray<32>> slow_turns_;
    std::size_t slow_running_ = 0;                          ///< events that began in a turn of `slow_turns_`
    std::map<base::ByteArray<32>, base::SteadyTime> slow_;  ///< slow contracts, and until when they count as such
    std::size_t waiting_ = 0;
    std::size_t waiting_bytes_ = 0;
    std::size_t tasks_ = 0;  ///< that the pool has not begun; as many as `ready`, unless it refused some
};

}  // namespace rues::feed
