// Requests that are wrong, ambiguous or odd, and what RFC 9112 (HTTP/1.1), RFC 9110 (semantics) and RFC 6585 say about
// them. The name of a test begins with its section. A refused request is the last of its connection: a reader that
// understands the first request differently would see `smuggled` as the next one.
#include <thread>

#include "client.hpp"

namespace rues::net::test {
namespace {

const std::string kSmuggled = get("/smuggled");

class HttpEdge : public ServerTest {
protected:
    HttpEdge() {
        options_.loops = 1;
        handler_.on_request = [this](Request request, Responder responder) {
            const std::lock_guard lock(mutex_);
            seen_.push_back(request);
            std::move(responder).send({200, {}, std::move(request.body)});
        };
    }
    /// Sends `request` and a second one after it. Expects one answer with `status`, and the end of the connection.
    void expect_refused(const std::string& request, unsigned status) {
        if (!server_) start();
        Client client(server_->port());
        client.send(request + kSmuggled);
        const auto answer = client.read_answer();
        EXPECT_EQ(answer.status, status) << request;
        if (answer.status == 0) return;
        EXPECT_EQ(answer.headers.at("connection"), "close") << request;
        EXPECT_EQ(client.read_to_end(), "") << request;
        EXPECT_TRUE(seen().empty()) << request;
    }
    /// Sends `request`. Expects that it is handled and that the connection is kept.
    Request expect_accepted(const std::string& request) {
        if (!server_) start();
        Client client(server_->port());
        EXPECT_EQ(client.ask(request).status, 200U) << request;
        EXPECT_EQ(client.ask(get("/next")).status, 200U) << request;
        const auto all = seen();
        EXPECT_EQ(all.size(), 2U) << request;
        return all.empty() ? Request{} : all.front();
    }
    /// Sends up to `most` bytes one by one, with `turns` turns of the loop between them, until the server answers.
    /// Returns whether it answered.
    bool send_slowly(Client& client, int most, int turns) {
        for (int bytes = 0; bytes < most && !client.readable(); ++bytes) {
            client.send("x");
            pass_turns(turns);
        }
        return client.readable();
    }
    std::vector<Request> seen() {
        const std::lock_guard lock(mutex_);
        return std::exchange(seen_, {});
    }
    static std::string post(std::string_view headers, std::string_view body) {
        return std::string("POST / HTTP/1.1\r\nHost: x\r\n").append(headers).append("\r\n").append(body);
    }
    static std::string chunked(std::string_view body) { return post("Transfer-Encoding: chunked\r\n", body); }

