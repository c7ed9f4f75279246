#include "chain/producer.hpp"

#include <gtest/gtest.h>

#include "machine.hpp"

namespace rues::chain {
namespace {

using test::profile;
using test::transfer;

/// Makes the first block from a given pool. A block takes what is in the pool as well signed.
class Producer : public ::testing::Test {
protected:
    ledger::TxId add(ledger::Moonlight body) {
        const ledger::Transaction tx(std::move(body));
        pool_.insert(tx, {});
        return tx.id();
    }
    /// The ids of the transactions, in block order.
    std::vector<ledger::TxId> sealed(const std::function<bool()>& enough = [] { return false; }) {
        const auto sealed = seal({test::machine(),
                                  test::default_genesis_state(),
                                  previous_,
                                  pool_,
                                  pool_.eligible({}),
                                  1,
                                  options_,
                                  profile(0).public_key(),
                                  {},
                                  enough});
        EXPECT_TRUE(sealed) << sealed.error().text;
        std::vector<ledger::TxId> out;
        for (const auto& tx : sealed->block.transactions) out.push_back(tx.inner.id());
        discarded_ = sealed->discarded;
        return out;
    }

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

TEST_F(Producer, a_block_that_has_taken_its_time_leaves_the_rest_in_the_pool) {
    const auto first = add(transfer(1, 3));
    add(transfer(2, 2));
    add(transfer(1, 1, 0));
    int asked = 0;

    const auto block = sealed([&asked] { return ++asked > 1; });

    EXPECT_EQ(block, std::vector{first});
    EXPECT_EQ(discarded_, 0U);
}

TEST_F(Producer, a_transaction_that_no_block_can_take_leaves_the_pool_with_its_followers) {
    auto other_chain = transfer(1, 3);
    other_chain.chain_id = 7;
    add(other_chain);
    add(transfer(2));
    const auto good = add(transfer(1, 1, 0));

    EXPECT_EQ(sealed(), std::vector{good});
    EXPECT_EQ(discarded_, 2U);
}

TEST_F(Producer, the_state_hash_is_the_root_of_the_new_state_and_the_bloom_has_every_event) {
    add(transfer(1));
    const auto sealed = seal({test::machine(), test::default_genesis_state(), previous_, pool_, pool_.eligible({}), 1,
                              options_, profile(0).public_key()});
    ASSERT_TRUE(sealed);

    const auto& header = sealed->block.header;
    EXPECT_EQ(header.state_hash, sealed->machine.state->root());
    base::ByteArray<256> bloom{};
    for (const auto& event : sealed->commit.contract_events)
        ledger::bloom_insert(bloom, event.contract, event.topic, event.data);
    EXPECT_EQ(header.event_bloom, bloom);
    ASSERT_EQ(sealed->commit.contract_events.size(), 2U);
    EXPECT_EQ(sealed->commit.contract_events[1].origin, header.hash);
}

}  // namespace
}  // namespace rues::chain
