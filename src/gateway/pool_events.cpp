#include "gateway/pool_events.hpp"

#include <algorithm>
#include <array>

#include "base/decimal.hpp"
#include "wire/topics.hpp"

namespace rues::gateway {
namespace {

namespace topic = wire::topic;

std::optional<ledger::TxId> id_of(const ledger::Event& event) {
    return base::array_from_hex<32>(event.entity);
}

store::PooledTransaction pooled(const ledger::Transaction& tx, std::uint64_t unix_ms) {
    return {tx.id(), tx.encode(ledger::Envelope::boreas), unix_ms};
}

/// The pool while a change is made.
class Change {
public:
    explicit Change(const PoolKnowledge& known) : known_(known), pool_(known.pool) {}

    void included(const ledger::Event& event, const ledger::TxId& id) {
        if (pool_.contains(id) || known_.executed(id)) return;
        pool_.insert(id);
        const auto shown = known_.shown.find(id);
        if (shown == known_.shown.end()) {
            out_.unshown.push_back(id);
            out_.events.push_back(event);
            return;
        }
        out_.added.push_back(pooled(shown->second, known_.unix_ms));
        out_.events.push_back(ledger::transaction_included(shown->second, event.height));
    }
    void removed(const ledger::Event& event, const ledger::TxId& id) {
        if (pool_.erase(id) == 0) return;
        // A transaction that came and went in one change is in neither list.
        std::erase(out_.unshown, id);
        std::erase_if(out_.added, [&id](const auto& tx) { return tx.id == id; });
        if (known_.pool.contains(id)) out_.removed.push_back(id);
        out_.events.push_back(event);
    }
    void other(const ledger::Event& event) { out_.events.push_back(event); }
    PoolChange take() && { return std::move(out_); }

private:
    const PoolKnowledge& known_;
    std::set<ledger::TxId> pool_;
    PoolChange out_;
};

}  // namespace

std::optional<ledger::Event> pool_event_of(const wire::Frame& frame, std::uint64_t tip) {
    constexpr std::array kOfPool{topic::kIncluded, topic::kRemoved, topic::kDeferred, topic::kDropped};
    const auto location = frame.header("Content-Location");
    const auto uri = location ? wire::Uri::of_location(*location) : std::nullopt;
    if (!uri || uri->component != wire::Component::transactions || !uri->entity) return std::nullopt;
    if (std::ranges::find(kOfPool, uri->topic) == kOfPool.end()) return std::nullopt;
    if (!base::array_from_hex<32>(*uri->entity) || frame.payload.size() > kMostPayload) return std::nullopt;
    ledger::Event out;
    out.component = uri->component;
    out.entity = *uri->entity;
    out.topic = uri->topic;
    out.content_type = std::string(frame.header("Content-Type").value_or(""));
    out.payload = frame.payload;
    out.height = tip;
    if (const auto height = frame.header("Rues-Height")) out.height = base::parse_u64(*height).value_or(tip);
    if (const auto hash = frame.header("Rues-Block-Hash")) out.block_hash = base::array_from_hex<32>(*hash);
    if (const auto other = frame.header("Rues-Replaced-By")) out.replaced_by = base::array_from_hex<32>(*other);
    return out;
}

PoolChange pool_change(std::span<const ledger::Event> events, const PoolKnowledge& known) {
    Change change(known);
    for (const auto& event : events) {
        const auto id = id_of(event);
        if (!id) continue;
        if (event.topic == topic::kIncluded) {
            change.included(event, *id);
        } else if (event.topic == topic::kRemoved) {
            change.removed(event, *id);
        } else {
            change.other(event);
        }
    }
    return std::move(change).take();
}

std::vector<ledger::TxId> to_show(std::span<const ledger::Event> events, const std::set<ledger::TxId>& pool) {
    std::vector<ledger::TxId> out;
    for (const auto& event : events) {
        const auto id = event.topic == topic::kIncluded ? id_of(event) : std::nullopt;
        if (id && !pool.contains(*id) && std::ranges::find(out, *id) == out.end()) out.push_back(*id);
    }
    return out;
}

PoolChange difference(const std::set<ledger::TxId>& node, const PoolKnowledge& known, std::uint64_t tip) {
    Change change(known);
    for (const auto& id : known.pool) {
        if (!node.contains(id)) change.removed(ledger::transaction_removed(id, tip), id);
    }
    for (const auto& id : node) {
        const auto shown = known.shown.find(id);
        if (shown != known.shown.end()) change.included(ledger::transaction_included(shown->second, tip), id);
    }
    return std::move(change).take();
}

}  // namespace rues::gateway
