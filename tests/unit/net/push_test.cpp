#include <atomic>
#include <thread>

#include "client.hpp"

namespace rues::net::test {
namespace {

/// What a test does with one stream; each part may be left out.
struct Script {
    std::function<void(PushStream&)> open;
    std::function<void(PushStream&)> writable;
    std::function<void(PushStream&)> drain;
    PushStream* stream = nullptr;  ///< loop thread only
    Signal opened;
    Signal closed;
    Signal destroyed;
};

class Scripted : public PushHandler {
public:
    explicit Scripted(Script& script) : script_(script) {}
    ~Scripted() override { script_.destroyed.raise(); }
    void on_open(PushStream& stream) override {
        script_.stream = &stream;
        if (script_.open) script_.open(stream);
        script_.opened.raise();
    }
    void on_writable() override {
        if (script_.writable) script_.writable(*script_.stream);
    }
    void on_drain() override {
        if (script_.drain) script_.drain(*script_.stream);
    }
    void on_closed() override { script_.closed.raise(); }

private:
    Script& script_;
};

/// Writes `left` pieces in all. Stops while the high water is passed.
struct Pump {
    std::string piece;
    std::size_t left;
    std::atomic<std::size_t> most_unsent{0};
    std::atomic<int> rests{0};

    /// Returns whether all pieces were written.
    bool run(PushStream& stream) {
        for (; left > 0; --left) {
            most_unsent = std::max(most_unsent.load(), stream.unsent());
            if (stream.unsent() > kPushHighWater) {
                ++rests;
                return false;
            }
            stream.write(base::view(piece));
        }
        return true;
    }
};

class Pushes : public EitherTransport {
protected:
    Pushes() {
        options_.loops = 1;
        handler_.on_request = [this](Request request, Responder responder) {
            if (request.target == "/plain") return std::move(responder).send({200, {}, base::to_bytes("plain")});
            std::move(responder).push({200, {{"content-type", "text/event-stream"}}, {}},
                                      std::make_unique<Scripted>(script_));
        };
    }
    void on_loop(std::function<void(PushStream&)> task) {
        server_->post(0, [this, task = std::move(task)] { task(*script_.stream); });
    }
    void write(std::string text) {
        on_loop([text = std::move(text)](PushStream& stream) { stream.write(base::view(text)); });
    }

    Script script_;
    const StopFirst stop_{server_};
};

INSTANTIATE_TEST_SUITE_P(Over, Pushes, kTransports, transport_name);

TEST_P(Pushes, the_head_is_sent_at_once_then_each_write_and_the_end_with_the_last_chunk) {
    Client client(start());

    const auto answer = client.ask(kGet);
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.headers.at("content-type"), "text/event-stream");
    EXPECT_EQ(answer.headers.at("transfer-encoding"), "chunked");
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_FALSE(answer.headers.contains("content-length"));

