#include "net/handshakes.hpp"

#include <deque>
#include <thread>

#include "client.hpp"

namespace rues::net::test {
namespace {

namespace ip = boost::asio::ip;

PeerKey key(const char* address) {
    return peer_key(ip::make_address(address));
}

TEST(PeerOfAHandshake, is_an_ipv4_address_or_an_ipv6_network_of_64_bits) {
    EXPECT_EQ(key("192.0.2.1"), key("192.0.2.1"));
    EXPECT_NE(key("192.0.2.1"), key("192.0.2.2"));
    EXPECT_EQ(key("::ffff:192.0.2.1"), key("192.0.2.1")) << "RFC 4291 2.5.5.2";
    EXPECT_EQ(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
    EXPECT_NE(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    EXPECT_NE(key("::1"), key("0.0.0.0"));
}

/// A pool whose tasks run when the test says so.
class HeldPool {
public:
    Executor executor() {
        return [this](std::move_only_function<void()> task) {
            const std::lock_guard lock(mutex_);
            tasks_.push_back(std::move(task));
            added_.raise();
            return true;
        };
    }
    /// Waits until so many tasks were added in all.
    bool wait(int tasks) { return added_.wait(tasks); }
    /// Runs all tasks, also those that are added meanwhile.
    void run() {
        while (auto task = next()) (*task)();
    }
    std::size_t size() {
        const std::lock_guard lock(mutex_);
        return tasks_.size();
    }

private:
    std::optional<std::move_only_function<void()>> next() {
        const std::lock_guard lock(mutex_);
        if (tasks_.empty()) return std::nullopt;
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        return task;
    }
    std::mutex mutex_;
    std::deque<std::move_only_function<void()>> tasks_;
    Signal added_;
};

/// Handshakes whose steps write what they are into `done`.
class HandshakesTest : public ::testing::Test {
protected:
    void make(std::size_t most, std::size_t bytes = 8'000) {
        Limits limits;
        limits.max_handshakes = most;
        limits.max_hello_bytes = bytes;
        all = std::make_shared<Handshakes>(limits, pool.executor());
    }
    auto place(PeerKey peer) { return std::make_unique<Handshakes::Place>(all, peer); }
    auto step(std::string name) {
        return [this, name = std::move(name)] { done.push_back(name); };
    }

    HeldPool pool;
    std::shared_ptr<Handshakes> all;
    std::vector<std::string> done;
    const PeerKey a = key("192.0.2.1");
    const PeerKey b = key("192.0.2.2");
    const PeerKey c = key("192.0.2.3");
};

using Steps = std::vector<std::string>;

TEST_F(HandshakesTest, peers_take_turns_whatever_the_number_of_their_steps) {
    make(100);
    std::vector<std::unique_ptr<Handshakes::Place>> places;
    const auto begin = [&](PeerKey peer, std::string name) {
        places.push_back(place(peer));
        places.back()->run(step(std::move(name)));
    };
    for (int i = 0; i < 4; ++i) begin(a, "a" + std::to_string(i));
    begin(b, "b0");
    begin(c, "c0");
    begin(c, "c1");
    EXPECT_EQ(all->waiting(), 7U);
    EXPECT_LE(pool.size(), Handshakes::kThreads);

    pool.run();

    EXPECT_EQ(done, (Steps{"a0", "b0", "c0", "a1", "c1", "a2", "a3"}));
    EXPECT_EQ(all->under_way(), 7U);
    places.clear();
    EXPECT_EQ(all->under_way(), 0U);
}

TEST_F(HandshakesTest, a_session_that_goes_on_and_a_new_one_take_turns) {
    make(100);
    const auto one = place(a);
    const auto two = place(b);
    one->run(step("one begins"));
    pool.run();

    std::vector<std::unique_ptr<Handshakes::Place>> flood;
    for (int i = 0; i < 10; ++i) {
        flood.push_back(place(c));
        flood.back()->run(step("new"));
    }
    one->run(step("one ends"));
    two->run(step("two begins"));
    pool.run();

    const auto position = [&](const char* name) { return std::ranges::find(done, name) - done.begin(); };
    EXPECT_LE(position("one ends"), 2);
    EXPECT_LE(position("two begins"), 4);
}

TEST_F(HandshakesTest, more_than_the_bound_wait_until_one_ends) {
    make(2);
    auto one = place(a);
    auto two = place(b);
    auto three = place(c);
    one->run(step("one"));
    two->run(step("two"));
    three->run(step("three"));
    pool.run();
    EXPECT_EQ(done, (Steps{"one", "two"}));
    EXPECT_EQ(all->waiting(), 1U);

    two->run(step("two ends"));  // who has a session goes on
    pool.run();
    EXPECT_EQ(done.back(), "two ends");
    two.reset();
    pool.run();

    EXPECT_EQ(done.back(), "three");
    EXPECT_EQ(all->under_way(), 2U);
}

TEST_F(HandshakesTest, one_peer_has_an_eighth_of_the_bound_and_the_rest_is_for_others) {
    make(16);
    std::vector<std::unique_ptr<Handshakes::Place>> places;
    for (int i = 0; i < 5; ++i) {
        places.push_back(place(a));
        places.back()->run(step("a" + std::to_string(i)));
    }
    auto other = place(b);
    other->run(step("b"));

    pool.run();
    EXPECT_EQ(done, (Steps{"a0", "b", "a1"}));

    places.front().reset();
    pool.run();
    EXPECT_EQ(done.back(), "a2");
    EXPECT_EQ(all->waiting(), 2U);
}

TEST_F(HandshakesTest, incomplete_messages_share_their_bytes_and_one_peer_has_an_eighth) {
    make(16, 8'000);
    auto one = place(a);
    auto two = place(a);
    EXPECT_TRUE(one->hold(600));
    EXPECT_TRUE(one->hold(1'000)) << "instead of the 600";
    EXPECT_FALSE(two->hold(1));
    EXPECT_EQ(all->held_bytes(), 1'000U);
    auto other = place(b);
    EXPECT_TRUE(other->hold(1'000));
    std::vector<std::unique_ptr<Handshakes::Place>> more;
    for (int i = 10; i < 16; ++i) {
        more.push_back(place(key(("192.0.2." + std::to_string(i)).c_str())));
        EXPECT_TRUE(more.back()->hold(1'000));
    }
    auto last = place(c);
    EXPECT_FALSE(last->hold(1));

    one->run(step("one"));
    pool.run();
    EXPECT_EQ(all->held_bytes(), 7'000U) << "the step took the message";
    EXPECT_TRUE(last->hold(1'000));
    more.clear();
    EXPECT_EQ(all->held_bytes(), 2'000U);
}

TEST_F(HandshakesTest, a_step_whose_connection_ends_before_its_turn_never_runs) {
    make(16);
    auto one = place(a);
    auto two = place(a);
    auto three = place(b);
    const auto kept = std::make_shared<int>(0);
    one->run([kept] { ++*kept; });
    two->run(step("two"));
    three->run(step("three"));

    one.reset();
    three.reset();
    EXPECT_EQ(kept.use_count(), 1) << "what it holds is released at once";
    EXPECT_EQ(all->waiting(), 1U);
    pool.run();

    EXPECT_EQ(*kept, 0);
    EXPECT_EQ(done, Steps{"two"});
    EXPECT_EQ(all->under_way(), 1U);
}

TEST_F(HandshakesTest, without_a_pool_steps_run_at_once) {
    all = std::make_shared<Handshakes>(Limits{}, Executor{});
    const auto one = place(a);
    one->run(step("one"));
    EXPECT_EQ(done, Steps{"one"});
}

/// A server whose handshakes wait for the test.
class TlsOnAPool : public ServerTest {
protected:
    TlsOnAPool() {
        use_tls();
        options_.loops = 1;
        options_.handshake_pool = pool_.executor();
    }
    HeldPool pool_;
    const StopFirst stop_{server_};
};

TEST_F(TlsOnAPool, the_loop_goes_on_while_handshakes_wait_for_the_pool) {
    const auto to = start();
    net::test::Client::Answer answer;
    std::jthread waiting([&] { answer = Client(to).ask(kGet); });
    ASSERT_TRUE(pool_.wait(1));

    pass_turns(3);  // the loop does other work
    EXPECT_EQ(server_->connections(), 1U);
    std::jthread worker([&] {
        for (int tasks = 1; pool_.wait(tasks); ++tasks) {
            pool_.run();
            if (tasks == 2) return;  // the hello, and the client's Finished message
        }
    });
    waiting.join();

    EXPECT_EQ(answer.status, 200U);
}

TEST_F(TlsOnAPool, a_connection_that_ends_while_its_step_waits_leaves_nothing) {
    const auto to = start();
    {
        Client client(Endpoint(to.port));
        client.send("\x16\x03\x01" + std::string("\x00\x05", 2) + "hello");
        ASSERT_TRUE(pool_.wait(1));
        server_->stop(milliseconds(0));
        EXPECT_EQ(server_->connections(), 0U);
    }
    pool_.run();  // the step finds that nobody waits for it
}

TEST_F(TlsOnAPool, a_first_message_of_more_than_8_kib_that_is_not_whole_ends_the_connection) {
    const auto to = start();
    Client client(Endpoint(to.port));
    std::string hello("\x16\x03\x01\x3f\xff\x01", 6);  // a record of 16,383 bytes
    hello.resize(8'191, 'x');

    client.send(hello);
    pass_turns(3);
    EXPECT_EQ(server_->connections(), 1U);
    client.send("x");

    EXPECT_EQ(client.read_to_end(), "");
    wait_until_alone();
    EXPECT_EQ(pool_.size(), 0U) << "no session was made";
}

TEST_F(TlsOnAPool, incomplete_first_messages_have_a_budget_for_each_peer) {
    options_.limits.max_hello_bytes = 8 * 1'000;
    const auto to = start();
    const std::string half = std::string("\x16\x03\x01\x0f\xff\x01", 6) + std::string(394, 'x');
    Client one(Endpoint(to.port));
    Client two(Endpoint(to.port));
    Client three(Endpoint(to.port));
    one.send(half);
    two.send(half);
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (server_->connections() < 3 && std::chrono::steady_clock::now() < until) pass_turns();
    pass_turns(5);
    EXPECT_EQ(server_->connections(), 3U);

    three.send(half);

    const auto alone = [&] { return one.readable() + two.readable() + three.readable(); };
    while (alone() == 0 && std::chrono::steady_clock::now() < until) pass_turns();
    EXPECT_EQ(alone(), 1) << "400 bytes each, and 1,000 for one peer";
    EXPECT_EQ(server_->connections(), 2U);
}

/// A client whose bytes the test passes on.
class Stepped : public ServerTest {
protected:
    Stepped() {
        use_tls();
        options_.loops = 1;
        renew();
    }
    void renew() {
        ssl_.reset(SSL_new(client_context_.get()));
        SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_connect_state(ssl_.get());
    }
    std::string sent() {
        char* bytes = nullptr;
        const long size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &bytes);
        std::string out(bytes, static_cast<std::size_t>(size));
        BIO_reset(SSL_get_wbio(ssl_.get()));
        return out;
    }
    void handshake_with(Client& raw) {
        while (SSL_connect(ssl_.get()) != 1) {
            raw.send(sent());
            const std::string part = raw.read(1);
            if (part.empty()) return;
            BIO_write(SSL_get_rbio(ssl_.get()), part.data(), 1);
        }
    }
    std::unique_ptr<SSL, Releases<&SSL_free>> ssl_;
};

TEST_F(Stepped, a_request_that_comes_together_with_the_end_of_the_handshake_is_answered) {
    const auto to = start();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        renew();
        SSL_set_min_proto_version(ssl_.get(), version);
        SSL_set_max_proto_version(ssl_.get(), version);
        Client raw(Endpoint(to.port));
        handshake_with(raw);
        SSL_write(ssl_.get(), kGet.data(), static_cast<int>(kGet.size()));
        raw.send(sent());  // with TLS 1.3 the Finished message goes with it

        std::string answer(4'096, '\0');
        int got = 0;
        while ((got = SSL_read(ssl_.get(), answer.data(), static_cast<int>(answer.size()))) <= 0) {
            const std::string part = raw.read(1);
            ASSERT_FALSE(part.empty()) << version;
            BIO_write(SSL_get_rbio(ssl_.get()), part.data(), 1);
        }
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << version;
    }
}

TEST_F(Stepped, a_handshake_that_comes_byte_by_byte_is_good) {
    const auto to = start();
    Client raw(Endpoint(to.port));
    while (SSL_connect(ssl_.get()) != 1) {
        for (const char byte : sent()) raw.send(std::string_view(&byte, 1));
        const std::string part = raw.read(1);
        ASSERT_FALSE(part.empty());
        BIO_write(SSL_get_rbio(ssl_.get()), part.data(), 1);
    }
    SSL_write(ssl_.get(), kGet.data(), static_cast<int>(kGet.size()));
    for (const char byte : sent()) raw.send(std::string_view(&byte, 1));
    EXPECT_NE(raw.read(1), "");
}

}  // namespace
}  // namespace rues::net::test
