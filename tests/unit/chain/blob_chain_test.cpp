#include "chain/verify_store.hpp"
#include "local_chain.hpp"
#include "support/blobs.hpp"

/// A chain with blob transactions: their sidecars in the pool, in the store, and after their time.
namespace rues::chain {
namespace {

using rues::test::constant_blob;
using rues::test::full_blob;
using rues::test::hello_blob;
using rues::test::KnownBlob;
using test::signed_by;
using test::transfer;

class BlobChain : public test::LocalChain {
protected:
    static ledger::Transaction carrying(std::uint64_t nonce, std::vector<ledger::Blob> blobs, std::uint64_t price = 1,
                                        std::size_t from = 1) {
        auto body = transfer(nonce, price, from);
        body.data = ledger::Blobs{std::move(blobs)};
        return signed_by(from, body);
    }
    bool keeps(const KnownBlob& blob) {
        const auto found = store_->snapshot()->blob(blob.hash());
        EXPECT_TRUE(found);
        if (!*found) return false;
        EXPECT_EQ(**found, *blob.with_sidecar().sidecar);
        return true;
    }
    std::uint64_t blobs_in_verified_store() {
        const auto report = verify_store(*store_, test::machine(), test::parts_of(genesis_file_));
        EXPECT_TRUE(report) << report.error().text;
        return report ? report->blobs : 0;
    }
};

// docs/reference/ledger.md 1.6, docs/reference/graphql.md 4.2
TEST_F(BlobChain, a_block_keeps_the_hashes_and_the_store_keeps_the_sidecars_across_a_restart) {
    begin();
    const auto tx = carrying(1, {full_blob().with_sidecar(), hello_blob().with_sidecar()});
    ASSERT_TRUE(propagate(tx));
    EXPECT_FALSE(keeps(full_blob())) << "no block has included it yet";
    mine();

    for (const bool again : {false, true}) {
        SCOPED_TRACE(again);
        const auto stored = store_->snapshot()->transaction(tx.id());
        ASSERT_TRUE(stored && *stored);
        EXPECT_EQ((*stored)->raw, tx.without_sidecars().encode(ledger::Envelope::boreas));
        EXPECT_EQ((*stored)->gas_spent, 2'000'000U);
        EXPECT_EQ((*stored)->error, std::nullopt);
        EXPECT_TRUE(keeps(full_blob()));
        EXPECT_TRUE(keeps(hello_blob()));
        EXPECT_FALSE(keeps(constant_blob()));
        if (!again) restart();
    }
    chain_.reset();
    EXPECT_EQ(blobs_in_verified_store(), 2U);
}

TEST_F(BlobChain, a_waiting_transaction_keeps_its_sidecars_across_a_restart) {
    begin();
    const auto tx = carrying(1, {full_blob().with_sidecar()});
    ASSERT_TRUE(propagate(tx));
    restart();

    const auto pooled = store_->snapshot()->pooled(tx.id());
    ASSERT_TRUE(pooled && *pooled);
    EXPECT_EQ((*pooled)->raw, tx.encode(ledger::Envelope::boreas));
    mine();

    EXPECT_TRUE(keeps(full_blob()));
}

TEST_F(BlobChain, sidecars_expire_when_as_many_blocks_follow_as_the_setting_says) {
    store_options_.blob_blocks = 3;
    begin();
    ASSERT_TRUE(propagate(carrying(1, {full_blob().with_sidecar(), hello_blob().with_sidecar()})));
    mine();
    ASSERT_TRUE(propagate(carrying(2, {full_blob().with_sidecar(), constant_blob().with_sidecar()})));
    mine(2);
    EXPECT_TRUE(keeps(hello_blob()));

    mine();  // block 4: three blocks after the first
    EXPECT_FALSE(keeps(hello_blob()));
    EXPECT_TRUE(keeps(full_blob())) << "block 2 has included it again";
    restart();
    mine();
    EXPECT_FALSE(keeps(full_blob()));
    EXPECT_FALSE(keeps(constant_blob()));
    chain_.reset();
    EXPECT_EQ(blobs_in_verified_store(), 0U);
}

TEST_F(BlobChain, a_blob_that_comes_again_in_the_block_in_which_it_expires_is_kept) {
    store_options_.blob_blocks = 2;
    begin();
    ASSERT_TRUE(propagate(carrying(1, {full_blob().with_sidecar()})));
    mine(2);
    ASSERT_TRUE(propagate(carrying(2, {full_blob().with_sidecar()})));
    mine();

    EXPECT_TRUE(keeps(full_blob()));
    mine();
    EXPECT_TRUE(keeps(full_blob()));
    mine();
    EXPECT_FALSE(keeps(full_blob()));
}

TEST_F(BlobChain, without_a_limit_sidecars_stay_and_a_later_limit_removes_them) {
    begin();
    ASSERT_TRUE(propagate(carrying(1, {full_blob().with_sidecar()})));
    mine(200);
    EXPECT_TRUE(keeps(full_blob()));

    store_options_.blob_blocks = 10;
    restart();
    mine();
    EXPECT_FALSE(keeps(full_blob()));
}

TEST_F(BlobChain, the_bytes_of_sidecars_count_for_the_bound_of_the_pool) {
    options_.mempool_bytes = 200'000;
    begin();
    const auto large = carrying(1, {full_blob().with_sidecar(), hello_blob().with_sidecar()});
    ASSERT_GT(large.size(), options_.mempool_bytes);
    ASSERT_LT(large.without_sidecars().size(), 1'000U);
    ASSERT_TRUE(propagate(large));

    const auto refused = propagate(signed_by(0, transfer(1, 1, 0)));

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Rejection::Kind::full);
}

TEST_F(BlobChain, the_bytes_that_wait_for_the_chain_thread_are_bounded) {
    options_.command_bytes = 300'000;
    begin();
    std::vector<std::future<Verdict>> verdicts;
    {
        test::Hold hold;
        hold_chain(hold);
        for (std::uint64_t nonce = 1; nonce <= 3; ++nonce) {
            verdicts.push_back(propagate_later(carrying(nonce, {full_blob().with_sidecar()})));
            // The one verify thread answers in order, so it has passed the transaction on.
            ASSERT_TRUE(preverify(signed_by(0, transfer(1, 1, 0)).encode(ledger::Envelope::aegis)));
        }
        ASSERT_EQ(verdicts[2].wait_for(std::chrono::seconds(0)), std::future_status::ready);
        EXPECT_EQ(verdicts[2].get().error().kind, Rejection::Kind::full);
    }

    EXPECT_TRUE(verdicts[0].get());
    EXPECT_TRUE(verdicts[1].get());
    EXPECT_TRUE(propagate(carrying(3, {full_blob().with_sidecar()}))) << "the bytes are free again";
}

TEST_F(BlobChain, a_forged_sidecar_is_refused_by_preverify_and_propagate) {
    begin();
    auto forged = full_blob().with_sidecar();
    forged.sidecar->data.back() ^= std::byte{1};
    const auto tx = carrying(1, {forged});
    const auto why = "Tx " + base::to_hex(tx.id()) + " not accepted: Invalid blob: KZG proof verification failed";

    EXPECT_EQ(preverify(tx.encode(ledger::Envelope::aegis)).error().text, why);
    EXPECT_EQ(propagate(tx).error().text, why);
    EXPECT_EQ(chain_->mempool_size(), 0U);
    EXPECT_TRUE(told().empty());
}

TEST_F(BlobChain, a_staged_blob_transaction_is_admitted_with_its_sidecars) {
    begin();
    ASSERT_TRUE(propagate(carrying(2, {full_blob().with_sidecar()})));
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    mine();

    EXPECT_TRUE(keeps(full_blob()));
}

class BlobFaults : public BlobChain {
protected:
    void SetUp() override {
        BlobChain::SetUp();
        begin();
        ASSERT_TRUE(propagate(carrying(1, {full_blob().with_sidecar()})));
        mine();
        ASSERT_TRUE(propagate(carrying(2, {hello_blob().with_sidecar()})));
        mine();
        header_ = (*store_->snapshot()->block(2))->header;
        chain_.reset();
    }
    std::string fault() {
        const auto report = verify_store(*store_, test::machine(), test::parts_of(genesis_file_));
        EXPECT_FALSE(report);
        return report ? "" : report.error().text;
    }
    /// Commits block 2 once more, with these blobs.
    void commit_again(std::vector<store::NewBlob> blobs) {
        const auto snapshot = store_->snapshot();
        ledger::Block block;
        block.header = header_;
        const auto stored = snapshot->transactions((*snapshot->block(2))->transactions).value();
        for (const auto& tx : stored)
            block.transactions.push_back({*ledger::Transaction::decode(tx->raw), 2, tx->gas_spent, tx->error});
        store::BlockCommit commit;
        commit.block = &block;
        commit.contract_events = snapshot->contract_events(2).value();
        commit.blobs = std::move(blobs);
        ASSERT_TRUE(store_->commit_block(commit));
    }

    ledger::Header header_;
};

TEST_F(BlobFaults, a_sidecar_that_is_not_proven_is_found) {
    auto other = constant_blob().with_sidecar();
    other.sidecar->proof = full_blob().proof;
    commit_again({{other.hash, &*other.sidecar}});

    EXPECT_EQ(fault(), "blob " + base::to_hex(other.hash) + ": Invalid blob: KZG proof verification failed");
}

TEST_F(BlobFaults, a_sidecar_of_no_transaction_is_found) {
    const auto other = constant_blob().with_sidecar();
    commit_again({{other.hash, &*other.sidecar}});

    EXPECT_EQ(fault(), "blob " + base::to_hex(other.hash) + " is of no transaction");
}

}  // namespace
}  // namespace rues::chain
