#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>

#include "chain/chain.hpp"
#include "chain/genesis_file.hpp"
#include "fixtures.hpp"
#include "machine.hpp"
#include "wire/frame.hpp"
#include "wire/uri.hpp"

namespace rues::chain::test {

/// An event as a client would read it.
struct Told {
    std::string topic;
    std::string entity;
    std::string payload;
    friend bool operator==(const Told&, const Told&) = default;
};

/// Blocks a thread that calls `wait` until `release` or the destructor.
class Hold {
public:
    ~Hold() { release(); }
    void wait() {
        held_.set_value();
        released_.get_future().wait();
    }
    void until_held() { held_.get_future().wait(); }
    void release() {
        if (!std::exchange(done_, true)) released_.set_value();
    }

private:
    std::promise<void> held_;
    std::promise<void> released_;
    bool done_ = false;
};

/// A manual clock that counts how often somebody looked at it: a thread that does not sleep looks again and again.
class CountingClock final : public base::Clock {
public:
    explicit CountingClock(std::chrono::milliseconds since_epoch) : manual_(since_epoch) {}
    void advance(std::chrono::milliseconds by) { manual_.advance(by); }
    void set_wall_clock(std::chrono::milliseconds by) { manual_.set_wall_clock(by); }
    std::uint64_t looks() const { return looks_; }
    base::WallTime wall() const override { return manual_.wall(); }
    base::SteadyTime steady() const override {
        ++looks_;
        return manual_.steady();
    }

private:
    base::ManualClock manual_;
    mutable std::atomic<std::uint64_t> looks_ = 0;
};

/// A chain over a store in a folder of its own; `restart` ends and reopens both. A test makes blocks by hand and the
/// clock stands still, unless the test says otherwise.
class LocalChain : public ::testing::Test {
protected:
    void SetUp() override {
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        std::string name = test->name();
        std::ranges::replace(name, '/', '-');  // of a test with parameters
        store_options_.directory = std::filesystem::temp_directory_path() /
                                   ("rues-chain-" + name + "-" + std::to_string(::getpid())) / "store";
        store_options_.boot_id = "a boot";
        store_options_.sync_blocks = false;
        std::filesystem::remove_all(store_options_.directory.parent_path());
        options_.mining = Mining::manual;
    }
    void TearDown() override {
        stop();
        std::filesystem::remove_all(store_options_.directory.parent_path());
    }
    void begin() {
        auto opened = store::Store::open(store_options_);
        ASSERT_TRUE(opened) << opened.error().text;
        store_ = std::move(*opened);
        published_ = store_->last_seq();
        auto made = Chain::create(
            *store_, chain_machine(), parts_of(genesis_file_ = *read_genesis(genesis_)), options_, clock_, log_,
            [this](store::LogBatch batch) { take(std::move(batch)); }, [this](std::string why) { fatal(why); });
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
    virtual vm::Machine& chain_machine() { return machine(); }
    virtual void fatal(const std::string& why) { ADD_FAILURE() << why; }

    std::future<Verdict> propagate_later(const ledger::Transaction& tx) {
        return propagate_later(tx.encode(ledger::Envelope::aegis));
    }
    std::future<Verdict> propagate_later(Bytes transaction) {
        auto promise = std::make_shared<std::promise<Verdict>>();
        auto verdict = promise->get_future();
        chain_->propagate(std::move(transaction), [promise](Verdict v) { promise->set_value(std::move(v)); });
        return verdict;
    }
    Verdict propagate(const ledger::Transaction& tx) { return propagate_later(tx).get(); }
    Verdict propagate(Bytes transaction) { return propagate_later(std::move(transaction)).get(); }
    Verdict preverify(Bytes transaction) {
        auto promise = std::make_shared<std::promise<Verdict>>();
        auto verdict = promise->get_future();
        chain_->preverify(std::move(transaction), [promise](Verdict v) { promise->set_value(std::move(v)); });
        return verdict.get();
    }
    std::expected<Simulation, Rejection> simulate(Bytes transaction, Traced traced = Traced::no) {
        auto promise = std::make_shared<std::promise<std::expected<Simulation, Rejection>>>();
        auto simulation = promise->get_future();
        chain_->simulate(std::move(transaction), traced, {},
                         [promise](std::expected<Simulation, Rejection> s) { promise->set_value(std::move(s)); });
        return simulation.get();
    }
    Numbered try_mine(std::uint64_t count) { return mine_later(count).get(); }
    std::future<Numbered> mine_later(std::uint64_t count) {
        auto promise = std::make_shared<std::promise<Numbered>>();
        auto done = promise->get_future();
        chain_->mine(count, [promise](Numbered r) { promise->set_value(std::move(r)); });
        return done;
    }
    std::uint64_t advance_time(std::uint64_t seconds) {
        std::promise<Numbered> promise;
        chain_->advance_time(seconds, [&](Numbered r) { promise.set_value(std::move(r)); });
        const auto timestamp = promise.get_future().get();
        EXPECT_TRUE(timestamp);
        return timestamp.value_or(0);
    }
    void mine(std::uint64_t count = 1) { ASSERT_TRUE(try_mine(count)); }
    /// Returns when the chain thread has done everything that it had to do before this call.
    void settle() { mine(0); }

    /// @name Return when the thread is blocked; it goes on when `hold` is released.
    /// @{
    void hold_chain(Hold& hold) {
        chain_->mine(0, [&hold](const Numbered&) { hold.wait(); });
        hold.until_held();
    }
    void hold_verifier(Hold& hold) {
        chain_->preverify({}, [&hold](const Verdict&) { hold.wait(); });
        hold.until_held();
    }
    /// @}

    /// The account of a profile at the tip.
    ledger::Account account_of(std::size_t n) { return chain_->state()->account(profile(n).public_key()).value(); }

    /// Every event that was written since the last call.
    std::vector<Told> told() {
        std::vector<Told> out;
        const auto log = store_->read_log(read_ + 1, 1 << 28);
        EXPECT_TRUE(log);
        for (const auto& record : *log) {
            const auto frame = wire::Frame::parse(wire::without_websocket_header(record.message));
            EXPECT_TRUE(frame);
            const auto uri = wire::Uri::parse(*frame->header("Content-Location"));
            EXPECT_TRUE(uri);
            out.push_back({uri->topic, uri->entity.value_or(""), std::string(base::text(frame->payload))});
        }
        read_ += log->size();
        return out;
    }
    /// The header `name` of every event of the log; an empty text for an event without it.
    std::vector<std::string> headers(std::string_view name) {
        std::vector<std::string> out;
        const auto log = store_->read_log(1, 1 << 28);
        EXPECT_TRUE(log);
        for (const auto& record : *log) {
            const auto frame = wire::Frame::parse(wire::without_websocket_header(record.message));
            EXPECT_TRUE(frame);
            out.emplace_back(frame->header(name).value_or(""));
        }
        return out;
    }
    using Topics = std::vector<std::string>;
    Topics topics() {
        Topics out;
        for (const auto& event : told()) out.push_back(event.topic);
        return out;
    }
    bool wait_for_height(std::uint64_t height) {
        std::unique_lock lock(mutex_);
        return grew_.wait_for(lock, std::chrono::seconds(10), [&] { return height_ >= height; });
    }

    /// The last record that the chain published, or that the store had when the chain was made. Call it after `settle`
    /// only.
    std::uint64_t published() {
        const std::lock_guard lock(mutex_);
        return published_;
    }

    Options options_;
    base::Log log_ = base::no_log();
    std::string genesis_{default_genesis()};
    ledger::Genesis genesis_file_;  ///< what `genesis_` said at the last `begin`
    store::Options store_options_;
    CountingClock clock_{std::chrono::milliseconds(1'700'000'000'000)};
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<Chain> chain_;

private:
    void take(store::LogBatch batch) {
        const std::lock_guard lock(mutex_);
        EXPECT_EQ(batch->front().seq, published_ + 1) << "every record is published, in the order of the log";
        published_ = batch->back().seq;
        for (const auto& record : *batch) height_ = std::max(height_, record.filter.height);
        grew_.notify_all();
    }

    std::uint64_t read_ = 0;
    std::mutex mutex_;
    std::condition_variable grew_;
    std::uint64_t height_ = 0;
    std::uint64_t published_ = 0;
};

}  // namespace rues::chain::test
