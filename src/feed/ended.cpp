#include "feed/ended.hpp"

#include <cstring>
#include <utility>

namespace rues::feed {
namespace {

constexpr std::size_t kPart = 1'000;
constexpr std::size_t kAround = 320;     // bytes of memory that a session without subscriptions takes
constexpr std::size_t kAllocation = 16;  // bytes that the allocator adds to each block
constexpr std::size_t kInPlace = 15;     // characters that a string holds without an allocation

}  // namespace

/// Ids look random, so their first bytes are a good hash.
std::size_t SessionIdHash::operator()(const wire::SessionId& id) const noexcept {
    std::size_t out = 0;
    std::memcpy(&out, id.data(), sizeof out);
    return out;
}

std::size_t EndedSessions::bytes_of(const store::JournaledSession& session) {
    std::size_t out = kAround;
    for (const auto& each : session.subscriptions) {
        out += sizeof each;
        if (each.uri.size() > kInPlace) out += each.uri.size() + kAllocation;
    }
    return out;
}

void EndedSessions::use_limits(std::size_t most, std::size_t most_bytes) {
    const std::lock_guard lock(mutex_);
    most_ = most;
    most_bytes_ = most_bytes;
}

/// The caller frees the returned session after it has released the lock.
EndedSessions::Session EndedSessions::remove(Entries::iterator entry) {
    Session out = std::move(entry->second.session);
    bytes_ -= entry->second.bytes;
    uncount(entry->second.client.get(), entry->first, entry->second.bytes);
    gone_[entry->second.loop].push_back(out->id);
    order_of_.erase(out->id);
    entries_.erase(entry);
    return out;
}

void EndedSessions::count(const base::Client* client, std::uint64_t order, std::size_t bytes) {
    Holder& holder = holders_[client];
    by_bytes_.erase({holder.bytes, client});
    holder.orders.insert(order);
    holder.bytes += bytes;
    by_bytes_.emplace(holder.bytes, client);
}

void EndedSessions::uncount(const base::Client* client, std::uint64_t order, std::size_t bytes) {
    const auto holder = holders_.find(client);
    by_bytes_.erase({holder->second.bytes, client});
    holder->second.orders.erase(order);
    holder->second.bytes -= bytes;
    if (holder->second.orders.empty()) {
        holders_.erase(holder);
    } else {
        by_bytes_.emplace(holder->second.bytes, client);
    }
}

/// The session that ended first of the client that has the most bytes once `client` has `bytes` more. REQUIRES: there
/// is a session.
EndedSessions::Entries::iterator EndedSessions::next_to_give_way(const base::Client* client, std::size_t bytes) {
    const auto [most, largest] = *by_bytes_.rbegin();
    const auto own = holders_.find(client);
    const bool is_own = own != holders_.end() && own->second.bytes + bytes >= most;
    return entries_.find(*(is_own ? own->second : holders_.at(largest)).orders.begin());
}

void EndedSessions::add(store::JournaledSession session, std::size_t loop, Time until,
                        std::optional<wire::SessionId> parent, base::Client* client) {
    const std::size_t bytes = bytes_of(session);
    const auto id = session.id;
    base::Held kept(client, base::Holding::kept), journal(client, base::Holding::journal);
    if (client != nullptr) journal.hold_anyway(store::SessionJournal::bytes_of(session));
    auto made = std::make_shared<const store::JournaledSession>(std::move(session));
    std::vector<Session> removed;
    const std::lock_guard lock(mutex_);
    if (bytes > most_bytes_) return gone_[loop].push_back(id);
    while (kept.resize(1) != base::Taken::yes) {
        const auto own = holders_.find(client);
        if (own == holders_.end()) return gone_[loop].push_back(id);  // the limit has become lower
        removed.push_back(remove(entries_.find(*own->second.orders.begin())));
    }
    while (!entries_.empty() && (entries_.size() >= most_ || bytes_ + bytes > most_bytes_))
        removed.push_back(remove(next_to_give_way(client, bytes)));
    bytes_ += bytes;
    order_of_[id] = ++added_;
    count(client, added_, bytes);
    entries_.emplace(added_, Entry{std::move(made), loop, until, bytes, parent, std::nullopt, client, std::move(kept),
                                   std::move(journal)});
}

EndedSessions::Session EndedSessions::find(const wire::SessionId& id, Time now) const {
    const std::lock_guard lock(mutex_);
    const auto order = order_of_.find(id);
    if (order == order_of_.end()) return nullptr;
    const Entry& entry = entries_.at(order->second);
    return entry.until > now ? entry.session : nullptr;
}

void EndedSessions::forget(const wire::SessionId& id) {
    Session removed;
    const std::lock_guard lock(mutex_);
    const auto order = order_of_.find(id);
    if (order != order_of_.end()) removed = remove(entries_.find(order->second));
}

std::vector<wire::SessionId> EndedSessions::continued(const wire::SessionId& id, const wire::SessionId& by) {
    const std::lock_guard lock(mutex_);
    std::vector<wire::SessionId> out;
    const auto order = order_of_.find(id);
    if (order == order_of_.end()) return out;
    Entry& entry = entries_.at(order->second);
    for (const auto& other : {std::exchange(entry.parent, std::nullopt), std::exchange(entry.heir, by)}) {
        if (other) out.push_back(*other);
    }
    return out;
}

void EndedSessions::expire(Time now) {
    std::vector<Session> removed;
    const std::lock_guard lock(mutex_);
    while (!entries_.empty() && entries_.begin()->second.until <= now) removed.push_back(remove(entries_.begin()));
}

std::vector<wire::SessionId> EndedSessions::take_gone(std::size_t loop) {
    const std::lock_guard lock(mutex_);
    return std::exchange(gone_[loop], {});
}

EndedSessions::Part EndedSessions::part(std::size_t loop, std::uint64_t after) const {
    const std::lock_guard lock(mutex_);
    Part out;
    out.last = after;
    std::size_t looked_at = 0;
    for (auto entry = entries_.upper_bound(after); entry != entries_.end(); ++entry) {
        if (looked_at++ == kPart) return out;
        out.last = entry->first;
        if (entry->second.loop == loop) out.sessions.push_back(entry->second.session);
    }
    out.is_last = true;
    return out;
}

std::size_t EndedSessions::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

std::size_t EndedSessions::max_bytes() const {
    const std::lock_guard lock(mutex_);
    return most_bytes_;
}

std::size_t EndedSessions::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

}  // namespace rues::feed
