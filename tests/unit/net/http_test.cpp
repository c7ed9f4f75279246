#include <fmt/format.h>

#include <thread>

#include "client.hpp"
#include "net/message.hpp"

namespace rues::net::test {
namespace {

class Http : public EitherTransport {};

INSTANTIATE_TEST_SUITE_P(Over, Http, kTransports, transport_name);

TEST_P(Http, a_connection_is_kept_for_the_next_request) {
    Client client(start());

    for (int i = 0; i < 3; ++i) {
        const auto answer = client.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
        EXPECT_EQ(answer.status, 200U);
        EXPECT_EQ(answer.body, "hi");
        EXPECT_FALSE(answer.headers.contains("connection"));
    }
    EXPECT_EQ(server_->connections(), 1U);
}

TEST_P(Http, the_handler_sees_the_request_as_it_was_sent) {
    std::optional<Request> seen;
    const StopFirst guard{server_};
    handler_.on_request = [&](Request request, Responder responder) {
        seen = std::move(request);
        std::move(responder).send({});
    };
    Client client(start());

    EXPECT_EQ(client.ask("SUBSCRIBE /a%2F?q=%20x HTTP/1.1\r\nHost: x\r\nX-One: 1\r\nx-one:  2 \r\n\r\n").status, 200U);

    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->method, "SUBSCRIBE");
    EXPECT_EQ(seen->target, "/a%2F?q=%20x");
    EXPECT_EQ(seen->path(), "/a%2F");
    EXPECT_EQ(seen->headers, (Headers{{"Host", "x"}, {"X-One", "1"}, {"x-one", "2"}}));
    EXPECT_EQ(seen->header("X-ONE"), "1");
    EXPECT_EQ(seen->peer, "127.0.0.1");
    EXPECT_TRUE(seen->loopback);
    EXPECT_EQ(seen->minor_version, 1U);
}

TEST_P(Http, a_secret_body_arrives_whole_and_is_wiped_only_behind_the_handler) {
    handler_.limit = 1'000'000;
    handler_.is_secret = true;
    std::string body;
    for (int i = 0; body.size() < 200'000; ++i) body += std::to_string(i) + ' ';
    std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < body.size(); at += 1'000) {
        const auto chunk = body.substr(at, 1'000);
        chunked += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
    }
    chunked += "0\r\n\r\n";
    const auto with_length =
        fmt::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
    Client client(start());

    client.send(chunked + with_length + "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi" + kGet);

    EXPECT_EQ(client.read_answer().body, body);
    EXPECT_EQ(client.read_answer().body, body);
    EXPECT_EQ(client.read_answer().body, "hi");
    EXPECT_EQ(client.read_answer().body, "");
}

TEST(SecretBody, keeps_its_bytes_while_it_grows_and_gives_them_away) {
    Body body;
    body.is_secret = true;
    std::string expected;
    for (int i = 0; i < 1'000; ++i) {
        const auto part = std::to_string(i);
        body.append(base::view(part));
        expected += part;
    }
    EXPECT_EQ(base::text(body), expected);

    const Bytes given = std::move(body);
    EXPECT_EQ(base::text(given), expected);
}

TEST_P(Http, pipelined_requests_are_answered_one_after_the_other_in_order) {
    constexpr int kRequests = 200;
    std::vector<std::thread> workers;
    handler_.on_request = [&](Request request, Responder responder) {
        // Every other request is answered by another thread, so that an order kept by chance shows.
        auto answer = [target = request.target, responder = std::move(responder)]() mutable {
            std::move(responder).send({200, {}, base::to_bytes(target)});
        };
        if (request.target.back() % 2 == 0) return answer();
        workers.emplace_back(std::move(answer));
    };
    Client client(start());
    std::string all;
    for (int i = 0; i < kRequests; ++i) all += get("/" + std::to_string(i));

    client.send(all);

    for (int i = 0; i < kRequests; ++i) EXPECT_EQ(client.read_answer().body, "/" + std::to_string(i));
    server_->stop(milliseconds(0));
    for (auto& worker : workers) worker.join();
}

TEST_P(Http, a_request_may_come_byte_by_byte) {
    Client client(start());
    const std::string request =
        "\r\nPOST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: "
        "1\r\n\r\n";

    for (const char c : request) client.send(std::string_view(&c, 1));

    const auto answer = client.read_answer();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, "abcde");
}

TEST_P(Http, an_empty_chunked_body_may_come_byte_by_byte) {
    Client client(start());
    client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char c : std::string_view("0\r\n\r\n")) {
        client.send(std::string_view(&c, 1));
        pass_turns();  // so that most bytes arrive in a turn of their own
    }
    EXPECT_EQ(client.read_answer().status, 200U);
}

