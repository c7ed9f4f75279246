#include "chain/producer.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "crypto/share_key.hpp"

namespace rues::chain {
namespace {

/// Takes candidates best first. A candidate whose nonce is not ready waits, and then follows directly behind its
/// predecessor, whatever its price (recorded data's README, rule 6).
class Selection {
public:
    Selection(BlockExecution& execution, const std::function<bool()>& enough)
        : execution_(execution), enough_(enough) {}

    void offer(const ledger::Transaction& tx) {
        if (!fits(tx) || enough_()) return;
        const auto done = execution_.add(tx, SpendProof::good);  // admission verified what the pool holds
        const auto* body = tx.moonlight();
        if (!done) {
            if (done.error().kind == Discard::Kind::not_ready && body != nullptr)
                parked_[{body->sender.bytes(), body->nonce}] = &tx;
            if (done.error().kind == Discard::Kind::unspendable || done.error().kind == Discard::Kind::stopped)
                discarded_.push_back({tx.id(), done.error().text});
            return;
        }
        bytes_ += tx.size();
        ++count_;
        if (body == nullptr) return;
        const auto next = parked_.find({body->sender.bytes(), body->nonce + 1});
        if (next == parked_.end()) return;
        const auto* follower = next->second;
        parked_.erase(next);
        offer(*follower);  // at most as deep as a block has transactions
    }
    const std::vector<Discarded>& discarded() const noexcept { return discarded_; }

private:
    bool fits(const ledger::Transaction& tx) const {
        return count_ < kMaxBlockTransactions && bytes_ + tx.size() <= kMaxBlockBytes - kBlockOverhead;
    }

