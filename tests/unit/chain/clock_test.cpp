#include "chain/prequeue.hpp"
#include "local_chain.hpp"

namespace rues::chain {
namespace {

using namespace std::chrono_literals;
using test::account;
using test::LocalChain;
using test::signed_by;
using test::transfer;

/// Tests in which somebody sets the wall clock, or `/dev/time` moves the chain's clock.
class Clocks : public LocalChain {
protected:
    /// Waits until the chain thread has checked what is due, which it does after its commands.
    void look() {
        settle();
        settle();
    }
    /// The seconds between each block and the next.
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
    EXPECT_EQ(account_of(1).nonce, 2U);
    EXPECT_EQ(steps(), (std::vector<std::uint64_t>{1}));  // a block is never older than its parent
    clock_.advance(1s);
    ASSERT_TRUE(wait_for_height(2));
    EXPECT_EQ(steps(), (std::vector<std::uint64_t>{1, 1}));
}

TEST_F(Clocks, a_wall_clock_set_forward_expires_no_transaction_and_hurries_no_block) {
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
    EXPECT_EQ(account_of(1).nonce, 1U);
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

TEST_F(Clocks, a_restored_transaction_keeps_its_age_between_zero_and_its_expiry) {
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

    // The wall clock was set back while the program did not run: the age is 0, not negative.
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    clock_.set_wall_clock(-24h);
    restart();
    mine();  // old enough for a block
    EXPECT_EQ(account_of(1).nonce, 1U);
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

TEST_F(Clocks, advance_time_counts_from_a_tip_that_is_ahead_of_the_clock) {
    options_.mining = Mining::interval;
    begin();
    mine(100);
    const auto before = chain_->tip().timestamp;

    EXPECT_EQ(advance_time(50), before + 50);
    mine();

    EXPECT_EQ(chain_->tip().timestamp, before + 50);
}

TEST_F(Clocks, a_moved_clock_survives_a_restart_with_and_without_a_block) {
    begin();
    const auto wall = base::unix_ms(clock_.wall()) / 1000;
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
