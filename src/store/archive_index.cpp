#include "store/archive_index.hpp"

#include <algorithm>

#include "ledger/history.hpp"

namespace rues::store {

using layout::Index;

std::optional<std::vector<EventRun>> runs_of(std::span<const ledger::ContractEvent> events) {
    std::vector<EventRun> out;
    for (std::size_t i = 0; i < events.size();) {
        std::size_t end = i + 1;
        while (end < events.size() && events[end].origin == events[i].origin) ++end;
        out.push_back({static_cast<std::uint32_t>(i), events.subspan(i, end - i)});
        i = end;
    }
    std::vector<const Hash32*> origins;
    origins.reserve(out.size());
    for (const auto& run : out) origins.push_back(&run.origin());
    const auto value = [](const Hash32* origin) -> const Hash32& { return *origin; };
    std::ranges::sort(origins, {}, value);
    if (std::ranges::adjacent_find(origins, {}, value) != origins.end()) return std::nullopt;
    return out;
}

std::vector<IndexEntry> index_entries(std::uint64_t height, std::vector<EventRun> runs, std::uint64_t& rows) {
    std::ranges::sort(runs, {}, &EventRun::origin);
    std::vector<IndexEntry> out;
    bool has_phoenix = false;
    for (const EventRun& run : runs) {
        for (std::uint32_t i = 0; i < run.events.size(); ++i) {
            const auto& event = run.events[i];
            out.push_back({layout::index_key(layout::index_prefix(Index::contract, event.contract), ++rows),
                           encode(layout::FinalPlace{{height, run.position}, i})});
            has_phoenix |= event.contract == ledger::kTransferContract && event.topic == "phoenix";
        }
        const auto found = ledger::history_entries(run.events);
        const Bytes position = layout::encode_u32(run.position);
        const auto add = [&](Bytes prefix) {
            out.push_back({layout::index_key(std::move(prefix), height, run.origin()), position});
        };
        for (const auto& account : found.outflow) add(layout::index_prefix(Index::outflow, account));
        for (const auto& account : found.inflow) add(layout::index_prefix(Index::inflow, account));
        for (const auto& memo : found.memos) add(layout::index_prefix_of_memo(memo));
    }
    if (has_phoenix) out.push_back({layout::index_key(layout::index_prefix(Index::phoenix), height), {}});
    std::ranges::sort(out, {}, &IndexEntry::key);  // sorted keys are cheaper to insert
    return out;
}

std::vector<IndexEntry> transaction_entries(std::uint64_t height, std::span<const IndexedTransaction> transactions) {
    std::vector<IndexEntry> out;
    if (transactions.empty()) return out;
    out.push_back({layout::index_key(layout::index_prefix(Index::transactions), height),
                   layout::encode_u32(static_cast<std::uint32_t>(transactions.size()))});
    for (std::uint32_t i = 0; i < transactions.size(); ++i) {
        const auto& [id, calls, deploys] = transactions[i];
        const BlockPlace place{height, i};
        if (calls)
            out.push_back({layout::index_key(layout::index_prefix(Index::calls, *calls), place), base::to_bytes(id)});
        if (!deploys) continue;
        out.push_back({layout::index_key(layout::index_prefix(Index::deployments), place),
                       layout::encode(layout::DeployedBy{*deploys, id})});
        out.push_back({layout::index_key(layout::index_prefix(Index::deployed, *deploys), place), base::to_bytes(id)});
    }
    return out;
}

}  // namespace rues::store
