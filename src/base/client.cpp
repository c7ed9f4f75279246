#include "base/client.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace rues::base {
namespace {

constexpr std::size_t kPrefixBytes = 8;  // of an IPv6 address: its /64
constexpr ByteArray<12> kMapped{std::byte{0}, std::byte{0}, std::byte{0},    std::byte{0},
                                std::byte{0}, std::byte{0}, std::byte{0},    std::byte{0},
                                std::byte{0}, std::byte{0}, std::byte{0xff}, std::byte{0xff}};

constexpr HoldingRow kRows[kHoldings] = {
    {Holding::connections, "connections", "client-connections", "connections"},
    {Holding::sessions, "sessions", "", "sessions"},
    {Holding::subscriptions, "subscriptions", "client-subscriptions", "subscriptions"},
    {Holding::uploads, "uploads", "client-upload-bytes", "bytes of request bodies that are not whole"},
    {Holding::messages, "messages", "client-message-bytes", "bytes of messages that are not whole"},
    {Holding::unread, "unread", "client-unread-bytes", "bytes of answers that it has not read"},
};

/// The most that a client can owe, as time of its share. A long task would otherwise shut it out for minutes.
constexpr std::chrono::nanoseconds kMostOwed = std::chrono::seconds(2);

std::int64_t nanoseconds(Client::Time time) noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

}  // namespace

thread_local Client* ActingFor::current_ = nullptr;

const HoldingRow& row_of(Holding holding) noexcept {
    return kRows[static_cast<std::size_t>(holding)];
}

ClientKey ClientKey::of_v6(const ByteArray<16>& bytes) noexcept {
    ClientKey out;
    out.bytes_ = bytes;
    const bool is_mapped = std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
    if (!is_mapped) std::fill(out.bytes_.begin() + kPrefixBytes, out.bytes_.end(), std::byte{0});
    return out;
}

ClientKey ClientKey::of_v4(const ByteArray<4>& bytes) noexcept {
    ClientKey out;
    std::ranges::copy(kMapped, out.bytes_.begin());
    std::ranges::copy(bytes, out.bytes_.begin() + kMapped.size());
    return out;
}

std::optional<ClientKey> ClientKey::parse(std::string_view address) {
    const std::string text(address.substr(0, address.find('%')));
    ByteArray<4> v4;
    if (::inet_pton(AF_INET, text.c_str(), v4.data()) == 1) return of_v4(v4);
    ByteArray<16> v6;
    if (::inet_pton(AF_INET6, text.c_str(), v6.data()) == 1) return of_v6(v6);
    return std::nullopt;
}

std::string ClientKey::text() const {
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (std::equal(kMapped.begin(), kMapped.end(), bytes_.begin())) {
        ::inet_ntop(AF_INET, bytes_.data() + kMapped.size(), out.data(), out.size());
        return out.data();
    }
    ::inet_ntop(AF_INET6, bytes_.data(), out.data(), out.size());
    return std::string(out.data()) + "/64";
}

Taken Client::take(Holding holding, std::uint64_t amount, bool at_least_one) noexcept {
    const auto add = [&](std::atomic<std::uint64_t>& to, std::uint64_t most, bool is_free) {
        const std::uint64_t before = to.fetch_add(amount, std::memory_order_relaxed);
        if (most == 0 || is_free || (before <= most && amount <= most - before)) return true;
        if (at_least_one && before == 0) return true;
        to.fetch_sub(amount, std::memory_order_relaxed);
        return false;
    };
    if (!add(at(held_, holding), at(common_->of_one, holding).load(std::memory_order_relaxed), !is_limited_)) {
        at(common_->refused, holding).add();
        refused_.add();
        return Taken::client_is_full;
    }
    if (!add(at(common_->held, holding), at(common_->of_all, holding).load(std::memory_order_relaxed), false)) {
        at(held_, holding).fetch_sub(amount, std::memory_order_relaxed);
        at(common_->full, holding).add();
        refused_.add();
        return Taken::all_is_full;
    }
    return Taken::yes;
}

void Client::give_back(Holding holding, std::uint64_t amount) noexcept {
    at(held_, holding).fetch_sub(amount, std::memory_order_relaxed);
    at(common_->held, holding).fetch_sub(amount, std::memory_order_relaxed);
}

std::string Client::reason(Holding holding, Taken taken) const {
    const HoldingRow& row = row_of(holding);
    std::string out = taken == Taken::client_is_full ? "your address has too many " : "all clients have too many ";
    out.append(row.what);
    if (taken == Taken::client_is_full) out.append(" (setting ").append(row.setting).append(")");
    return out;
}

