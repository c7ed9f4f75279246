#include "client/http.hpp"

#include "base/encoding.hpp"
#include "unit/client/scripted_server.hpp"

namespace rues::client {
namespace {

using test::Peer;
using test::ScriptedServer;

constexpr std::chrono::milliseconds kPatience{10'000};
constexpr std::chrono::milliseconds kShort{50};  // for waits that must end at their deadline

Result<Answer> answer_to(std::string_view reply, std::string_view method = "GET") {
    const ScriptedServer server({[reply](Peer& peer) {
        peer.read_until("\r\n\r\n");
        peer.send(reply);
    }});
    return http(server.url(), method, "/", {}, {}, kPatience);
}

std::string body_of(std::string_view reply) {
    const auto answer = answer_to(reply);
    return answer ? std::string(base::text(answer->body)) : "error: " + answer.error().text;
}

Error::Kind failure_of(std::string_view reply) {
    const auto answer = answer_to(reply);
    EXPECT_FALSE(answer) << reply;
    return answer ? Error::Kind::invalid : answer.error().kind;
}

TEST(ClientHttp, a_body_ends_where_the_headers_say) {
    EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more"), "hello");
    EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\n\r\n"),
              "hello");
    EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\n\r\nhello"), "hello");
    EXPECT_EQ(body_of("HTTP/1.1 204 No Content\r\n\r\n"), "");
    EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD")->status, 200U);
}

TEST(ClientHttp, headers_are_found_in_any_case_and_without_blanks) {
    const auto answer = answer_to("HTTP/1.1 404 Not Found\r\nRusk-Version:  1.7.0 \r\nContent-Length: 0\r\n\r\n");

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 404U);
    EXPECT_FALSE(answer->ok());
    EXPECT_EQ(answer->header("rusk-version"), "1.7.0");
    EXPECT_EQ(answer->header("Retry-After"), std::nullopt);
}

TEST(ClientHttp, an_answer_that_is_not_http_is_malformed) {
    for (const auto* reply : {"", "nonsense\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                              "HTTP/1.1 200 OK\r\n: nameless\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"})
        EXPECT_EQ(failure_of(reply), Error::Kind::malformed) << reply;
}

TEST(ClientHttp, the_size_of_a_head_is_bounded) {
    EXPECT_EQ(failure_of("HTTP/1.1 200 OK\r\nX: " + std::string(2 * kMaxHead, 'x')), Error::Kind::malformed);
    EXPECT_EQ(failure_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(4'096, '0')),
              Error::Kind::malformed);
}

TEST(ClientHttp, every_wait_ends_by_its_deadline) {
    const ScriptedServer silent({[](Peer& peer) { peer.read_until("never"); }});
    const auto no_answer = http(silent.url(), "GET", "/", {}, {}, kShort);
    ASSERT_FALSE(no_answer);
    EXPECT_EQ(no_answer.error().kind, Error::Kind::timed_out);

    const ScriptedServer half({[](Peer& peer) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
        peer.read_until("never");
    }});
    const auto no_end = http(half.url(), "GET", "/", {}, {}, kShort);
    ASSERT_FALSE(no_end);
    EXPECT_EQ(no_end.error().kind, Error::Kind::timed_out);
}

struct Streamed {
    Result<Answer> answer;
    std::string taken;
};
Streamed stream_of(std::string_view reply, std::size_t most = SIZE_MAX) {
    const ScriptedServer server({[reply](Peer& peer) {
        peer.read_until("\r\n\r\n");
        peer.send(reply);
    }});
    std::string taken;
    auto answer = http_stream(
        server.url(), "GET", "/", {}, {},
        [&](base::ByteView bytes) -> Result<void> {
            taken += base::text(bytes);
            if (taken.size() > most) return std::unexpected(Error{Error::Kind::invalid, "enough"});
            return {};
        },
        kPatience);
    return {std::move(answer), std::move(taken)};
}

TEST(ClientHttp, a_streamed_body_is_passed_on_whole_and_not_kept) {
    for (const auto* reply :
         {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more", "HTTP/1.1 200 OK\r\n\r\nhello",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\n\r\n"}) {
        const auto [answer, taken] = stream_of(reply);
        ASSERT_TRUE(answer) << answer.error().text;
        EXPECT_EQ(taken, "hello");
        EXPECT_TRUE(answer->body.empty());
    }
}

TEST(ClientHttp, a_streamed_body_that_ends_early_is_malformed_and_what_came_was_passed_on) {
    for (const auto* reply : {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n"}) {
        const auto [answer, taken] = stream_of(reply);
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().kind, Error::Kind::malformed);
        EXPECT_EQ(taken, "hell");
    }
}

TEST(ClientHttp, the_body_of_a_streamed_answer_that_is_not_2xx_is_kept) {
    const auto [answer, taken] = stream_of("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone");

    ASSERT_TRUE(answer);
    EXPECT_EQ(base::text(answer->body), "gone");
    EXPECT_EQ(taken, "");
}

TEST(ClientHttp, a_stream_ends_with_the_error_of_the_one_who_takes_it) {
    const auto [answer, taken] =
        stream_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nagain\r\n0\r\n\r\n", 4);

    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().text, "enough");
    EXPECT_EQ(taken, "hello");
}

TEST(ClientHttp, a_stream_that_is_silent_for_too_long_times_out) {
    const ScriptedServer server({[](Peer& peer) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
        peer.read_until("never");
    }});
    const auto answer =
        http_stream(server.url(), "GET", "/", {}, {}, [](base::ByteView) { return Result<void>(); }, kShort);

    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Error::Kind::timed_out);
}

