#include "vm/state.hpp"

#include <atomic>
#include <thread>

#include "unit/vm/fixture.hpp"

namespace rues::vm {
namespace {

using namespace test;

class States : public CallTest {
protected:
    static constexpr std::uint32_t kPlace = 40'000;

    /// The state, taken apart and put together again.
    static base::Result<std::shared_ptr<const State>> restored(const State& state, const Hash32& root) {
        StateBuilder builder(machine());
        base::Result<void> result;
        state.each([&](const ContractId& id, const Contract& contract) {
            if (!result) return;
            result = builder.add_contract(id, contract.code->bytes, *contract.owner, contract.memory64(),
                                          contract.position, contract.image.size_pages());
            for (const NumberedPage& each : contract.image.pages())
                if (result) result = builder.add_page(each.number, each.page.bytes(), each.page.hash());
        });
        if (!result) return std::unexpected(result.error());
        return std::move(builder).finish(root);
    }
};

TEST_F(States, contracts_get_positions_in_the_order_of_their_ids_within_a_block) {
    auto session = Session::of_block(machine(), state_, {});
    for (const unsigned number : {30U, 20U, 10U})
        ASSERT_TRUE(session.deploy(contract_id(number), proxy_contract(), {}, {}, kGas).has_value());
    const auto commit = std::move(session).commit();

    ASSERT_TRUE(commit.has_value());
    EXPECT_EQ(commit->state->contracts(), 6U);
    EXPECT_EQ(commit->state->find(contract_id(1))->position, 1U);
    EXPECT_EQ(commit->state->find(contract_id(10))->position, 4U);
    EXPECT_EQ(commit->state->find(contract_id(20))->position, 5U);
    EXPECT_EQ(commit->state->find(contract_id(30))->position, 6U);
    EXPECT_EQ(commit->deployed, (std::vector<ContractId>{contract_id(10), contract_id(20), contract_id(30)}));
}

TEST_F(States, a_commit_tells_the_pages_that_were_written_and_the_sizes_that_changed) {
    auto session = block();
    ASSERT_TRUE(call(session, "put", words({kPlace, 1}), kGas, 2).has_value());
    ASSERT_TRUE(call(session, "grow", words({2}), kGas, 3).has_value());
    const auto commit = std::move(session).commit();

    ASSERT_TRUE(commit.has_value());
    ASSERT_EQ(commit->pages.size(), 3U);  // data and argument buffer of 2, argument buffer of 3
    EXPECT_EQ(commit->pages[0].contract, contract_id(2));
    EXPECT_EQ(commit->pages[0].number, 0U);
    EXPECT_EQ(base::load_le<std::uint32_t>(commit->pages[0].page.bytes().data() + kPlace), 1U);
    EXPECT_EQ(commit->pages[1].number, 1U);
    EXPECT_EQ(commit->pages[2].contract, contract_id(3));
    ASSERT_EQ(commit->resized.size(), 1U);
    EXPECT_EQ(commit->resized[0].contract, contract_id(3));
    EXPECT_EQ(commit->resized[0].size_pages, 6U);
    EXPECT_TRUE(commit->deployed.empty());
}

TEST_F(States, a_state_is_read_while_the_next_ones_are_made) {
    auto next = state_;
    for (std::uint32_t i = 1; i <= 3; ++i) {
        auto session = Session::of_block(machine(), next, {});
        ASSERT_TRUE(call(session, "put", words({kPlace, i})).has_value());
        next = std::move(session).commit()->state;
    }
    auto old = query();
    auto tip = Session::of_query(machine(), next, {});

    EXPECT_EQ(get(old, kPlace), 0U);
    EXPECT_EQ(get(tip, kPlace), 3U);
}

TEST_F(States, a_block_without_calls_has_the_same_root) {
    auto session = block();

    EXPECT_EQ(std::move(session).commit()->state->root(), state_->root());
}

TEST_F(States, a_restored_state_has_root_contents_and_sizes) {
    auto session = block();
    ASSERT_TRUE(call(session, "put", words({kPlace, 1}), kGas, 2).has_value());
    ASSERT_TRUE(call(session, "grow", words({2}), kGas, 3).has_value());
    const auto state = std::move(session).commit()->state;
    const auto again = restored(*state, state->root());

    ASSERT_TRUE(again.has_value()) << again.error().text;
    EXPECT_EQ((*again)->root(), state->root());
    auto asking = Session::of_query(machine(), *again, {});
    EXPECT_EQ(get(asking, kPlace, 2), 1U);
    EXPECT_EQ(word_at(call(asking, "size", {}, kGas, 3)->data), 6U);
    EXPECT_EQ(call(asking, "owner")->data, bytes("owner"));
}

TEST_F(States, parts_that_do_not_have_the_root_are_refused) {
    Hash32 wrong = state_->root();
    wrong[0] ^= std::byte{1};
    StateBuilder gap(machine());
    ASSERT_TRUE(gap.add_contract(contract_id(1), proxy_contract(), {}, false, 2, 4).has_value());
    StateBuilder twice(machine());
    ASSERT_TRUE(twice.add_contract(contract_id(1), proxy_contract(), {}, false, 1, 4).has_value());

    EXPECT_FALSE(restored(*state_, wrong).has_value());
    EXPECT_FALSE(std::move(gap).finish({}).has_value());
    EXPECT_FALSE(twice.add_contract(contract_id(1), proxy_contract(), {}, false, 1, 4).has_value());
    EXPECT_FALSE(twice.add_page(4, Bytes(100), {}).has_value());
}

/// An id with the words in another order, so with the same sum.
ContractId swapped(const ContractId& id) {
    ContractId out = id;
    std::rotate(out.begin(), out.begin() + 4, out.end());
    return out;
}

TEST_F(States, contracts_whose_ids_have_the_same_sum_of_words_share_a_leaf) {
    const ContractId twin = swapped(contract_id(1));
    ASSERT_EQ(leaf_key(twin), leaf_key(contract_id(1)));
    auto session = block();
    ASSERT_TRUE(session.deploy(twin, proxy_contract(), {}, {}, kGas).has_value());
    ASSERT_TRUE(session.call(twin, "put", words({kPlace, 1}), kGas).has_value());
    const auto state = std::move(session).commit()->state;
    EXPECT_EQ(state->find(twin)->position, 1U);
    EXPECT_NE(state->root(), state_->root());

    // A block that only loads contract 1 makes the leaf its own again.
    auto asking = Session::of_block(machine(), state, {});
    ASSERT_TRUE(call(asking, "owner", contract_id(1), kGas, 2).has_value());
    const auto next = std::move(asking).commit()->state;
    auto without = Session::of_block(machine(), state_, {});
    ASSERT_TRUE(call(without, "owner", contract_id(1), kGas, 2).has_value());
    EXPECT_EQ(next->root(), std::move(without).commit()->state->root());

    // Stored parts do not say whose root the leaf has; the state's root does.
    EXPECT_TRUE(restored(*state, state->root()).has_value());
    EXPECT_TRUE(restored(*next, next->root()).has_value());
}

TEST_F(States, queries_of_many_threads_read_while_blocks_are_made) {
    std::atomic<bool> done = false;
    std::atomic<int> answered = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            while (!done) {
                auto session = query();
                const auto value = call(session, "get", words({kPlace}));
                if (value && word_at(value->data) == 0 && call(session, "put", words({kPlace, 9}))) ++answered;
            }
        });
    }
    auto state = state_;
    for (std::uint32_t i = 1; i <= 100 || answered < 100; ++i) {
        auto session = Session::of_block(machine(), state, {});
        ASSERT_TRUE(call(session, "put", words({kPlace, i})).has_value());
        state = std::move(session).commit()->state;
    }
    done = true;
    threads.clear();

    EXPECT_GE(answered, 100);
}

}  // namespace
}  // namespace rues::vm