    BlockExecution& execution_;
    const std::function<bool()>& enough_;
    std::vector<Discarded> discarded_;
    std::size_t count_ = 0;
    std::size_t bytes_ = 0;
    std::map<std::pair<ledger::AccountKey, std::uint64_t>, const ledger::Transaction*> parked_;
};

/// The discarded transactions and their followers, without those that the block executed.
std::vector<Discarded> with_followers(const std::vector<Discarded>& first, const Mempool& pool,
                                      const std::vector<ledger::SpentTransaction>& executed) {
    std::set<ledger::TxId> known;
    for (const auto& tx : executed) known.insert(tx.inner.id());
    std::vector<Discarded> out;
    for (const auto& [discarded, why] : first) {
        for (const auto& id : pool.cascade(discarded)) {
            if (known.insert(id).second) out.push_back({id, why});
        }
    }
    return out;
}

/// The sidecars of the executed transactions, which the candidates have.
std::vector<store::NewBlob> blobs_of(const std::vector<ledger::SpentTransaction>& executed,
                                     const std::vector<const Mempool::Entry*>& candidates) {
    std::vector<store::NewBlob> out;
    for (const auto& tx : executed) {
        if (tx.inner.blobs() == nullptr) continue;
        const auto found = std::ranges::find(candidates, tx.inner.id(), [](const auto* each) { return each->tx.id(); });
        if (found == candidates.end()) continue;
        const auto* entry = *found;
        for (const auto& blob : entry->tx.blobs()->list) {
            if (blob.sidecar) out.push_back({blob.hash, &*blob.sidecar});
        }
    }
    return out;
}

}  // namespace

ledger::Attestation certificate_of(const ledger::Header& previous) {
    if (previous.height == 0) return {};
    ledger::Attestation out;
    out.success = true;
    out.vote = {ledger::Vote::Kind::valid, previous.hash};
    out.validation.bitset = 1;
    out.ratification.bitset = 1;
    return out;
}

void append_events(store::BlockCommit& commit, const ledger::Block& block, const BlockExecution::Outcome& outcome,
                   const FinalityChanges& finality,
                   const std::function<std::vector<ledger::TxId>(const ledger::Transaction&)>& rivals,
                   const std::vector<Discarded>& discarded) {
    const ledger::Header& header = block.header;
    commit.contract_events = outcome.events(header.hash);
    for (const auto& event : commit.contract_events) commit.events.push_back(ledger::contract_event(event, header));
    for (const auto& tx : block.transactions) {
        if (const auto* deploy = tx.inner.deploy(); deploy != nullptr && !tx.error)
            commit.events.push_back(ledger::contract_deployed(*deploy, tx.inner.id(), header));
    }
    for (const auto& tx : block.transactions) commit.events.push_back(ledger::transaction_executed(tx, header));
    for (const auto& hash : finality.confirmed)
        commit.events.push_back(ledger::block_statechange(hash, "confirmed", header));
    for (const auto& hash : finality.finalized)
        commit.events.push_back(ledger::block_statechange(hash, "finalized", header));
    for (const auto& tx : block.transactions) {
        auto leaving = rivals(tx.inner);
        const auto& own = tx.inner.id();
        std::ranges::stable_partition(leaving, [&own](const ledger::TxId& id) { return id == own; });
        for (const auto& id : leaving) {
            auto removed = ledger::transaction_removed(id, header.height, &header);
            commit.events.push_back(id == own ? std::move(removed) : ledger::replaced_by(own, std::move(removed)));
            commit.unpooled.push_back(id);
        }
    }
    for (const auto& [id, why] : discarded) {
        commit.events.push_back(ledger::transaction_dropped(id, "discarded: " + why, header.height));
        commit.events.push_back(ledger::transaction_removed(id, header.height));
        commit.unpooled.push_back(id);
    }
    commit.events.push_back(ledger::block_accepted(block));
}

BlockContext context_of_next(const Options& options, const crypto::PublicKey& generator, std::uint64_t height) {
    BlockContext out;
    out.chain_id = options.chain_id;
    out.height = height;
    out.generator = generator;
    if (height > 1) out.voters.emplace_back(generator, kCredits);
    return out;
}

base::Result<Sealed> seal(const SealInput& input) {
    Sealed out;
    const std::uint64_t height = input.previous.height + 1;
    BlockContext context = context_of_next(input.options, input.generator, height);
    const std::uint64_t gas_limit = context.block_gas_limit;

    BlockExecution execution(input.machine, input.state, std::move(context), bounds_of_own(input.too_long),
                             input.contract_log);
    if (auto begun = execution.begin(); !begun) return std::unexpected(begun.error());
    Selection selection(execution, input.enough);
    for (const auto* entry : input.candidates) selection.offer(entry->tx);
    auto finished = std::move(execution).finish();
    if (!finished) return std::unexpected(finished.error());
    auto& outcome = *finished;

    ledger::Header& header = out.block.header;
    header.height = height;
    header.timestamp = input.timestamp;
    header.prev_block_hash = input.previous.hash;
    header.generator = input.generator.bytes();
    header.gas_limit = gas_limit;
    header.prev_block_cert = certificate_of(input.previous);
    std::optional<crypto::SecretKey> signer;
    if (input.options.producer) signer = crypto::share_key(*input.options.producer, input.generator);
    if (signer) header.seed = signer->sign(input.previous.seed).bytes();

    header.state_hash = outcome.commit.state->root();
    header.txroot = ledger::txroot_of(outcome.transactions);
    for (const auto* events : {&outcome.transaction_events, &outcome.block_events}) {
        for (const auto& event : *events)
            ledger::bloom_insert(header.event_bloom, event.contract, event.topic, event.data);
    }
    header.hash = header.compute_hash();
    if (signer) header.signature = signer->sign(header.hash).bytes();

    out.commit.label = {ledger::Label::Kind::attested, 1};
    out.commit.relabelled = input.finality.labels;
    out.block.transactions = outcome.transactions;
    const auto discarded = with_followers(selection.discarded(), input.pool, outcome.transactions);
    out.discarded = discarded.size();
    append_events(
        out.commit, out.block, outcome, input.finality,
        [&](const ledger::Transaction& tx) { return input.pool.rivals(tx); }, discarded);
    out.commit.blobs = blobs_of(outcome.transactions, input.candidates);
    out.machine = std::move(outcome.commit);
    return out;
}

}  // namespace rues::chain
