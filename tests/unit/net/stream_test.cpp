#include <condition_variable>

#include "app/worker_pool.hpp"
#include "client.hpp"

namespace rues::net::test {
namespace {

/// What a source does in a test, and what the test observes. Outlives the source.
struct Plan {
    std::function<Piece(const std::stop_token&)> next;
    std::atomic<std::size_t> given{0};  ///< bytes
    std::atomic<int> asked{0};
    std::atomic<std::thread::id> destroyed_by;
    Signal destroyed;
};

class Planned : public BodySource {
public:
    explicit Planned(Plan& plan) : plan_(plan) {}
    ~Planned() override {
        plan_.destroyed_by = std::this_thread::get_id();
        plan_.destroyed.raise();
    }
    Piece next(const std::stop_token& gone) override {
        ++plan_.asked;
        Piece piece = plan_.next(gone);
        plan_.given += piece.bytes.size();
        return piece;
    }

private:
    Plan& plan_;
};

/// Gives the texts one after the other, then a last piece without bytes.
std::function<Piece(const std::stop_token&)> texts(std::vector<std::string> list, Piece::Then then = Piece::Then::end) {
    return [list = std::move(list), at = std::size_t{0}, then](const std::stop_token&) mutable {
        if (at == list.size()) return Piece{{}, then};
        return Piece{base::to_bytes(list[at++]), Piece::Then::more};
    };
}

Piece wait_until_gone(const std::stop_token& gone) {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    changed.wait_for(lock, gone, kPatience, [] { return false; });
    return {{}, Piece::Then::end};
}

class Streams : public EitherTransport {
protected:
    Streams() {
        options_.loops = 1;
        handler_.on_request = [this](Request request, Responder responder) {
            if (request.target == "/plain") return std::move(responder).send({200, {}, base::to_bytes("plain")});
            std::move(responder).stream({200, {{"x-kind", "stream"}}, {}}, std::make_unique<Planned>(plan_), executor_);
        };
    }

    ~Streams() override {
        if (server_) server_->stop(milliseconds(0));
        server_.reset();  // its loops may still hold sources, which use the plan and the pool
        pool_.stop();
    }

    Plan plan_;
    app::WorkerPool pool_{1, 100};
    Executor executor_ = [this](std::move_only_function<void()> task) { return pool_.add(std::move(task)); };
};

INSTANTIATE_TEST_SUITE_P(Over, Streams, kTransports, transport_name);

TEST_P(Streams, a_stream_is_chunked_and_the_connection_is_kept) {
    plan_.next = texts({"one", "two", std::string(300, 'x')});
    Client client(start());

    const auto answer = client.ask(kGet);

    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.headers.at("transfer-encoding"), "chunked");
    EXPECT_EQ(answer.headers.at("x-kind"), "stream");
    EXPECT_FALSE(answer.headers.contains("content-length"));
    EXPECT_EQ(client.read_chunks(), "onetwo" + std::string(300, 'x'));
    EXPECT_TRUE(plan_.destroyed.wait());
    EXPECT_EQ(client.ask(get("/plain")).body, "plain");
}

// docs/reference/rusk-1.7.md 12: a feeder that gives nothing.
TEST_P(Streams, an_empty_stream_is_an_empty_chunked_200) {
    plan_.next = texts({});
    Client client(start());
    EXPECT_EQ(client.ask(kGet).status, 200U);
    EXPECT_EQ(client.read(5), "0\r\n\r\n");
}

TEST_P(Streams, an_empty_piece_is_not_the_end) {
    plan_.next = texts({"", "a", "", "", "b"});
    Client client(start());
    client.ask(kGet);
    EXPECT_EQ(client.read_chunks(), "ab");
}

TEST_P(Streams, pipelined_streams_come_one_after_the_other) {
    constexpr int kRequests = 50;
    std::atomic<int> number{0};
    plan_.next = [&](const std::stop_token&) {
        const int now = number++;
        return Piece{base::to_bytes(std::to_string(now)), now % 2 == 0 ? Piece::Then::more : Piece::Then::end};
    };
    Client client(start());
    std::string all;
    for (int i = 0; i < kRequests; ++i) all += kGet;
    client.send(all);
    for (int i = 0; i < kRequests; ++i) {
        EXPECT_EQ(client.read_answer().status, 200U);
        EXPECT_EQ(client.read_chunks(), std::to_string(2 * i) + std::to_string(2 * i + 1));
    }
}

TEST_P(Streams, for_http_1_0_the_body_ends_with_the_connection) {
    plan_.next = texts({"one", "two"});
    Client client(start());
    const auto answer = client.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_FALSE(answer.headers.contains("transfer-encoding"));
    EXPECT_FALSE(answer.headers.contains("content-length"));
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_EQ(client.read_to_end(), "onetwo");
}

TEST_P(Streams, a_head_request_gets_the_headers_and_asks_for_no_piece) {
    plan_.next = texts({"one"});
    Client client(start());
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.read_answer(true).headers.at("transfer-encoding"), "chunked");
    EXPECT_TRUE(plan_.destroyed.wait());
    EXPECT_EQ(plan_.asked, 0);
    EXPECT_EQ(client.ask(get("/plain")).body, "plain");  // no byte is between the answers
}

