#include "chain/pool_update.hpp"
#include "local_chain.hpp"

namespace rues::chain {
namespace {

using namespace std::chrono_literals;
using test::LocalChain;
using test::signed_by;
using test::Told;
using test::transfer;

constexpr std::string_view kGap = R"({"reason":"missing_intermediate_nonce"})";

Told deferred(const ledger::Transaction& tx) {
    return {"deferred", base::to_hex(tx.id()), std::string(kGap)};
}
Told dropped(const ledger::Transaction& tx, const std::string& reason) {
    return {"dropped", base::to_hex(tx.id()), R"({"reason":")" + reason + R"("})"};
}

/// Future nonces, as clients see them (docs/reference/rusk-1.7.md 7.5).
class Staging : public LocalChain {
protected:
    /// Lets the time of one attempt pass, and the chain thread make it.
    void one_attempt() {
        clock_.advance(Prequeue::kRetryEvery);
        settle();  // the thread wakes, does its commands, and then tries again
        settle();
    }
    std::string refusal(const ledger::Transaction& tx, const std::string& why) {
        return "Tx " + base::to_hex(tx.id()) + " not accepted: " + why;
    }
};

TEST_F(Staging, preverify_refuses_a_gap_and_propagate_stages_it) {
    begin();
    const auto tx = signed_by(1, transfer(3));

    const auto checked = preverify(tx.encode(ledger::Envelope::aegis));
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().text, refusal(tx, "Missing intermediate nonce 1"));
    EXPECT_TRUE(told().empty());
    EXPECT_TRUE(propagate(tx));

    EXPECT_EQ(told(), (std::vector{deferred(tx)}));
    EXPECT_EQ(chain_->stats().staged, 1U);
    // A staged transaction is in no query.
    EXPECT_EQ(chain_->mempool_size(), 0U);
    EXPECT_EQ(chain_->next_nonce(test::account(1), 0), 1U);
    EXPECT_TRUE(store_->pooled()->empty());
}

TEST_F(Staging, closing_the_gap_admits_everything_that_directly_follows) {
    begin();
    const auto second = signed_by(1, transfer(2));
    const auto third = signed_by(1, transfer(3));
    const auto fifth = signed_by(1, transfer(5));
    for (const auto& tx : {third, fifth, second}) ASSERT_TRUE(propagate(tx));
    told();

    const auto first = signed_by(1, transfer(1));
    ASSERT_TRUE(propagate(first));

    const auto events = told();
    ASSERT_EQ(events.size(), 3U);

    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(events[i].topic, "included");
    EXPECT_EQ(events[0].entity, base::to_hex(first.id()));
    EXPECT_EQ(events[1].entity, base::to_hex(second.id()));
    EXPECT_EQ(events[2].entity, base::to_hex(third.id()));
    EXPECT_EQ(chain_->mempool_size(), 3U);
    EXPECT_EQ(chain_->stats().staged, 1U);
    EXPECT_EQ(store_->pooled()->size(), 3U);
}

TEST_F(Staging, a_gap_nobody_closes_is_given_up_after_ten_attempts) {
    begin();
    const auto tx = signed_by(1, transfer(3));
    ASSERT_TRUE(propagate(tx));
    told();
    for (unsigned i = 1; i < Prequeue::kMaxAttempts; ++i) one_attempt();
    EXPECT_TRUE(told().empty());
    one_attempt();
    EXPECT_EQ(told(), (std::vector{dropped(tx, "retry_exhausted")}));
    EXPECT_EQ(chain_->stats().staged, 0U);
    one_attempt();
    EXPECT_TRUE(told().empty());
}

TEST_F(Staging, only_a_higher_price_takes_the_place_of_a_staged_one) {
    begin();
    const auto first = signed_by(1, transfer(3, 2));
    auto other = transfer(3, 2);
    other.value = 78;
    const auto equal = signed_by(1, other);
    const auto better = signed_by(1, transfer(3, 3));
    ASSERT_TRUE(propagate(first));
    told();

    EXPECT_TRUE(propagate(equal));
    EXPECT_EQ(told(), (std::vector{dropped(equal, "superseded_by_staged_tx")}));
    EXPECT_TRUE(propagate(first));
    EXPECT_TRUE(told().empty());
    EXPECT_TRUE(propagate(better));
    EXPECT_EQ(told(), (std::vector{dropped(first, "replaced_in_prequeue"), deferred(better)}));
    const auto names = headers("Rues-Replaced-By");
    EXPECT_EQ(std::vector(names.end() - 2, names.end()), (std::vector<std::string>{base::to_hex(better.id()), ""}));
    EXPECT_EQ(chain_->stats().staged, 1U);
}

TEST_F(Staging, an_account_stages_at_most_its_share) {
    options_.future_nonces_per_account = 2;
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(3))));
    ASSERT_TRUE(propagate(signed_by(1, transfer(4))));
    told();
    const auto tx = signed_by(1, transfer(5));

    const auto verdict = propagate(tx);

    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().kind, Rejection::Kind::refused);
    EXPECT_EQ(verdict.error().text, refusal(tx, "Maximum queued future Moonlight transactions per account exceeded 2"));
    EXPECT_TRUE(told().empty());  // a refusal writes no event
}

TEST_F(Staging, all_accounts_together_stage_at_most_the_capacity) {
    options_.future_nonces = 1;
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(3))));
    told();
    const auto tx = signed_by(0, transfer(5, 1, 0));

    const auto verdict = propagate(tx);

    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().kind, Rejection::Kind::refused);
    EXPECT_EQ(verdict.error().text, refusal(tx, "Maximum future nonce retry queue size exceeded 1"));
    EXPECT_TRUE(told().empty());
}