    std::mutex mutex_;
    std::vector<Request> seen_;
    const StopFirst stop_{server_};
};

TEST_F(HttpEdge, rfc_9112_2_2_empty_lines_before_a_request_are_skipped) {
    EXPECT_EQ(expect_accepted("\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n").target, "/a");
}

TEST_F(HttpEdge, rfc_9112_2_2_a_line_that_does_not_end_with_crlf_is_refused) {
    for (const char* request : {
             "GET / HTTP/1.1\nHost: x\n\n",
             "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: x\r\n\n",
             "GET / HTTP/1.1\rHost: x\r\r",
             "GET / HTTP/1.1\r\nHost: x\r\nA: b\rC: d\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: x\r\nA: b\nTransfer-Encoding: chunked\r\n\r\n",
         })
        expect_refused(request, 400);
}

TEST_F(HttpEdge, rfc_9112_2_2_a_wrong_line_is_refused_before_the_head_is_complete) {
    Client client(start());
    EXPECT_EQ(client.ask("GET / HTTP/1.1\nHost: x\n").status, 400U);
}

TEST_F(HttpEdge, rfc_9112_2_2_space_before_the_first_header_is_refused) {
    expect_refused("GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400);
    expect_refused("GET / HTTP/1.1\r\n\tHost: x\r\nHost: x\r\n\r\n", 400);
}

TEST_F(HttpEdge, rfc_9112_2_3_versions_other_than_1_0_and_1_1_are_refused) {
    for (const char* version : {"HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/3.0"})
        expect_refused(std::string("GET / ") + version + "\r\nHost: x\r\n\r\n", 505);
    for (const char* version : {"HTTP/1", "HTTP/1.1.1", "HTTP/01.1", "http/1.1", "HTTP 1.1", "HTTPS/1.1", "HTTP/1.1 ",
                                "HTTP/-1.1", "HTTP/1.x"})
        expect_refused(std::string("GET / ") + version + "\r\nHost: x\r\n\r\n", 400);
    expect_refused("GET /\r\n\r\n", 400);  // HTTP/0.9
}

TEST_F(HttpEdge, rfc_9112_3_a_request_line_is_three_words_between_single_spaces) {
    for (const char* line : {"GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET\t/ HTTP/1.1", "GET / HTTP/1.1 ",
                             " GET / HTTP/1.1", "GET /a b HTTP/1.1", "GET HTTP/1.1", "GET", "/ HTTP/1.1"})
        expect_refused(std::string(line) + "\r\nHost: x\r\n\r\n", 400);
}

TEST_F(HttpEdge, rfc_9112_3_1_a_method_is_a_token_and_its_case_counts) {
    EXPECT_EQ(expect_accepted("get / HTTP/1.1\r\nHost: x\r\n\r\n").method, "get");
    EXPECT_EQ(expect_accepted("M-SEARCH!#$ / HTTP/1.1\r\nHost: x\r\n\r\n").method, "M-SEARCH!#$");
    for (const char* method : {"G(ET", "G\x01T", "G\"T", "G\x80T", "{}"})
        expect_refused(std::string(method) + " / HTTP/1.1\r\nHost: x\r\n\r\n", 400);
}

TEST_F(HttpEdge, rfc_9112_3_2_a_request_names_one_host) {
    expect_refused("GET / HTTP/1.1\r\n\r\n", 400);
    expect_refused("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
    expect_refused("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", 400);
    for (const char* host : {"a b", "a/b", "user@a", "a\\b", "a?b", "a#b", "\"a\"", "a\tb", "h\xc3\xb6st"})
        expect_refused(std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\n\r\n", 400);
    for (const char* host : {"", "a", "a.b:80", "127.0.0.1:8080", "[::1]:80", "xn--hst-sna.example"})
        expect_accepted(std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\n\r\n");
}

TEST_F(HttpEdge, rfc_9112_3_2_http_1_0_needs_no_host) {
    Client client(start());
    EXPECT_EQ(client.ask("GET / HTTP/1.0\r\n\r\n").status, 200U);
    EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(HttpEdge, rfc_9112_3_2_1_a_target_begins_with_a_slash) {
    for (const char* target : {"a", "?a", "..", "a/b", "a:80", "localhost/", "*", "**"})
        expect_refused(std::string("GET ") + target + " HTTP/1.1\r\nHost: x\r\n\r\n", 400);
    EXPECT_EQ(expect_accepted("GET //a//b/?/c HTTP/1.1\r\nHost: x\r\n\r\n").target, "//a//b/?/c");
}

TEST_F(HttpEdge, rfc_9112_3_2_2_an_absolute_target_becomes_its_path_and_its_host_replaces_the_header) {
    const auto full = expect_accepted("GET http://a.example:80/on/x?y=1 HTTP/1.1\r\nHost: b.example\r\n\r\n");
    EXPECT_EQ(full.target, "/on/x?y=1");
    EXPECT_EQ(full.path(), "/on/x");
    EXPECT_EQ(full.header("host"), "a.example:80");
    EXPECT_EQ(expect_accepted("GET HTTPS://a HTTP/1.1\r\nHost: a\r\n\r\n").target, "/");
    EXPECT_EQ(expect_accepted("GET http://a?b HTTP/1.1\r\nHost: a\r\n\r\n").target, "/?b");
    for (const char* target :
         {"http://", "http:///x", "http:x", "http:/x", "ftp://a/", "://a/", "http://user@a/", "http://a\\b/"})
        expect_refused(std::string("GET ") + target + " HTTP/1.1\r\nHost: a\r\n\r\n", 400);
}

TEST_F(HttpEdge, rfc_9112_3_2_2_an_absolute_target_of_http_1_0_supplies_the_host) {
    Client client(start());
    EXPECT_EQ(client.ask("GET http://a/ HTTP/1.0\r\n\r\n").status, 200U);
    EXPECT_EQ(seen().at(0).header("host"), "a");
}

TEST_F(HttpEdge, rfc_9112_3_2_3_connect_is_refused) {
    expect_refused("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n", 501);
}

TEST_F(HttpEdge, rfc_9112_3_2_4_the_asterisk_is_a_target_of_options_only) {
    EXPECT_EQ(expect_accepted("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").target, "*");
}

TEST_F(HttpEdge, rfc_9112_5_1_space_before_the_colon_is_refused) {
    for (const char* header : {"A : b", "A\t: b", " A: b", "Content-Length : 4", "Transfer-Encoding : chunked", ": b",
                               "A b: c", "A", "A\x01: b", "A(: b"})
        expect_refused(std::string("POST / HTTP/1.1\r\nHost: x\r\n") + header + "\r\n\r\n", 400);
}

TEST_F(HttpEdge, rfc_9112_5_1_space_around_a_value_is_not_part_of_it) {
    EXPECT_EQ(expect_accepted("GET / HTTP/1.1\r\nHost: x\r\nA: \t b  c\t \r\nB:\r\n\r\n").header("a"), "b  c");
}

TEST_F(HttpEdge, rfc_9112_5_2_a_folded_line_is_refused) {
    expect_refused("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400);
    expect_refused("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\tc: d\r\n\r\n", 400);
    expect_refused("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400);
    expect_refused("POST / HTTP/1.1\r\nHost: x\r\nA: b\r\n \r\n\r\n", 400);
}

TEST_F(HttpEdge, rfc_9110_5_5_a_value_has_no_control_characters) {
    for (const std::string& value :
         {std::string("a\0b", 3), std::string("a\x01"), std::string("\x7f"), std::string("a\x0b") + "b"})
        expect_refused("GET / HTTP/1.1\r\nHost: x\r\nA: " + value + "\r\n\r\n", 400);
    EXPECT_EQ(expect_accepted("GET / HTTP/1.1\r\nHost: x\r\nA: \xc3\xb6\xff\r\n\r\n").header("a"), "\xc3\xb6\xff");
}

TEST_F(HttpEdge, rfc_9112_6_1_content_length_with_transfer_encoding_is_refused) {
    expect_refused(post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400);
    expect_refused(post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400);
    expect_refused(post("Transfer-Encoding: x\r\nContent-Length: 5\r\n", "hello"), 400);
    expect_refused(post("Transfer-Encoding:\r\nContent-Length: 5\r\n", "hello"), 400);
}

TEST_F(HttpEdge, rfc_9112_6_1_only_the_coding_chunked_is_known) {
    for (const char* coding : {"gzip, chunked", "identity, chunked", "x;q=\"1,chunked\", chunked"})
        expect_refused(post(std::string("Transfer-Encoding: ") + coding + "\r\n", "0\r\n\r\n"), 501);
    expect_refused(post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 501);
}

TEST_F(HttpEdge, rfc_9112_6_1_a_transfer_coding_in_http_1_0_is_refused) {
    expect_refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
}

TEST_F(HttpEdge, rfc_9112_6_3_codings_that_do_not_end_with_chunked_are_refused) {
    for (const char* coding : {"", ",", "identity", "gzip", "chunked, gzip", "chunked, chunked", "xchunked", "chunkedx",
                               "\"chunked\"", "chunked;a=b", "chunked, identity",
                               "\x0b"
                               "chunked"})
        expect_refused(post(std::string("Transfer-Encoding: ") + coding + "\r\n", "0\r\n\r\n"), 400);
    expect_refused(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400);
    expect_refused(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"), 400);
    expect_refused(post("Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\nTransfer-Encoding: x\r\n", "0\r\n\r\n"),
                   400);
}

TEST_F(HttpEdge, rfc_9112_7_the_coding_chunked_may_be_written_in_any_case) {
    EXPECT_EQ(base::text(expect_accepted(post("TRANSFER-ENCODING: Chunked\r\n", "1\r\na\r\n0\r\n\r\n")).body), "a");
    EXPECT_EQ(base::text(expect_accepted(post("Transfer-Encoding: , chunked ,\r\n", "1\r\na\r\n0\r\n\r\n")).body), "a");
}

TEST_F(HttpEdge, rfc_9112_6_3_several_lengths_are_refused_even_if_they_are_equal) {
    for (const char* headers :
         {"Content-Length: 2\r\nContent-Length: 3\r\n", "Content-Length: 2\r\nContent-Length: 2\r\n",
          "Content-Length: 2, 2\r\n", "Content-Length: 2, 3\r\n", "Content-Length: ,2\r\n",
          "Content-Length: 2\r\ncontent-length:\r\n"})
        expect_refused(post(headers, "hi"), 400);
}

TEST_F(HttpEdge, rfc_9112_6_3_a_length_consists_of_digits) {
    for (const char* length : {"", "-1", "+2", "0x2", "2.0", "2 2", "2a", "\"2\"", "1e1", "18446744073709551616",
                               "99999999999999999999999999", "\xd9\xa2"})
        expect_refused(post(std::string("Content-Length: ") + length + "\r\n", "hi"), 400);
    EXPECT_EQ(base::text(expect_accepted(post("Content-Length: 0002 \r\n", "hi")).body), "hi");
    EXPECT_TRUE(expect_accepted(post("Content-Length: 0\r\n", "")).body.empty());
}

TEST_F(HttpEdge, rfc_9112_6_3_a_request_without_length_has_no_body) {
    EXPECT_TRUE(expect_accepted(post("", "")).body.empty());
}

TEST_F(HttpEdge, rfc_9112_7_1_a_chunk_is_its_size_in_hex_its_bytes_and_two_line_ends) {
    EXPECT_EQ(base::text(expect_accepted(chunked("a\r\n0123456789\r\n00B\r\nabcdefghijk\r\n000\r\n\r\n")).body),
              "0123456789abcdefghijk");
    for (const char* body : {
             "g\r\n",
             "-1\r\na\r\n0\r\n\r\n",
             "+1\r\na\r\n0\r\n\r\n",
             "0x1\r\na\r\n0\r\n\r\n",
             "\r\n0\r\n\r\n",
             ";a\r\n0\r\n\r\n",
             " 1\r\na\r\n0\r\n\r\n",
             "1\r\nab\r\n0\r\n\r\n",  // longer than its size
             "2\r\na\r\n0\r\n\r\n",   // shorter than its size
             "1\r\na0\r\n\r\n",       // no line end
             "1\na\r\n0\r\n\r\n",
             "1\r\na\n0\r\n\r\n",
             "1\r\r\na\r\n0\r\n\r\n",
         })
        expect_refused(chunked(body), 400);
}

TEST_F(HttpEdge, rfc_9112_7_1_a_chunk_size_does_not_overflow) {
    expect_refused(chunked("ffffffffffffffff\r\na"), 413);
    expect_refused(chunked("7fffffffffffffff\r\na"), 413);
    for (const char* size : {"10000000000000000", "100000000000000001", "ffffffffffffffffff",
                             "00000000000000000000000000000000000000000000001ffffffffffffffff"})
        expect_refused(chunked(std::string(size) + "\r\na\r\n0\r\n\r\n"), 400);
}

TEST_F(HttpEdge, rfc_9112_7_1_1_chunk_extensions_are_ignored) {
    EXPECT_EQ(base::text(expect_accepted(chunked("1;a\r\nx\r\n1;b=c;d=\"e;\\\"f\"\r\ny\r\n0;g\r\n\r\n")).body), "xy");
    for (const char* line : {"1;\n", "1;a=\"b\r\nc\"", "1;a\rb", "1 a", "1;=b"})
        expect_refused(chunked(std::string(line) + "\r\nx\r\n0\r\n\r\n"), 400);
}

TEST_F(HttpEdge, rfc_9112_7_1_1_the_sum_of_all_chunk_extensions_is_bounded) {
    options_.limits.max_head_bytes = 1'024;
    const std::string extension(200, 'a');
    std::string body;
    for (int i = 0; i < 10; ++i) body += "1;" + extension + "\r\nx\r\n";
    expect_refused(chunked(body + "0\r\n\r\n"), 400);
    expect_refused(chunked("1;" + std::string(2'000, 'a')), 400);

    std::string tiny;
    // Tiny chunks are allowed: the five bytes of framing around each do not count as extensions.
    for (int i = 0; i < 1'000; ++i) tiny += "1\r\nx\r\n";
    EXPECT_EQ(expect_accepted(chunked(tiny + "0\r\n\r\n")).body.size(), 1'000U);
}

TEST_F(HttpEdge, rfc_9112_7_1_2_a_trailer_is_ignored_and_is_no_header) {
    const auto request = expect_accepted(chunked("1\r\na\r\n0\r\nRusk-Session-Id: 1\r\nX: y\r\n\r\n"));
    EXPECT_EQ(base::text(request.body), "a");
    EXPECT_FALSE(request.header("rusk-session-id"));
    EXPECT_FALSE(request.header("x"));
    expect_refused(chunked("0\r\nX : y\r\n\r\n"), 400);
    expect_refused(chunked("0\r\nContent-Length: 5\r\n\r\n"), 400);
    expect_refused(chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST_F(HttpEdge, rfc_9112_7_1_2_a_trailer_is_bounded) {
    options_.limits.max_head_bytes = 1'024;
    std::string endless;
    for (int i = 0; i < 500; ++i) endless += "X: y\r\n";
    expect_refused(chunked("0\r\n" + endless), 400);
}

TEST_F(HttpEdge, rfc_9112_8_a_request_whose_body_is_cut_short_is_not_handled) {
    start();
    for (const std::string& request : {post("Content-Length: 5\r\n", "hell"), chunked("5\r\nhello\r\n"),
                                       chunked("5\r\nhel"), chunked("5\r\nhello\r\n0\r\n")}) {
        Client client(server_->port());
        client.send(request);
        client.finish();
        EXPECT_EQ(client.read_to_end(), "") << request;
    }
    wait_until_alone();
    EXPECT_TRUE(seen().empty());
}

TEST_F(HttpEdge, rfc_9112_9_3_a_half_closed_client_gets_its_answer) {
    Client client(start());
    client.send(kGet);
    client.finish();
    EXPECT_EQ(client.read_answer().status, 200U);
    EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(HttpEdge, rfc_9112_9_3_2_a_pipeline_byte_by_byte_is_answered_in_order) {
    Client client(start());
    std::string pipeline;
    for (const char* body : {"1\r\na\r\n0\r\n\r\n", "2;x=y\r\nbc\r\n0\r\nT: u\r\n\r\n", "0\r\n\r\n"})
        pipeline += chunked(body) + post("Content-Length: 1\r\n", "d");
    for (const char c : pipeline) client.send(std::string_view(&c, 1));
    for (const char* body : {"a", "d", "bc", "d", "", "d"}) EXPECT_EQ(client.read_answer().body, body);
}

TEST_F(HttpEdge, rfc_9112_9_6_a_request_after_a_close_is_not_handled) {
    Client client(start());
    client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, CLOSE\r\n\r\n" + kSmuggled);
    EXPECT_EQ(client.read_answer().headers.at("connection"), "close");
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_EQ(seen().size(), 1U);
}

TEST_F(HttpEdge, rfc_9112_9_3_a_connection_ends_after_the_maximum_of_requests) {
    options_.limits.max_requests = 3;
    Client client(start());
    std::string pipeline;
    for (int i = 0; i < 5; ++i) pipeline += kGet;
    client.send(pipeline);
    EXPECT_FALSE(client.read_answer().headers.contains("connection"));
    EXPECT_FALSE(client.read_answer().headers.contains("connection"));
    EXPECT_EQ(client.read_answer().headers.at("connection"), "close");
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_EQ(seen().size(), 3U);
}

TEST_F(HttpEdge, rfc_9112_9_5_a_slow_head_is_408_however_often_a_byte_comes) {
    options_.limits.head_timeout = milliseconds(60);
    options_.limits.max_head_bytes = 1'000'000;
    Client client(start());
    client.send("GET / HTTP/1.1\r\nA: ");
    EXPECT_TRUE(send_slowly(client, 100'000, 10));
    EXPECT_EQ(client.read_answer().status, 408U);
}

TEST_F(HttpEdge, rfc_9112_9_5_a_slow_body_is_408_however_often_a_byte_comes) {
    options_.limits.body_timeout = milliseconds(60);
    handler_.limit = 1'000'000;
    Client client(start());
    client.send(post("Content-Length: 1000000\r\n", ""));
    EXPECT_TRUE(send_slowly(client, 4'000, 100));  // 4,096 bytes would be progress
    EXPECT_EQ(client.read_answer().status, 408U);
}

TEST_F(HttpEdge, rfc_9110_10_1_1_100_continue_is_sent_once_and_only_to_a_client_that_waits) {
    Client client(start());
    client.send(chunked("").insert(17, "Expect: 100-continue\r\n"));
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(client.ask("1\r\na\r\n0\r\n\r\n").body, "a");
    EXPECT_EQ(client.ask(post("Content-Length: 1\r\nExpect: 100-continue\r\n", "b")).body,
              "b");  // the body has arrived already
    EXPECT_EQ(client.ask(post("Content-Length: 0\r\nExpect: 100-continue\r\n", "")).status, 200U);
    EXPECT_EQ(client.ask("POST / HTTP/1.0\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n").status, 200U);
}

TEST_F(HttpEdge, rfc_9110_10_1_1_no_100_continue_before_a_refusal) {
    expect_refused(post("Content-Length: 1001\r\nExpect: 100-continue\r\n", ""), 413);
    expect_refused(post("Transfer-Encoding: gzip, chunked\r\nExpect: 100-continue\r\n", ""), 501);
}

TEST_F(HttpEdge, rfc_9110_15_5_14_a_body_over_the_limit_is_413_before_it_is_read) {
    expect_refused(post("Content-Length: 1001\r\n", ""), 413);
    expect_refused(post("Content-Length: 18446744073709551615\r\n", ""), 413);
    expect_refused(chunked("3e9\r\n" + std::string(1'001, 'x')), 413);
    EXPECT_EQ(expect_accepted(chunked("3e8\r\n" + std::string(1'000, 'x') + "\r\n0\r\n\r\n")).body.size(), 1'000U);
}

TEST_F(HttpEdge, rfc_9110_15_6_4_uploads_over_the_common_budget_are_503) {
    options_.limits.max_upload_bytes = 10'000;
    handler_.limit = 10'000;
    start();
    const auto begin = [&](Client& client) {
        client.send(post("Content-Length: 7000\r\nExpect: 100-continue\r\n", ""));
        EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
        client.send(std::string(6'000, 'x'));
        pass_turns(3);  // and the server has read it
    };
    {
        Client first(server_->port());
        begin(first);
        Client second(server_->port());
        begin(second);

        EXPECT_EQ(second.read_answer().status, 503U);
        EXPECT_EQ(second.read_to_end(), "");
        EXPECT_EQ(first.ask(std::string(1'000, 'x')).body.size(), 7'000U);
        Client other(server_->port());
        begin(other);  // the first upload has returned its share
        EXPECT_EQ(other.ask(std::string(1'000, 'x')).body.size(), 7'000U);
        begin(first);
    }
    wait_until_alone();
    Client third(server_->port());
    begin(third);
    EXPECT_EQ(third.ask(std::string(1'000, 'x')).body.size(), 7'000U);
}

TEST_F(HttpEdge, rfc_6585_5_a_head_with_too_many_or_too_long_headers_is_431) {
    options_.limits.max_head_bytes = 2'000;
    options_.limits.max_headers = 20;
    std::string many;
    for (int i = 0; i < 20; ++i) many += "A: b\r\n";
    expect_refused("GET / HTTP/1.1\r\nHost: x\r\n" + many + "\r\n", 431);
    expect_refused("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(2'000, 'x') + "\r\n\r\n", 431);
    expect_refused("GET / HTTP/1.1\r\nHost: x\r\n" + std::string(2'000, 'A') + ": x\r\n\r\n", 431);
    expect_refused("GET /" + std::string(2'000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n", 431);
    expect_refused(std::string(2'000, 'M') + " / HTTP/1.1\r\nHost: x\r\n\r\n", 431);
}

}  // namespace
}  // namespace rues::net::test
