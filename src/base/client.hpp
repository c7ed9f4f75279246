#pragma once

#include <array>
#include <atomic>
#include <boost/intrusive/set.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/metrics.hpp"

/// Clients and their accounts: who holds how much of what the program has, and who spends its processor time.
namespace rues::base {

/// Names a client: an IPv4 address, or the /64 of an IPv6 address, because one subscriber gets a whole /64. An IPv4
/// address that is written as IPv6 (`::ffff:a.b.c.d`, RFC 4291 2.5.5.2) is the IPv4 address.
class ClientKey {
public:
    /// `bytes`: the 16 bytes of an IPv6 address.
    static ClientKey of_v6(const ByteArray<16>& bytes) noexcept;
    static ClientKey of_v4(const ByteArray<4>& bytes) noexcept;
    /// Reads an address without port and brackets; a zone (`%eth0`) is ignored. nullopt: it is no address.
    static std::optional<ClientKey> parse(std::string_view address);
    /// The address, or `PREFIX::/64`.
    std::string text() const;
    friend auto operator<=>(const ClientKey&, const ClientKey&) = default;

private:
    friend class Client;
    ByteArray<16> bytes_{};
};

/// The kinds of things that a client may hold only a part of. The first ones (`Client::kInPlace`) are what idle
/// sessions hold.
enum class Holding : std::uint8_t {
    connections,
    sessions,       ///< of `feed`: WebSockets, event streams, subscriptions of GraphQL, answers that wait
    subscriptions,  ///< of its sessions
    journal,        ///< bytes of the session journal, for its open sessions and its kept ones
    kept,           ///< ended sessions that can be resumed
    resumes,        ///< sessions that are being resumed
    handshakes,     ///< TLS connections whose handshake is not done
    uploads,        ///< bytes of request bodies that are not whole
    messages,       ///< bytes of WebSocket messages that are not whole
    unread,         ///< bytes of answers that wait until the client reads
};
inline constexpr std::size_t kHoldings = 10;
struct HoldingRow {
    Holding holding;
    std::string_view name;            ///< in /debug/clients
    std::string_view setting;         ///< limits one client
    std::string_view setting_of_all;  ///< limits all clients together; empty: there is none
    std::string_view what;            ///< for the reason of a refusal
};
const HoldingRow& row_of(Holding holding) noexcept;

/// Limits of what one client, and all of them together, may hold. 0: no limit.
struct ClientLimits {
    std::array<std::uint64_t, kHoldings> of_one{};
    std::array<std::uint64_t, kHoldings> of_all{};
    /// Processor time that a client may spend in a second while others wait, in microseconds. 0: no limit.
    std::uint64_t share_us = 0;

