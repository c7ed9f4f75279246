#include "chain/verify_store.hpp"

#include "chain/genesis_file.hpp"
#include "chain/producer.hpp"
#include "chain/stored_state.hpp"
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
    base::Result<StoreReport> verify() {
        return verify_store(*store_, test::machine(), test::parts_of(test::default_genesis_file()));
    }
    std::string fault() {
        const auto report = verify();
        EXPECT_FALSE(report);
        return report ? "" : report.error().text;
    }
    /// Commits the next block after `change` has changed it.
    void commit_next(const std::function<void(Sealed&)>& change) {
        const auto snapshot = store_->snapshot();
        const auto tip = (*snapshot->block(snapshot->height()))->header;
        const Mempool empty;
        Sealed next = seal({test::machine(),
                            read_state(test::machine(), *snapshot, tip.state_hash).value(),
                            tip,
                            empty,
                            {},
                            tip.timestamp + 1,
                            options_,
                            profile(0).public_key()})
                          .value();
        next.commit.memory = memory_changes(next.machine);
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
    EXPECT_GT(report->pages, 70U) << "the notes of the genesis alone take that many";
}

TEST_F(VerifyStore, an_unchanged_next_block_is_whole) {
    commit_next([](Sealed&) {});

    EXPECT_EQ(verify()->height, 4U);
}

TEST_F(VerifyStore, another_genesis_is_named) {
    auto other = *read_genesis(default_genesis());
    other.accounts.front().balance += 1;

    EXPECT_EQ(verify_store(*store_, test::machine(), test::parts_of(other)).error().text,
              "the stored chain began with another genesis (different: accounts); start it with the same settings, or "
              "use another data folder");
}

TEST_F(VerifyStore, a_page_with_other_bytes_is_found) {
    const base::Bytes other(store::kPageBytes, std::byte{1});
    commit_next([&other](Sealed& next) { next.commit.memory.pages.back().bytes = other; });

    EXPECT_EQ(fault(), "the pages of memory are not the result of the blocks");
}

TEST_F(VerifyStore, a_page_that_no_block_made_is_found) {
    const base::Bytes page(store::kPageBytes);
    commit_next(
        [&page](Sealed& next) { next.commit.memory.pages.push_back({ledger::kStakeContract, 4'000, {}, page}); });

    EXPECT_EQ(fault(), "the pages of memory are not the result of the blocks");
}

TEST_F(VerifyStore, a_contract_that_no_block_made_is_found) {
    store::StoredContract contract;
    contract.id = {std::byte{9}};
    contract.position = 3;
    commit_next([&contract](Sealed& next) { next.commit.memory.deployed.push_back(contract); });

    EXPECT_EQ(fault(), "the contracts are not the result of the blocks");
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
