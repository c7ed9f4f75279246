#include <algorithm>

#include "base/endian.hpp"
#include "store/rocks.hpp"

/// The counters of `Statistics`. Every block writes them; when a store does not have them yet, opening counts them.
namespace rues::store {
namespace {

constexpr std::string_view kKey = "statistics";

void count(Statistics& to, const std::vector<ledger::ContractEvent>& events) {
    for (const auto& event : events) {
        if (event.contract != ledger::kTransferContract) continue;
        if (event.topic == "moonlight") ++to.public_transfers;
        if (event.topic == "phoenix") ++to.shielded_transfers;
    }
}

Bytes encode(const Statistics& statistics) {
    Bytes out = layout::encode_u64(statistics.public_transfers);
    base::append(out, layout::encode_u64(statistics.shielded_transfers));
    return out;
}

}  // namespace

/// The counters after a block that made these blocks final.
Statistics RocksStore::statistics_after(const std::vector<Finalized>& finalized) const {
    Statistics out = statistics();
    for (const auto& block : finalized) count(out, block.events);
    return out;
}

/// Counts back what a final block had counted.
void RocksStore::uncount(Statistics& from, const std::vector<ledger::ContractEvent>& events) {
    Statistics counted;
    count(counted, events);
    from.public_transfers -= std::min(counted.public_transfers, from.public_transfers);
    from.shielded_transfers -= std::min(counted.shielded_transfers, from.shielded_transfers);
}

void RocksStore::put_statistics(rocksdb::WriteBatch& batch, const Statistics& statistics) {
    put(batch, Family::kMeta, base::view(kKey), encode(statistics));
}

void RocksStore::keep(const Statistics& statistics) noexcept {
    public_transfers_ = statistics.public_transfers;
    shielded_transfers_ = statistics.shielded_transfers;
}

Result<void> RocksStore::load_statistics() {
    const auto stored = meta(kKey);
    if (!stored) return std::unexpected(stored.error());
    // Stores of before shielded transfers were counted have 8 bytes here.
    if (*stored && (*stored)->size() != 8) {
        if ((*stored)->size() != 16) return corrupt("statistics");
        const base::ByteView bytes(**stored);
        keep({*layout::decode_u64(bytes.first(8)), *layout::decode_u64(bytes.last(8))});
        return {};
    }
    Statistics counted;
    const auto all = snapshot();
    for (std::uint64_t height = 0; height <= all->height(); ++height) {
        const auto block = all->block(height);
        if (!block) return std::unexpected(block.error());
        if (!*block || !(*block)->label.is_final()) continue;
        const auto events = all->contract_events(height);
        if (!events) return std::unexpected(events.error());
        count(counted, *events);
    }
    keep(counted);
    return {};
}

}  // namespace rues::store
