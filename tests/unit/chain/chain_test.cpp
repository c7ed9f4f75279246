#include "chain/chain.hpp"

#include "local_chain.hpp"

namespace rues::chain {
namespace {

using namespace std::chrono_literals;
using test::account;
using test::LocalChain;
using test::signed_by;
using test::transfer;

// docs/reference/protocol.md 7.2 as amended by docs/reference/rusk-1.7.md 5.
TEST_F(LocalChain, events_of_a_block_come_in_the_order_of_the_node) {
    begin();
    mine();
    EXPECT_EQ(topics(), (Topics{"reward", "accepted"}));
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    EXPECT_EQ(topics(), (Topics{"included"}));
    mine();
    EXPECT_EQ(topics(),
              (Topics{"moonlight", "reward", "executed", "statechange", "statechange", "removed", "accepted"}));
    EXPECT_EQ(chain_->mempool_size(), 0U);
}

// docs/reference/differences.md 28; docs/reference/protocol.md 7.2: `accepted` is the last of its block.
TEST_F(LocalChain, discarded_transactions_are_removed_after_those_of_the_block_and_before_accepted) {
    begin();
    mine();
    const auto good = signed_by(0, transfer(1, 1, 0));
    auto other_chain = transfer(1);
    other_chain.chain_id = 9;
    const auto bad = signed_by(1, other_chain);
    const auto follower = signed_by(1, transfer(2));
    for (const auto& tx : {good, bad, follower}) ASSERT_TRUE(propagate(tx));
    told();

    mine();

    const auto all = told();
    const std::vector<test::Told> last(all.end() - 6, all.end() - 1);
    const std::string why = R"x({"reason":"discarded: Unspendable(Panic(\"The tx must target the correct chain\"))"})x";
    EXPECT_EQ(last, (std::vector<test::Told>{{"removed", base::to_hex(good.id()), ""},
                                             {"dropped", base::to_hex(bad.id()), why},
                                             {"removed", base::to_hex(bad.id()), ""},
                                             {"dropped", base::to_hex(follower.id()), why},
                                             {"removed", base::to_hex(follower.id()), ""}}));
    EXPECT_EQ(all.back().topic, "accepted");
    EXPECT_EQ(chain_->mempool_size(), 0U);
    EXPECT_TRUE(store_->pooled()->empty());
}

TEST_F(LocalChain, a_restart_continues_with_the_same_tip) {
    begin();
    mine(3);
    const auto before = chain_->tip();
    restart();
    EXPECT_EQ(chain_->tip().hash, before.hash);
    mine();
    EXPECT_EQ(chain_->tip().height, 4U);
}

TEST_F(LocalChain, pooled_transactions_survive_a_restart_without_a_second_included) {
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    ASSERT_TRUE(propagate(signed_by(1, transfer(2))));
    topics();
    restart();
    EXPECT_EQ(chain_->mempool_size(), 2U);
    EXPECT_EQ(chain_->next_nonce(account(1), 0), 3U);
    EXPECT_TRUE(topics().empty());
    mine();
    EXPECT_EQ(chain_->mempool_size(), 0U);
    EXPECT_EQ(account_of(1).nonce, 2U);
}

TEST_F(LocalChain, instant_mode_seals_admitted_transactions) {
    options_.mining = Mining::instant;
    options_.eligible_after = 0ms;
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    ASSERT_TRUE(wait_for_height(1));
    EXPECT_EQ(account_of(1).nonce, 1U);
}

TEST_F(LocalChain, instant_mode_makes_the_last_transactions_final_even_after_a_restart) {
    options_.mining = Mining::instant;
    options_.eligible_after = 0ms;
    options_.block_time = 10ms;
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    ASSERT_TRUE(wait_for_height(1));

    restart();
    clock_.advance(10ms);

    ASSERT_TRUE(wait_for_height(2));
    EXPECT_EQ((*store_->snapshot()->block(1))->label.kind, ledger::Label::Kind::final);
    clock_.advance(1s);
    settle();
    settle();                             // after its commands the chain thread checks whether a block is due
    EXPECT_EQ(chain_->tip().height, 2U);  // a block without transactions needs no block after it
}

}  // namespace
}  // namespace rues::chain