TEST_P(Streams, a_slow_client_receives_a_large_stream_whole) {
    constexpr std::size_t kBytes = 20'000'000;
    plan_.next = [&](const std::stop_token&) {
        return Piece{Bytes(100'000, std::byte{'x'}),
                     plan_.given + 100'000 < kBytes ? Piece::Then::more : Piece::Then::end};
    };
    Client client(start(), 4'096);
    client.ask(kGet);
    const auto body = client.read_chunks();
    ASSERT_TRUE(body);
    EXPECT_EQ(body->size(), kBytes);
}

TEST_P(Streams, tiny_pieces_arrive_in_order) {
    std::string all;
    plan_.next = [&](const std::stop_token&) {
        const std::string text = std::to_string(plan_.asked) + ",";
        all += text;
        return Piece{base::to_bytes(text), plan_.asked < 5'000 ? Piece::Then::more : Piece::Then::end};
    };
    Client client(start(), 4'096);
    client.ask(kGet);
    const auto body = client.read_chunks();
    ASSERT_TRUE(plan_.destroyed.wait());
    EXPECT_EQ(body, all);
}

TEST_P(Streams, a_client_that_does_not_read_costs_a_bounded_number_of_bytes_and_is_dropped) {
    options_.limits.body_timeout = milliseconds(100);
    plan_.next = [](const std::stop_token&) { return Piece{Bytes(50'000), Piece::Then::more}; };  // endless
    const auto port = start();
    Client deaf(port, 4'096);
    deaf.send(kGet);
    deaf.read(1);

    EXPECT_TRUE(plan_.destroyed.wait());

    // 128 KiB in the kernel, 64 KiB in the connection, one piece, and the bytes that the client's kernel takes.
    EXPECT_LT(plan_.given, 1'000'000U);
    EXPECT_EQ(Client(port).ask(get("/plain")).body, "plain");
    wait_until_alone();
}

TEST_P(Streams, the_source_is_destroyed_on_the_executor_when_the_client_goes) {
    plan_.next = [](const std::stop_token&) { return Piece{Bytes(50'000), Piece::Then::more}; };
    Client client(start(), 4'096);
    client.send(kGet);
    client.read(1);
    client.close();
    EXPECT_TRUE(plan_.destroyed.wait());
    std::atomic<std::thread::id> worker;
    Signal told;
    pool_.add([&] {
        worker = std::this_thread::get_id();
        told.raise();
    });
    ASSERT_TRUE(told.wait());
    EXPECT_EQ(plan_.destroyed_by.load(), worker.load());
    wait_until_alone();
}

TEST_P(Streams, a_source_that_makes_a_piece_learns_that_the_client_has_reset_the_connection) {
    Signal making;
    Signal stopped;
    const StopFirst guard{server_};
    plan_.next = [&](const std::stop_token& gone) {
        making.raise();
        wait_until_gone(gone);
        if (gone.stop_requested()) stopped.raise();
        return Piece{{}, Piece::Then::end};
    };
    Client client(start());
    client.send(kGet);
    ASSERT_TRUE(making.wait());
    client.reset();
    EXPECT_TRUE(stopped.wait());
    EXPECT_TRUE(plan_.destroyed.wait());
    wait_until_alone();
}

TEST_P(Streams, a_failure_before_the_first_piece_is_500) {
    plan_.next = texts({}, Piece::Then::failure);
    Client client(start());
    const auto answer = client.ask(kGet);
    EXPECT_EQ(answer.status, 500U);
    EXPECT_EQ(answer.body, "Internal server error");
    EXPECT_EQ(client.ask(get("/plain")).body, "plain");
}

TEST_P(Streams, a_later_failure_ends_the_connection_without_the_last_chunk) {
    plan_.next = texts({"one"}, Piece::Then::failure);
    const auto port = start();
    Client client(port);
    EXPECT_EQ(client.ask(kGet).status, 200U);
    EXPECT_EQ(client.read_to_end(), "3\r\none\r\n");
    client.close();
    wait_until_alone();
}

TEST_P(Streams, an_executor_that_is_full_at_the_start_is_503) {
    plan_.next = texts({"one"});
    executor_ = [](std::move_only_function<void()>) { return false; };
    Client client(start());
    EXPECT_EQ(client.ask(kGet).status, 503U);
    EXPECT_TRUE(plan_.destroyed.wait());
    EXPECT_EQ(plan_.asked, 0);
    EXPECT_EQ(client.ask(get("/plain")).body, "plain");
}

TEST_P(Streams, an_executor_that_is_full_later_is_asked_again) {
    options_.limits.idle_timeout = milliseconds(200);  // the period of the sweep is a quarter of it
    plan_.next = texts({"one", "two", "three"});
    executor_ = [this, call = 0](std::move_only_function<void()> task) mutable {
        return call++ % 2 == 0 && pool_.add(std::move(task));
    };
    Client client(start());
    client.ask(kGet);
    EXPECT_EQ(client.read_chunks(), "onetwothree");
}

TEST_P(Streams, a_source_without_a_first_piece_in_time_is_503_and_a_late_piece_is_dropped) {
    options_.limits.body_timeout = milliseconds(40);
    plan_.next = wait_until_gone;
    Client client(start());
    EXPECT_EQ(client.ask(kGet).status, 503U);
    EXPECT_TRUE(plan_.destroyed.wait());
    EXPECT_EQ(client.ask(get("/plain")).body, "plain");
}

TEST_P(Streams, a_source_without_a_further_piece_in_time_ends_the_connection) {
    options_.limits.body_timeout = milliseconds(40);
    plan_.next = [this](const std::stop_token& gone) {
        if (plan_.asked > 1) return wait_until_gone(gone);
        return Piece{base::to_bytes("one"), Piece::Then::more};
    };
    Client client(start());
    client.ask(kGet);
    EXPECT_EQ(client.read_to_end(), "3\r\none\r\n");
    EXPECT_TRUE(plan_.destroyed.wait());
}

TEST_P(Streams, stop_waits_for_a_stream_that_ends) {
    Signal going_on;
    Signal asked;
    const StopFirst guard{server_};
    plan_.next = [&](const std::stop_token&) {
        if (plan_.asked == 1) return Piece{base::to_bytes("one"), Piece::Then::more};
        asked.raise();
        EXPECT_TRUE(going_on.wait());
        return Piece{base::to_bytes("two"), Piece::Then::end};
    };
    Client client(start());
    client.send(kGet);
    ASSERT_TRUE(asked.wait());
    std::thread stopping([&] { server_->stop(kPatience); });
    going_on.raise();
    client.read_answer();
    EXPECT_EQ(client.read_chunks(), "onetwo");
    client.close();
    stopping.join();
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_P(Streams, stop_ends_a_stream_that_never_ends) {
    plan_.next = [](const std::stop_token&) { return Piece{base::to_bytes("x"), Piece::Then::more}; };
    Client client(start());
    client.send(kGet);
    client.read(1);
    server_->stop(milliseconds(20));
    server_.reset();
    EXPECT_TRUE(plan_.destroyed.wait());
}

}  // namespace
}  // namespace rues::net::test
