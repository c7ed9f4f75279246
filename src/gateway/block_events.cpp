#include "gateway/block_events.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "wire/topics.hpp"

namespace rues::gateway {
namespace {

using Kind = ledger::Label::Kind;

bool is_reached(const LabelAnswer& reported, std::uint64_t tip) {
    const bool counts = reported.label.kind == Kind::confirmed || reported.label.kind == Kind::final;
    return counts && reported.label.value <= tip && reported.height <= tip - reported.label.value;
}

void confirm(Pending& block, const ledger::Label& label, const ledger::Header& tip, Ruling& out) {
    if (block.label.kind == Kind::confirmed) return;
    block.label = {Kind::confirmed, label.value};
    out.events.push_back(ledger::block_statechange(block.hash, "confirmed", tip));
}

bool is_removed(const ledger::Event& event) {
    return event.component == wire::Component::transactions && event.topic == wire::topic::kRemoved;
}

}  // namespace

ledger::Label first_label(const ledger::Header& header) {
    const auto attested =
        std::ranges::count_if(header.failed_iterations, [](const auto& each) { return each.has_value(); });
    const auto not_attested = header.iteration > attested ? header.iteration - static_cast<std::uint64_t>(attested) : 0;
    if (not_attested == 0) return {Kind::attested, 1};
    return {Kind::accepted, 2 * not_attested};
}

Ruling rule(std::vector<Pending>& pending, std::span<const LabelAnswer> reported, const ledger::Header& tip) {
    Ruling out;
    std::map<std::uint64_t, const LabelAnswer*> by_height;
    for (const auto& each : reported) by_height[each.height] = &each;
    bool all_final = true;
    std::size_t final_blocks = 0;
    for (auto& block : pending) {
        const auto found = by_height.find(block.height);
        const bool applies =
            found != by_height.end() && found->second->hash == block.hash && is_reached(*found->second, tip.height);
        if (!applies) {
            all_final = false;
            continue;
        }
        const auto before = block.label;
        const auto& label = found->second->label;
        confirm(block, label, tip, out);
        all_final = all_final && label.is_final();
        if (all_final) {
            block.label = label;
            out.events.push_back(ledger::block_statechange(block.hash, "finalized", tip));
            ++final_blocks;
        }
        if (block.label != before) out.relabelled.emplace_back(block.height, block.label);
    }
    pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(final_blocks));
    return out;
}

void append_block_events(store::BlockCommit& commit, const ledger::Block& block, const Ruling& ruling,
                         const std::function<bool(const ledger::TxId&)>& pooled,
                         std::span<const ledger::Event> meanwhile) {
    const ledger::Header& header = block.header;
    auto& events = commit.events;
    for (const auto& event : commit.contract_events) events.push_back(ledger::contract_event(event, header));
    for (const auto& tx : block.transactions) {
        if (const auto* deploy = tx.inner.deploy(); deploy != nullptr && !tx.error)
            events.push_back(ledger::contract_deployed(*deploy, tx.inner.id(), header));
    }
    for (const auto& tx : block.transactions) events.push_back(ledger::transaction_executed(tx, header));
    events.insert(events.end(), ruling.events.begin(), ruling.events.end());
    std::set<std::string> removed;
    for (const auto& tx : block.transactions) {
        if (!pooled(tx.inner.id())) continue;
        events.push_back(ledger::transaction_removed(tx.inner.id(), header.height, &header));
        commit.unpooled.push_back(tx.inner.id());
        removed.insert(base::to_hex(tx.inner.id()));
    }
    for (const auto& event : meanwhile) {
        if (is_removed(event) && removed.contains(event.entity)) continue;
        events.push_back(event);
        const auto id = base::array_from_hex<32>(event.entity);
        if (is_removed(event) && id && pooled(*id)) commit.unpooled.push_back(*id);
    }
    events.push_back(ledger::block_accepted(block));
}

}  // namespace rues::gateway
