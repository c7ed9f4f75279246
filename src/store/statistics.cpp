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

Result<Statistics> RocksStore::statistics_after(const BlockCommit& commit, const std::vector<Finalized>& finalized,
                                                const Snapshot& before) const {
    Statistics out = statistics();
    for (const auto& [key, account] : commit.changes.accounts) {
        if (!before.account(key)) ++out.accounts;
    }
    if (before.failed()) return base::failure(Error::Kind::io, "the state could not be read");
    for (const auto& block : finalized) out.public_transfers += public_transfers_in(block.events);
    return out;
}

void RocksStore::put_statistics(rocksdb::WriteBatch& batch, const Statistics& statistics) {
    put(batch, Family::kMeta, base::view(kKey),
        base::Writer().put(statistics.accounts).put(statistics.public_transfers).bytes());
}

void RocksStore::keep(const Statistics& statistics) noexcept {
    accounts_ = statistics.accounts;
    public_transfers_ = statistics.public_transfers;
}

Result<void> RocksStore::load_statistics() {
    const auto stored = meta(kKey);
    if (!stored) return std::unexpected(stored.error());
    if (*stored) {
        base::Reader in(**stored);
        const auto accounts = in.take<std::uint64_t>();
        const auto transfers = in.take<std::uint64_t>();
        if (!accounts || !transfers || !in.empty()) return corrupt("statistics");
        keep({*accounts, *transfers});
        return {};
    }
    Statistics counted;
    const auto all = snapshot();
    const auto walked = all->for_each_state('a', [&](ByteView, ByteView) {
        ++counted.accounts;
        return true;
    });
    if (!walked) return walked;
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
