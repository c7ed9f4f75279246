#include "chain/chain.hpp"

#include <gtest/gtest.h>

#include <future>
#include <mutex>

#include "fixtures.hpp"

namespace rues::chain {
namespace {

using namespace std::chrono_literals;
using test::account;
using test::signed_by;
using test::transfer;

/// A chain over a store in a folder of its own; `restart` ends and reopens both.
class LocalChain : public ::testing::Test {
protected:
    void SetUp() override {
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        directory_ = std::filesystem::temp_directory_path() /
                     (std::string("rues-chain-") + test->name() + "-" + std::to_string(::getpid()));
        std::filesystem::remove_all(directory_);
        options_.mining = Mining::manual;
    }
    void TearDown() override {
        stop();
        std::filesystem::remove_all(directory_);
    }
    void begin() {
        store::Options options;
        options.directory = directory_;
        options.boot_id = "a boot";
        auto opened = store::Store::open(options);
        ASSERT_TRUE(opened) << opened.error().text;
        store_ = std::move(*opened);
        auto made = Chain::create(
            *store_, *ledger::Genesis::parse(ledger::default_genesis()), options_, clock_, base::no_log(),
            [this](store::LogBatch batch) { take(std::move(batch)); }, [](std::string why) { ADD_FAILURE() << why; });
        ASSERT_TRUE(made) << made.error().text;
        chain_ = std::move(*made);
        chain_->start();
    }
    void stop() {
        chain_.reset();
        store_.reset();
    }
    void restart() {
        stop();
        begin();
    }

    Verdict propagate(const ledger::Transaction& tx) {
        auto promise = std::make_shared<std::promise<Verdict>>();
        auto verdict = promise->get_future();
        chain_->propagate(tx.encode(ledger::Envelope::aegis),
                          [promise](Verdict v) { promise->set_value(std::move(v)); });
        return verdict.get();
    }
    void mine(std::uint64_t count = 1) {
        auto promise = std::make_shared<std::promise<bool>>();
        auto done = promise->get_future();
        chain_->mine(count, [promise](base::Result<std::uint64_t> r) { promise->set_value(r.has_value()); });
        ASSERT_TRUE(done.get());
    }
    /// Component letter and topic of every event since the last call.
    std::vector<std::uint64_t> topics() {
        std::vector<std::uint64_t> out;
        const auto log = store_->read_log(read_ + 1, 1 << 24);
        EXPECT_TRUE(log);
        for (const auto& record : *log) out.push_back(record.filter.topic);
        read_ += log->size();
        return out;
    }
    static std::vector<std::uint64_t> named(const std::vector<std::string>& names) {
        std::vector<std::uint64_t> out;
        for (const auto& name : names) out.push_back(wire::text_hash(name));
        return out;
    }
    bool wait_for_height(std::uint64_t height) {
        std::unique_lock lock(mutex_);
        return grew_.wait_for(lock, 10s, [&] { return height_ >= height; });
    }

    Options options_;
    base::ManualClock clock_{1'700'000'000'000ms};
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<Chain> chain_;

private:
    void take(store::LogBatch batch) {
        const std::lock_guard lock(mutex_);
        for (const auto& record : *batch) height_ = std::max(height_, record.filter.height);
        grew_.notify_all();
    }

    std::filesystem::path directory_;
    std::uint64_t read_ = 0;
    std::mutex mutex_;
    std::condition_variable grew_;
    std::uint64_t height_ = 0;
};

// RP 7.2 as amended by rusk-1.7 5.
TEST_F(LocalChain, events_of_a_block_come_in_the_order_of_the_node) {
    begin();
    mine();
    EXPECT_EQ(topics(), named({"reward", "accepted"}));
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    EXPECT_EQ(topics(), named({"included"}));
    mine();
    EXPECT_EQ(topics(),
              named({"moonlight", "reward", "executed", "statechange", "statechange", "removed", "accepted"}));
    EXPECT_EQ(chain_->mempool_size(), 0U);
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

TEST_F(LocalChain, pooled_transactions_come_back_without_a_second_included) {
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
    EXPECT_EQ(store_->snapshot()->account(account(1))->nonce, 2U);
}

// rusk-1.7 7.4, LM 3.4: `removed` of the replaced one, then `included`.
TEST_F(LocalChain, a_higher_price_replaces_and_only_the_new_one_comes_back) {
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1, 1))));
    ASSERT_FALSE(propagate(signed_by(1, transfer(1, 1))));
    const auto better = signed_by(1, transfer(1, 2));
    ASSERT_TRUE(propagate(better));
    EXPECT_EQ(topics(), named({"included", "removed", "included"}));
    restart();
    const auto pooled = store_->pooled();
    ASSERT_TRUE(pooled);
    ASSERT_EQ(pooled->size(), 1U);
    EXPECT_EQ(pooled->front().id, better.id());
}

// Whatever comes together into one commit, the disk holds what memory holds.
TEST_F(LocalChain, transactions_that_push_each_other_out_end_on_disk_as_in_memory) {
    options_.mempool_capacity = 1;
    begin();
    std::vector<ledger::Transaction> all;
    for (std::uint64_t price = 1; price <= 24; ++price)
        all.push_back(signed_by(price % 2, transfer(1, price, price % 2)));
    std::vector<std::future<void>> done;
    for (const auto& tx : all) {
        auto promise = std::make_shared<std::promise<void>>();
        done.push_back(promise->get_future());
        chain_->propagate(tx.encode(ledger::Envelope::aegis), [promise](const Verdict&) { promise->set_value(); });
    }
    for (auto& one : done) one.get();
    EXPECT_EQ(chain_->mempool_size(), 1U);
    const auto pooled = store_->pooled();
    ASSERT_TRUE(pooled);
    ASSERT_EQ(pooled->size(), 1U);
    EXPECT_EQ(pooled->front().id, all.back().id());
}

TEST_F(LocalChain, a_full_pool_takes_no_follower_in_place_of_its_own_predecessor) {
    options_.mempool_capacity = 1;
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1, 1))));
    const auto verdict = propagate(signed_by(1, transfer(2, 9)));
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().kind, Rejection::Kind::full);
    EXPECT_EQ(chain_->mempool_size(), 1U);
}

// decisions 28
TEST_F(LocalChain, what_the_builder_discards_is_dropped_and_removed) {
    begin();
    auto other_chain = transfer(1);
    other_chain.chain_id = 9;
    ASSERT_TRUE(propagate(signed_by(1, other_chain)));
    topics();
    mine();
    const auto seen = topics();
    EXPECT_NE(std::ranges::find(seen, wire::text_hash("dropped")), seen.end());
    EXPECT_NE(std::ranges::find(seen, wire::text_hash("removed")), seen.end());
    EXPECT_EQ(chain_->mempool_size(), 0U);
}

TEST_F(LocalChain, instant_mode_seals_what_was_admitted) {
    options_.mining = Mining::instant;
    options_.eligible_after = 0ms;
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    ASSERT_TRUE(wait_for_height(1));
    EXPECT_EQ(store_->snapshot()->account(account(1))->nonce, 1U);
}

}  // namespace
}  // namespace rues::chain
