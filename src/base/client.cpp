#include "base/client.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <limits>

namespace rues::base {
namespace {

constexpr std::size_t kPrefixBytes = 8;  // of an IPv6 address: its /64
constexpr ByteArray<12> kMapped{std::byte{0}, std::byte{0}, std::byte{0},    std::byte{0},
                                std::byte{0}, std::byte{0}, std::byte{0},    std::byte{0},
                                std::byte{0}, std::byte{0}, std::byte{0xff}, std::byte{0xff}};

constexpr HoldingRow kRows[kHoldings] = {
    {Holding::connections, "connections", "client-connections", "max-connections", "connections"},
    {Holding::sessions, "sessions", "client-sessions", "", "sessions"},
    {Holding::subscriptions, "subscriptions", "client-subscriptions", "subscriptions", "subscriptions"},
    {Holding::journal, "journal", "client-journal-bytes", "journal-bytes", "bytes of subscriptions in the journal"},
    {Holding::kept, "kept", "client-kept-sessions", "", "ended sessions that can be resumed"},
    {Holding::resumes, "resumes", "client-resumes", "", "sessions that are being resumed"},
    {Holding::handshakes, "handshakes", "client-handshakes", "", "TLS handshakes"},
    {Holding::uploads, "uploads", "client-upload-bytes", "upload-bytes", "bytes of request bodies that are not whole"},
    {Holding::messages, "messages", "client-message-bytes", "", "bytes of messages that are not whole"},
    {Holding::unread, "unread", "client-unread-bytes", "unread-bytes", "bytes of answers that it has not read"},
};

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < kHoldings; ++i) {
        if (static_cast<std::size_t>(kRows[i].holding) != i) return false;
    }
    return true;
}
static_assert(is_in_order());

constexpr bool is_in_place(Holding holding) {
    return static_cast<std::size_t>(holding) < Client::kInPlace;
}

/// Adds `amount` unless the sum would be more than `most`. 0: only as much as the number can hold.
template <typename Value>
bool add_up_to(std::atomic<Value>& to, std::uint64_t amount, std::uint64_t most, bool at_least_one) noexcept {
    constexpr std::uint64_t kMost = std::numeric_limits<Value>::max();
    const std::uint64_t bound = most == 0 ? kMost : std::min(most, kMost);
    Value before = to.load(std::memory_order_relaxed);
    do {
        const bool fits = before <= bound && amount <= bound - before;
        if (!fits && !(at_least_one && before == 0 && amount <= kMost)) return false;
    } while (!to.compare_exchange_weak(before, static_cast<Value>(before + amount), std::memory_order_relaxed));
    return true;
}

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

Client::Client(const ClientKey& key, bool is_limited, CommonPtr common) noexcept
    : is_v6_(!std::equal(kMapped.begin(), kMapped.end(), key.bytes_.begin())),
      is_limited_(is_limited),
      network_([&key] {
          const bool is_v4 = std::equal(kMapped.begin(), kMapped.end(), key.bytes_.begin());
          std::uint64_t out = 0;
          for (std::size_t i = 0; i < kPrefixBytes; ++i)
              out = out << 8 | std::to_integer<std::uint64_t>(key.bytes_[is_v4 ? kPrefixBytes + i : i]);
          return out;
      }()),
      common_(std::move(common)) {}

ClientKey Client::key() const noexcept {
    ByteArray<kPrefixBytes> bytes;
    for (std::size_t i = 0; i < kPrefixBytes; ++i) bytes[i] = std::byte(network_ >> (8 * (kPrefixBytes - 1 - i)));
    ClientKey out;
    std::ranges::copy(bytes, out.bytes_.begin() + (is_v6_ ? 0 : kPrefixBytes));
    return out;
}

Client::Rare& Client::rare() noexcept {
    Rare* known = rare_.load(std::memory_order_acquire);
    if (known != nullptr) return *known;
    auto made = std::make_unique<Rare>();
    if (rare_.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel)) return *made.release();
    return *known;
}

