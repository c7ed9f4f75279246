#include <algorithm>
#include <thread>

#include "api/graphql/service.hpp"
#include "unit/api/graphql/http_fixture.hpp"

/// Both GraphQL endpoints over HTTP (docs/reference/graphql.md 2, docs/reference/rusk-1.7.md 6.2,
/// docs/reference/differences.md 12 to 14).
namespace rues::api {
namespace {

using boost::json::value;

using test::GraphqlTest;

std::string message(const std::string& body) {
    return std::string(boost::json::parse(body).at("errors").at(0).at("message").as_string());
}

// --- POST /on/graphql/query ---

TEST_F(GraphqlTest, the_legacy_endpoint_answers_with_the_bare_data) {
    const auto answer = legacy("query { block(height: 0) { header { height } } }", "X-Trace: 7\r\n");

    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, R"({"block":{"header":{"height":0}}})");
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
    EXPECT_EQ(answer.headers.at("rusk-version"), "1.7.0");
    EXPECT_EQ(answer.headers.at("x-trace"), "7");
}

TEST_F(GraphqlTest, the_legacy_endpoint_answers_200_with_errors_and_partial_data) {
    const auto answer = legacy(R"({ a: tx(hash: "zz") { id } b: block(height: 0) { fees } })");

    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, R"({"data":{"b":{"fees":0}},"errors":[{"message":"Invalid character 'z' at position 0",)"
                           R"("locations":[{"line":1,"column":3}],"path":["a"]}]})");
}

TEST_F(GraphqlTest, an_empty_query_is_answered_with_the_schema) {
    for (const std::string body : {"", " \r\n\t ", "0x", "{\"query\":\" \"}"}) {
        const auto answer = legacy(body);
        EXPECT_EQ(answer.status, 200U) << body;
        EXPECT_TRUE(answer.body.starts_with("type Block {\n\theader: Header!")) << body;
        EXPECT_TRUE(answer.body.ends_with("schema {\n\tquery: Query\n}\n")) << body;
        EXPECT_FALSE(answer.headers.contains("content-type"));
    }
}

TEST_F(GraphqlTest, the_legacy_endpoint_reads_documents_in_every_encoding) {
    const std::string document = "{ __typename }";
    const std::string good = R"({"__typename":"Query"})";

    EXPECT_EQ(legacy(document, "Content-Type: application/octet-stream\r\n").body, good);
    EXPECT_EQ(legacy(document, "Content-Type: application/json\r\n").body, good);
    EXPECT_EQ(legacy("0x" + base::to_hex(base::view(document))).body, good);
    EXPECT_EQ(ask("POST", "/on/graphql/query/", "", document).body, good);
    for (const char* type : {"", "Content-Type: application/octet-stream\r\n"}) {
        const auto answer = legacy("{ \xff }", type);
        EXPECT_EQ(answer.status, 422U);
        EXPECT_EQ(answer.body, R"({"error":"Invalid payload: Invalid utf8"})");
    }
    EXPECT_EQ(legacy(document, "Rusk-Version: 9.0.0\r\n").status, 400U);
}

// docs/reference/differences.md 14
TEST_F(GraphqlTest, the_legacy_endpoint_also_takes_a_json_request) {
    EXPECT_EQ(legacy(R"({"query":"query A { a: __typename } query B($h: Float!) { block(height: $h) { fees } }",)"
                     R"("operationName":"B","variables":{"h":0}})")
                  .body,
              R"({"block":{"fees":0}})");
    // An object without a query is read as a document, which is invalid.
    EXPECT_EQ(message(legacy(R"({"document":"{ __typename }"})").body).substr(0, 8), " --> 1:2");
}

TEST_F(GraphqlTest, headers_are_variables_at_the_legacy_endpoint) {
    const std::string by_height = "query($h: Float) { block(height: $h) { header { height } } }";
    const std::string zero = R"({"block":{"header":{"height":0}}})";
    const std::string neither = "Specify heigth or hash";
    EXPECT_EQ(legacy(by_height, "Rusk-gqlvar-h: 0\r\n").body, zero);
    EXPECT_EQ(legacy(by_height, "rusk-GQLVAR-h: 5\r\nRUSK-gqlvar-H: 0\r\n").body, zero);  // the last one
    EXPECT_EQ(message(legacy(by_height, "Rusk-gqlvar-h:\r\n").body), neither);            // null
    EXPECT_EQ(message(legacy(by_height).body), neither);
    EXPECT_EQ(legacy("query($maxHeight: Float) { block(height: $maxHeight) { header { height } } }",
                     "Rusk-gqlvar-maxheight: 0\r\nRusk-gqlvar-other: 1\r\n")
                  .body,
              zero);
    EXPECT_EQ(legacy("query($range: [Int!]) { blocks(range: $range) { fees } }", "Rusk-gqlvar-range: [0, 3]\r\n").body,
              R"({"blocks":[{"fees":0}]})");

    const std::string by_hash = "query($id: String!) { tx(hash: $id) { id } }";
    for (const auto& hash : {std::string(64, '1'), '"' + std::string(64, '1') + '"', "1e" + std::string(62, '5')})
        EXPECT_EQ(legacy(by_hash, "Rusk-gqlvar-id: " + hash + "\r\n").body, R"({"tx":null})") << hash;
    EXPECT_EQ(message(legacy(by_hash).body), "Variable id is not defined.");
    // A variable of the body counts more than a header.
    EXPECT_EQ(legacy(R"({"query":"query($h: Float) { block(height: $h) { header { height } } }","variables":{"h":0}})",
                     "Rusk-gqlvar-h: 9\r\n")
                  .body,
              zero);
}