    write("one");
    EXPECT_EQ(client.read(8), "3\r\none\r\n");
    write(std::string(300, 'x'));
    EXPECT_EQ(client.read(5), "12c\r\n");
    on_loop([](PushStream& stream) {
        stream.write(base::view("last"));
        stream.end();
        stream.write(base::view("nothing follows"));
    });
    EXPECT_EQ(client.read_to_end(), std::string(300, 'x') + "\r\n4\r\nlast\r\n0\r\n\r\n");
    EXPECT_FALSE(client.broken());
    EXPECT_TRUE(script_.closed.wait());
    client.close();
    wait_until_alone();
}

TEST_P(Pushes, writes_of_on_open_follow_the_head) {
    script_.open = [](PushStream& stream) {
        stream.write(base::view("first"));
        stream.end();
    };
    Client client(start());
    EXPECT_EQ(client.ask(kGet).status, 200U);
    EXPECT_EQ(client.read_chunks(), "first");
    EXPECT_TRUE(script_.closed.wait());
}

TEST_P(Pushes, many_small_writes_of_one_turn_are_sent_in_one_call) {
    constexpr int kWrites = 500;
    constexpr std::size_t kFramed = 8;  // a chunk of three bytes, with its framing
    std::atomic<std::size_t> unsent{0};
    Client client(start());
    client.ask(kGet);
    on_loop([&](PushStream& stream) {
        for (int i = 0; i < kWrites; ++i) stream.write(base::view(std::to_string(100 + i)));
        unsent = stream.unsent();
    });

    if (client.ssl() != nullptr) {
        EXPECT_EQ(client.read_record(), kWrites * kFramed);  // one record for one call
    }
    std::string all;
    for (int i = 0; i < kWrites; ++i) all += "3\r\n" + std::to_string(100 + i) + "\r\n";
    EXPECT_EQ(client.read(all.size()), all);
    EXPECT_EQ(unsent, all.size());
}

TEST_P(Pushes, an_owner_that_obeys_the_high_water_bounds_the_memory_and_a_slow_client_gets_all) {
    constexpr std::size_t kPieces = 20'000;
    Pump pump{std::string(1'000, 'x'), kPieces};
    script_.open = script_.writable = [&](PushStream& stream) {
        if (pump.run(stream)) stream.end();
    };
    const StopFirst guard{server_};
    Client client(start(), 4'096);
    client.ask(kGet);
    ASSERT_TRUE(script_.opened.wait());  // then the kernel takes no more

    const auto body = client.read_chunks();

    ASSERT_TRUE(body);
    EXPECT_EQ(body->size(), kPieces * 1'000);
    EXPECT_GT(pump.rests, 0);
    constexpr std::size_t kRecord = 16'384 + 256;  // a record that TLS may have taken
    EXPECT_LE(pump.most_unsent, kPushHighWater + 1'100 + kRecord);
    EXPECT_TRUE(script_.closed.wait());
}

TEST_P(Pushes, a_piece_far_above_the_high_water_arrives_whole) {
    constexpr std::size_t kBytes = 8'000'000;
    Signal writable;
    script_.open = [](PushStream& stream) { stream.write(Bytes(kBytes, std::byte{'x'})); };
    script_.writable = [&](PushStream& stream) {
        EXPECT_LT(stream.unsent(), kPushLowWater);
        writable.raise();
        stream.end();
    };
    const StopFirst guard{server_};
    Client client(start(), 4'096);
    client.ask(kGet);
    const auto body = client.read_chunks();
    ASSERT_TRUE(body);
    EXPECT_EQ(body->size(), kBytes);
    EXPECT_EQ(writable.count(), 1);
}

TEST_P(Pushes, a_client_that_does_not_read_is_dropped) {
    options_.limits.body_timeout = milliseconds(40);
    Pump pump{std::string(1'000, 'x'), 1'000'000};
    script_.open = script_.writable = [&](PushStream& stream) { pump.run(stream); };
    const StopFirst guard{server_};
    Client client(start(), 4'096);
    client.send(kGet);
    client.read(1);
    EXPECT_TRUE(script_.closed.wait());
    EXPECT_TRUE(script_.destroyed.wait());
    wait_until_alone();
}

TEST_P(Pushes, a_stream_is_kept_while_both_sides_are_silent) {
    options_.limits.body_timeout = options_.limits.idle_timeout = options_.limits.head_timeout = milliseconds(20);
    Client client(start());
    client.ask(kGet);
    ASSERT_TRUE(script_.opened.wait());
    Client other(Endpoint{server_->port(), client_context_.get()});
    EXPECT_EQ(other.read_to_end(), "");  // dropped because it was silent, so the timeouts have passed
    write("still here");
    EXPECT_EQ(client.read(15), "a\r\nstill here\r\n");
}

TEST_P(Pushes, the_end_of_a_client_is_noticed_while_nothing_is_written) {
    const auto port = start();
    Client polite(port);
    polite.ask(kGet);
    polite.close();
    EXPECT_TRUE(script_.closed.wait(1));
    Client rude(port);
    rude.ask(kGet);
    rude.reset();
    EXPECT_TRUE(script_.closed.wait(2));
    EXPECT_TRUE(script_.destroyed.wait(2));
    wait_until_alone();
}

TEST_P(Pushes, bytes_from_the_client_are_ignored_up_to_a_bound) {
    Client client(start());
    client.ask(kGet);
    client.send(std::string(60'000, 'x'));
    write("heard");
    EXPECT_EQ(client.read(10), "5\r\nheard\r\n");

    client.send(std::string(10'000, 'x'));

    EXPECT_TRUE(script_.closed.wait());
    wait_until_alone();
}

TEST_P(Pushes, for_http_1_0_the_body_ends_with_the_connection) {
    Client client(start());
    const auto answer = client.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_FALSE(answer.headers.contains("transfer-encoding"));
    EXPECT_FALSE(answer.headers.contains("content-length"));
    EXPECT_EQ(answer.headers.at("connection"), "close");
    write("one");
    on_loop([](PushStream& stream) { stream.end(); });
    EXPECT_EQ(client.read_to_end(), "one");
    EXPECT_FALSE(client.broken());
}

TEST_P(Pushes, a_stream_that_is_broken_off_does_not_look_complete) {
    const auto port = start();
    Client chunked(port);
    chunked.ask(kGet);
    on_loop([](PushStream& stream) {
        stream.close();
        stream.end();
    });
    EXPECT_EQ(chunked.read_chunks(), std::nullopt);
    EXPECT_TRUE(script_.closed.wait(1));

    Client by_end(port);
    by_end.ask("GET / HTTP/1.0\r\n\r\n");
    ASSERT_TRUE(script_.opened.wait(2));
    on_loop([](PushStream& stream) { stream.close(); });
    EXPECT_EQ(by_end.read_to_end(), "");
    EXPECT_TRUE(by_end.broken());
    EXPECT_TRUE(script_.closed.wait(2));
}

TEST_P(Pushes, a_head_request_gets_the_headers_and_opens_no_stream) {
    Client client(start());
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto answer = client.read_answer(true);
    EXPECT_EQ(answer.headers.at("transfer-encoding"), "chunked");
    EXPECT_EQ(answer.headers.at("content-type"), "text/event-stream");
    EXPECT_TRUE(script_.destroyed.wait());
    EXPECT_EQ(script_.opened.count(), 0);
    EXPECT_EQ(client.ask(get("/plain")).body, "plain");  // no byte is between the answers
}

TEST_P(Pushes, stop_lets_the_handler_write_last_words_and_ends_the_stream) {
    script_.drain = [](PushStream& stream) { stream.write(base::view("bye")); };
    Client client(start());
    client.ask(kGet);
    ASSERT_TRUE(script_.opened.wait());

    std::thread stopping([&] { server_->stop(kPatience); });
    EXPECT_EQ(client.read_chunks(), "bye");
    client.close();
    stopping.join();

    EXPECT_EQ(script_.closed.count(), 1);
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_P(Pushes, stop_does_not_wait_for_a_client_that_never_reads) {
    Pump pump{std::string(1'000, 'x'), 1'000'000};
    script_.open = script_.writable = [&](PushStream& stream) { pump.run(stream); };
    const StopFirst guard{server_};
    Client deaf(start(), 4'096);
    deaf.send(kGet);
    deaf.read(1);
    ASSERT_TRUE(script_.opened.wait());
    server_->stop(milliseconds(20));
    EXPECT_EQ(script_.closed.count(), 1);
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_P(Pushes, a_push_may_come_late_from_any_thread_and_opens_nothing_if_the_client_has_gone) {
    Kept kept;
    const StopFirst guard{server_};
    handler_.on_request = kept.handler();
    const auto push = [&] { std::move(*kept.responder).push({}, std::make_unique<Scripted>(script_)); };
    Client client(start());
    client.send(kGet);
    ASSERT_TRUE(kept.asked.wait());
    push();
    EXPECT_EQ(client.read_answer().status, 200U);
    write("late");
    EXPECT_EQ(client.read(9), "4\r\nlate\r\n");

    Client gone(Endpoint{server_->port(), client_context_.get()});
    gone.send(kGet);
    ASSERT_TRUE(kept.asked.wait(2));
    gone.reset();
    client.close();
    push();
    wait_until_alone();
    EXPECT_EQ(script_.opened.count(), script_.closed.count());
    EXPECT_EQ(script_.destroyed.count(), 2);
}

}  // namespace
}  // namespace rues::net::test
