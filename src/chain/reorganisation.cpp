#include "chain/reorganisation.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "chain/producer.hpp"

namespace rues::chain {
namespace {

/// The transaction with the data of its blobs; nullopt: some of it is not kept.
base::Result<std::optional<ledger::Transaction>> with_sidecars(const store::Snapshot& stored,
                                                               const ledger::Transaction& tx) {
    if (tx.blobs() == nullptr) return tx;
    ledger::Blobs blobs = *tx.blobs();
    for (auto& blob : blobs.list) {
        auto kept = stored.blob(blob.hash);
        if (!kept) return std::unexpected(kept.error());
        if (!*kept) return std::optional<ledger::Transaction>();
        blob.sidecar = std::move(**kept);
    }
    if (const auto* public_form = tx.moonlight()) {
        auto body = *public_form;
        body.data = std::move(blobs);
        return ledger::Transaction(std::move(body));
    }
    auto body = *tx.phoenix();
    body.data = std::move(blobs);
    return ledger::Transaction(std::move(body));
}

Rejection not_possible(std::string text) {
    return {Rejection::Kind::refused, std::move(text)};
}

std::expected<void, Rejection> check_size(std::size_t block, const std::vector<ledger::Transaction>& transactions) {
    std::size_t bytes = kBlockOverhead;
    for (const auto& tx : transactions) bytes += tx.size();
    if (transactions.size() > kMaxBlockTransactions) {
        return std::unexpected(not_possible(
            fmt::format("replace[{}]: a block has at most {} transactions", block, kMaxBlockTransactions)));
    }
    if (bytes > kMaxBlockBytes)
        return std::unexpected(
            not_possible(fmt::format("replace[{}]: a block has at most {} bytes", block, kMaxBlockBytes)));
    return {};
}

}  // namespace

base::Result<TakenTransactions> taken_transactions(const store::Snapshot& stored, std::uint64_t first,
                                                   std::uint64_t last) {
    TakenTransactions out;
    for (std::uint64_t height = first; height <= last; ++height) {
        const auto block = stored.block(height);
        if (!block) return std::unexpected(block.error());
        if (!*block) return base::failure(base::Error::Kind::corrupt, fmt::format("block {} is missing", height));
        out.blocks.insert(out.blocks.begin(), {height, (*block)->header.hash});
        out.last_timestamp = std::max(out.last_timestamp, (*block)->header.timestamp);
        for (const auto& id : (*block)->transactions) {
            const auto found = stored.transaction(id);
            if (!found) return std::unexpected(found.error());
            auto tx = *found ? ledger::Transaction::decode((*found)->raw)
                             : std::unexpected(ledger::DecodeError{"it is missing"});
            if (!tx) {
                return base::failure(base::Error::Kind::corrupt,
                                     fmt::format("transaction {}: {}", base::to_hex(id), tx.error().text));
            }
            auto whole = with_sidecars(stored, *tx);
            if (!whole) return std::unexpected(whole.error());
            if (*whole) {
                out.whole.push_back(std::move(**whole));
            } else {
                out.without_blobs.push_back(id);
            }
        }
    }
    return out;
}

std::expected<void, Rejection> try_blocks(vm::Machine& machine, std::shared_ptr<const vm::State> state,
                                          std::uint64_t height,
                                          const std::vector<std::vector<ledger::Transaction>>& blocks,
                                          const Options& options, const crypto::PublicKey& generator,
                                          const base::Clock& clock) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (const auto fits = check_size(i, blocks[i]); !fits) return fits;
        auto begun = clock.steady();
        BlockExecution execution(machine, state, context_of_next(options, generator, ++height),
                                 bounds_of_own([&] { return clock.steady() >= begun + kTransactionTime; }));
        if (const auto ready = execution.begin(); !ready)
            return std::unexpected(Rejection{Rejection::Kind::failed, ready.error().text});
        for (std::size_t j = 0; j < blocks[i].size(); ++j) {
            begun = clock.steady();
            if (const auto added = execution.add(blocks[i][j], SpendProof::good); !added)
                return std::unexpected(not_possible(fmt::format("replace[{}][{}]: {}", i, j, added.error().text)));
        }
        auto outcome = std::move(execution).finish();
        if (!outcome) return std::unexpected(Rejection{Rejection::Kind::failed, outcome.error().text});
        state = std::move(outcome->commit.state);
    }
    return {};
}

}  // namespace rues::chain