TEST_F(Staging, the_account_that_holds_the_most_gives_a_place_to_one_that_holds_less) {
    options_.future_nonces = 4;
    begin();
    std::vector<ledger::Transaction> held;
    for (std::uint64_t nonce = 3; nonce <= 6; ++nonce) {
        held.push_back(signed_by(1, transfer(nonce)));
        ASSERT_TRUE(propagate(held.back()));
    }
    told();
    const auto second = signed_by(0, transfer(2, 1, 0));
    const auto third = signed_by(0, transfer(3, 1, 0));

    ASSERT_TRUE(propagate(third));
    EXPECT_EQ(told(), (std::vector{dropped(held[3], "prequeue_full"), deferred(third)}));
    ASSERT_TRUE(propagate(second));
    EXPECT_EQ(told(), (std::vector{dropped(held[2], "prequeue_full"), deferred(second)}));
    // Each holds two: from here on neither pushes the other out.
    EXPECT_FALSE(propagate(signed_by(0, transfer(4, 1, 0))));
    EXPECT_FALSE(propagate(held[2]));
    EXPECT_TRUE(told().empty());
    EXPECT_EQ(chain_->stats().staged, 4U);
    EXPECT_EQ(chain_->stats().dropped, 2U);

    ASSERT_TRUE(propagate(signed_by(0, transfer(1, 1, 0))));
    EXPECT_EQ(chain_->mempool_size(), 3U);
}

TEST_F(Staging, a_transaction_that_cannot_be_paid_any_more_fails_its_next_attempt) {
    begin();
    const auto balance = account_of(1).balance;
    auto expensive = transfer(3);
    expensive.value = balance - 10'000'000;
    const auto tx = signed_by(1, expensive);
    ASSERT_TRUE(propagate(tx));
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    mine();
    told();
    one_attempt();
    EXPECT_EQ(told(), (std::vector{dropped(tx, "retry_failed")}));
    EXPECT_EQ(chain_->stats().staged, 0U);
}

TEST_F(Staging, a_follower_that_cannot_be_admitted_is_dropped_and_those_behind_it_stay_staged) {
    options_.mempool_capacity = 1;
    begin();
    const auto second = signed_by(1, transfer(2, 9));
    const auto third = signed_by(1, transfer(3, 9));
    ASSERT_TRUE(propagate(third));
    ASSERT_TRUE(propagate(second));
    told();
    const auto first = signed_by(1, transfer(1));

    ASSERT_TRUE(propagate(first));

    const auto events = told();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].topic, "included");
    EXPECT_EQ(events[1], dropped(second, "contiguous_drain_failed"));
    EXPECT_EQ(chain_->stats().staged, 1U);
}

TEST_F(Staging, a_restart_forgets_what_was_staged) {
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(3))));
    told();
    restart();
    EXPECT_EQ(chain_->stats().staged, 0U);
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    ASSERT_TRUE(propagate(signed_by(1, transfer(2))));
    EXPECT_EQ(topics(), (Topics{"included", "included"}));
}

// Scenarios nonce-future-65 and nonce-future-80. The recorded limit of 64 is not strict, because the node does not
// count a transaction while it tries it (recorded data's README, surprise 16). Our limit is strict.
TEST_F(Staging, at_most_64_future_nonces_are_staged_and_given_up_in_their_order) {
    begin();
    std::vector<ledger::Transaction> sent;
    for (std::uint64_t nonce = 2; nonce <= 66; ++nonce) sent.push_back(signed_by(1, transfer(nonce)));
    std::vector<Told> expected;
    for (std::size_t i = 0; i < 64; ++i) {
        ASSERT_TRUE(propagate(sent[i]));
        expected.push_back(deferred(sent[i]));
    }
    const auto last = propagate(sent[64]);
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().text,
              refusal(sent[64], "Maximum queued future Moonlight transactions per account exceeded 64"));
    for (unsigned i = 0; i < Prequeue::kMaxAttempts; ++i) one_attempt();
    for (std::size_t i = 0; i < 64; ++i) expected.push_back(dropped(sent[i], "retry_exhausted"));
    EXPECT_EQ(told(), expected);
}

// A retry admits them however the gap was closed: here the account's nonce moved, and no transaction closed it.
TEST(PoolUpdate, a_retry_that_finds_no_gap_admits_the_transaction_and_its_followers) {
    test::FakeState state;
    state.accounts[test::account(1)] = {1, 1'000'000'000};
    Mempool pool;
    Prequeue prequeue({1'000, 64});
    std::mutex view;
    const AdmissionRules rules;
    const auto second = signed_by(1, transfer(2));
    const auto third = signed_by(1, transfer(3));
    prequeue.stage(second, {});
    prequeue.stage(third, {});
    PoolUpdate update(pool, prequeue, view, rules, state, {7, 1'000, Prequeue::Time{} + Prequeue::kRetryEvery});

    update.retry();

    EXPECT_EQ(prequeue.size(), 0U);
    const auto commit = update.take();
    ASSERT_EQ(commit.added.size(), 2U);
    EXPECT_EQ(commit.added[0].id, second.id());
    EXPECT_EQ(commit.added[1].id, third.id());
    ASSERT_EQ(commit.events.size(), 2U);
    EXPECT_EQ(commit.events[0].topic, "included");
    EXPECT_EQ(commit.events[0].height, 7U);
    EXPECT_EQ(pool.size(), 2U);
}

}  // namespace
}  // namespace rues::chain
