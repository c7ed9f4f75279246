#include "chain/producer.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace rues::chain {
namespace {

using test::account;
using test::FakeState;
using test::profile;
using test::transfer;

/// Makes blocks from a given pool; signatures do not matter here.
class Producer : public ::testing::Test {
protected:
    Producer() {
        for (std::size_t n = 0; n < 3; ++n) state_.accounts[account(n)] = {0, 1'000'000'000'000'000};
    }
    ledger::TxId add(ledger::Moonlight body) {
        const ledger::Transaction tx(std::move(body));
        pool_.insert(tx, {});
        return tx.id();
    }
    /// The ids of the transactions, in block order.
    std::vector<ledger::TxId> sealed() {
        const Sealed sealed =
            seal({state_, commitment_, previous_, pool_, pool_.eligible({}), 1, options_, profile(0).public_key()});
        std::vector<ledger::TxId> out;
        for (const auto& tx : sealed.block.transactions) out.push_back(tx.inner.id());
        discarded_ = sealed.discarded;
        return out;
    }

    FakeState state_;
    ledger::StateCommitment commitment_;
    ledger::Header previous_;
    Mempool pool_;
    Options options_;
    std::size_t discarded_ = 0;
};

// Rule 6 of the recorded data.
TEST_F(Producer, a_nonce_that_is_not_ready_follows_directly_behind_its_predecessor) {
    const auto first = add(transfer(1, 1));
    const auto second = add(transfer(2, 9));
    const auto between = add(transfer(1, 3, 0));
    const auto last = add(transfer(3, 5));
    EXPECT_EQ(sealed(), (std::vector{between, first, second, last}));
}

// docs/reference/ledger.md 4.4
TEST_F(Producer, a_block_has_at_most_a_thousand_transactions) {
    for (std::uint64_t nonce = 1; nonce <= 1'001; ++nonce) add(transfer(nonce));
    EXPECT_EQ(sealed().size(), 1'000U);
    EXPECT_EQ(discarded_, 0U);
}

TEST_F(Producer, a_block_has_at_most_a_mebibyte_and_smaller_transactions_still_fit) {
    for (std::uint64_t nonce = 1; nonce <= 20; ++nonce) {
        auto large = transfer(nonce, 2);
        large.data = ledger::Call{ledger::ContractId{}, "f", base::Bytes(60'000)};
        add(large);
    }
    const auto small = add(transfer(1, 1, 0));

    const auto block = sealed();

    std::size_t bytes = 0;
    for (const auto& id : block) bytes += pool_.find(id)->tx.size();
    EXPECT_EQ(block.size(), 17U + 1U);  // 17 of 60 kB
    EXPECT_LE(bytes, 1'048'576U);
    EXPECT_EQ(block.back(), small);
    EXPECT_EQ(discarded_, 0U);
}

// The gas that transactions spend fills a block, their limits do not (recorded data's README, surprise 2).
TEST_F(Producer, gas_spent_fills_a_block_and_the_rest_waits) {
    auto failing = transfer(1, 5);
    failing.data = ledger::Call{ledger::ContractId{}, "f", {}};
    failing.gas_limit = 2'000'000'000;
    const auto first = add(failing);
    failing.sender = profile(0).public_key();
    failing.gas_price = 4;
    add(failing);
    auto generous = transfer(1, 3, 2);
    generous.gas_limit = 2'000'000'000;
    const auto cheap = add(generous);
    EXPECT_EQ(sealed(), (std::vector{first, cheap}));
    EXPECT_EQ(discarded_, 0U);
}

}  // namespace
}  // namespace rues::chain