    std::uint64_t& one(Holding holding) noexcept { return of_one[static_cast<std::size_t>(holding)]; }
    std::uint64_t& all(Holding holding) noexcept { return of_all[static_cast<std::size_t>(holding)]; }
};

/// The result of `Client::take`.
enum class Taken : std::uint8_t {
    yes,
    client_is_full,  ///< the client holds its part
    all_is_full,     ///< all clients together hold as much as the program gives
};

class Client;
/// A reference that keeps an account. Each connection has one, so it is as small as a pointer.
using ClientPtr = boost::intrusive_ptr<Client>;

/// The account of one client. Any thread may use it: an operation is a few atomic ones. Delivery to live sessions uses
/// none of them.
///
/// Most clients have one idle connection, so state that such a client does not need is allocated on demand (see Rare).
class Client final : public boost::intrusive::set_base_hook<boost::intrusive::optimize_size<true>,
                                                            boost::intrusive::link_mode<boost::intrusive::normal_link>>,
                     public boost::intrusive_ref_counter<Client, boost::thread_safe_counter> {
    template <typename Values>
    static auto& at(Values& values, Holding holding) noexcept {
        return values[static_cast<std::size_t>(holding)];
    }

public:
    using Time = std::chrono::steady_clock::time_point;
    /// Number of kinds that every account has room for.
    static constexpr std::size_t kInPlace = 4;
    /// The last part (1/kReserve) of what all clients may hold is for clients that hold little (1/kLittle of it), so
    /// that others cannot shut them out.
    static constexpr std::uint64_t kReserve = 8;
    static constexpr std::uint64_t kLittle = 16;

    /// Limits and sums of all clients. Shared by their accounts, because an account may outlive the table.
    struct Common : boost::intrusive_ref_counter<Common, boost::thread_safe_counter> {
        std::array<std::atomic<std::uint64_t>, kHoldings> of_one{};
        std::array<std::atomic<std::uint64_t>, kHoldings> of_all{};
        std::array<std::atomic<std::uint64_t>, kHoldings> held{};
        std::array<Counter, kHoldings> refused{};   ///< because a client held its part
        std::array<Counter, kHoldings> full{};      ///< because all held together what there is
        std::array<Counter, kHoldings> gave_way{};  ///< times that the largest holder was closed, to make room
        std::atomic<std::uint64_t> share_us{0};
        Counter overdrawn;  ///< requests refused and reads put off because of processor time
        Counter memory;     ///< clients that were closed because the program used too much memory
        /// Bit i: the reserve of holding i is in use, so its largest holder must give way.
        std::atomic<std::uint32_t> crowded{0};
    };
    using CommonPtr = boost::intrusive_ptr<Common>;

    /// `is_limited` false: for a proxy in `trusted-proxies`, whose connections are those of many clients.
    Client(const ClientKey& key, bool is_limited, CommonPtr common) noexcept;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() { delete rare_.load(std::memory_order_relaxed); }

    ClientKey key() const noexcept;
    bool is_limited() const noexcept { return is_limited_; }
    /// The order of the table of accounts.
    friend bool operator<(const Client& a, const Client& b) noexcept { return a.rank() < b.rank(); }

    /// Holds `amount` more. Nothing is taken unless the answer is `yes`. `at_least_one`: the limit of one client does
    /// not apply while the client holds nothing, and that of all clients not while nobody holds anything.
    Taken take(Holding holding, std::uint64_t amount, bool at_least_one = false) noexcept;
    /// The same beyond every limit: for what was granted before.
    void take_anyway(Holding holding, std::uint64_t amount) noexcept;
    void give_back(Holding holding, std::uint64_t amount) noexcept;
    std::uint64_t held(Holding holding) const noexcept;
    /// Refusals so far.
    std::uint64_t refused() const noexcept;
    /// Counts a refusal for a reason that `take` does not know.
    void count_refused(Holding holding) noexcept;

    /// The reason of a refusal: it names what there is too much of, and the setting. `taken` is not `yes`.
    std::string reason(Holding holding, Taken taken) const;
    /// The reason why one more would be refused now; nullopt: it would not.
    std::optional<std::string> reason_if_full(Holding holding) const;

    /// @name The balance of processor time. It is refilled with the client's share of each second, up to `kSaved`.
    /// @{
    /// The most unspent time that a client keeps, as time of its share.
    static constexpr std::chrono::milliseconds kSaved{20};
    void charge(std::chrono::nanoseconds spent, Time now) noexcept;
    /// Time until the balance is positive again; 0: it is. A client at its limit is slowed down only where others wait,
    /// so the caller asks this only then.
    std::chrono::nanoseconds debt(Time now) const noexcept;
    /// Processor time that a second refills. 0: there is no limit.
    std::chrono::microseconds share() const noexcept {
        return std::chrono::microseconds(common_->share_us.load(std::memory_order_relaxed));
    }
    std::chrono::nanoseconds spent() const noexcept {
        return std::chrono::nanoseconds(spent_.load(std::memory_order_relaxed));
    }
    void count_overdrawn() noexcept;
    /// @}

    /// @name Whether one of the last signatures that it sent was forged. A forged one is forgotten after
    /// `kForgedMemory` good ones.
    /// @{
    static constexpr std::uint32_t kForgedMemory = 16;
    void note_signature(bool is_good) noexcept;
    bool sent_forged() const noexcept;
    /// @}

private:
    /// State that a client with idle sessions alone does not need. Once allocated it stays.
    struct Rare {
        std::array<std::atomic<std::uint64_t>, kHoldings - kInPlace> held{};
        Counter refused;
        std::atomic<std::uint32_t> forged{0};
    };
    friend class Clients;

    Rare& rare() noexcept;
    std::pair<bool, std::uint64_t> rank() const noexcept { return {is_v6_, network_}; }
    bool raise(Holding holding, std::uint64_t amount, std::uint64_t most, bool at_least_one) noexcept;
    void give_back_own(Holding holding, std::uint64_t amount) noexcept;

    // The 32-bit numbers come first: one of them fits into the padding behind the count of references.
    std::array<std::atomic<std::uint32_t>, kInPlace> held_{};
    const bool is_v6_;
    const bool is_limited_;
    const std::uint64_t network_;  ///< the IPv4 address, or the first half of the IPv6 address
    const CommonPtr common_;
    std::atomic<Rare*> rare_{nullptr};
    std::atomic<std::int64_t> spent_{0};  ///< nanoseconds
    /// Steady time at which the share has paid for everything that was spent.
    std::atomic<std::int64_t> paid_until_{0};
};
// With the allocator's own bytes it takes 96.
static_assert(sizeof(Client) <= 88);

/// The client for whom this thread works now. A pool that gets a task from this thread keeps the client with it.
class ActingFor {
public:
    /// `client`: null for work of the program itself. It outlives the scope.
    explicit ActingFor(Client* client) noexcept : before_(std::exchange(current_, client)) {}
    ActingFor(const ActingFor&) = delete;
    ActingFor& operator=(const ActingFor&) = delete;
    ~ActingFor() { current_ = before_; }
    /// Null: nobody.
    static Client* client() noexcept { return current_; }
    /// The same, kept.
    static ClientPtr kept() { return ClientPtr(current_); }

private:
    static thread_local Client* current_;
    Client* const before_;
};

/// A part of what a client may hold. The destructor gives it back.
class Held {
public:
    Held() noexcept = default;
    Held(ClientPtr client, Holding holding) noexcept : client_(std::move(client)), holding_(holding) {}
    Held(Held&& other) noexcept
        : client_(std::move(other.client_)), holding_(other.holding_), amount_(std::exchange(other.amount_, 0)) {}
    Held& operator=(Held&& other) noexcept {
        std::swap(client_, other.client_);
        std::swap(holding_, other.holding_);
        std::swap(amount_, other.amount_);
        return *this;
    }
    ~Held() { clear(); }

