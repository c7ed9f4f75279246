#include <thread>

#include "client.hpp"
#include "net/message.hpp"

namespace rues::net::test {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

class LateAnswers : public EitherTransport {};

INSTANTIATE_TEST_SUITE_P(Over, LateAnswers, kTransports, transport_name);

/// Records when, and by which thread, `until_sent` of an answer is released.
struct Release {
    Signal happened;
    std::atomic<std::thread::id> thread;
    std::shared_ptr<void> watch() {
        return {this, [this](void*) {
                    thread = std::this_thread::get_id();
                    happened.raise();
                }};
    }
};

TEST_P(LateAnswers, until_sent_is_released_on_the_loop_after_the_last_byte_of_the_answer) {
    constexpr std::size_t kBytes = 32'000'000;
    Release release;
    std::atomic<bool> released_inside{false};
    std::atomic<std::thread::id> loop;
    const StopFirst guard{server_};
    handler_.on_request = [&](Request request, Responder responder) {
        loop = std::this_thread::get_id();
        const bool large = request.target == "/large";
        Response response{200, {}, Bytes(large ? kBytes : 2)};
        response.until_sent = release.watch();
        std::move(responder).send(std::move(response));
        released_inside = release.happened.count() == (large ? 1 : 2);
    };
    Client client(start(), 4'096);
    client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    client.read(1);
    EXPECT_EQ(release.happened.count(), 0);  // the kernel cannot take the whole answer

    const auto body = client.read_answer().body;

    EXPECT_EQ(body.size(), kBytes);
    EXPECT_TRUE(release.happened.wait());
    EXPECT_EQ(release.thread.load(), loop.load());
    EXPECT_EQ(client.ask(kGet).body.size(), 2U);
    EXPECT_TRUE(release.happened.wait(2));
    EXPECT_FALSE(released_inside);
}

TEST_P(LateAnswers, until_sent_is_released_when_the_connection_ends) {
    Release release;
    std::optional<Responder> late;
    Signal asked;
    const StopFirst guard{server_};
    const auto answer = [&](std::size_t bytes) {
        Response response{200, {}, Bytes(bytes)};
        response.until_sent = release.watch();
        return response;
    };
    handler_.on_request = [&](Request request, Responder responder) {
        if (request.target != "/late") return std::move(responder).send(answer(64'000'000));
        late = std::move(responder);
        asked.raise();
    };
    const auto port = start();
    Client client(port, 4'096);
    client.send(kGet);
    client.read(1);
    client.reset();
    EXPECT_TRUE(release.happened.wait());

    Client stopped(port, 4'096);
    stopped.send(kGet);
    stopped.read(1);
    Client waiting(port);
    waiting.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(asked.wait());
    server_->stop(milliseconds(0));
    EXPECT_EQ(release.happened.count(), 2);

    std::move(*late).send(answer(1));  // the responder keeps its loop alive until here
    server_.reset();
    late.reset();
    EXPECT_EQ(release.happened.count(), 3);
}

TEST_P(LateAnswers, an_answer_after_the_client_has_gone_is_dropped) {
    std::optional<Responder> kept;
    Signal asked;
    const StopFirst guard{server_};
    handler_.on_request = [&](Request request, Responder responder) {
        if (request.target != "/late") return std::move(responder).send({});
        kept = std::move(responder);
        asked.raise();
    };
    const auto port = start();
    Client client(port);
    client.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(asked.wait());
    client.reset();

    std::move(*kept).send({200, {}, Bytes(1'000'000)});

    wait_until_alone();
    EXPECT_EQ(Client(port).ask(kGet).status, 200U);
}

/// A request whose answer waits, and whether `on_end` was called.
struct Waiting {
    std::optional<Responder> responder;
    Signal asked;
    Signal told;

    auto handler() {
        return [this](Request, Responder given) {
            given.watch([this] { told.raise(); });
            responder = std::move(given);
            asked.raise();
        };
    }
};

TEST_P(LateAnswers, on_end_is_called_when_the_client_ends_its_side_and_the_answer_still_arrives) {
    Waiting waiting;
    const StopFirst guard{server_};
    handler_.on_request = waiting.handler();
    Client client(start());
    client.send(std::string(kGet) + std::string(kGet));  // a pipelined request does not hide the end
    ASSERT_TRUE(waiting.asked.wait());
    EXPECT_EQ(waiting.told.count(), 0);

    client.finish();

    ASSERT_TRUE(waiting.told.wait());
    std::move(*waiting.responder).send({200, {}, Bytes(3)});
    EXPECT_EQ(client.read_answer().body.size(), 3U);
}

TEST_P(LateAnswers, on_end_is_called_when_the_connection_is_reset) {
    Waiting waiting;
    const StopFirst guard{server_};
    handler_.on_request = waiting.handler();
    Client client(start());
    client.send(kGet);
    ASSERT_TRUE(waiting.asked.wait());

    client.reset();

    EXPECT_TRUE(waiting.told.wait());
    wait_until_alone();
}

TEST_P(LateAnswers, on_end_is_called_at_once_and_only_once_when_the_server_drains) {
    Waiting waiting;
    const StopFirst guard{server_};
    handler_.on_request = waiting.handler();
    Client client(start());
    client.send(kGet);
    ASSERT_TRUE(waiting.asked.wait());

    server_->drain(kPatience);

    ASSERT_TRUE(waiting.told.wait());
    std::move(*waiting.responder).send({});
    const auto answer = client.read_answer();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.headers.at("connection"), "close");
    server_->stop(milliseconds(0));
    EXPECT_EQ(waiting.told.count(), 1);
}

TEST_P(LateAnswers, on_end_is_called_for_an_answer_that_starts_to_wait_during_a_drain) {
    Waiting waiting;
    Signal asked;
    const StopFirst guard{server_};
    std::optional<Responder> late;
    handler_.on_request = [&](Request, Responder given) {
        late = std::move(given);
        asked.raise();
    };
    Client client(start());
    client.send(kGet);
    ASSERT_TRUE(asked.wait());
    server_->drain(milliseconds(0));

    server_->post(0, [&] { waiting.handler()({}, std::move(*late)); });

    EXPECT_TRUE(waiting.told.wait());
}

TEST_P(LateAnswers, on_end_is_not_called_after_the_answer) {
    Waiting waiting;
    const StopFirst guard{server_};
    handler_.on_request = waiting.handler();
    Client client(start());
    client.send(kGet);
    ASSERT_TRUE(waiting.asked.wait());
    std::move(*waiting.responder).send({});
    EXPECT_EQ(client.read_answer().status, 200U);

    client.reset();
    wait_until_alone();
    server_->stop(milliseconds(0));

    EXPECT_EQ(waiting.told.count(), 0);
}

TEST_P(LateAnswers, an_answer_after_the_server_has_gone_is_dropped) {
    std::optional<Responder> kept;
    Signal asked;
    const StopFirst guard{server_};
    handler_.on_request = [&](Request, Responder responder) {
        kept = std::move(responder);
        asked.raise();
    };
    Client client(start());
    client.send(kGet);
    ASSERT_TRUE(asked.wait());

    server_->stop(milliseconds(0));
    server_.reset();

    std::move(*kept).send({});
    EXPECT_EQ(client.read_to_end(), "");
}

}  // namespace
}  // namespace rues::net::test
