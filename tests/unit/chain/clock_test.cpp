#include "chain/prequeue.hpp"
#include "local_chain.hpp"

namespace rues::chain {
namespace {

using namespace std::chrono_literals;
using test::account;
using test::LocalChain;
using test::signed_by;
using test::transfer;

/// Somebody sets the wall clock, and `/dev/time` moves the chain's.
class Clocks : public LocalChain {
protected:
    /// The thread looks what is due after it did what it was asked to.
    void look() {
        settle();
        settle();
    }
    /// Seconds from one block to the next.
    std::vector<std::uint64_t> steps() {
        std::vector<std::uint64_t> out;
        for (std::uint64_t height = 1; height <= chain_->tip().height; ++height)
            out.push_back(timestamp_of(height) - timestamp_of(height - 1));
        return out;
    }
    std::uint64_t timestamp_of(std::uint64_t height) { return (*store_->snapshot()->block(height))->header.timestamp; }
};

TEST_F(Clocks, a_wall_clock_set_back_keeps_no_transaction_out_of_its_block) {
    options_.mining = Mining::interval;
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    clock_.set_wall_clock(-1h);
    ASSERT_TRUE(propagate(signed_by(1, transfer(2))));

    clock_.advance(1s);

    ASSERT_TRUE(wait_for_height(1));
    EXPECT_EQ(store_->snapshot()->account(account(1))->nonce, 2U);
    EXPECT_EQ(steps(), (std::vector<std::uint64_t>{1}));  // never before its parent
    clock_.advance(1s);
    ASSERT_TRUE(wait_for_height(2));
    EXPECT_EQ(steps(), (std::vector<std::uint64_t>{1, 1}));
}

TEST_F(Clocks, a_wall_clock_set_forward_makes_no_transaction_old_and_no_block_early) {
    options_.mining = Mining::interval;
    options_.mempool_expiry = 30min;
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    clock_.set_wall_clock(1h);
    look();
    EXPECT_EQ(chain_->mempool_size(), 1U);
    EXPECT_EQ(chain_->tip().height, 0U);

    clock_.advance(1s);

    ASSERT_TRUE(wait_for_height(1));
    EXPECT_EQ(store_->snapshot()->account(account(1))->nonce, 1U);
    EXPECT_EQ(steps(), (std::vector<std::uint64_t>{3'601}));
}

TEST_F(Clocks, in_instant_mode_a_set_clock_neither_hurries_nor_delays_a_transaction) {
    options_.mining = Mining::instant;
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    clock_.set_wall_clock(1h);
    look();
    EXPECT_EQ(chain_->tip().height, 0U);
    clock_.set_wall_clock(-2h);
    clock_.advance(options_.eligible_after);
    EXPECT_TRUE(wait_for_height(1));
    EXPECT_EQ(chain_->mempool_size(), 0U);
}

TEST_F(Clocks, staged_transactions_are_given_up_by_steady_time) {
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(3))));
    for (const auto by : {-1h, 2h}) {
        clock_.set_wall_clock(by);
        look();
        EXPECT_EQ(chain_->stats().staged, 1U);
    }
    for (unsigned i = 0; i < Prequeue::kMaxAttempts; ++i) {
        clock_.advance(Prequeue::kRetryEvery);
        look();
    }
    EXPECT_EQ(chain_->stats().staged, 0U);
}

TEST_F(Clocks, a_transaction_that_comes_back_keeps_its_age_within_the_bounds_of_its_expiry) {
    options_.mempool_expiry = 1h;
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));

    clock_.advance(59min);
    restart();
    look();
    EXPECT_EQ(chain_->mempool_size(), 1U);
    clock_.advance(1min);
    look();
    EXPECT_EQ(chain_->mempool_size(), 0U);

    // Set back while the program did not run: it is as new as if it came now, not younger.
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    clock_.set_wall_clock(-24h);
    restart();
    mine();  // old enough for a block
    EXPECT_EQ(store_->snapshot()->account(account(1))->nonce, 1U);
    ASSERT_TRUE(propagate(signed_by(1, transfer(2))));
    clock_.set_wall_clock(-24h);
    restart();
    clock_.advance(1h - 1ms);
    look();
    EXPECT_EQ(chain_->mempool_size(), 1U);
    clock_.advance(1ms);
    look();
    EXPECT_EQ(chain_->mempool_size(), 0U);
}

TEST_F(Clocks, moved_time_counts_from_a_tip_that_is_ahead) {
    options_.mining = Mining::interval;
    begin();
    mine(100);
    const auto before = chain_->tip().timestamp;

    EXPECT_EQ(advance_time(50), before + 50);
    mine();

    EXPECT_EQ(chain_->tip().timestamp, before + 50);
}

TEST_F(Clocks, a_moved_clock_stays_moved_over_a_restart_with_a_block_and_without) {
    begin();
    const auto wall = static_cast<std::uint64_t>(clock_.unix_time().count()) / 1000;
    EXPECT_EQ(advance_time(86'400), wall + 86'400);
    restart();
    mine();
    EXPECT_EQ(chain_->tip().timestamp, wall + 86'400);

    restart();
    clock_.advance(2s);
    mine();
    EXPECT_EQ(chain_->tip().timestamp, wall + 86'402);
    EXPECT_EQ(advance_time(10), wall + 86'412);
    mine();
    EXPECT_EQ(chain_->tip().timestamp, wall + 86'412);
    clock_.advance(3s);
    mine();
    EXPECT_EQ(chain_->tip().timestamp, wall + 86'415);
}

}  // namespace
}  // namespace rues::chain