bool Client::raise(Holding holding, std::uint64_t amount, std::uint64_t most, bool at_least_one) noexcept {
    const auto index = static_cast<std::size_t>(holding);
    return is_in_place(holding) ? add_up_to(held_[index], amount, most, at_least_one)
                                : add_up_to(rare().held[index - kInPlace], amount, most, at_least_one);
}

std::uint64_t Client::held(Holding holding) const noexcept {
    const auto index = static_cast<std::size_t>(holding);
    if (is_in_place(holding)) return held_[index].load(std::memory_order_relaxed);
    const Rare* const known = rare_.load(std::memory_order_acquire);
    return known == nullptr ? 0 : known->held[index - kInPlace].load(std::memory_order_relaxed);
}

Taken Client::take(Holding holding, std::uint64_t amount, bool at_least_one) noexcept {
    const std::uint64_t of_one = is_limited_ ? at(common_->of_one, holding).load(std::memory_order_relaxed) : 0;
    if (!raise(holding, amount, of_one, at_least_one)) {
        count_refused(holding);
        return Taken::client_is_full;
    }
    const std::uint64_t of_all = at(common_->of_all, holding).load(std::memory_order_relaxed);
    const bool is_small = held(holding) <= of_all / kLittle;
    const std::uint64_t reserve = of_all / kReserve;
    std::atomic<std::uint64_t>& sum = at(common_->held, holding);
    if (!add_up_to(sum, amount, is_small ? of_all : of_all - reserve, at_least_one)) {
        give_back_own(holding, amount);
        at(common_->full, holding).add();
        rare().refused.add();
        return Taken::all_is_full;
    }
    if (of_all > 0 && is_small && sum.load(std::memory_order_relaxed) > of_all - reserve)
        common_->crowded.fetch_or(1U << static_cast<unsigned>(holding), std::memory_order_relaxed);
    return Taken::yes;
}

void Client::take_anyway(Holding holding, std::uint64_t amount) noexcept {
    (void)raise(holding, amount, 0, false);
    at(common_->held, holding).fetch_add(amount, std::memory_order_relaxed);
}

void Client::give_back(Holding holding, std::uint64_t amount) noexcept {
    give_back_own(holding, amount);
    at(common_->held, holding).fetch_sub(amount, std::memory_order_relaxed);
}

void Client::give_back_own(Holding holding, std::uint64_t amount) noexcept {
    const auto index = static_cast<std::size_t>(holding);
    if (is_in_place(holding)) {
        held_[index].fetch_sub(static_cast<std::uint32_t>(amount), std::memory_order_relaxed);
    } else {
        rare().held[index - kInPlace].fetch_sub(amount, std::memory_order_relaxed);
    }
}

std::uint64_t Client::refused() const noexcept {
    const Rare* const known = rare_.load(std::memory_order_acquire);
    return known == nullptr ? 0 : known->refused.value();
}

void Client::count_refused(Holding holding) noexcept {
    at(common_->refused, holding).add();
    rare().refused.add();
}

void Client::count_overdrawn() noexcept {
    common_->overdrawn.add();
    rare().refused.add();
}

void Client::note_signature(bool is_good) noexcept {
    if (is_good && !sent_forged()) return;
    std::atomic<std::uint32_t>& forged = rare().forged;
    std::uint32_t before = forged.load(std::memory_order_relaxed);
    while (!forged.compare_exchange_weak(before, is_good ? (before > 0 ? before - 1 : 0) : kForgedMemory,
                                         std::memory_order_relaxed)) {
    }
}

bool Client::sent_forged() const noexcept {
    const Rare* const known = rare_.load(std::memory_order_acquire);
    return known != nullptr && known->forged.load(std::memory_order_relaxed) > 0;
}

