#include "fault/store/bad_disk.hpp"
#include "unit/chain/local_chain.hpp"

namespace rues::chain {
namespace {

using store::BadDisk;
using test::LocalChain;
using test::signed_by;
using test::transfer;

/// A chain on a disk that fills up or fails. The chain stops, reports the cause, and loses nothing that it has
/// promised.
class ChainOnABadDisk : public LocalChain {
protected:
    void SetUp() override {
        LocalChain::SetUp();
        store_options_.env = env_.get();
        store_options_.sync_blocks = true;
        begin();
    }
    void fatal(const std::string& why) override { fatal_.push_back(why); }

    /// Sends transfers of profile 1 with ascending nonces until one is not answered with 202, or `most` were sent.
    Rejection send_until_refused(std::uint64_t most) {
        while (sent_.size() < most) {
            const auto tx = signed_by(1, transfer(sent_.size() + 1));
            const auto verdict = propagate(tx);
            if (!verdict) return verdict.error();
            sent_.push_back(tx);
        }
        return {};
    }
    void expect_stopped() {
        ASSERT_EQ(fatal_.size(), 1U);
        EXPECT_NE(fatal_[0].find(expected_cause_), std::string::npos) << fatal_[0];
        // The disk is good again, but the store's end is unknown: the chain writes and promises nothing until the store
        // is reopened.
        heal();
        const auto tip = chain_->tip();
        const auto late = signed_by(0, transfer(1, 1, 0));
        for (const auto& verdict : {propagate(late), preverify(late.encode(ledger::Envelope::aegis))}) {
            ASSERT_FALSE(verdict);
            EXPECT_EQ(verdict.error().kind, Rejection::Kind::failed);
        }
        EXPECT_FALSE(try_mine(1));
        EXPECT_EQ(chain_->tip().hash, tip.hash);
        EXPECT_EQ(fatal_.size(), 1U);
    }
    /// After a restart on a good disk, every transaction that was answered with 202 is in the mempool or in a block,
    /// exactly once.
    void expect_nothing_lost() {
        restart();
        const auto pooled = store_->pooled();
        ASSERT_TRUE(pooled);
        std::set<ledger::TxId> waiting;
        for (const auto& one : *pooled) waiting.insert(one.id);
        for (const auto& tx : sent_) {
            const bool executed = store_->snapshot()->transaction_exists(tx.id());
            EXPECT_NE(executed, waiting.contains(tx.id())) << "nonce " << tx.moonlight()->nonce;
        }
        EXPECT_EQ(chain_->mempool_size(), waiting.size());
        mine(2);
        EXPECT_EQ(chain_->mempool_size(), 0U);
        EXPECT_GE(account_of(1).nonce, sent_.size());
        const auto log = store_->read_log(1, 1 << 28);
        ASSERT_TRUE(log);
        ASSERT_EQ(log->size(), store_->last_seq());
        for (std::size_t i = 0; i < log->size(); ++i) ASSERT_EQ((*log)[i].seq, i + 1);
        for (const auto& event : told()) {
            if (event.topic == "included") ++included_[event.entity];
        }
        for (const auto& tx : sent_) EXPECT_EQ(included_[base::to_hex(tx.id())], 1);
    }
    void heal() {
        disk_.room = BadDisk::kUnlimited;
        disk_.sync_fails = false;
    }

    BadDisk disk_;
    std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(std::make_shared<store::BadFileSystem>(disk_));
    std::vector<ledger::Transaction> sent_;
    std::vector<std::string> fatal_;
    std::map<std::string, int> included_;  ///< number of `included` events in the log, by transaction id
    std::string expected_cause_ = "no space left on the disk";
};

TEST_F(ChainOnABadDisk, a_disk_that_is_full_while_a_block_is_written_loses_nothing) {
    for (const std::int64_t room : {0, 100, 2'000}) {
        SCOPED_TRACE(room);
        fatal_.clear();
        send_until_refused(sent_.size() + 5);
        disk_.room = room;

        const auto mined = try_mine(1);

        ASSERT_FALSE(mined);
        expect_stopped();
        expect_nothing_lost();
    }
}

TEST_F(ChainOnABadDisk, a_disk_that_is_full_while_transactions_are_admitted_loses_nothing) {
    for (const std::int64_t room : {0, 1'500, 10'000}) {
        SCOPED_TRACE(room);
        fatal_.clear();
        disk_.room = room;

        const auto refused = send_until_refused(sent_.size() + 1'000);

        EXPECT_EQ(refused.kind, Rejection::Kind::failed) << refused.text;
        expect_stopped();
        expect_nothing_lost();
        // The refused transaction may have reached the disk anyway; its sender learns this from the nonce.
        const auto nonce = account_of(1).nonce;
        if (nonce > sent_.size()) sent_.push_back(signed_by(1, transfer(nonce)));
    }
}

TEST_F(ChainOnABadDisk, a_block_that_cannot_be_synced_loses_nothing) {
    send_until_refused(5);
    mine();
    send_until_refused(8);
    disk_.sync_fails = true;
    expected_cause_ = "the test's disk failed";

    EXPECT_FALSE(try_mine(1));

    expect_stopped();
    expect_nothing_lost();
}

}  // namespace
}  // namespace rues::chain
