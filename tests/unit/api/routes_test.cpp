#include "api/routes.hpp"

#include <set>

#include "unit/api/fixture.hpp"

namespace rues::api {
namespace {

using RoutesTest = test::ApiTest;

std::string allow(std::string_view path) {
    const auto rows = match_route(path).rows;
    return rows.empty() ? "none" : allow_of(rows);
}

TEST_F(RoutesTest, an_error_that_quotes_the_client_is_json_whatever_bytes_it_sent) {
    for (const std::string sent : {"\xff", "\xc3", "1.\xe2\x82", "\"\\\x80", "\xed\xa0\x80"}) {
        for (const char* path : {"/on/node/info", "/on/blocks/accepted"}) {
            const auto answer = ask("GET", path, "Rusk-Version: " + sent + "\r\n");
            EXPECT_EQ(answer.status, 400U);
            boost::system::error_code error;
            (void)boost::json::parse(answer.body, error);
            EXPECT_FALSE(error) << answer.body;
        }
    }
}

// docs/reference/rusk-1.7.md 1.2, with docs/reference/differences.md 3 and 4.
TEST(Routes, allow_is_the_nodes_string_with_options_and_without_head_where_get_subscribes) {
    EXPECT_EQ(allow("/on"), "GET,HEAD,OPTIONS");
    EXPECT_EQ(allow("/on/transactions/propagate"), "POST,OPTIONS");
    EXPECT_EQ(allow("/on/transactions/x"), "POST,GET,DELETE,OPTIONS");
    EXPECT_EQ(allow("/on/transactions:a/x"), "GET,DELETE,OPTIONS");
    EXPECT_EQ(allow("/on/blocks/x"), "POST,GET,DELETE,OPTIONS");
    EXPECT_EQ(allow("/on/blocks:a/x"), "GET,DELETE,OPTIONS");
    EXPECT_EQ(allow("/on/contracts:a/x"), "POST,GET,DELETE,OPTIONS");
    EXPECT_EQ(allow("/on/network/peers"), "POST,GET,DELETE,OPTIONS") << "docs/reference/differences.md 39";
    for (const char* path : {"/on/network/x", "/on/node/x", "/on/stats/x", "/on/account:a/x", "/on/blobs:a/x",
                             "/on/driver:a/x", "/on/contract:a/upload_driver", "/on/contract:a/status",
                             "/on/contract:a/x", "/on/contract_owner:a/x", "/on/graphql/query", "/on/prover/x"}) {
        EXPECT_EQ(allow(path), "POST,OPTIONS") << path;
    }
    EXPECT_EQ(allow("/graphql"), "GET,HEAD,POST,OPTIONS");
    EXPECT_EQ(allow("/static/drivers/x"), "GET,HEAD,OPTIONS");
}

TEST(Routes, literal_parts_match_byte_by_byte_and_a_parameter_ends_at_the_next_slash) {
    for (const char* path : {"/on/BLOCKS/accepted", "/on/blocks%3Aa/accepted", "/on/blocks/accepted/extra",
                             "/on/node:a/info", "/on/graphql/x", "/on/accounts:a/status", "/on//t", "/on/blocks",
                             "/onx", "/static/drivers", "/static/x/y", ""}) {
        EXPECT_EQ(allow(path), "none") << path;
    }
    const auto match = match_route("/on/contracts:a:b/f:g");
    EXPECT_EQ(match.entity, "a:b");
    EXPECT_EQ(match.topic, "f:g");
    EXPECT_TRUE(match_route("/on/blocks:/accepted").has_entity);
}

TEST(Routes, rows_of_one_path_are_adjacent_and_share_the_checks_before_the_topic) {
    std::set<std::string_view> seen;
    std::string_view last;
    const Route* first = nullptr;
    for (const Route& row : routes()) {
        if (row.path != last) {
            EXPECT_TRUE(seen.insert(row.path).second) << row.path;
            first = &row;
        }
        last = row.path;
        EXPECT_EQ(row.rules, first->rules) << row.path;
        EXPECT_EQ(row.deprecated, first->deprecated) << row.path;
        EXPECT_FALSE(row.summary.empty()) << row.path;
        EXPECT_EQ(row.rules == Rules::rues, row.path.starts_with("/on/")) << row.path;
        EXPECT_EQ(row.rules == Rules::local || row.rules == Rules::debug, is_local(row.path)) << row.path;
        EXPECT_EQ(row.setting, first->setting) << row.path;
    }
}

TEST_F(RoutesTest, a_path_that_a_setting_turns_off_is_404) {
    contracts_wildcard_ = false;
    end();
    begin();
    EXPECT_EQ(ask("GET", "/on/contracts/moved").status, 404U);
    EXPECT_EQ(ask("DELETE", "/on/contracts/moved").status, 404U);
}

TEST_F(RoutesTest, a_wrong_version_comes_before_a_wrong_method_and_an_unknown_path_before_both) {
    const std::string version = "Rusk-Version: 9.0.0\r\n";

    EXPECT_EQ(ask("PUT", "/on/blocks/accepted", version).status, 400U);
    EXPECT_EQ(ask("PUT", "/on/blocks/accepted").status, 405U);
    EXPECT_EQ(ask("PUT", "/on/nothing/accepted", version).status, 404U);
    EXPECT_EQ(ask("PUT", "/on", version).status, 405U);
}

TEST_F(RoutesTest, a_wrong_version_an_unknown_path_and_a_wrong_method_come_before_a_body_that_is_too_large) {
    const std::string body((3 << 20) + 1, 'x');

    EXPECT_EQ(ask("POST", "/on/node/info", "Rusk-Version: 9.0.0\r\n", body).status, 400U);
    EXPECT_EQ(ask("POST", "/nowhere", "", body).status, 404U);
    EXPECT_EQ(ask("PUT", "/on/node/info", "", body).status, 405U);
    const auto refused = ask("POST", "/on/account:x/status", "", body);
    EXPECT_EQ(refused.status, 413U);
    EXPECT_EQ(refused.body, R"({"error":"length limit exceeded"})");
    EXPECT_EQ(refused.headers.at("deprecation"), "true");
    EXPECT_FALSE(ask("POST", "/dev/mine", "", body).headers.contains("access-control-allow-origin"));
}

TEST_F(RoutesTest, every_path_has_its_own_body_limit) {
    const auto status = [&](const std::string& path, std::size_t bytes) {
        return ask("POST", path, "Content-Type: application/octet-stream\r\n", std::string(bytes, 'x')).status;
    };

    EXPECT_NE(status("/on/transactions/preverify", 3 << 20), 413U);
    EXPECT_EQ(status("/on/transactions/preverify", (3 << 20) + 1), 413U);
    EXPECT_EQ(status("/on/node/info", 65'536), 200U) << "a route that needs no body";
    EXPECT_EQ(status("/on/node/info", 65'537), 413U);
    EXPECT_EQ(status("/on/blocks/gas-price", 65'537), 413U) << "a route that needs a number";
    EXPECT_NE(status("/on/contract:12/upload_driver", 2 << 20), 413U);
    EXPECT_EQ(status("/on/contract:12/upload_driver", (2 << 20) + 1), 413U);
    EXPECT_NE(status("/graphql", 262'144), 413U);
    EXPECT_EQ(status("/graphql", 262'145), 413U);
}

TEST_F(RoutesTest, a_body_that_is_too_large_is_refused_before_it_is_sent) {
    net::test::Client client(server_->port());

    const auto refused = client.ask("POST /on/node/info HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n");

    EXPECT_EQ(refused.status, 413U);
    EXPECT_EQ(refused.body, R"({"error":"length limit exceeded"})");
}

TEST_F(RoutesTest, a_large_body_is_decoded_on_the_pool_and_a_short_one_on_the_loop) {
    const auto preverify = [&](const std::string& body, const std::string& headers = {}) {
        return ask("POST", "/on/transactions/preverify", headers, body);
    };
    const std::string short_hex = "0x" + std::string(65'534, '0');
    const std::string long_hex = "0x" + std::string(65'536, '0');

    const auto on_loop = preverify(short_hex);
    EXPECT_EQ(queued_, 0);
    const auto on_pool = preverify(long_hex);
    EXPECT_EQ(queued_, 1);

    EXPECT_EQ(on_loop.status, 400U);
    EXPECT_EQ(on_pool.status, 400U);
    EXPECT_EQ(on_pool.body, on_loop.body);
    EXPECT_EQ(preverify(std::string(70'000, '\xff')).status, 422U);
    EXPECT_EQ(queued_, 2);
    EXPECT_EQ(preverify(std::string(70'000, 'x'), "Content-Type: application/octet-stream\r\n").status, 400U);
    EXPECT_EQ(queued_, 2) << "bytes need no decoding";
    const auto echoed = preverify(long_hex, "X-Mine: yes\r\n");
    EXPECT_EQ(echoed.headers.at("x-mine"), "yes");
}

TEST_F(RoutesTest, too_many_large_bodies_are_503_and_no_place_is_held_after_the_decoding) {
    const std::string body = "0x" + std::string(65'536, '0');
    const Bound& bound = places_.of(Work::decode);

    auto all = bound.take(bound.most());
    ASSERT_TRUE(all);
    const auto refused = ask("POST", "/on/transactions/preverify", {}, body);
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(refused.body, R"({"error":"too many large bodies wait"})");
    EXPECT_TRUE(refused.headers.contains("retry-after"));

    EXPECT_EQ(ask("POST", "/on/transactions/preverify", {}, body.substr(0, 1'000)).status, 400U) << "short ones go on";
}

TEST_F(RoutesTest, a_large_body_gives_its_place_back_once_it_is_decoded) {
    const Bound& bound = places_.of(Work::decode);

    EXPECT_EQ(ask("POST", "/on/transactions/preverify", {}, "0x" + std::string(65'536, '0')).status, 400U);

    EXPECT_EQ(places_.counts(Work::decode).waited_us.count(), 1U);
    EXPECT_EQ(bound.taken(), 0U);
}

TEST_F(RoutesTest, entity_and_topic_are_percent_decoded_but_not_folded_for_post) {
    EXPECT_EQ(ask("POST", "/on/node/in%66o").status, 200U);
    EXPECT_EQ(ask("POST", "/on/node/Info").status, 501U);
    EXPECT_EQ(ask("POST", "/on/transactions/Preverify").status, 501U);
    const auto entity = ask("POST", "/on/account:%ff/status");
    EXPECT_EQ(entity.status, 400U);
    EXPECT_EQ(entity.body, "Invalid URL: Invalid UTF-8 in `entity`");
    EXPECT_EQ(entity.headers.at("content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(ask("GET", "/on/blocks/%ff").body, "Invalid URL: Invalid UTF-8 in `topic`");
    EXPECT_EQ(ask("POST", "/on/account:/status").body, R"({"error":"Invalid URL path"})");
    EXPECT_EQ(ask("POST", "/on/node/%2f/").status, 501U);
}

TEST_F(RoutesTest, deprecated_routes_say_so_on_every_answer_that_passes_the_version_check) {
    constexpr std::string_view kNote = "This endpoint is deprecated and scheduled for removal";

    for (const char* path : {"/on/account:x/status", "/on/contract:x/status", "/on/contract_owner:x/owner"}) {
        for (const char* method : {"POST", "PUT"}) {
            const auto headers = ask(method, path).headers;
            EXPECT_EQ(headers.at("deprecation"), "true") << method << path;
            EXPECT_EQ(headers.at("deprecation-note"), kNote) << method << path;
        }
        EXPECT_FALSE(ask("POST", path, "Rusk-Version: 9\r\n").headers.contains("deprecation")) << path;
    }
    EXPECT_FALSE(ask("POST", "/on/contract:x/metadata").headers.contains("deprecation"));
}

TEST_F(RoutesTest, x_headers_come_back_from_handlers_and_their_errors_but_not_from_checks_before_them) {
    EXPECT_EQ(ask("POST", "/on/node/info", "X-A: 1.10\r\nx-a: 2.0\r\n").headers.at("x-a"), "2.0");
    EXPECT_EQ(ask("POST", "/on/node/nothing", "X-A: 1\r\n").headers.at("x-a"), "1");
    EXPECT_EQ(ask("POST", "/on/account:0/status", "X-A: 1\r\n").headers.at("x-a"), "1");
    EXPECT_FALSE(ask("POST", "/on/node/info", "X-A: 1\r\nRusk-Version: 9\r\n").headers.contains("x-a"));
    EXPECT_FALSE(ask("POST", "/on/node/info", "X-A: 1\r\n", "\xff").headers.contains("x-a"));
}

TEST_F(RoutesTest, a_header_that_is_not_visible_ascii_is_422_for_post_only) {
    const auto refused = ask("POST", "/on/node/info", "X-Name: \xc3\xa9\r\n");

    EXPECT_EQ(refused.status, 422U);
    EXPECT_EQ(refused.body, R"({"error":"Invalid payload: Invalid header encoding for x-name"})");
    EXPECT_EQ(ask("GET", "/on/blocks/accepted", "X-Name: \xc3\xa9\r\n").status, 424U);
}

TEST_F(RoutesTest, the_sessions_path_answers_400_to_a_plain_get_and_405_to_other_methods) {
    EXPECT_EQ(ask("GET", "/on").body, "Connection header did not include 'upgrade'");
    EXPECT_EQ(ask("POST", "/on").status, 405U);
    net::test::Client client(server_->port());
    client.send("HEAD /on HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.read_answer(true).status, 405U);
}

// docs/reference/differences.md 30
TEST_F(RoutesTest, the_prover_is_404) {
    const auto prover = ask("POST", "/on/prover/prove");
    EXPECT_EQ(prover.status, 404U);
    EXPECT_EQ(prover.body, R"({"error":"Not found: prover"})");
}

TEST_F(RoutesTest, every_error_has_its_stable_code_in_a_header) {
    EXPECT_EQ(ask("POST", "/nowhere").headers.at("rues-error-code"), "path_not_found");
    EXPECT_EQ(ask("PUT", "/on/node/info").headers.at("rues-error-code"), "method_not_allowed");
    EXPECT_EQ(ask("GET", "/on").headers.at("rues-error-code"), "bad_handshake");
    EXPECT_EQ(ask("POST", "/on/node/info", "", std::string((3 << 20) + 1, 'x')).headers.at("rues-error-code"),
              "too_large");
}

TEST_F(RoutesTest, an_internal_error_has_an_id_that_is_in_the_log) {
    pool_forgets_ = true;  // a request that nobody answers

    const auto answer = ask("POST", "/on/node/provisioners", "X-Request-Id: 7\r\n");

    EXPECT_EQ(answer.status, 500U);
    EXPECT_EQ(answer.body, R"({"error":"Internal server error"})");
    EXPECT_EQ(answer.headers.at("rues-error-code"), "internal");
    EXPECT_THAT(logged(), ::testing::HasSubstr("request " + answer.headers.at("x-request-id") + " failed"));
}

TEST_F(RoutesTest, a_full_pool_is_503_with_retry_after) {
    end();
    begin();
    pool_is_full_ = true;

    const auto key = crypto::account_key(ledger::local_chain_seed(), 1).public_key();
    const auto answer = ask("POST", "/on/account:" + base::to_base58(key.bytes()) + "/status");

    EXPECT_EQ(answer.status, 503U);
    EXPECT_EQ(answer.headers.at("retry-after"), "1");
}

}  // namespace
}  // namespace rues::api
