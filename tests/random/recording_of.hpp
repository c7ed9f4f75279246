#pragma once

#include "chain/execution.hpp"
#include "store/store.hpp"

/// Writes a stored chain in the form of a recorded one (tests/data/README.md), so that whatever reads recordings can
/// execute it: `replay`, and implementations of the machine that share no code with this one.
namespace rues::chain::test {

inline boost::json::object recording_of(const store::Snapshot& stored) {
    using boost::json::array;
    using boost::json::object;
    array blocks;
    for (std::uint64_t height = 0; height <= stored.height(); ++height) {
        const auto block = *stored.block(height).value();
        object out{{"header", block.header.to_json()}, {"reward", ledger::emission(height)}};
        array transactions;
        std::uint64_t fees = 0;
        for (const auto& id : block.transactions) {
            const auto spent = *stored.transaction(id).value();
            const auto tx = ledger::Transaction::decode(spent.raw).value();
            fees += spent.gas_spent * tx.gas_price();
            object one{{"id", base::json::hex(id)}, {"gasSpent", spent.gas_spent}, {"json", tx.to_json()}};
            one["raw"] = base::to_hex(spent.raw);
            one["err"] = spent.error ? boost::json::value(boost::json::string(*spent.error)) : nullptr;
            transactions.push_back(std::move(one));
        }
        auto events = stored.contract_events(height).value();
        std::ranges::stable_sort(events, {}, &ledger::ContractEvent::origin);
        array list;
        for (const auto& event : events) {
            object one{{"topic", event.topic}, {"reverted", false}};
            one["source"] = base::to_hex(event.contract);
            one["origin"] = base::to_hex(event.origin);
            one["data"] = base::to_hex(event.data);
            list.push_back(std::move(one));
        }
        out["fees"] = fees;
        out["transactions"] = std::move(transactions);
        out["contractEvents"] = std::move(list);
        blocks.push_back(std::move(out));
    }
    return {{"blocks", std::move(blocks)}};
}

}  // namespace rues::chain::test