// --- /graphql ---

TEST_F(GraphqlTest, a_posted_request_is_answered_in_an_envelope) {
    for (const char* type : {"", "Content-Type: application/json\r\n", "Content-Type: text/plain\r\n"}) {
        const auto answer = post(R"({"query":"query A { b: block(height: 0) { fees } } query B { __typename }",)"
                                 R"("operationName":"A","variables":null,"more":1})",
                                 type);
        EXPECT_EQ(answer.status, 200U);
        EXPECT_EQ(answer.body, R"({"data":{"b":{"fees":0}}})");
        EXPECT_EQ(answer.headers.at("content-type"), "application/json");
        EXPECT_EQ(answer.headers.at("rusk-version"), "1.7.0");
        EXPECT_FALSE(answer.headers.contains("etag"));
    }
    EXPECT_EQ(message(post("{}").body).substr(0, 8), " --> 1:1");
    EXPECT_EQ(message(post(R"({"query":"{ __typename }","operationName":""})").body), R"(Unknown operation named "")");
}

TEST_F(GraphqlTest, a_batch_is_answered_in_the_order_of_its_requests) {
    const auto answer = post(R"([{"query":"{ a: __typename }"},{"query":"{ nope }"},{"query":"{ a: __typename }"}])");

    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body,
              R"([{"data":{"a":"Query"}},{"data":null,"errors":[{"message":"Unknown field \"nope\" on type )"
              R"(\"Query\".","locations":[{"line":1,"column":3}]}]},{"data":{"a":"Query"}}])");
    EXPECT_EQ(post(R"([{"query":"{ __typename }"}])").body, R"([{"data":{"__typename":"Query"}}])");
}

TEST_F(GraphqlTest, a_malformed_request_is_400_in_a_graphql_response) {
    std::string many = "[";
    for (std::size_t i = 0; i <= graphql_http::kMaxBatch; ++i) many += R"({"query":"{ __typename }"},)";
    many.back() = ']';
    for (const std::string body : {"", "{", "[]", "1", "[1]", R"({"query":1})", R"({"query":"","variables":[]})",
                                   R"({"operationName":1})", many.c_str(), "\xff"}) {
        const auto answer = post(body);
        EXPECT_EQ(answer.status, 400U) << body;
        const auto json = boost::json::parse(answer.body);
        EXPECT_TRUE(json.at("data").is_null());
        EXPECT_TRUE(message(answer.body).starts_with("Invalid request: ")) << answer.body;
        EXPECT_EQ(answer.headers.at("content-type"), "application/json");
    }
    EXPECT_EQ(message(post("").body), "Invalid request: EOF while parsing a value at line 1 column 0");
    EXPECT_EQ(message(post("[]").body),
              "Invalid request: data did not match any variant of untagged enum BatchRequest");
}

// GraphQL 3.5.2. A number that becomes infinite when it is read could not be printed again.
TEST_F(GraphqlTest, a_number_beyond_a_double_is_refused_by_every_endpoint) {
    const std::string by_height = "query($h: Float) { block(height: $h) { header { height } } }";
    const std::string address = "?query=query($h:Float)%7Bblock(height:$h)%7Bfees%7D%7D";
    for (const std::string& number : {std::string("1e400"), std::string("-1e400"), "1" + std::string(400, '0')}) {
        const std::string request = R"({"query":")" + by_height + R"(","variables":{"h":)" + number + "}}";
        EXPECT_EQ(message(post(request).body), "Invalid request: number out of range");
        EXPECT_EQ(message(post("[" + request + "]").body), "Invalid request: number out of range");
        for (const char* extensions : {R"("variables":{"a":[{"b":)", R"("extensions":{"a":[{"b":)"})
            EXPECT_EQ(post(R"({"query":"{ __typename }",)" + std::string(extensions) + number + "}]}}").status, 400U);
        const auto got = get(address + "&variables=%7B%22h%22:" + number + "%7D");
        EXPECT_EQ(got.status, 400U);
        EXPECT_EQ(message(got.body), "invalid variables: not a JSON object");
        for (const auto& answer : {legacy(request), legacy(by_height, "Rusk-gqlvar-h: " + number + "\r\n"),
                                   legacy("{ block(height: " + number + ") { fees } }")})
            EXPECT_NE(message(answer.body), "");
    }
}

