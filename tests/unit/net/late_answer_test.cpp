#include <thread>

#include "client.hpp"

namespace rues::net::test {
namespace {

/// A request whose answer waits, and whether `on_end` was called.
struct Waiting : Kept {
    Signal told;

    void watch(Responder given) {
        given.watch([this] { told.raise(); });
        keep(std::move(given));
    }
};

class LateAnswers : public EitherTransport {
protected:
    /// Starts the server and sends `request`, whose answer waits; `Waiting::told` says when it should wait no longer.
    std::unique_ptr<Client> wait_for_answer(std::string_view request = kGet) {
        handler_.on_request = [this](Request, Responder given) { waiting_.watch(std::move(given)); };
        auto client = std::make_unique<Client>(start());
        client->send(request);
        EXPECT_TRUE(waiting_.asked.wait());
        return client;
    }

    Waiting waiting_;
    const StopFirst stop_{server_};
};

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
    client.send(get("/large"));
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
    Kept late;
    const StopFirst guard{server_};
    const auto answer = [&](std::size_t bytes) {
        Response response{200, {}, Bytes(bytes)};
        response.until_sent = release.watch();
        return response;
    };
    handler_.on_request = [&](Request request, Responder responder) {
        if (request.target != "/late") return std::move(responder).send(answer(64'000'000));
        late.keep(std::move(responder));
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
    waiting.send(get("/late"));
    ASSERT_TRUE(late.asked.wait());
    server_->stop(milliseconds(0));
    EXPECT_EQ(release.happened.count(), 2);

    std::move(*late.responder).send(answer(1));  // the responder keeps its loop alive until here
    server_.reset();
    late.responder.reset();
    EXPECT_EQ(release.happened.count(), 3);
}

TEST_P(LateAnswers, an_answer_after_the_client_has_gone_is_dropped) {
    Kept kept;
    const StopFirst guard{server_};
    handler_.on_request = [&](Request request, Responder responder) {
        if (request.target != "/late") return std::move(responder).send({});
        kept.keep(std::move(responder));
    };
    const auto port = start();
    Client client(port);
    client.send(get("/late"));
    ASSERT_TRUE(kept.asked.wait());
    client.reset();

    std::move(*kept.responder).send({200, {}, Bytes(1'000'000)});

    wait_until_alone();
    EXPECT_EQ(Client(port).ask(kGet).status, 200U);
}

TEST_P(LateAnswers, an_answer_given_on_the_loop_after_the_client_has_gone_is_released_after_the_call) {
    Release release;
    const StopFirst guard{server_};
    options_.loops = 1;
    const auto client = wait_for_answer();
    client->reset();
    wait_until_alone();

    there([&] {
        Response response;
        response.until_sent = release.watch();
        std::move(*waiting_.responder).send(std::move(response));
        EXPECT_EQ(release.happened.count(), 0);
    });

    EXPECT_TRUE(release.happened.wait());
}

TEST_P(LateAnswers, on_end_is_called_when_the_client_ends_its_side_and_the_answer_still_arrives) {
    const auto client = wait_for_answer(kGet + kGet);  // a pipelined request does not hide the end
    EXPECT_EQ(waiting_.told.count(), 0);

    client->finish();

    ASSERT_TRUE(waiting_.told.wait());
    std::move(*waiting_.responder).send({200, {}, Bytes(3)});
    EXPECT_EQ(client->read_answer().body.size(), 3U);
}

TEST_P(LateAnswers, on_end_is_called_when_the_connection_is_reset) {
    const auto client = wait_for_answer();

    client->reset();

    EXPECT_TRUE(waiting_.told.wait());
    wait_until_alone();
}

TEST_P(LateAnswers, on_end_is_called_at_once_and_only_once_when_the_server_drains) {
    const auto client = wait_for_answer();

    server_->drain(kPatience);

    ASSERT_TRUE(waiting_.told.wait());
    std::move(*waiting_.responder).send({});
    const auto answer = client->read_answer();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.headers.at("connection"), "close");
    server_->stop(milliseconds(0));
    EXPECT_EQ(waiting_.told.count(), 1);
}

TEST_P(LateAnswers, on_end_is_called_for_an_answer_that_starts_to_wait_during_a_drain) {
    Kept late;
    const StopFirst guard{server_};
    handler_.on_request = late.handler();
    Client client(start());
    client.send(kGet);
    ASSERT_TRUE(late.asked.wait());
    server_->drain(milliseconds(0));

    server_->post(0, [&] { waiting_.watch(std::move(*late.responder)); });

    EXPECT_TRUE(waiting_.told.wait());
}

TEST_P(LateAnswers, on_end_is_not_called_after_the_answer) {
    const auto client = wait_for_answer();
    std::move(*waiting_.responder).send({});
    EXPECT_EQ(client->read_answer().status, 200U);

    client->reset();
    wait_until_alone();
    server_->stop(milliseconds(0));

    EXPECT_EQ(waiting_.told.count(), 0);
}

TEST_P(LateAnswers, an_answer_after_the_server_has_gone_is_dropped) {
    Kept kept;
    const StopFirst guard{server_};
    handler_.on_request = kept.handler();
    Client client(start());
    client.send(kGet);
    ASSERT_TRUE(kept.asked.wait());

    server_->stop(milliseconds(0));
    server_.reset();

    std::move(*kept.responder).send({});
    EXPECT_EQ(client.read_to_end(), "");
}

}  // namespace
}  // namespace rues::net::test
