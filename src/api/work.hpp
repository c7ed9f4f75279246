#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "base/client.hpp"
#include "base/metrics.hpp"

/// The cost of requests: where they are worked on, how many at once, and how long they may wait. One table of classes;
/// each row of the table of routes names its class.
namespace rues::api {

enum class Work : std::uint8_t {
    loop,     ///< in memory, microseconds
    read,     ///< point reads: on the loop when all of it is in memory, else on the read pool
    state,    ///< a short call of a genesis contract: on the loop when it was answered before, else on the read pool
    call,     ///< any other call of a contract: code that may take as long as a query may
    scan,     ///< walks over many keys, many keys to check, whole files
    feeder,   ///< a feeder: each has a thread while the contract gives items
    history,  ///< a page of the event log
    decoded_history,  ///< the same with decoded events: code of data drivers
    query,            ///< GraphQL
    stream,           ///< a body that is made on the read pool while it is sent
    push,             ///< events, written on the loop as they are published
    verify,           ///< a signature check: the chain's verify pool
    simulate,         ///< execution on a snapshot: the chain's verify pool
    chain,            ///< the chain's thread
    wait,             ///< an answer that waits for what becomes of a transaction
    block_wait,       ///< a request that waits for a block before its work begins
    session,          ///< the loop that owns the session
    decode,           ///< a large body, before the work of its row
    prove,            ///< a proof: seconds of a few threads
    relay,            ///< given to a node behind a gateway: a thread waits for the node's answer
};
inline constexpr std::size_t kWorks = 20;

/// Threads of this room's users that requests are given to. `none`: the loop, or threads of another room, which has its
/// own bounds.
enum class Pool : std::uint8_t { none, read, query, call, feeder, prove };

/// Most requests for a proof at once: one is worked on, the others wait.
inline constexpr std::size_t kMostProofs = 16;

/// Most feeders at once. Each has a thread of the feeders' pool.
inline constexpr std::size_t kMostFeeders = 16;

struct WorkClass {
    Work work;
    std::string_view name;
    Pool pool = Pool::none;
    std::size_t most = 0;     ///< requests at once; 0: another room has the bound
    std::size_t of_one = 0;   ///< of these, requests of one client; 0: all
    std::string_view full{};  ///< why the next one is answered 503, or 429 when its client has its part
    /// A request that has waited longer for its pool is answered 503; its client has given up, and others have not. 0:
    /// no limit, or the work has a deadline of its own.
    std::chrono::milliseconds patience{0};
    /// An answer 503 says in `Rues-Queue` which place in the queue the request would have had.
    bool tells_queue = false;
};
const WorkClass& class_of(Work work) noexcept;

class Bound;

/// A part of a bound, given back when it is destroyed. Movable to any thread.
class Place {
public:
    Place() noexcept = default;
    Place(Place&& other) noexcept
        : state_(std::move(other.state_)),
          of_client_(std::move(other.of_client_)),
          amount_(std::exchange(other.amount_, 0)) {}
    Place& operator=(Place&& other) noexcept {
        std::swap(state_, other.state_);
        std::swap(of_client_, other.of_client_);
        std::swap(amount_, other.amount_);
        return *this;
    }
    ~Place() { (void)resize(0); }

    /// Holds `amount` from now on. False, and nothing has changed, when the bound has not so much left.
    bool resize(std::size_t amount) noexcept;
    std::size_t amount() const noexcept { return amount_; }

private:
    friend class Bound;
    friend class Places;
    struct State {
        std::size_t most;
        std::atomic<std::size_t> taken{0};

        bool take(std::size_t amount) noexcept;
        void give_back(std::size_t amount) noexcept { taken.fetch_sub(amount, std::memory_order_relaxed); }
    };
    explicit Place(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

    std::shared_ptr<State> state_;
    std::shared_ptr<State> of_client_;  ///< the client's part of the same bound; null: it has none
    std::size_t amount_ = 0;
};

/// How much of something requests may hold together: places, or bytes. Any thread.
class Bound {
public:
    explicit Bound(std::size_t most) : state_(std::make_shared<Place::State>(most)) {}

    /// nullopt: it has not so much left.
    std::optional<Place> take(std::size_t amount = 1) const;
    std::size_t most() const noexcept { return state_->most; }
    std::size_t taken() const noexcept { return state_->taken.load(std::memory_order_relaxed); }

private:
    friend class Places;
    std::shared_ptr<Place::State> state_;
};

/// Counts of the requests of one class.
struct WorkCounts {
    base::Counter refused;      ///< answered 503 or 429: no place, a full pool, or a wait that was too long
    base::Histogram waited_us;  ///< microseconds in which a pool had no thread for a request
};

/// The places of all classes of work, and their counts. Any thread.
class Places {
public:
    Places();
    /// nullopt: too many requests of this class are under way. A class without a bound always has a place.
    std::optional<Place> take(Work work) const;
    /// The same for a request of `client` (null: nobody's). A client has at most `WorkClass::of_one` places, so others
    /// get theirs, however many requests it sends. The error says whose bound was reached; it is never `yes`.
    std::expected<Place, base::Taken> take(Work work, const base::Client* client) const;
    const Bound& of(Work work) const noexcept { return bounds_[static_cast<std::size_t>(work)]; }
    WorkCounts& counts(Work work) const noexcept { return (*counts_)[static_cast<std::size_t>(work)]; }

private:
    /// The parts of clients that have places of one class, and of some that had.
    struct Parts {
        std::mutex mutex;
        std::map<const base::Client*, std::weak_ptr<Place::State>> of_clients;
        std::size_t full = kFewParts;  ///< number of entries at which those without a place are dropped
    };
    static constexpr std::size_t kFewParts = 64;
    std::shared_ptr<Place::State> part_of(Work work, const base::Client& client) const;

    std::array<Bound, kWorks> bounds_;
    std::shared_ptr<std::array<Parts, kWorks>> parts_ = std::make_shared<std::array<Parts, kWorks>>();
    std::shared_ptr<std::array<WorkCounts, kWorks>> counts_ = std::make_shared<std::array<WorkCounts, kWorks>>();
};

}  // namespace rues::api
