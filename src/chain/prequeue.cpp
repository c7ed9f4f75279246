#include "chain/prequeue.hpp"

namespace rues::chain {

void Prequeue::schedule(const Key& key, Entry& entry, Time now) {
    due_.erase({entry.due, entry.order, key});
    entry.due = now + kRetryEvery;
    entry.order = next_order_++;
    due_.insert({entry.due, entry.order, key});
}

Prequeue::Result Prequeue::stage(ledger::Transaction tx, Time now) {
    const Key key{tx.moonlight()->sender.bytes(), tx.moonlight()->nonce};
    if (const auto found = entries_.find(key); found != entries_.end()) {
        const auto& there = found->second.tx;
        if (there.id() == tx.id()) return {Outcome::present, {}};
        if (tx.gas_price() <= there.gas_price()) return {Outcome::superseded, {}};
        if (bytes_ - there.size() + tx.size() > limits_.bytes) return {Outcome::full, {}};
        const auto replaced = there.id();
        bytes_ += tx.size() - there.size();
        found->second.tx = std::move(tx);
        found->second.attempts = 0;
        schedule(key, found->second, now);
        return {Outcome::replaced, replaced};
    }
    // Which of the two is looked at first nobody has seen: UNVERIFIED.
    if (entries_.size() >= limits_.capacity || bytes_ + tx.size() > limits_.bytes) return {Outcome::full, {}};
    auto& count = of_account_[key.first];
    if (count >= limits_.per_account) {
        if (count == 0) of_account_.erase(key.first);
        return {Outcome::account_full, {}};
    }
    ++count;
    bytes_ += tx.size();
    const auto [added, _] = entries_.emplace(key, Entry{std::move(tx), {}, 0, 0});
    schedule(key, added->second, now);
    return {Outcome::staged, {}};
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
    if (const auto count = of_account_.find(key.first); --count->second == 0) of_account_.erase(count);
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
