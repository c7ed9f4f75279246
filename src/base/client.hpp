#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
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
    ByteArray<16> bytes_{};
};

/// The kinds of things that a client may hold only a part of.
enum class Holding : std::uint8_t {
    connections,
    sessions,       ///< WebSockets that are sessions
    subscriptions,  ///< of its sessions
    uploads,        ///< bytes of request bodies that are not whole
    messages,       ///< bytes of WebSocket messages that are not whole
    unread,         ///< bytes of answers that wait until the client reads
};
inline constexpr std::size_t kHoldings = 6;
struct HoldingRow {
    Holding holding;
    std::string_view name;     ///< in /debug/clients and in metrics
    std::string_view setting;  ///< the setting that limits one client; empty: only counted
    std::string_view what;     ///< for the reason of a refusal
};
const HoldingRow& row_of(Holding holding) noexcept;

/// Limits of what one client, and all of them together, may hold. 0: none.
struct ClientLimits {
    std::array<std::uint64_t, kHoldings> of_one{};
    std::array<std::uint64_t, kHoldings> of_all{};
    /// Processor time that a client may spend in a second while others wait, in microseconds. 0: no limit.
    std::uint64_t share_us = 0;

    std::uint64_t& one(Holding holding) noexcept { return of_one[static_cast<std::size_t>(holding)]; }
    std::uint64_t& all(Holding holding) noexcept { return of_all[static_cast<std::size_t>(holding)]; }
};

/// How a request for more ended.
enum class Taken : std::uint8_t {
    yes,
    client_is_full,  ///< the client holds its part
    all_is_full,     ///< all clients together hold as much as the program gives
};

/// The account of one client. Any thread; an operation is some atomic ones, and none of them is on the way of an event.
class Client : public std::enable_shared_from_this<Client> {
    template <typename Values>
    static auto& at(Values& values, Holding holding) noexcept {
        return values[static_cast<std::size_t>(holding)];
    }

public:
    using Time = std::chrono::steady_clock::time_point;

    /// Limits and sums of all clients. Shared by their accounts, because an account may outlive the table.
    struct Common {
        std::array<std::atomic<std::uint64_t>, kHoldings> of_one{};
        std::array<std::atomic<std::uint64_t>, kHoldings> of_all{};
        std::array<std::atomic<std::uint64_t>, kHoldings> held{};
        std::array<Counter, kHoldings> refused{};  ///< because a client held its part
        std::array<Counter, kHoldings> full{};     ///< because all held together what there is
        std::atomic<std::uint64_t> share_us{0};
        Counter overdrawn;  ///< requests refused and reads put off because of processor time
    };

    /// `is_limited` false: for a proxy in `trusted-proxies`, whose connections are those of many clients.
    Client(ClientKey key, bool is_limited, std::shared_ptr<Common> common) noexcept
        : key_(key), is_limited_(is_limited), common_(std::move(common)) {}

    const ClientKey& key() const noexcept { return key_; }
    bool is_limited() const noexcept { return is_limited_; }

    /// Holds `amount` more. Nothing is taken unless the answer is `yes`. `at_least_one`: a client that holds nothing
    /// gets it however large it is.
    Taken take(Holding holding, std::uint64_t amount, bool at_least_one = false) noexcept;
    void give_back(Holding holding, std::uint64_t amount) noexcept;
    std::uint64_t held(Holding holding) const noexcept { return at(held_, holding).load(std::memory_order_relaxed); }
    /// Refusals so far.
    std::uint64_t refused() const noexcept { return refused_.value(); }

    /// The reason of a refusal: it names what there is too much of, and the setting. `taken` is not `yes`.
    std::string reason(Holding holding, Taken taken) const;

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
    void count_overdrawn() noexcept {
        common_->overdrawn.add();
        refused_.add();
    }
    /// @}

    /// @name Whether one of the last signatures that it sent was forged. A forged one is forgotten after
    /// `kForgedMemory` good ones.
    /// @{
    static constexpr std::uint32_t kForgedMemory = 16;
    void note_signature(bool is_good) noexcept {
        std::uint32_t before = forged_.load(std::memory_order_relaxed);
        if (is_good && before == 0) return;
        while (!forged_.compare_exchange_weak(before, is_good ? (before > 0 ? before - 1 : 0) : kForgedMemory,
                                              std::memory_order_relaxed)) {
        }
    }
    bool sent_forged() const noexcept { return forged_.load(std::memory_order_relaxed) > 0; }
    /// @}

private:
    const ClientKey key_;
    const bool is_limited_;
    const std::shared_ptr<Common> common_;
    std::array<std::atomic<std::uint64_t>, kHoldings> held_{};
    Counter refused_;
    std::atomic<std::uint32_t> forged_{0};
    std::atomic<std::int64_t> spent_{0};  ///< nanoseconds
    std::atomic<std::int64_t> paid_until_{
        0};  ///< steady time at which the share has paid for everything that was spent
};

/// The client for whom this thread works now, so that a pool which gets a task from here knows whose it is.
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
    static std::shared_ptr<Client> kept() { return current_ != nullptr ? current_->shared_from_this() : nullptr; }

private:
    static thread_local Client* current_;
    Client* const before_;
};

/// A part of what a client may hold. The destructor gives it back.
class Held {
public:
    Held() noexcept = default;
    Held(std::shared_ptr<Client> client, Holding holding) noexcept : client_(std::move(client)), holding_(holding) {}
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
    std::uint64_t amount() const noexcept { return amount_; }

private:
    std::shared_ptr<Client> client_;
    Holding holding_ = Holding::connections;
    std::uint64_t amount_ = 0;
};

/// The accounts of all clients. Any thread. An account stays while somebody refers to it or it holds or owes something;
/// what is left over is dropped when the table has doubled, so there are at most twice as many as are in use, or
/// `kFew`.
class Clients {
public:
    static constexpr std::size_t kFew = 1'024;

    Clients() : common_(std::make_shared<Client::Common>()) {}
    /// Replaces the limits. Clients that hold more keep it.
    void use_limits(const ClientLimits& limits);
    /// Addresses whose accounts have no limits of their own.
    void use_unlimited(std::vector<ClientKey> keys);
    bool is_unlimited(const ClientKey& key) const;
    std::shared_ptr<Client> of(const ClientKey& key, Client::Time now);

    /// Accounts, those that have spent most first, at most `most`.
    std::vector<std::shared_ptr<const Client>> list(std::size_t most) const;
    std::size_t size() const;
    const Client::Common& common() const noexcept { return *common_; }

private:
    void drop_unused(Client::Time now);

    const std::shared_ptr<Client::Common> common_;
    mutable std::mutex mutex_;
    std::map<ClientKey, std::shared_ptr<Client>> accounts_;
    std::vector<ClientKey> unlimited_;
    std::size_t full_ = kFew;  ///< number of accounts at which those not in use are dropped
};

}  // namespace rues::base
