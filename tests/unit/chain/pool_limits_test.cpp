#include "local_chain.hpp"

namespace rues::chain {
namespace {

using namespace std::chrono_literals;
using test::account;
using test::Hold;
using test::LocalChain;
using test::signed_by;
using test::transfer;

/// Reaches every limit of the pool and of the queues before it.
class PoolLimits : public LocalChain {
protected:
    std::set<ledger::TxId> on_disk() {
        std::set<ledger::TxId> out;
        const auto pooled = store_->pooled();
        EXPECT_TRUE(pooled);
        for (const auto& one : *pooled) out.insert(one.id);
        return out;
    }
};

std::string refusal(const ledger::Transaction& tx, std::string_view why) {
    return "Tx " + base::to_hex(tx.id()) + " not accepted: " + std::string(why);
}

// docs/reference/rusk-1.7.md 7.4, docs/reference/ledger.md 3.4: `removed` of the replaced transaction, then `included`;
// recorded as replace-higher-price.
TEST_F(PoolLimits, a_higher_price_replaces_and_only_the_new_transaction_survives_a_restart) {
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1, 1))));
    ASSERT_FALSE(propagate(signed_by(1, transfer(1, 1))));
    const auto better = signed_by(1, transfer(1, 2));
    ASSERT_TRUE(propagate(better));
    EXPECT_EQ(topics(), (Topics{"included", "removed", "included"}));
    EXPECT_EQ(headers("Rues-Replaced-By"), (std::vector<std::string>{"", base::to_hex(better.id()), ""}));
    restart();
    EXPECT_EQ(on_disk(), (std::set{better.id()}));
    EXPECT_EQ(chain_->mempool_size(), 1U);
}

// docs/reference/rusk-1.7.md 7.4 #16
TEST_F(PoolLimits, a_full_pool_admits_only_a_price_above_its_lowest) {
    options_.mempool_capacity = 2;
    begin();
    const auto cheap = signed_by(0, transfer(1, 2, 0));
    ASSERT_TRUE(propagate(cheap));
    ASSERT_TRUE(propagate(signed_by(1, transfer(1, 3))));
    told();

    const auto equal = signed_by(2, transfer(1, 2, 2));
    const auto verdict = propagate(equal);

    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().kind, Rejection::Kind::full);
    EXPECT_EQ(verdict.error().text, refusal(equal, "Maximum count of transactions exceeded 2"));
    EXPECT_TRUE(told().empty());
    ASSERT_TRUE(propagate(signed_by(2, transfer(1, 4, 2))));
    const auto events = told();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].topic, "included");
    EXPECT_EQ(events[1], (test::Told{"removed", base::to_hex(cheap.id()), ""}));
}

// docs/reference/ledger.md 3.4: eviction also removes the transactions that can only follow.
TEST_F(PoolLimits, an_evicted_transaction_takes_its_followers_along) {
    options_.mempool_capacity = 3;
    begin();
    const auto first = signed_by(1, transfer(1, 1));
    const auto second = signed_by(1, transfer(2, 7));
    const auto third = signed_by(1, transfer(3, 8));
    for (const auto& tx : {first, second, third}) ASSERT_TRUE(propagate(tx));
    told();

    const auto better = signed_by(0, transfer(1, 2, 0));
    ASSERT_TRUE(propagate(better));

    std::vector<test::Told> expected{{"removed", base::to_hex(first.id()), ""},
                                     {"removed", base::to_hex(second.id()), ""},
                                     {"removed", base::to_hex(third.id()), ""}};
    auto events = told();
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events.front().topic, "included");
    events.erase(events.begin());
    EXPECT_EQ(events, expected);
    EXPECT_EQ(on_disk(), (std::set{better.id()}));
    EXPECT_EQ(chain_->next_nonce(account(1), 0), 1U);
}

TEST_F(PoolLimits, a_follower_does_not_evict_its_own_predecessor_from_a_full_pool) {
    options_.mempool_capacity = 1;
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1, 1))));
    const auto verdict = propagate(signed_by(1, transfer(2, 9)));
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().kind, Rejection::Kind::full);
    EXPECT_EQ(chain_->mempool_size(), 1U);
}

// In one commit the transaction enters, is pushed out with its follower by a better one, and enters again, because that
// made room for two.
TEST_F(PoolLimits, a_transaction_removed_and_added_again_in_one_commit_is_on_disk) {
    options_.mempool_capacity = 2;
    begin();
    const auto first = signed_by(1, transfer(1, 1));
    const auto follower = signed_by(1, transfer(2, 9));
    const auto better = signed_by(0, transfer(1, 2, 0));
    std::vector<std::future<Verdict>> verdicts;
    {
        Hold hold;
        hold_chain(hold);
        for (const auto& tx : {first, follower, better, first}) verdicts.push_back(propagate_later(tx));
        // There is one verify thread, so everything it got earlier is with the chain thread by now.
        ASSERT_TRUE(preverify(first.encode(ledger::Envelope::aegis)));
    }
    for (auto& verdict : verdicts) ASSERT_TRUE(verdict.get());

    EXPECT_EQ(topics(), (Topics{"included", "included", "included", "removed", "removed", "included"}));
    EXPECT_EQ(chain_->mempool_size(), 2U);
    EXPECT_EQ(on_disk(), (std::set{first.id(), better.id()}));
}

