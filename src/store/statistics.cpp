#include <algorithm>

#include "base/endian.hpp"
#include "store/rocks.hpp"

/// The counters of `Statistics`. Every block writes them; when a store does not have them yet, opening counts them.
namespace rues::store {
namespace {

constexpr std::string_view kKey = "statistics";

std::uint64_t public_transfers_in(const std::vector<ledger::ContractEvent>& events) {
    return static_cast<std::uint64_t>(std::ranges::count_if(events, [](const ledger::ContractEvent& event) {
        return event.contract == ledger::kTransferContract && event.topic == "moonlight";
    }));
}

}  // namespace

/// The counters after a block that made these blocks final.
Statistics RocksStore::statistics_after(const std::vector<Finalized>& finalized) const {
    Statistics out = statistics();
    for (const auto& block : finalized) out.public_transfers += public_transfers_in(block.events);
    return out;
}

void RocksStore::put_statistics(rocksdb::WriteBatch& batch, const Statistics& statistics) {
    put(batch, Family::kMeta, base::view(kKey), layout::encode_u64(statistics.public_transfers));
}

void RocksStore::keep(const Statistics& statistics) noexcept {
    public_transfers_ = statistics.public_transfers;
}

Result<void> RocksStore::load_statistics() {
    const auto stored = meta(kKey);
    if (!stored) return std::unexpected(stored.error());
    if (*stored) {
        const auto transfers = layout::decode_u64(**stored);
        if (!transfers) return corrupt("statistics");
        keep({*transfers});
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
        counted.public_transfers += public_transfers_in(*events);
    }
    keep(counted);
    return {};
}

}  // namespace rues::store
