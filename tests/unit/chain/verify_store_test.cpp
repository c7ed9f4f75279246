#include "chain/verify_store.hpp"

#include "chain/genesis_file.hpp"
#include "chain/producer.hpp"
#include "local_chain.hpp"

namespace rues::chain {
namespace {

using test::profile;
using test::signed_by;
using test::transfer;

class VerifyStore : public test::LocalChain {
protected:
    /// Makes three blocks with two transfers, and one transfer that is still pooled.
    void SetUp() override {
        LocalChain::SetUp();
        begin();
        for (const std::uint64_t nonce : {1U, 2U}) {
            sent_.push_back(signed_by(1, transfer(nonce)));
            ASSERT_TRUE(propagate(sent_.back()));
            mine();
        }
        mine();
        ASSERT_TRUE(propagate(signed_by(1, transfer(3))));
        chain_.reset();
    }
    base::Result<StoreReport> verify() { return verify_store(*store_, *read_genesis(default_genesis())); }
    std::string fault() {
        const auto report = verify();
        EXPECT_FALSE(report);
        return report ? "" : report.error().text;
    }
    /// Commits the next block after `change` has changed it.
    void commit_next(const std::function<void(Sealed&)>& change) {
        const auto snapshot = store_->snapshot();
        const auto tip = (*snapshot->block(snapshot->height()))->header;
        const auto commitment = *store_->commitment();
        const Mempool empty;
        Sealed next =
            seal({*snapshot, commitment, tip, empty, {}, tip.timestamp + 1, options_, profile(0).public_key()});
        change(next);
        next.commit.block = &next.block;
        ASSERT_TRUE(store_->commit_block(next.commit));
    }

    std::vector<ledger::Transaction> sent_;
};

TEST_F(VerifyStore, a_whole_chain_is_counted) {
    const auto report = verify();

    ASSERT_TRUE(report) << report.error().text;
    EXPECT_EQ(report->height, 3U);
    EXPECT_EQ(report->transactions, 2U);
    EXPECT_EQ(report->log_records, store_->last_seq());
    EXPECT_GT(report->state_entries, 4U);
}

TEST_F(VerifyStore, an_unchanged_next_block_is_whole) {
    commit_next([](Sealed&) {});

    EXPECT_EQ(verify()->height, 4U);
}

TEST_F(VerifyStore, another_genesis_is_named) {
    auto other = *read_genesis(default_genesis());
    other.accounts.front().balance += 1;

    EXPECT_EQ(verify_store(*store_, other).error().text, "block 0 does not match this genesis");
}

TEST_F(VerifyStore, an_account_that_no_block_made_is_found) {
    commit_next(
        [](Sealed& next) { next.commit.changes.accounts[crypto::account_key({}, 7).public_key().bytes()] = {1, 1}; });

    EXPECT_EQ(fault(), "the state is not the result of the blocks");
}

TEST_F(VerifyStore, a_header_with_another_state_hash_is_found) {
    commit_next([](Sealed& next) {
        next.block.header.state_hash[0] ^= std::byte{1};
        next.block.header.hash = next.block.header.compute_hash();
    });

    EXPECT_EQ(fault(), "block 4: contract events") << "their origin is the block's hash as it was";
}

TEST_F(VerifyStore, a_header_that_does_not_match_its_hash_is_found) {
    commit_next([](Sealed& next) { next.block.header.timestamp += 1; });

    EXPECT_EQ(fault(), "block 4: header");
}

TEST_F(VerifyStore, a_second_executed_event_of_a_transaction_is_found) {
    const auto header = (*store_->snapshot()->block(1))->header;
    store::MempoolCommit again;
    again.events.push_back(ledger::transaction_executed({sent_[0], 1, 5, std::nullopt}, header));
    ASSERT_TRUE(store_->commit_mempool(again));

    EXPECT_EQ(fault(), "the log has 2 executed events for transaction " + base::to_hex(sent_[0].id()));
}

TEST_F(VerifyStore, a_pooled_transaction_that_was_executed_is_found) {
    store::MempoolCommit again;
    again.added.push_back({sent_[1].id(), sent_[1].encode(ledger::Envelope::boreas), 1});
    ASSERT_TRUE(store_->commit_mempool(again));

    EXPECT_EQ(fault(), "transaction " + base::to_hex(sent_[1].id()) + " is in a block and in the mempool");
}

}  // namespace
}  // namespace rues::chain
