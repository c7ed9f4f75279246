#include "chain/pool_update.hpp"

#include <gtest/gtest.h>

#include <random>

#include "fixtures.hpp"

namespace rues::chain {
namespace {

using namespace std::chrono_literals;
using test::account;
using test::FakeState;
using test::transfer;

/// What a client that receives every event believes, and what the disk holds.
class Observer {
public:
    void commit(const store::MempoolCommit& commit) {
        for (const auto& one : commit.added) on_disk.insert(one.id);  // first added, then removed, as the store does it
        for (const auto& id : commit.removed) on_disk.erase(id);
        for (const auto& event : commit.events) hear(event.topic, event.entity);
    }
    void executed(const ledger::TxId& id) {
        on_disk.erase(id);
        pooled.erase(base::to_hex(id));
    }

    std::set<ledger::TxId> on_disk;
    std::set<std::string> staged, pooled;

private:
    void hear(const std::string& topic, const std::string& id) {
        if (topic == "deferred") {
            EXPECT_FALSE(pooled.contains(id));
            EXPECT_TRUE(staged.insert(id).second);
        } else if (topic == "included") {
            staged.erase(id);
            EXPECT_TRUE(pooled.insert(id).second);
        } else if (topic == "removed") {
            EXPECT_EQ(pooled.erase(id), 1U);
        } else {
            EXPECT_EQ(topic, "dropped");
            EXPECT_FALSE(pooled.contains(id));
            staged.erase(id);
        }
    }
};

/// Nonces 1 to 6 of three accounts, each at three prices.
const std::vector<ledger::Transaction>& transactions() {
    static const auto kAll = [] {
        std::vector<ledger::Transaction> out;
        for (std::size_t from = 0; from < 3; ++from) {
            for (std::uint64_t nonce = 1; nonce <= 6; ++nonce) {
                for (std::uint64_t price = 1; price <= 3; ++price)
                    out.emplace_back(transfer(nonce, price * 10 + from, from));
            }
        }
        return out;
    }();
    return kAll;
}

class PoolUpdates : public ::testing::TestWithParam<unsigned> {};

// Compares with a model. After every commit memory, disk and events agree, the limits hold, and every pooled nonce can
// be executed as soon as the ones before it were.
TEST_P(PoolUpdates, memory_disk_and_events_agree_whatever_happens) {
    std::mt19937 random(GetParam());
    const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
    FakeState state;
    for (std::size_t n = 0; n < 3; ++n) state.accounts[account(n)] = {0, 10'000'000'000'000};
    AdmissionRules rules;
    rules.mempool_capacity = 1 + below(8);
    const auto size = transactions().front().size();
    if (below(2) == 0) rules.mempool_bytes = 1 + below(6 * size);
    Mempool pool;
    Prequeue prequeue({1 + below(6), 1 + below(3)});
    std::mutex view;
    Observer observer;
    std::uint64_t now = 1'000'000;

    for (int round = 0; round < 300; ++round) {
        PoolUpdate update(pool, prequeue, view, rules, state, {1, now, Prequeue::Time{} + now * 1ms});
        for (auto actions = below(8); actions > 0; --actions) {
            const auto action = below(10);
            if (action < 8) {
                const auto& tx = transactions()[below(transactions().size())];
                const auto verdict = update.submit(tx);
                EXPECT_EQ(verdict.value_or(tx.id()), tx.id());
            } else if (action < 9) {
                update.retry();
            } else {
                update.expire(Prequeue::Time{} + (now - 20'000) * 1ms);
            }
        }
        observer.commit(update.take());
        now += below(1'500);
        if (below(4) == 0) {  // a block executes the next transaction of one account
            const auto& key = account(below(3));
            if (const auto* next = pool.find(key, state.accounts[key].nonce + 1)) {
                const auto tx = next->tx;
                ++state.accounts[key].nonce;
                state.transactions.insert(tx.id());
                pool.erase(tx.id());
                observer.executed(tx.id());
            }
        }

        std::set<ledger::TxId> in_memory;
        for (const auto& rank : pool.ranks()) in_memory.insert(rank.id);
        ASSERT_EQ(in_memory, observer.on_disk) << "round " << round;
        ASSERT_EQ(in_memory.size(), observer.pooled.size());
        for (const auto& id : in_memory) ASSERT_TRUE(observer.pooled.contains(base::to_hex(id)));
        ASSERT_EQ(prequeue.size(), observer.staged.size()) << "round " << round;
        ASSERT_LE(pool.size(), rules.mempool_capacity);
        ASSERT_LT(pool.bytes(), rules.mempool_bytes + size);
        std::size_t bytes = 0;
        for (const auto& rank : pool.ranks()) bytes += pool.find(rank.id)->tx.size();
        ASSERT_EQ(pool.bytes(), bytes);
        ASSERT_LE(prequeue.size(), prequeue.limits().capacity);
        std::size_t reachable = 0;
        for (std::size_t n = 0; n < 3; ++n) {
            const auto nonce = state.accounts[account(n)].nonce;
            reachable += pool.next_nonce(account(n), nonce) - nonce - 1;
        }
        ASSERT_EQ(reachable, pool.size()) << "round " << round;
    }
    // The prequeue becomes empty when only time passes.
    for (unsigned i = 0; i < Prequeue::kMaxAttempts + 1; ++i) {
        now += static_cast<std::uint64_t>(Prequeue::kRetryEvery.count());
        PoolUpdate update(pool, prequeue, view, rules, state, {1, now, Prequeue::Time{} + now * 1ms});
        update.retry();
        observer.commit(update.take());
    }
    EXPECT_EQ(prequeue.size(), 0U);
    EXPECT_TRUE(observer.staged.empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, PoolUpdates, ::testing::Range(1U, 41U));

}  // namespace
}  // namespace rues::chain
