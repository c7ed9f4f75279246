#include "chain/verify_store.hpp"

#include <fmt/format.h>

#include <unordered_map>

#include "base/encoding.hpp"
#include "chain/memory_state.hpp"
#include "chain/producer.hpp"
#include "wire/topics.hpp"

namespace rues::chain {
namespace {

using base::Error;
using base::Result;

constexpr std::size_t kLogBytes = 4 << 20;  // for one read

std::unexpected<Error> wrong(std::string what) {
    return base::failure(Error::Kind::corrupt, std::move(what));
}

/// Rebuilds the chain from its blocks, one after the other, and compares.
class Reexecution {
public:
    Reexecution(const store::Snapshot& stored, const store::ChainOrigin* origin, ledger::StateChanges genesis,
                ledger::StateCommitment commitment)
        : stored_(stored), origin_(origin), state_(std::move(genesis)), commitment_(std::move(commitment)) {}

    Result<void> block(std::uint64_t height, const ledger::Header& previous);
    const ledger::Header& last() const { return last_; }
    const std::vector<ledger::TxId>& last_transactions() const { return last_transactions_; }
    const ledger::StateCommitment& commitment() const { return commitment_; }
    std::uint64_t transactions() const { return transactions_; }

private:
    Result<std::vector<ledger::SpentTransaction>> stored_transactions(const store::StoredBlock& block) const;
    Result<void> compare(const store::StoredBlock& block, const std::vector<ledger::SpentTransaction>& stored,
                         const BlockExecution::Outcome& outcome) const;

