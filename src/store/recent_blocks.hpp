#pragma once

#include <algorithm>
#include <deque>

#include "store/store.hpp"

namespace rues::store {

/// The blocks that were written last, as they are stored, with their contract events. Labels of blocks change soon
/// after they were written, and a block that is here is not read for that. Bounded: larger blocks are not kept; reading
/// them costs little beside making them. One thread.
class RecentBlocks {
public:
    static constexpr std::size_t kMost = 8;
    static constexpr std::size_t kMostBytes = 16'384;  ///< of one block

    struct Block {
        StoredBlock stored;
        std::vector<ledger::ContractEvent> events;
    };

    /// nullptr: it is not here. The pointer holds until something is put or cleared.
    const Block* find(std::uint64_t height) const noexcept {
        const auto at = std::ranges::find(blocks_, height, [](const Block& each) { return each.stored.header.height; });
        return at == blocks_.end() ? nullptr : &*at;
    }
    void put(StoredBlock stored, const std::vector<ledger::ContractEvent>& events) {
        if (bytes_of(stored, events) > kMostBytes) return;
        if (blocks_.size() == kMost) blocks_.pop_front();
        blocks_.push_back({std::move(stored), events});
    }
    void relabel(std::uint64_t height, const ledger::Label& label) noexcept {
        for (Block& each : blocks_) {
            if (each.stored.header.height == height) each.stored.label = label;
        }
    }
    /// After blocks were taken back.
    void clear() noexcept { blocks_.clear(); }
    std::size_t size() const noexcept { return blocks_.size(); }

private:
    static std::size_t bytes_of(const StoredBlock& stored, const std::vector<ledger::ContractEvent>& events) {
        std::size_t out = stored.transactions.size() * sizeof(ledger::TxId);
        for (const auto& event : events) out += sizeof(event) + event.topic.size() + event.data.size();
        return out;
    }

    std::deque<Block> blocks_;
};

}  // namespace rues::store