TEST_P(Http, a_trailer_is_not_a_header) {
    std::optional<Request> seen;
    const StopFirst guard{server_};
    handler_.on_request = [&](Request request, Responder responder) {
        seen = std::move(request);
        std::move(responder).send({});
    };
    Client client(start());

    EXPECT_EQ(
        client.ask("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nRusk-Session-Id: 1\r\n\r\n")
            .status,
        200U);

    ASSERT_TRUE(seen);
    EXPECT_FALSE(seen->header("rusk-session-id"));
}

TEST_P(Http, a_request_whose_end_is_ambiguous_is_400_and_ends_the_connection) {
    const auto port = start();
    for (const std::string_view headers : {
             "Content-Length: 2\r\nContent-Length: 3\r\n",
             "Content-Length: 2, 3\r\n",
             "Content-Length: -1\r\n",
             "Content-Length: 99999999999999999999\r\n",
             "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
             "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
             "Content-Length : 2\r\n",
         }) {
        Client client(port);
        const auto answer = client.ask("POST / HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\nhi");
        EXPECT_EQ(answer.status, 400U) << headers;
        EXPECT_EQ(answer.headers.at("connection"), "close");
        EXPECT_EQ(client.read_to_end(), "");
    }
}

TEST_P(Http, input_that_is_not_http_1_is_refused_with_the_status_of_its_fault) {
    const auto port = start();
    const std::pair<std::string_view, unsigned> cases[] = {
        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 400},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"GET / HTTP/1.1 x\r\n\r\n", 400},
        {"GET / FTP/1.1\r\n\r\n", 400},
        {"GET /\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: x\r\nX: a\x01\r\n\r\n", 400},
        {"\x16\x03\x01\x02", 400},  // the start of a TLS handshake is refused without waiting for more
        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
    };
    for (const auto& [request, status] : cases) EXPECT_EQ(Client(port).ask(request).status, status) << request;
}

