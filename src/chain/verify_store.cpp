#include "chain/verify_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/encoding.hpp"
#include "chain/blobs.hpp"
#include "chain/given_block.hpp"
#include "chain/origin.hpp"
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
    Reexecution(const store::Snapshot& stored, vm::Machine& machine, std::uint8_t chain_id, SharedState genesis)
        : stored_(stored), machine_(machine), chain_id_(chain_id), state_(std::move(genesis)) {}

    Result<void> block(std::uint64_t height, const ledger::Header& previous);
    const ledger::Header& last() const { return last_; }
    const std::vector<ledger::TxId>& last_transactions() const { return last_transactions_; }
    const SharedState& state() const { return state_; }
    std::uint64_t transactions() const { return transactions_; }

private:
    Result<std::vector<ledger::SpentTransaction>> stored_transactions(const store::StoredBlock& block) const;
    static Result<void> compare(const store::StoredBlock& block, const std::vector<ledger::SpentTransaction>& stored,
                                const std::vector<ledger::ContractEvent>& kept, const BlockExecution::Outcome& outcome);

    const store::Snapshot& stored_;
    vm::Machine& machine_;
    const std::uint8_t chain_id_;
    SharedState state_;
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
                                  const std::vector<ledger::ContractEvent>& kept,
                                  const BlockExecution::Outcome& outcome) {
    const ledger::Header& header = block.header;
    for (std::size_t i = 0; i < stored.size(); ++i) {
        const auto& again = outcome.transactions[i];
        if (again.gas_spent != stored[i].gas_spent || again.error != stored[i].error)
            return wrong(
                fmt::format("transaction {} has another result when executed again", base::to_hex(again.inner.id())));
    }
    if (ledger::txroot_of(outcome.transactions) != header.txroot)
        return wrong(fmt::format("block {}: txroot", header.height));
    if (kept != outcome.events(header.hash)) return wrong(fmt::format("block {}: contract events", header.height));
    if (outcome.commit.state->root() != header.state_hash)
        return wrong(fmt::format("block {}: state hash", header.height));
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
    const auto kept = stored_.contract_events(header.height);
    if (!kept) return std::unexpected(kept.error());
    GivenBlock given{header, {}, chain_id_, rewards_in(*kept, header.hash)};
    for (const auto& tx : *stored) given.transactions.push_back(&tx.inner);
    const auto outcome = execute_given(machine_, state_, given);
    if (!outcome) return wrong(outcome.error().text);
    if (const auto same = compare(block, *stored, *kept, *outcome); !same) return same;
    state_ = outcome->commit.state;
    transactions_ += stored->size();
    last_ = header;
    last_transactions_ = block.transactions;
    return {};
}

/// Compares contracts and pages on disk with the state of the machine, byte by byte. Returns the number of pages.
Result<std::uint64_t> compare_memory(const store::Snapshot& stored, const vm::State& state) {
    std::uint64_t contracts = 0;
    std::uint64_t pages = 0;
    bool same = true;
    const auto listed = stored.for_each_contract([&](const store::StoredContract& contract) {
        const auto* ours = state.find(contract.id);
        same = ours != nullptr && base::equal(ours->code->bytes, contract.code) &&
               base::equal(*ours->owner, contract.owner) && ours->position == contract.position &&
               ours->memory64() == contract.memory64 && ours->image.size_pages() == contract.memory_pages;
        ++contracts;
        return same;
    });
    if (!listed) return std::unexpected(listed.error());
    if (!same || contracts != state.contracts()) return wrong("the contracts are not the result of the blocks");
    const auto walked = stored.for_each_page([&](const store::StoredPage& page) {
        const auto* contract = state.find(page.contract);
        const auto* ours = contract != nullptr ? contract->image.page(page.number) : nullptr;
        same = ours != nullptr && ours->hash() == page.hash && base::equal(ours->bytes(), page.bytes);
        ++pages;
        return same;
    });
    if (!walked) return std::unexpected(walked.error());
    std::uint64_t expected = 0;
    state.each([&expected](const auto&, const vm::Contract& contract) { expected += contract.image.stored_pages(); });
    if (!same || pages != expected) return wrong("the pages of memory are not the result of the blocks");
    return pages;
}

