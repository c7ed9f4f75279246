#include "chain/prequeue.hpp"

#include <algorithm>

namespace rues::chain {

void Prequeue::schedule(const Key& key, Entry& entry, Time now) {
    due_.erase({entry.due, entry.order, key});
    entry.due = now + kRetryEvery;
    entry.order = next_order_++;
    due_.insert({entry.due, entry.order, key});
}

Prequeue::Result Prequeue::stage(ledger::Transaction tx, Time now) {
    const Key key{tx.moonlight()->sender.bytes(), tx.moonlight()->nonce};
    const auto found = entries_.find(key);
    const bool replaces = found != entries_.end();
    Result out{replaces ? Outcome::replaced : Outcome::staged, {}, {}};
    Holding more{1, tx.size()};
    if (replaces) {
        const auto& there = found->second.tx;
        if (there.id() == tx.id()) return {Outcome::present, {}, {}};
        if (tx.gas_price() <= there.gas_price()) return {Outcome::superseded, {}, {}};
        out.replaced = there.id();
        more = {0, tx.size() > there.size() ? tx.size() - there.size() : 0};
    } else if (const auto own = of_account_.find(key.first);
               (own != of_account_.end() ? own->second.count : 0) >= limits_.per_account) {
        return {Outcome::account_full, {}, {}};
    }
    const auto leaving = room_for(key.first, more);
    if (!leaving) return {Outcome::full, {}, {}};
    for (const Key& other : *leaving) out.gave_way.push_back(take(other)->id());

    take(key);
    bytes_ += tx.size();
    auto& own = of_account_[key.first];
    ++own.count;
    own.bytes += tx.size();
    const auto [added, _] = entries_.emplace(key, Entry{std::move(tx), {}, 0, 0});
    schedule(key, added->second, now);
    return out;
}

/// The entries that leave so that `account` can hold `more`. From the account that holds the most, the entry with the
/// highest nonce leaves, because it waits for all the others of its account; this repeats until there is room. nullopt
/// when the account that would give way does not hold more than `account` would: two accounts must not push each other
/// out in turns.
std::optional<std::vector<Prequeue::Key>> Prequeue::room_for(const ledger::AccountKey& account, Holding more) const {
    std::vector<Key> out;
    Holding total{entries_.size() + more.count, bytes_ + more.bytes};
    if (total.count <= limits_.capacity && total.bytes <= limits_.bytes) return out;
    auto holders = of_account_;
    Holding& own = holders[account];
    own.count += more.count;
    own.bytes += more.bytes;
    while (total.count > limits_.capacity || total.bytes > limits_.bytes) {
        const auto measure = total.count > limits_.capacity ? &Holding::count : &Holding::bytes;
        const auto largest = std::ranges::max_element(
            holders, [&](const auto& a, const auto& b) { return a.second.*measure < b.second.*measure; });
        auto& [holder, held] = *largest;
        if (held.*measure <= own.*measure) return std::nullopt;
        const auto first = entries_.lower_bound({holder, 0});
        const auto last = std::next(first, static_cast<std::ptrdiff_t>(held.count) - 1);
        const auto size = last->second.tx.size();
        out.push_back(last->first);
        held.count -= 1;
        held.bytes -= size;
        total.count -= 1;
        total.bytes -= size;
    }
    return out;
}

const ledger::Transaction* Prequeue::find(const Key& key) const {
    const auto found = entries_.find(key);
    return found != entries_.end() ? &found->second.tx : nullptr;
}

std::optional<ledger::Transaction> Prequeue::take(const Key& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return std::nullopt;
    bytes_ -= found->second.tx.size();
    std::optional<ledger::Transaction> out(std::move(found->second.tx));
    due_.erase({found->second.due, found->second.order, key});
    entries_.erase(found);
    auto& own = of_account_.at(key.first);
    own.bytes -= out->size();
    if (--own.count == 0) of_account_.erase(key.first);
    return out;
}

std::vector<Prequeue::Key> Prequeue::due(Time now) const {
    std::vector<Key> out;
    for (const auto& [time, order, key] : due_) {
        if (time > now) break;
        out.push_back(key);
    }
    return out;
}

std::optional<Prequeue::Time> Prequeue::next_due() const {
    return due_.empty() ? std::nullopt : std::optional(std::get<Time>(*due_.begin()));
}

bool Prequeue::try_again_later(const Key& key, Time now) {
    auto& entry = entries_.at(key);
    if (++entry.attempts >= kMaxAttempts) return false;
    schedule(key, entry, now);
    return true;
}

}  // namespace rues::chain