TEST_F(GraphqlTest, json_that_is_too_deep_or_not_unicode_is_refused) {
    const std::string deep = std::string(100, '[') + std::string(100, ']');
    for (const std::string& value : {deep, std::string(R"("\ud800")"), std::string(R"("\udc00\ud800")"),
                                     std::string("\"\xed\xa0\x80\""), std::string("NaN"), std::string("Infinity")}) {
        const auto answer = post(R"({"query":"{ __typename }","variables":{"a":)" + value + "}}");
        EXPECT_EQ(answer.status, 400U) << value;
        EXPECT_TRUE(message(answer.body).starts_with("Invalid request: ")) << answer.body;
    }
    // The last of two members with the same name counts.
    EXPECT_EQ(post(R"({"query":"{ nope }","query":"{ __typename }","variables":{"a":1,"a":2}})").body,
              R"({"data":{"__typename":"Query"}})");
}

TEST_F(GraphqlTest, a_get_request_has_its_query_in_the_url) {
    EXPECT_EQ(get("?query=%7B__typename%7D").body, R"({"data":{"__typename":"Query"}})");
    EXPECT_EQ(get("/?query=%7B__typename%7D").body, R"({"data":{"__typename":"Query"}})");
    EXPECT_EQ(get("?query=query($h:Float!)%7Bblock(height:$h)%7Bfees%7D%7D&variables=%7B%22h%22:0%7D").body,
              R"({"data":{"block":{"fees":0}}})");
    for (const char* name : {"operation_name", "operationName"})
        EXPECT_EQ(get("?query=query+A%7Ba:__typename%7Dquery+B%7Bb:__typename%7D&" + std::string(name) + "=B").body,
                  R"({"data":{"b":"Query"}})");
    const auto nothing = get("");
    EXPECT_EQ(nothing.status, 400U);
    EXPECT_EQ(nothing.body, R"({"data":null,"errors":[{"message":"GraphQL GET requests require a query parameter"}]})");
    EXPECT_EQ(message(get("?foo=1").body).substr(0, 8), " --> 1:1");
    for (const char* wrong : {"?query=a&variables=x", "?query=a&variables=1", "?query=a&extensions=x", "?query=%ff"})
        EXPECT_EQ(get(wrong).status, 400U) << wrong;
}

TEST_F(GraphqlTest, other_methods_are_405_and_head_is_answered_like_get) {
    for (const char* method : {"PUT", "DELETE", "PATCH"}) {
        const auto answer = ask(method, "/graphql");
        EXPECT_EQ(answer.status, 405U);
        EXPECT_EQ(answer.headers.at("allow"), "GET,HEAD,POST,OPTIONS");
    }
    net::test::Client client(server_->port());
    client.send("HEAD /graphql?query=%7B__typename%7D HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto answer = client.read_answer(true);
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.headers.at("content-length"), "31");
}

TEST_F(GraphqlTest, the_graphql_media_type_is_used_when_the_client_prefers_it) {
    const auto type = [&](const std::string& accept) {
        return post(R"({"query":"{ __typename }"})", "Accept: " + accept + "\r\n").headers.at("content-type");
    };
    EXPECT_EQ(type("application/graphql-response+json, application/json"), "application/graphql-response+json");
    EXPECT_EQ(type("application/graphql-response+json"), "application/graphql-response+json");
    EXPECT_EQ(type("application/json, application/graphql-response+json;q=0.9"), "application/json");
    EXPECT_EQ(type("application/graphql-response+json;q=0, */*"), "application/json");
    EXPECT_EQ(type("*/*"), "application/json");
}

// --- limits ---