/// Compares the blobs whose data is kept with the transactions of the blocks. Returns their number.
Result<std::uint64_t> compare_blobs(const store::Snapshot& stored, std::uint64_t tip) {
    std::map<ledger::Hash32, std::uint64_t> heights;
    std::uint64_t oldest = tip;
    std::optional<std::string> bad;
    const auto walked = stored.for_each_blob([&](const store::StoredBlob& blob) {
        if (const auto error = sidecar_error({{{blob.hash, blob.sidecar}}}))
            bad = fmt::format("blob {}: {}", base::to_hex(blob.hash), *error);
        heights.emplace(blob.hash, blob.height);
        oldest = std::min(oldest, blob.height);
        return !bad;
    });
    if (!walked) return std::unexpected(walked.error());
    if (bad) return wrong(*bad);
    const std::uint64_t kept = heights.size();
    std::map<ledger::Hash32, std::uint64_t> last;  // the last block that includes each blob
    for (std::uint64_t height = kept == 0 ? tip + 1 : oldest; height <= tip; ++height) {
        const auto block = stored.block(height);
        if (!block) return std::unexpected(block.error());
        if (!*block) return wrong(fmt::format("block {} is missing", height));
        const auto transactions = stored.transactions((*block)->transactions);
        if (!transactions) return std::unexpected(transactions.error());
        for (const auto& one : *transactions) {
            const auto tx = one ? ledger::UncheckedTransaction::decode(one->raw)
                                : std::unexpected(ledger::DecodeError{"it is missing"});
            if (!tx) return wrong(fmt::format("block {}: a transaction cannot be read: {}", height, tx.error().text));
            if (tx->blobs() == nullptr) continue;
            for (const auto& blob : tx->blobs()->list) last[blob.hash] = height;
        }
    }
    for (const auto& [hash, height] : last) {
        const auto found = heights.find(hash);
        if (found != heights.end() && found->second == height) continue;
        // Blobs of the oldest block may have expired in part.
        if (found == heights.end() && height == oldest) continue;
        return wrong(fmt::format("block {}: blob {} is missing", height, base::to_hex(hash)));
    }
    for (const auto& [hash, height] : heights) {
        if (!last.contains(hash)) return wrong(fmt::format("blob {} is of no transaction", base::to_hex(hash)));
    }
    return kept;
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
    const auto* fates = store.fates();
    const auto taken_back = fates != nullptr ? fates->taken_back() : std::make_shared<const store::TakenBack>();
    for (std::uint64_t next = first; next <= store.last_seq();) {
        const auto records = store.read_log(next, kLogBytes);
        if (!records) return std::unexpected(records.error());
        if (records->empty()) return wrong(fmt::format("the log ends before record {}", next));
        for (const auto& record : *records) {
            if (record.seq != next) return wrong(fmt::format("the log has no record {}", next));
            if (next == first && first > 1) out.complete_above = record.filter.height;
            ++next;
            const bool counts = record.filter.tie == store::Tie::block && taken_back->block_of(record.seq) == nullptr;
            if (counts && record.filter.component == wire::Component::transactions && record.filter.topic == executed &&
                (first == 1 || record.filter.height > out.complete_above))
                ++out.executed[record.filter.entity];
        }
    }
    return out;
}

}  // namespace

Result<StoreReport> verify_store(const store::Store& store, vm::Machine& machine, const GenesisParts& genesis) {
    if (!store.has_chain()) return base::failure(Error::Kind::not_found, "the store has no chain");
    const auto stored = store.snapshot();
    StoreReport report;
    report.height = stored->height();
    report.log_records = store.last_seq() + 1 - store.first_seq();

    const auto origin = store.origin();
    if (!origin) return std::unexpected(origin.error());
    if (!*origin) return wrong("the store does not say what its chain began with");
    // Blocks that a gateway has executed are checked in the same way.
    const auto given = is_followed(**origin) ? followed_origin((*origin)->chain_id, machine.contract_log())
                                             : origin_of(genesis, (*origin)->chain_id, machine.contract_log());
    if (const auto same = check_origin(store, given); !same) return std::unexpected(same.error());
    // It is made again, too: a prepared state could be wrong in the same way as the stored one.
    auto state = make_genesis_state(machine, genesis);
    if (!state) return std::unexpected(state.error());
    const auto first = stored->block(0);
    if (!first) return std::unexpected(first.error());
    if (!*first || (*first)->header.state_hash != (*state)->root()) return wrong("block 0 does not match this genesis");

    const auto told = executed_in_log(store);
    if (!told) return std::unexpected(told.error());
    std::size_t checked = 0;
    Reexecution again(*stored, machine, (*origin)->chain_id, std::move(*state));
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

    const auto pages = compare_memory(*stored, *again.state());
    if (!pages) return std::unexpected(pages.error());
    report.pages = *pages;

    const auto blobs = compare_blobs(*stored, report.height);
    if (!blobs) return std::unexpected(blobs.error());
    report.blobs = *blobs;

    const auto pooled = store.pooled();
    if (!pooled) return std::unexpected(pooled.error());
    for (const auto& tx : *pooled) {
        if (stored->transaction_exists(tx.id))
            return wrong(fmt::format("transaction {} is in a block and in the mempool", base::to_hex(tx.id)));
    }
    return report;
}

}  // namespace rues::chain