TEST(ClientHttp, a_port_without_a_server_is_unreachable) {
    Url gone;
    {
        const ScriptedServer server(std::vector<ScriptedServer::Script>{});
        gone = server.url();
    }
    const auto answer = http(gone, "GET", "/", {}, {}, kPatience);

    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Error::Kind::unreachable);
    EXPECT_NE(answer.error().text.find(gone.authority()), std::string::npos) << answer.error().text;
}

TEST(ClientHttp, an_answer_counts_even_if_the_server_did_not_read_the_body) {
    const ScriptedServer server({[](Peer& peer) {
        peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
        peer.read(1 << 20);
    }});
    const base::Bytes body(1 << 20, std::byte{1});

    EXPECT_EQ(http(server.url(), "POST", "/", {}, body, kPatience)->status, 413U);
}

TEST(ClientHttp, text_that_could_end_a_line_of_the_head_early_is_refused) {
    const Url url{"h", 1, nullptr};
    EXPECT_EQ(request_head(url, "GET", "/a", {{"X", "y"}}), "GET /a HTTP/1.1\r\nHost: h:1\r\nX: y\r\n\r\n");
    for (const auto* path : {"", "a", "/a b", "/a\r\nX: y", "/a\n"}) {
        const auto head = request_head(url, "GET", path, {});
        ASSERT_FALSE(head) << path;
        EXPECT_EQ(head.error().kind, Error::Kind::invalid);
    }
    for (const auto& header :
         {Headers{{"", "v"}}, Headers{{"a b", "v"}}, Headers{{"a", "v\r\nb: c"}}, Headers{{"a:", "v"}}})
        EXPECT_FALSE(request_head(url, "GET", "/", header));
}

TEST(ClientHttp, a_method_is_a_token) {
    const Url url{"h", 1, nullptr};
    for (const auto* method : {"GET", "get", "M-SEARCH", "X!#$%&'*+.^_`|~9"})
        EXPECT_TRUE(request_head(url, method, "/", {})) << method;
    for (const auto* method : {"", " ", "GE T", "GET ", " GET", "GET\n", "GET\r\nX: y", "GET /x HTTP/1.1\r\nX:", "G\tT",
                               "G\xc3\x89T", "GET,POST", "G(T", "GET:", "\x7f", "GET\"", "G/T"}) {
        const auto head = request_head(url, method, "/", {});
        ASSERT_FALSE(head) << method;
        EXPECT_EQ(head.error().kind, Error::Kind::invalid);
    }
    EXPECT_FALSE(request_head(url, std::string_view("G\0T", 3), "/", {}));
}

TEST(ClientUrl, host_and_port_and_nothing_else) {
    EXPECT_EQ(Url::parse("http://localhost:8080"), (Url{"localhost", 8080, nullptr}));
    EXPECT_EQ(Url::parse("HTTP://node/"), (Url{"node", 80, nullptr}));
    EXPECT_EQ(Url::parse("http://[::1]:9")->authority(), "[::1]:9");
    EXPECT_EQ(Url::parse("ws://node"), (Url{"node", 80, nullptr}));
    for (const auto* text : {"https://node", "WSS://node/"}) {
        const auto url = Url::parse(text);
        ASSERT_TRUE(url) << url.error().text;
        EXPECT_EQ(url->port, 443);
        EXPECT_TRUE(url->trust);
    }
    EXPECT_FALSE(Url::parse("https://node", "/nowhere/ca.pem"));
    EXPECT_FALSE(Url::parse("http://node", "ca.pem")) << "no part of the code would read it";
    for (const auto* text :
         {"", "localhost", "ftp://a", "http://", "http:/a", "http://a:0", "http://a:65536", "http://a:x", "http://a/b",
          "http://u@a", "http://a?b", "http://[::1", "http://a b", "http://:80"})
        EXPECT_FALSE(Url::parse(text)) << text;
}

}  // namespace
}  // namespace rues::client