    /// Holds `amount` from now on. Unless the answer is `yes`, nothing has changed. Without a client nothing is
    /// counted.
    Taken resize(std::uint64_t amount, bool at_least_one = false) noexcept;
    void clear() noexcept { (void)resize(0); }
    /// The same beyond every limit. REQUIRES: it holds nothing.
    void hold_anyway(std::uint64_t amount) noexcept {
        client_->take_anyway(holding_, amount);
        amount_ = amount;
    }
    std::uint64_t amount() const noexcept { return amount_; }
    /// The client that holds the part; null: no client.
    const ClientPtr& client() const noexcept { return client_; }

private:
    ClientPtr client_;
    Holding holding_ = Holding::connections;
    std::uint64_t amount_ = 0;
};

/// The accounts of all clients. Any thread. An account stays while somebody refers to it, or while it owes something.
/// Unused accounts are dropped when the table has doubled, so there are at most twice as many as are in use, or `kFew`.
class Clients {
public:
    static constexpr std::size_t kFew = 1'024;

    Clients() : common_(new Client::Common) {}
    Clients(const Clients&) = delete;
    Clients& operator=(const Clients&) = delete;
    ~Clients();
    /// Replaces the limits. Clients that hold more keep it.
    void use_limits(const ClientLimits& limits);
    /// Addresses whose accounts have no limits of their own.
    void use_unlimited(std::vector<ClientKey> keys);
    bool is_unlimited(const ClientKey& key) const;
    ClientPtr of(const ClientKey& key, Client::Time now);

    /// Accounts, those that have spent most first, at most `most`.
    std::vector<ClientPtr> list(std::size_t most) const;
    /// The limited client of which `amount` is the largest; null: for no client it is `least` or more.
    ClientPtr largest(const std::function<std::uint64_t(const Client&)>& amount, std::uint64_t least) const;
    std::size_t size() const;
    const Client::Common& common() const noexcept { return *common_; }
    /// The kinds of holdings whose reserve was used since the last call (`Client::kReserve`).
    std::vector<Holding> take_crowded();
    void count_gave_way(Holding holding) const noexcept;
    void count_memory() const noexcept { common_->memory.add(); }
    /// Counts something that was refused before it had an account.
    void count_full(Holding holding) const noexcept;

private:
    using Accounts = boost::intrusive::set<Client>;
    void drop_unused(Client::Time now);

    const Client::CommonPtr common_;
    mutable std::mutex mutex_;
    mutable Accounts accounts_;  ///< the table has a reference to each
    std::vector<ClientKey> unlimited_;
    std::size_t full_ = kFew;  ///< number of accounts at which those not in use are dropped
};

}  // namespace rues::base