    const store::Snapshot& stored_;
    const store::ChainOrigin* const origin_;  ///< null when the store has none
    MemoryState state_;
    ledger::StateCommitment commitment_;
    ledger::Header last_;
    std::vector<ledger::TxId> last_transactions_;
    std::uint64_t transactions_ = 0;
};

Result<std::vector<ledger::SpentTransaction>> Reexecution::stored_transactions(const store::StoredBlock& block) const {
    std::vector<ledger::SpentTransaction> out;
    for (const auto& id : block.transactions) {
        const auto found = stored_.transaction(id);
        if (!found) return std::unexpected(found.error());
        const auto name = base::to_hex(id);
        if (!*found) return wrong(fmt::format("block {}: transaction {} is missing", block.header.height, name));
        auto tx = ledger::Transaction::decode((*found)->raw);
        if (!tx || tx->id() != id) return wrong(fmt::format("transaction {} does not match its id", name));
        if ((*found)->height != block.header.height || (*found)->index != out.size())
            return wrong(fmt::format("transaction {} is stored at another place than its block says", name));
        out.push_back({std::move(*tx), (*found)->height, (*found)->gas_spent, (*found)->error});
    }
    return out;
}

Result<void> Reexecution::compare(const store::StoredBlock& block, const std::vector<ledger::SpentTransaction>& stored,
                                  const BlockExecution::Outcome& outcome) const {
    const ledger::Header& header = block.header;
    for (std::size_t i = 0; i < stored.size(); ++i) {
        const auto& again = outcome.transactions[i];
        if (again.gas_spent != stored[i].gas_spent || again.error != stored[i].error)
            return wrong(
                fmt::format("transaction {} has another result when executed again", base::to_hex(again.inner.id())));
    }
    if (ledger::txroot_of(outcome.transactions) != header.txroot)
        return wrong(fmt::format("block {}: txroot", header.height));
    const auto kept = stored_.contract_events(header.height);
    if (!kept) return std::unexpected(kept.error());
    if (*kept != outcome.events(header.hash)) return wrong(fmt::format("block {}: contract events", header.height));
    if (commitment_.hash() != header.state_hash) return wrong(fmt::format("block {}: state", header.height));
    return {};
}

Result<void> Reexecution::block(std::uint64_t height, const ledger::Header& previous) {
    const auto found = stored_.block(height);
    if (!found) return std::unexpected(found.error());
    if (!*found) return wrong(fmt::format("block {} is missing", height));
    const store::StoredBlock& block = **found;
    const ledger::Header& header = block.header;
    if (header.height != height || header.prev_block_hash != previous.hash || header.compute_hash() != header.hash)
        return wrong(fmt::format("block {}: header", height));
    const auto stored = stored_transactions(block);
    if (!stored) return std::unexpected(stored.error());
    const auto generator = crypto::PublicKey::decode(header.generator);
    if (!generator) return wrong(fmt::format("block {}: generator", height));

    auto context = context_of(header, *generator);
    if (origin_ != nullptr) context.chain_id = origin_->chain_id;
    std::unordered_map<ledger::TxId, std::uint64_t, base::UniformHash> gas;
    for (const auto& tx : *stored) {
        gas[tx.inner.id()] = tx.gas_spent;
        // A chain of an earlier version does not store its chain id; the transactions of a block must at least agree on
        // it.
        if (origin_ == nullptr && tx.inner.moonlight() != nullptr) context.chain_id = tx.inner.moonlight()->chain_id;
    }
    BlockExecution execution(state_, std::move(context),
                             [&gas](const ledger::Transaction& tx, const auto&) { return gas.at(tx.id()); });
    for (const auto& tx : *stored) {
        if (const auto added = execution.add(tx.inner); !added)
            return wrong(fmt::format("transaction {} cannot be executed again: {}", base::to_hex(tx.inner.id()),
                                     added.error().text));
    }
    const auto outcome = std::move(execution).finish();
    ledger::update(commitment_, outcome.changes, state_);
    if (const auto same = compare(block, *stored, outcome); !same) return same;
    state_.apply(outcome);
    transactions_ += stored->size();
    last_ = header;
    last_transactions_ = block.transactions;
    return {};
}

/// The commitment over the state entries on disk, and their number.
Result<std::pair<ledger::StateCommitment, std::uint64_t>> commitment_of_entries(const store::Snapshot& stored) {
    ledger::StateCommitment sum;
    std::uint64_t count = 0;
    const auto walked = stored.for_each_state([&](base::ByteView key, base::ByteView value) {
        sum.add(key, value);
        ++count;
        return true;
    });
    if (!walked) return std::unexpected(walked.error());
    return std::pair(sum, count);
}

/// The `executed` events of the log.
struct Told {
    std::uint64_t complete_above = 0;  ///< at this height and below, the log may have been pruned
    /// How many times, by the hash of the id as the log stores it.
    std::unordered_map<std::uint64_t, unsigned> executed;
};

Result<Told> executed_in_log(const store::Store& store) {
    Told out;
    const auto executed = wire::text_hash(wire::topic::kExecuted);
    const std::uint64_t first = store.first_seq();
    for (std::uint64_t next = first; next <= store.last_seq();) {
        const auto records = store.read_log(next, kLogBytes);
        if (!records) return std::unexpected(records.error());
        if (records->empty()) return wrong(fmt::format("the log ends before record {}", next));
        for (const auto& record : *records) {
            if (record.seq != next) return wrong(fmt::format("the log has no record {}", next));
            if (next == first && first > 1) out.complete_above = record.filter.height;
            ++next;
            if (record.filter.component == wire::Component::transactions && record.filter.topic == executed &&
                (first == 1 || record.filter.height > out.complete_above))
                ++out.executed[record.filter.entity];
        }
    }
    return out;
}

}  // namespace

Result<StoreReport> verify_store(const store::Store& store, const ledger::Genesis& genesis) {
    if (!store.has_chain()) return base::failure(Error::Kind::not_found, "the store has no chain");
    const auto stored = store.snapshot();
    StoreReport report;
    report.height = stored->height();
    report.log_records = store.last_seq() + 1 - store.first_seq();

    auto state = genesis.state();
    if (!state) return base::failure(Error::Kind::invalid, state.error());
    const auto first = stored->block(0);
    if (!first) return std::unexpected(first.error());
    auto commitment = ledger::commitment_of(*state);
    if (!*first || (*first)->header.state_hash != commitment.hash())
        return wrong("block 0 does not match this genesis");
    const auto origin = store.origin();
    if (!origin) return std::unexpected(origin.error());
    if (*origin && (*origin)->genesis != genesis.digest()) return wrong("the chain began with another genesis");

    const auto told = executed_in_log(store);
    if (!told) return std::unexpected(told.error());
    std::size_t checked = 0;
    Reexecution again(*stored, *origin ? &**origin : nullptr, std::move(*state), std::move(commitment));
    ledger::Header previous = (*first)->header;
    for (std::uint64_t height = 1; height <= report.height; ++height) {
        if (const auto done = again.block(height, previous); !done) return std::unexpected(done.error());
        previous = again.last();
        if (height <= told->complete_above) continue;
        for (const auto& id : again.last_transactions()) {
            const auto found = told->executed.find(wire::text_hash(base::to_hex(id)));
            const unsigned times = found == told->executed.end() ? 0 : found->second;
            if (times != 1)
                return wrong(fmt::format("the log has {} executed events for transaction {}", times, base::to_hex(id)));
            ++checked;
        }
    }
    report.transactions = again.transactions();
    if (told->executed.size() != checked)
        return wrong("the log has executed events of transactions that are in no block");

    const auto entries = commitment_of_entries(*stored);
    if (!entries) return std::unexpected(entries.error());
    const auto kept = store.commitment();
    if (!kept) return std::unexpected(kept.error());
    if (entries->first != again.commitment() || *kept != entries->first)
        return wrong("the state is not the result of the blocks");
    report.state_entries = entries->second;

    const auto pooled = store.pooled();
    if (!pooled) return std::unexpected(pooled.error());
    for (const auto& tx : *pooled) {
        if (stored->transaction_exists(tx.id))
            return wrong(fmt::format("transaction {} is in a block and in the mempool", base::to_hex(tx.id)));
    }
    return report;
}

}  // namespace rues::chain
