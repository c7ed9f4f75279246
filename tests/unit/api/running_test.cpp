#include "api/running.hpp"

#include <thread>

#include "unit/api/fixture.hpp"

namespace rues::api {
namespace {

class ReadingTest : public test::ApiTest {
protected:
    net::test::Client::Answer status(std::size_t account) {
        net::test::Client client(server_->port());
        const auto key = crypto::account_key(ledger::local_chain_seed(), account).public_key();
        return client.ask("POST /on/account:" + base::to_base58(key.bytes()) +
                          "/status HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    }
};

// The balance of the local chain's genesis.
constexpr std::string_view kAccount1 = R"({"balance":80800000000000,"next_nonce":1,"nonce":0})";

TEST_F(ReadingTest, a_point_read_of_what_is_in_memory_does_not_leave_the_loop) {
    EXPECT_EQ(status(1).body, kAccount1);  // just written, so in memory
    EXPECT_EQ(queued_, 0);
}

TEST_F(ReadingTest, a_point_read_that_needs_the_disk_is_made_on_the_pool_and_later_ones_on_the_loop) {
    end();
    begin();

    EXPECT_EQ(status(1).body, kAccount1);
    EXPECT_EQ(queued_, 1);
    // What the pool read is in memory now. But a store that was just opened may still merge files, and each merge costs
    // another read from the disk.
    constexpr int kMerges = 10;
    int before = 0;
    int reads = 0;
    do {
        before = queued_;
        EXPECT_EQ(status(1).body, kAccount1);
    } while (queued_ != before && ++reads < kMerges);
    EXPECT_EQ(queued_, before);
}

TEST_F(ReadingTest, a_point_read_that_needs_the_disk_when_the_pool_is_full_is_503) {
    end();
    begin();
    pool_is_full_ = true;

    EXPECT_EQ(status(1).status, 503U);
    EXPECT_EQ(places_.counts(Work::read).refused.value(), 1U);
    while (places_.of(Work::read).taken() > 0) std::this_thread::yield();
    pool_is_full_ = false;
    EXPECT_EQ(status(1).body, kAccount1);
}

TEST_F(ReadingTest, an_unknown_account_is_distinguished_from_one_that_is_not_in_memory) {
    constexpr std::string_view kEmpty = R"({"balance":0,"next_nonce":1,"nonce":0})";
    end();
    begin();

    EXPECT_EQ(status(1).body, kAccount1);
    EXPECT_EQ(status(7).body, kEmpty);
    EXPECT_EQ(status(7).body, kEmpty);
}

class OnPool : public net::test::ServerTest {
protected:
    OnPool() {
        handler_.on_request = [this](net::Request request, net::Responder responder) {
            Exchange exchange(std::move(request), std::move(responder), 0, failures_);
            exchange.arrived -= waited_;
            on_pool(pool_, places_, Work::scan, std::move(exchange),
                    [](Exchange asked) { std::move(asked).text("done"); });
        };
    }
    ~OnPool() override {
        if (server_) server_->stop(std::chrono::milliseconds(0));
    }

    const FailureLog failures_{base::no_log()};
    std::chrono::milliseconds waited_{0};
    net::Executor pool_ = [](std::move_only_function<void()> task) { return task(), true; };
    const Places places_;
};

TEST_F(OnPool, a_request_that_waited_longer_than_its_class_is_patient_is_503_and_not_worked_on) {
    const auto to = start();
    waited_ = class_of(Work::scan).patience - std::chrono::seconds(10);
    EXPECT_EQ(net::test::Client(to).ask(net::test::kGet).body, "done");

    waited_ = class_of(Work::scan).patience + std::chrono::seconds(1);

    const auto late = net::test::Client(to).ask(net::test::kGet);
    EXPECT_EQ(late.status, 503U);
    EXPECT_NE(late.headers.find("retry-after"), late.headers.end());
    EXPECT_EQ(places_.counts(Work::scan).refused.value(), 1U);
    EXPECT_EQ(places_.counts(Work::scan).waited_us.count(), 2U);
}

}  // namespace
}  // namespace rues::api