TEST_F(GraphqlTest, a_full_pool_is_503_for_every_kind_of_request) {
    pool_is_full_ = true;
    for (const auto& body :
         {std::string(R"({"query":"{ __typename }"})"), std::string(R"([{"query":"{ __typename }"}])")}) {
        const auto answer = post(body);
        EXPECT_EQ(answer.status, 503U);
        EXPECT_EQ(answer.headers.at("retry-after"), "1");
    }
    EXPECT_EQ(legacy("{ __typename }").status, 503U);
    EXPECT_EQ(legacy("{ __typename }" + std::string(20'000, ' ')).status, 503U);
    pool_is_full_ = false;
    EXPECT_EQ(legacy("{ __typename }").status, 200U);
}

TEST_F(GraphqlTest, a_long_body_is_read_on_the_pool) {
    const std::string blanks(20'000, ' ');
    const int before = queued_;
    EXPECT_EQ(legacy("{ __typename }" + blanks).body, R"({"__typename":"Query"})");
    EXPECT_EQ(post(R"({"query":"{ __typename }"})" + blanks).body, R"({"data":{"__typename":"Query"}})");
    EXPECT_EQ(queued_, before + 2);
}

TEST_F(GraphqlTest, a_query_beyond_its_deadline_is_cancelled_and_not_cached) {
    end();
    graphql_ = std::make_shared<graphql_http::Service>(
        graphql_http::Service::Limits{.deadline = std::chrono::milliseconds(0)});
    begin();
    for (int i = 0; i < 2; ++i) {
        const int before = queued_;
        EXPECT_EQ(message(legacy("{ block(height: 0) { fees } }").body), "The request was cancelled.");
        EXPECT_EQ(queued_, before + 1);
    }
    const std::string batch = post(R"([{"query":"{ block(height: 0) { fees } }"}])").body;
    EXPECT_EQ(message(batch.substr(1, batch.size() - 2)), "The request was cancelled.");
}

TEST_F(GraphqlTest, the_deadline_counts_from_the_arrival_for_every_size_and_endpoint) {
    constexpr auto kTime = std::chrono::milliseconds(100);
    end();
    graphql_ = std::make_shared<graphql_http::Service>(graphql_http::Service::Limits{.deadline = kTime});
    begin();
    const std::string blanks(20'000, ' ');
    const std::string question = R"({"query":"{ block(height: 0) { fees } }"})";
    const std::pair<const char*, std::string> requests[] = {
        {"/graphql", question},
        {"/graphql", question + blanks},
        {"/graphql", "[" + question + "]"},
        {"/graphql", "[" + question + "]" + blanks},
        {"/on/graphql/query", "{ block(height: 0) { fees } }"},
        {"/on/graphql/query", "{ block(height: 0) { fees } }" + blanks},
    };
    for (const auto& [path, body] : requests) {
        pool_waits_ = true;
        const int before = queued_;
        net::test::Client client(server_->port());
        client.send("POST " + std::string(path) +
                    " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        wait_for_queued(before + 1);
        std::this_thread::sleep_for(kTime);
        work();
        const std::string answer = client.read_answer().body;
        const bool batch = answer.starts_with('[');
        EXPECT_EQ(message(batch ? answer.substr(1, answer.size() - 2) : answer), "The request was cancelled.") << body;
    }
}

TEST_F(GraphqlTest, a_stopping_server_cancels_queries_at_the_given_time) {
    end();
    graphql_ =
        std::make_shared<graphql_http::Service>(graphql_http::Service::Limits{.deadline = std::chrono::hours(1)});
    begin();
    EXPECT_EQ(legacy("{ a: __typename }").body, R"({"a":"Query"})");

    graphql_->finish_by(std::chrono::steady_clock::now());

    EXPECT_EQ(message(legacy("{ block(height: 0) { fees } }").body), "The request was cancelled.");
    EXPECT_EQ(legacy("{ a: __typename }").body, R"({"a":"Query"})") << "a kept answer needs no time";
}

TEST_F(GraphqlTest, a_query_is_cancelled_when_its_only_client_has_gone) {
    std::string document = "{";
    for (int i = 0; i < 100; ++i) document += " a" + std::to_string(i) + ":block(height:0){fees}";
    document += "}";
    pool_waits_ = true;
    {
        net::test::Client client(server_->port());
        client.send("POST /on/graphql/query HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(document.size()) +
                    "\r\n\r\n" + document);
        wait_for_queued(1);
        client.reset();
    }
    while (server_->connections() > 0) ask("GET", "/healthz", "Connection: close\r\n");
    work();
    const int before = queued_;
    EXPECT_TRUE(legacy(document).body.starts_with(R"({"a0":{"fees":0})"));  // and not an answer that was cut short
    EXPECT_EQ(queued_, before + 1);
}

TEST_F(GraphqlTest, large_answers_that_are_being_sent_are_bounded_in_total) {
    end();
    graphql_ =
        std::make_shared<graphql_http::Service>(graphql_http::Service::Limits{.large_bytes = 150, .small_bytes = 100});
    begin();
    const std::string large = R"({ a: __type(name: "Block") { fields { name type { kind } } } })";
    const auto answer = legacy(large);
    EXPECT_EQ(answer.status, 503U);
    EXPECT_EQ(answer.headers.at("retry-after"), "1");
    EXPECT_EQ(legacy("{ __typename }").status, 200U);
    const std::string fits =
        R"({ a: __type(name: "JSON") { kind name description fields { name } inputFields { name } } })";
    for (int i = 0; i < 3; ++i) EXPECT_EQ(legacy(fits).status, 200U);  // each frees its bytes when it was sent
}

}  // namespace
}  // namespace rues::api