std::string Client::reason(Holding holding, Taken taken) const {
    const HoldingRow& row = row_of(holding);
    const bool is_own = taken == Taken::client_is_full;
    std::string out = is_own ? "your address has too many " : "all clients have too many ";
    out.append(row.what);
    const std::string_view setting = is_own ? row.setting : row.setting_of_all;
    if (!setting.empty()) out.append(" (setting ").append(setting).append(")");
    return out;
}

std::optional<std::string> Client::reason_if_full(Holding holding) const {
    const std::uint64_t most = at(common_->of_one, holding).load(std::memory_order_relaxed);
    if (!is_limited_ || most == 0 || held(holding) < most) return std::nullopt;
    return reason(holding, Taken::client_is_full);
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

Clients::~Clients() {
    accounts_.clear_and_dispose([](Client* each) { intrusive_ptr_release(each); });
}

ClientPtr Clients::of(const ClientKey& key, Client::Time now) {
    const Client wanted(key, true, nullptr);  // on the stack, for the look-up
    const std::lock_guard lock(mutex_);
    if (const auto found = accounts_.find(wanted); found != accounts_.end()) return &*found;
    if (accounts_.size() >= full_) drop_unused(now);
    const bool is_limited = std::ranges::find(unlimited_, key) == unlimited_.end();
    ClientPtr made(new Client(key, is_limited, common_));
    intrusive_ptr_add_ref(made.get());  // the table's
    accounts_.insert(*made);
    return made;
}

/// REQUIRES: `mutex_` is locked. An account that the table alone refers to holds nothing: whoever gives back refers to
/// it.
void Clients::drop_unused(Client::Time now) {
    for (auto each = accounts_.begin(); each != accounts_.end();) {
        if (each->use_count() > 1 || each->debt(now).count() > 0) {
            ++each;
        } else {
            each = accounts_.erase_and_dispose(each, [](Client* gone) { intrusive_ptr_release(gone); });
        }
    }
    full_ = std::max(kFew, 2 * accounts_.size());
}

std::vector<ClientPtr> Clients::list(std::size_t most) const {
    std::vector<std::pair<std::chrono::nanoseconds, ClientPtr>> order;  // read once, because others add meanwhile
    {
        const std::lock_guard lock(mutex_);
        order.reserve(accounts_.size());
        for (Client& each : accounts_) order.emplace_back(each.spent(), &each);
    }
    std::ranges::stable_sort(order, std::greater<>(), &std::pair<std::chrono::nanoseconds, ClientPtr>::first);
    std::vector<ClientPtr> sorted;
    for (auto& [spent, client] : order) {
        if (sorted.size() == most) break;
        sorted.push_back(std::move(client));
    }
    return sorted;
}

ClientPtr Clients::largest(const std::function<std::uint64_t(const Client&)>& amount, std::uint64_t least) const {
    const std::lock_guard lock(mutex_);
    ClientPtr found;
    std::uint64_t most = 0;
    for (Client& each : accounts_) {
        const std::uint64_t holds = each.is_limited() ? amount(each) : 0;
        if (holds < least || holds <= most) continue;
        most = holds;
        found = &each;
    }
    return found;
}

std::vector<Holding> Clients::take_crowded() {
    const std::uint32_t bits = common_->crowded.exchange(0, std::memory_order_relaxed);
    std::vector<Holding> out;
    for (unsigned i = 0; i < kHoldings; ++i) {
        if ((bits >> i & 1U) != 0) out.push_back(static_cast<Holding>(i));
    }
    return out;
}

void Clients::count_gave_way(Holding holding) const noexcept {
    common_->gave_way[static_cast<std::size_t>(holding)].add();
}

void Clients::count_full(Holding holding) const noexcept {
    common_->full[static_cast<std::size_t>(holding)].add();
}

std::size_t Clients::size() const {
    const std::lock_guard lock(mutex_);
    return accounts_.size();
}

}  // namespace rues::base