// docs/reference/ledger.md 3.4: 72 hours.
TEST_F(PoolLimits, an_expired_transaction_leaves_with_its_followers) {
    options_.eligible_after = 0ms;
    begin();
    const auto old = signed_by(1, transfer(1));
    ASSERT_TRUE(propagate(old));
    clock_.advance(1h);
    const auto follower = signed_by(1, transfer(2));
    const auto young = signed_by(0, transfer(1, 1, 0));
    ASSERT_TRUE(propagate(follower));
    ASSERT_TRUE(propagate(young));
    told();

    clock_.advance(71h - 1ms);
    settle();  // after its commands the chain thread checks what is due
    settle();
    EXPECT_TRUE(told().empty());
    clock_.advance(1ms);
    settle();
    settle();

    EXPECT_EQ(told(), (std::vector<test::Told>{{"removed", base::to_hex(old.id()), ""},
                                               {"removed", base::to_hex(follower.id()), ""}}));
    EXPECT_EQ(on_disk(), (std::set{young.id()}));
}

TEST_F(PoolLimits, the_chain_thread_wakes_for_an_expiry_of_seconds) {
    options_.mempool_expiry = 2s;
    begin();
    const auto tx = signed_by(1, transfer(1));
    ASSERT_TRUE(propagate(tx));
    EXPECT_EQ(chain_->mempool_size(), 1U);

    clock_.advance(2s);

    const auto until = std::chrono::steady_clock::now() + 10s;
    Topics seen;
    while (seen.size() < 2 && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(5ms);
        for (auto& topic : topics()) seen.push_back(std::move(topic));
    }
    EXPECT_EQ(seen, (Topics{"included", "removed"}));
    EXPECT_TRUE(on_disk().empty());
}

TEST_F(PoolLimits, a_full_verify_queue_refuses_at_once) {
    options_.verify_queue = 2;
    begin();
    const auto tx = signed_by(1, transfer(1));
    Hold hold;
    hold_verifier(hold);
    auto first = propagate_later(tx);
    auto second = propagate_later(signed_by(0, transfer(1, 1, 0)));

    const auto third = propagate(signed_by(2, transfer(1, 1, 2)));

    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().kind, Rejection::Kind::full);
    hold.release();
    EXPECT_TRUE(first.get());
    EXPECT_TRUE(second.get());
}

TEST_F(PoolLimits, a_verify_queue_with_too_many_bytes_refuses_at_once) {
    const auto tx = signed_by(1, transfer(1));
    const auto size = tx.encode(ledger::Envelope::aegis).size();
    options_.verify_bytes = 2 * size + 1;
    begin();
    Hold hold;
    hold_verifier(hold);
    auto first = propagate_later(tx);
    auto second = propagate_later(signed_by(0, transfer(1, 1, 0)));

    const auto third = propagate(signed_by(2, transfer(1, 1, 2)));

    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().kind, Rejection::Kind::full);
    hold.release();
    EXPECT_TRUE(first.get());
    EXPECT_TRUE(second.get());
    EXPECT_TRUE(propagate(signed_by(2, transfer(1, 1, 2))));  // there is room again
}

TEST_F(PoolLimits, a_pool_that_reaches_its_limit_of_bytes_is_full) {
    const auto first = signed_by(0, transfer(1, 2, 0));
    options_.mempool_bytes = first.size() + 1;
    begin();
    ASSERT_TRUE(propagate(first));
    ASSERT_TRUE(propagate(signed_by(1, transfer(1, 3))));  // it was not full before
    told();

    EXPECT_FALSE(propagate(signed_by(2, transfer(1, 2, 2))));
    ASSERT_TRUE(propagate(signed_by(2, transfer(1, 4, 2))));

    const auto events = told();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[1], (test::Told{"removed", base::to_hex(first.id()), ""}));
    EXPECT_EQ(chain_->mempool_size(), 2U);
}

TEST_F(PoolLimits, the_queue_of_the_chain_thread_is_bounded) {
    begin();
    constexpr int kMany = 16'384;
    int refused = 0;
    int done = 0;  // only the chain thread uses it until the last order is done
    std::promise<void> last;
    {
        Hold hold;
        hold_chain(hold);
        for (int i = 0; i < kMany; ++i) {
            chain_->mine(0, [&](const Numbered& r) {
                EXPECT_TRUE(r);
                if (++done == kMany) last.set_value();
            });
        }
        chain_->mine(0, [&](const Numbered& r) { refused += r ? 0 : 1; });
        EXPECT_EQ(refused, 1);
    }
    last.get_future().wait();
    EXPECT_EQ(done, kMany);
}

TEST_F(PoolLimits, at_most_ten_thousand_blocks_are_made_at_once) {
    begin();
    const auto refused = try_mine(10'001);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().text, "at most 10000 blocks at once");
    EXPECT_EQ(chain_->tip().height, 0U);
}

}  // namespace
}  // namespace rues::chain
