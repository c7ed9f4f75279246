#include "gateway/proof.hpp"

#include <gtest/gtest.h>

#include "unit/gateway/recorded_blocks.hpp"

namespace rues::gateway {
namespace {

using test::busy_height;
using test::parent_of;
using test::recorded_answer;

std::optional<Broken> broken_in(BlockAnswer block, const Parent& parent) {
    const auto good = prove(block, parent);
    return good ? std::nullopt : std::optional(good.error().broken);
}
std::optional<Broken> broken_in(BlockAnswer block) {
    const auto height = block.header.height;
    return broken_in(std::move(block), parent_of(height));
}
/// A liar who computes the hash of the header that he altered.
BlockAnswer rehashed(BlockAnswer block) {
    block.header.hash = block.header.compute_hash();
    for (auto& event : block.events) {
        const bool is_of_block =
            std::ranges::none_of(block.transactions, [&](const auto& tx) { return tx.inner.id() == event.origin; });
        if (is_of_block) event.origin = block.header.hash;
    }
    return block;
}

TEST(Proof, every_recorded_block_of_a_real_node_is_good) {
    for (std::size_t height = 1; height < test::recording().size(); ++height) {
        auto block = recorded_answer(height);
        const auto good = prove(block, parent_of(height));
        EXPECT_TRUE(good) << (good ? "" : good.error().text);
    }
}

TEST(Proof, events_listed_by_origin_come_out_in_the_order_of_execution) {
    auto block = recorded_answer(busy_height());
    const auto executed = recorded::events_of(test::recording(), recorded::block_of(test::recording(), busy_height()));

    ASSERT_TRUE(prove(block, parent_of(busy_height())));

    EXPECT_EQ(block.events, executed);
}

TEST(Proof, an_altered_event_is_found) {
    auto block = recorded_answer(busy_height());
    block.events[0].data[0] ^= std::byte{1};

    EXPECT_EQ(broken_in(std::move(block)), Broken::event_bloom);
}

TEST(Proof, an_event_with_another_topic_is_found) {
    auto block = recorded_answer(busy_height());
    block.events[0].topic = "mint";

    EXPECT_EQ(broken_in(std::move(block)), Broken::event_bloom);
}

TEST(Proof, a_missing_event_is_found) {
    for (std::size_t i = 0; i < recorded_answer(busy_height()).events.size(); ++i) {
        auto block = recorded_answer(busy_height());
        block.events.erase(block.events.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(broken_in(std::move(block)), Broken::event_bloom) << i;
    }
}

TEST(Proof, an_invented_event_is_found) {
    auto block = recorded_answer(busy_height());
    block.events.push_back(block.events.front());
    block.events.back().data.push_back(std::byte{7});

    EXPECT_EQ(broken_in(std::move(block)), Broken::event_bloom);
}

TEST(Proof, an_event_of_no_transaction_of_the_block_is_found) {
    auto block = recorded_answer(busy_height());
    block.events[0].origin[0] ^= std::byte{1};

    EXPECT_EQ(broken_in(std::move(block)), Broken::origin);
}

TEST(Proof, reordered_transactions_are_found) {
    auto block = recorded_answer(busy_height());
    std::swap(block.transactions[0], block.transactions[1]);

    EXPECT_EQ(broken_in(std::move(block)), Broken::txroot);
}

TEST(Proof, a_missing_transaction_is_found) {
    auto block = recorded_answer(busy_height());
    block.transactions.pop_back();

    EXPECT_EQ(broken_in(std::move(block)), Broken::txroot);
}

TEST(Proof, a_foreign_transaction_is_found) {
    auto block = recorded_answer(busy_height());
    block.transactions.push_back(recorded_answer(busy_height()).transactions.front());

    EXPECT_EQ(broken_in(std::move(block)), Broken::txroot);
}

TEST(Proof, an_altered_header_is_found) {
    auto block = recorded_answer(busy_height());
    block.header.gas_limit += 1;

    EXPECT_EQ(broken_in(std::move(block)), Broken::hash);
}

TEST(Proof, a_header_that_follows_another_block_is_found) {
    auto block = recorded_answer(busy_height());
    block.header.prev_block_hash[0] ^= std::byte{1};

    EXPECT_EQ(broken_in(rehashed(std::move(block))), Broken::previous);
}

TEST(Proof, a_header_whose_hash_fits_still_proves_events_and_transactions) {
    auto other_bloom = recorded_answer(busy_height());
    other_bloom.header.event_bloom[200] ^= std::byte{1};
    auto other_root = recorded_answer(busy_height());
    other_root.header.txroot[0] ^= std::byte{1};

    EXPECT_EQ(broken_in(rehashed(std::move(other_bloom))), Broken::event_bloom);
    EXPECT_EQ(broken_in(rehashed(std::move(other_root))), Broken::txroot);
}

TEST(Proof, a_block_that_is_not_the_next_one_is_found) {
    EXPECT_EQ(broken_in(recorded_answer(busy_height()), parent_of(busy_height() - 1)), Broken::height);
}

TEST(Proof, a_block_older_than_its_parent_is_found) {
    auto parent = parent_of(busy_height());
    parent.timestamp = recorded_answer(busy_height()).header.timestamp + 1;

    EXPECT_EQ(broken_in(recorded_answer(busy_height()), parent), Broken::timestamp);
}

/// What no header proves (docs/decisions/0033): these answers are taken, whatever a node says.
TEST(Proof, gas_errors_and_the_order_of_events_of_one_transaction_are_not_proved) {
    auto gas = recorded_answer(busy_height());
    gas.transactions[0].gas_spent += 1;
    auto error = recorded_answer(busy_height());
    error.transactions[0].error = "OutOfGas";
    auto twice = recorded_answer(busy_height());
    twice.events.push_back(twice.events.back());

    EXPECT_EQ(broken_in(std::move(gas)), std::nullopt);
    EXPECT_EQ(broken_in(std::move(error)), std::nullopt);
    EXPECT_EQ(broken_in(std::move(twice)), std::nullopt);
}

TEST(Proof, a_transaction_is_proved_by_its_id) {
    const auto tx = recorded_answer(busy_height()).transactions[0].inner;
    const auto raw = base::to_hex(tx.encode(ledger::Envelope::boreas));
    auto other = tx.id();
    other[0] ^= std::byte{1};

    EXPECT_EQ(prove_transaction(raw, tx.id())->id(), tx.id());
    EXPECT_FALSE(prove_transaction(raw, other));
    EXPECT_FALSE(prove_transaction(raw + "00", tx.id()));
    EXPECT_FALSE(prove_transaction("zz", tx.id()));
}

}  // namespace
}  // namespace rues::gateway
