#include "api/reading.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "crypto/keys.hpp"
#include "unit/net/client.hpp"
#include "unit/store/samples.hpp"

namespace rues::api {
namespace {

/// A node over a folder, with a pool that counts what it gets and works at once.
class ReadingTest : public ::testing::Test {
protected:
    void SetUp() override { begin(); }
    void TearDown() override { end(); }

    void begin() {
        auto opened = store::Store::open({.directory = folder_.path() / "store"});
        ASSERT_TRUE(opened) << opened.error().text;
        store_ = std::move(*opened);
        chain::Options options;
        options.mining = chain::Mining::manual;
        auto chain = chain::Chain::create(
            *store_, *ledger::Genesis::parse(ledger::default_genesis()), options, clock_, base::no_log(),
            [](const store::LogBatch&) {}, [](const std::string& why) { ADD_FAILURE() << why; });
        ASSERT_TRUE(chain) << chain.error().text;
        chain_ = std::move(*chain);
        hub_ = feed::Hub::create(*store_, 1, {}, {}, {}, base::no_log());
        api_ = std::make_unique<Api>(Context{*store_, *chain_, *hub_, base::no_log(), [this](auto task) {
                                                 ++queued_;
                                                 if (pool_is_full_) return false;
                                                 task();
                                                 return true;
                                             }});
        net::Options at;
        at.port = 0;
        at.loops = 1;
        auto server = net::Server::create(at, *api_, base::no_log());
        ASSERT_TRUE(server) << server.error().text;
        server_ = std::move(*server);
        server_->start();
    }
    void end() {
        server_.reset();
        api_.reset();
        hub_.reset();
        chain_.reset();
        store_.reset();
    }

    net::test::Client::Answer status(std::size_t account) {
        net::test::Client client(server_->port());
        const auto key = crypto::account_key(ledger::local_chain_seed(), account).public_key();
        return client.ask("POST /on/account:" + base::to_base58(key.bytes()) +
                          "/status HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    }

    store::samples::TemporaryFolder folder_;
    base::SystemClock clock_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<chain::Chain> chain_;
    std::unique_ptr<feed::Hub> hub_;
    std::unique_ptr<Api> api_;
    std::unique_ptr<net::Server> server_;
    std::atomic<int> queued_ = 0;
    std::atomic<bool> pool_is_full_ = false;
};

// The balance of the local chain's genesis.
constexpr std::string_view kAccount1 = R"({"balance":80800000000000,"next_nonce":1,"nonce":0})";

TEST_F(ReadingTest, a_point_read_of_what_is_in_memory_does_not_leave_the_loop) {
    EXPECT_EQ(status(1).body, kAccount1);  // just written
    EXPECT_EQ(queued_, 0);
}

TEST_F(ReadingTest, a_point_read_that_needs_the_disk_is_made_on_the_pool_and_the_next_one_on_the_loop) {
    end();
    begin();

    EXPECT_EQ(status(1).body, kAccount1);
    EXPECT_EQ(queued_, 1);
    EXPECT_EQ(status(1).body, kAccount1);
    EXPECT_EQ(queued_, 1);
}

TEST_F(ReadingTest, a_point_read_that_needs_the_disk_when_the_pool_is_full_is_503) {
    end();
    begin();
    pool_is_full_ = true;

    EXPECT_EQ(status(1).status, 503U);
    pool_is_full_ = false;
    EXPECT_EQ(status(1).body, kAccount1);
}

TEST_F(ReadingTest, an_account_that_is_not_there_is_not_taken_for_one_that_was_not_read) {
    constexpr std::string_view kEmpty = R"({"balance":0,"next_nonce":1,"nonce":0})";
    end();
    begin();

    EXPECT_EQ(status(1).body, kAccount1);
    EXPECT_EQ(status(7).body, kEmpty);
    EXPECT_EQ(status(7).body, kEmpty);
}

}  // namespace
}  // namespace rues::api