void Client::charge(std::chrono::nanoseconds spent, Time now) noexcept {
    spent_.fetch_add(spent.count(), std::memory_order_relaxed);
    const auto share = static_cast<std::int64_t>(common_->share_us.load(std::memory_order_relaxed));
    if (share == 0) return;
    // A second of the clock pays for `share` microseconds, so this much time pays for what was spent.
    const auto cost = static_cast<std::int64_t>(static_cast<double>(spent.count()) * 1e6 / static_cast<double>(share));
    const std::int64_t begin = nanoseconds(now);
    const std::int64_t most = begin + (kMostOwed + std::chrono::nanoseconds(kSaved)).count();
    std::int64_t before = paid_until_.load(std::memory_order_relaxed);
    while (!paid_until_.compare_exchange_weak(before, std::min(std::max(before, begin) + cost, most),
                                              std::memory_order_relaxed)) {
    }
}

std::chrono::nanoseconds Client::debt(Time now) const noexcept {
    const auto share = common_->share_us.load(std::memory_order_relaxed);
    if (share == 0 || !is_limited_) return std::chrono::nanoseconds(0);
    const std::chrono::nanoseconds ahead(paid_until_.load(std::memory_order_relaxed) - nanoseconds(now));
    return std::max(ahead - std::chrono::nanoseconds(kSaved), std::chrono::nanoseconds(0));
}

Taken Held::resize(std::uint64_t amount, bool at_least_one) noexcept {
    if (client_ == nullptr) return Taken::yes;
    if (amount > amount_) {
        const Taken taken = client_->take(holding_, amount - amount_, at_least_one);
        if (taken != Taken::yes) return taken;
    } else if (amount < amount_) {
        client_->give_back(holding_, amount_ - amount);
    }
    amount_ = amount;
    return Taken::yes;
}

void Clients::use_limits(const ClientLimits& limits) {
    for (std::size_t i = 0; i < kHoldings; ++i) {
        common_->of_one[i].store(limits.of_one[i], std::memory_order_relaxed);
        common_->of_all[i].store(limits.of_all[i], std::memory_order_relaxed);
    }
    common_->share_us.store(limits.share_us, std::memory_order_relaxed);
}

void Clients::use_unlimited(std::vector<ClientKey> keys) {
    const std::lock_guard lock(mutex_);
    unlimited_ = std::move(keys);
}

bool Clients::is_unlimited(const ClientKey& key) const {
    const std::lock_guard lock(mutex_);
    return std::ranges::find(unlimited_, key) != unlimited_.end();
}

std::shared_ptr<Client> Clients::of(const ClientKey& key, Client::Time now) {
    const std::lock_guard lock(mutex_);
    if (const auto found = accounts_.find(key); found != accounts_.end()) return found->second;
    if (accounts_.size() >= full_) drop_unused(now);
    const bool is_limited = std::ranges::find(unlimited_, key) == unlimited_.end();
    return accounts_.emplace(key, std::make_shared<Client>(key, is_limited, common_)).first->second;
}

/// REQUIRES: `mutex_` is locked. An account that the table alone refers to holds nothing: whoever gives back refers to
/// it.
void Clients::drop_unused(Client::Time now) {
    std::erase_if(accounts_, [now](const auto& entry) {
        return entry.second.use_count() == 1 && entry.second->debt(now).count() == 0;
    });
    full_ = std::max(kFew, 2 * accounts_.size());
}

std::vector<std::shared_ptr<const Client>> Clients::list(std::size_t most) const {
    std::vector<std::shared_ptr<const Client>> out;
    {
        const std::lock_guard lock(mutex_);
        out.reserve(accounts_.size());
        for (const auto& [key, account] : accounts_) out.push_back(account);
    }
    std::vector<std::pair<std::chrono::nanoseconds, std::size_t>> order;  // read once, because others add meanwhile
    order.reserve(out.size());
    for (std::size_t i = 0; i < out.size(); ++i) order.emplace_back(out[i]->spent(), i);
    std::ranges::sort(order, std::greater<>());
    std::vector<std::shared_ptr<const Client>> sorted;
    for (const auto& [spent, i] : order) {
        if (sorted.size() == most) break;
        sorted.push_back(std::move(out[i]));
    }
    return sorted;
}

std::size_t Clients::size() const {
    const std::lock_guard lock(mutex_);
    return accounts_.size();
}

}  // namespace rues::base