TEST_P(Http, a_head_over_the_limits_is_431) {
    options_.limits.max_head_bytes = 1'024;
    options_.limits.max_headers = 10;
    const auto port = start();
    const auto padded = [](std::size_t size) {
        const std::string frame = "GET / HTTP/1.1\r\nHost: x\r\nA: \r\n\r\n";
        return std::string(frame).insert(frame.size() - 4, size - frame.size(), 'x');
    };
    std::string headers;
    for (int i = 0; i < 9; ++i) headers += "A: b\r\n";

    EXPECT_EQ(Client(port).ask(padded(1'024)).status, 200U);
    EXPECT_EQ(Client(port).ask(padded(1'025)).status, 431U);
    EXPECT_EQ(Client(port).ask(std::string(1'025, 'A')).status, 431U);
    EXPECT_EQ(Client(port).ask("GET / HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n").status, 200U);
    EXPECT_EQ(Client(port).ask("GET / HTTP/1.1\r\nHost: x\r\n" + headers + "A: b\r\n\r\n").status, 431U);

    Client slow(port);
    slow.send("GET / HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 200; ++i) slow.send("A: bcdefgh\r\n");
    EXPECT_EQ(slow.read_answer().status, 431U);
}

TEST_P(Http, a_body_over_the_limit_is_413_before_it_is_sent) {
    const auto port = start();

    Client announced(port);
    EXPECT_EQ(
        announced.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n").status,
        413U);
    EXPECT_EQ(announced.read_to_end(), "");
    EXPECT_EQ(Client(port)
                  .ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + std::string(1'000, 'x'))
                  .body.size(),
              1'000U);
    EXPECT_EQ(Client(port)
                  .ask("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" +
                       std::string(1'000, 'x') + "\r\n1\r\nx")
                  .status,
              413U);
}

TEST_P(Http, a_client_that_continues_to_upload_receives_the_413) {
    Client client(start());
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" + std::string(2'000'000, 'x'));
    EXPECT_EQ(client.read_answer().status, 413U);
}

TEST_P(Http, expect_100_continue_is_answered_before_the_body) {
    Client client(start());
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n");
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(client.ask("ok").body, "ok");
}

TEST_P(Http, head_answers_with_the_length_but_without_the_body) {
    handler_.on_request = [](Request, Responder responder) {
        std::move(responder).send({200, {}, base::to_bytes("four")});
    };
    Client client(start());
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.read_answer(true).headers.at("content-length"), "4");
    EXPECT_EQ(client.ask(kGet).body, "four");  // no byte of the first body is between the answers
}

TEST_P(Http, no_content_has_neither_length_nor_body) {
    handler_.on_request = [](Request, Responder responder) { std::move(responder).send({204, {}, {}}); };
    Client client(start());
    const auto answer = client.ask(kGet);
    EXPECT_EQ(answer.status, 204U);
    EXPECT_FALSE(answer.headers.contains("content-length"));
    EXPECT_TRUE(answer.headers.contains("date"));
}

TEST_P(Http, an_http_1_0_connection_is_kept_only_on_request) {
    const auto port = start();
    Client once(port);
    EXPECT_EQ(once.ask("GET / HTTP/1.0\r\n\r\n").headers.at("connection"), "close");
    EXPECT_EQ(once.read_to_end(), "");
    Client kept(port);
    EXPECT_EQ(kept.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").headers.at("connection"), "keep-alive");
    EXPECT_EQ(kept.ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").headers.at("connection"), "close");
    EXPECT_EQ(kept.read_to_end(), "");
}

TEST_P(Http, a_header_value_cannot_end_its_line) {
    handler_.on_request = [](Request, Responder responder) {
        std::move(responder).send({200, {{"x-a", "1\r\nx-b: 2"}, {"x-c", "3"}}, {}});
    };
    Client client(start());
    const auto answer = client.ask(kGet);
    EXPECT_FALSE(answer.headers.contains("x-a"));
    EXPECT_FALSE(answer.headers.contains("x-b"));
    EXPECT_EQ(answer.headers.at("x-c"), "3");
}

TEST_P(Http, a_dropped_responder_answers_500) {
    handler_.on_request = [](Request, Responder) {};
    EXPECT_EQ(Client(start()).ask(kGet).status, 500U);
}

TEST_P(Http, an_answer_larger_than_the_kernel_takes_arrives_whole) {
    constexpr std::size_t kBytes = 32'000'000;
    handler_.on_request = [](Request, Responder responder) {
        std::move(responder).send({200, {}, Bytes(kBytes, std::byte{'x'})});
    };
    Client client(start(), 4'096);
    EXPECT_EQ(client.ask(kGet).body.size(), kBytes);
    EXPECT_EQ(client.ask(kGet).body.size(), kBytes);
}

TEST_P(Http, stop_waits_for_an_answer_under_way_and_ends_idle_connections) {
    options_.loops = 1;  // so that the end of the idle connection shows that the loop of the busy one drains too
    Kept kept;
    const StopFirst guard{server_};
    handler_.on_request = kept.handler();
    const auto port = start();
    Client idle(port);
    Client busy(port);
    busy.send(kGet);
    ASSERT_TRUE(kept.asked.wait());

    std::thread stopping([&] { server_->stop(kPatience); });
    EXPECT_EQ(idle.read_to_end(), "");
    std::move(*kept.responder).send({200, {}, base::to_bytes("done")});
    const auto answer = busy.read_answer();
    busy.close();
    stopping.join();

    EXPECT_EQ(answer.body, "done");
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_P(Http, an_unfinished_head_or_body_is_408_and_a_silent_connection_is_ended) {
    options_.limits.head_timeout = options_.limits.body_timeout = milliseconds(40);
    options_.limits.idle_timeout = milliseconds(80);
    const auto port = start();

    EXPECT_EQ(Client(port).ask("GET / HT").status, 408U);
    EXPECT_EQ(Client(port).ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab").status, 408U);
    EXPECT_EQ(Client(port).read_to_end(), "");
    wait_until_alone();
}

TEST_P(Http, a_client_that_does_not_read_its_answer_is_dropped) {
    options_.limits.body_timeout = milliseconds(40);
    handler_.on_request = [](Request, Responder responder) { std::move(responder).send({200, {}, Bytes(64'000'000)}); };
    Client client(start(), 4'096);
    client.send(kGet);
    client.read(1);
    wait_until_alone();
}

TEST_P(Http, connections_over_the_limit_are_closed_at_once) {
    options_.limits.max_connections = 2;
    const auto port = start();
    Client first(port);
    Client second(port);
    EXPECT_EQ(first.ask(kGet).status, 200U);
    EXPECT_EQ(second.ask(kGet).status, 200U);

    EXPECT_EQ(Client(port).read_to_end(), "");

    first.close();
    while (server_->connections() == 2) std::this_thread::yield();
    EXPECT_EQ(Client(port).ask(kGet).status, 200U);
}

TEST_F(ServerTest, an_ipv4_client_of_a_socket_for_both_families_has_its_ipv4_address) {
    options_.address = "::";
    handler_.on_request = [](Request request, Responder responder) {
        std::move(responder).send(
            {200, {{"x-loopback", request.loopback ? "yes" : "no"}}, base::to_bytes(request.peer)});
    };

    const auto answer = Client(start()).ask(kGet);

    EXPECT_EQ(answer.body, "127.0.0.1");
    EXPECT_EQ(answer.headers.at("x-loopback"), "yes");
}

TEST_P(Http, connections_are_spread_over_the_loops_and_the_tasks_of_a_loop_run_on_it_in_order) {
    options_.loops = 3;
    std::mutex mutex;
    std::map<std::thread::id, int> seen;
    const StopFirst guard{server_};
    handler_.on_request = [&](Request, Responder responder) {
        const std::lock_guard lock(mutex);
        ++seen[std::this_thread::get_id()];
        std::move(responder).send({});
    };
    const auto port = start();
    EXPECT_EQ(server_->loops(), 3U);
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 6; ++i) {
        clients.push_back(std::make_unique<Client>(port));
        EXPECT_EQ(clients.back()->ask(kGet).status, 200U);
    }
    EXPECT_EQ(seen.size(), 3U);
    for (const auto& [thread, count] : seen) EXPECT_EQ(count, 2);

    std::vector<int> order;
    for (int i = 0; i < 100; ++i) server_->post(1, [&, i] { order.push_back(i); });
    there([&] { EXPECT_TRUE(seen.contains(std::this_thread::get_id())); }, 1);
    EXPECT_TRUE(std::ranges::is_sorted(order));
    EXPECT_EQ(order.size(), 100U);
}

TEST_P(Http, a_delayed_task_runs_on_its_loop_not_before_its_time_and_never_after_stop) {
    options_.loops = 2;
    Signal ran;
    std::atomic<bool> late_ran{false};
    std::atomic<std::thread::id> by;
    std::atomic<std::thread::id> loop;
    const StopFirst guard{server_};
    start();
    server_->post(1, [&] { loop = std::this_thread::get_id(); });
    constexpr auto kDelay = milliseconds(30);
    const auto begin = std::chrono::steady_clock::now();

    server_->post_after(1, kPatience, [&] { late_ran = true; });
    server_->post_after(1, kDelay, [&] {
        by = std::this_thread::get_id();
        ran.raise();
    });

    ASSERT_TRUE(ran.wait());
    EXPECT_GE(std::chrono::steady_clock::now() - begin, kDelay);
    EXPECT_EQ(by.load(), loop.load());
    server_->stop(milliseconds(0));
    server_.reset();
    EXPECT_FALSE(late_ran);
}

TEST_P(Http, the_task_of_a_released_timer_never_runs_and_is_destroyed_at_once) {
    Signal ran;
    Signal given_up;
    const StopFirst guard{server_};
    start();
    auto kept = std::make_shared<int>(0);
    const std::weak_ptr<int> task = kept;

    server_->post(0, [&] {
        auto timer = server_->start_timer(0, std::chrono::hours(1), [kept = std::move(kept)] { FAIL(); });
        timer.reset();
        EXPECT_TRUE(task.expired());
        // A timer that is due cannot be cancelled any more, and its task still does not run.
        auto due = std::make_shared<Timer>(server_->start_timer(0, milliseconds(0), [] { FAIL(); }));
        std::this_thread::sleep_for(milliseconds(5));
        server_->post(0, [due] { due->reset(); });
        given_up.raise();
    });

    ASSERT_TRUE(given_up.wait());
    const auto timer = server_->start_timer(0, milliseconds(10), [&] { ran.raise(); });
    EXPECT_TRUE(ran.wait());
}

TEST(Listening, an_invalid_or_used_address_is_an_error) {
    TestHandler handler;
    Options options{.address = "localhost?", .port = 0, .loops = 1, .tls = {}, .limits = {}};
    EXPECT_EQ(Server::create(options, handler, base::no_log()).error().kind, base::Error::Kind::invalid);
    options.address = "127.0.0.1";
    const auto first = Server::create(options, handler, base::no_log());
    ASSERT_TRUE(first);
    options.port = (*first)->port();
    EXPECT_EQ(Server::create(options, handler, base::no_log()).error().kind, base::Error::Kind::io);
}

TEST(Message, dates_have_the_fixed_form) {
    // The example of RFC 9110 5.6.7.
    EXPECT_EQ(http_date(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace rues::net::test
