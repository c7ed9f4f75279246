#pragma once

#include "gateway/block_answer.hpp"
#include "gateway/proof.hpp"
#include "support/recorded_store.hpp"

/// Blocks of the recorded chain, as answers of a node.
namespace rues::gateway::test {

inline const ledger::Recording& recording() {
    static const auto json = recorded::load("chain.json");
    static const auto out = ledger::Recording::read(json).value();
    return out;
}

inline Parent parent_of(std::size_t height) {
    const auto header = recording().header(height - 1).value();
    return {header.height, header.hash, header.timestamp};
}

/// Its events in the order in which the recorded node listed them: by origin.
inline BlockAnswer recorded_answer(std::size_t height) {
    auto block = recorded::block_of(recording(), height);
    BlockAnswer out;
    out.header = block.header;
    out.label = {ledger::Label::Kind::final, 1};
    out.events = recorded::events_of(recording(), block);
    out.transactions = std::move(block.transactions);
    std::ranges::stable_sort(out.events, {}, &ledger::ContractEvent::origin);
    return out;
}

/// The lowest recorded block with at least two transactions.
inline std::size_t busy_height() {
    for (std::size_t height = 1; height < recording().size(); ++height) {
        if (recording().block(height).at("transactions").as_array().size() >= 2) return height;
    }
    throw std::runtime_error("no recorded block has two transactions");
}

}  // namespace rues::gateway::test
