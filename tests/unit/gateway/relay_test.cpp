#include "gateway/relay.hpp"

#include <gtest/gtest.h>

#include "api/routes.hpp"

namespace rues::gateway {
namespace {

TEST(Relay, passes_what_needs_contract_state_and_answers_the_rest_itself) {
    for (const auto* path : {"/on/contracts:{entity}/{topic}", "/on/account:{entity}/{topic}", "/on/node/{topic}",
                             "/on/transactions/{topic}", "/on/transactions/propagate", "/on/prover/{topic}",
                             "/on/blobs:{entity}/{topic}", "/on/network/peers"})
        EXPECT_TRUE(is_passed(path, "POST", false)) << path;
    for (const auto* path : {"/contracts", "/contracts/{entity}", "/static/drivers/{file}"})
        EXPECT_TRUE(is_passed(path, "GET", false)) << path;
    for (const auto* path :
         {"/on/blocks/{topic}", "/on/contracts:{entity}/{topic}", "/on/network/peers", "/events", "/events/history",
          "/graphql", "/archive/accounts/{entity}", "/contracts/{entity}/calls", "/", "/on"})
        EXPECT_FALSE(is_passed(path, "GET", false)) << path;
    EXPECT_FALSE(is_passed("/on/graphql/query", "POST", false));
    EXPECT_FALSE(is_passed("/on/blocks/{topic}", "DELETE", false));
}

/// Whether a gateway that executes answers the request itself.
bool is_known_at(std::string_view method, const std::string& target, bool whole = false) {
    const auto match = api::match_route(target);
    for (const auto& row : match.rows) {
        const bool has_method = method == "POST" ? row.method == api::Method::post : row.method == api::Method::get;
        if (has_method && (row.topic.empty() || target.ends_with(row.topic))) return is_known(row, match.entity, whole);
    }
    ADD_FAILURE() << method << " " << target << " is no route";
    return false;
}

TEST(Relay, a_gateway_that_executes_answers_from_the_state) {
    const std::string genesis = "02" + std::string(62, '0');
    const std::string deployed = "07" + std::string(62, '0');
    for (const auto& target : {"/on/contracts:" + deployed + "/get", std::string("/on/account:abc/status"),
                               "/on/contract:" + deployed + "/status", "/on/contract_owner:" + deployed + "/owner",
                               "/on/driver:" + genesis + "/decode_event:x", std::string("/on/transactions/simulate"),
                               std::string("/on/node/provisioners"), std::string("/on/stats/account_count"),
                               std::string("/on/blocks/gas-price")})
        EXPECT_TRUE(is_known_at("POST", target)) << target;
    for (const auto& target :
         {"/on/driver:" + deployed + "/decode_event:x", "/on/contract:" + deployed + "/metadata",
          "/on/contract:" + genesis + "/download_driver", std::string("/on/transactions/preverify"),
          std::string("/on/transactions/propagate"), std::string("/on/node/info"), std::string("/on/stats/tx_count"),
          std::string("/on/prover/prove"), "/on/blobs:" + deployed + "/hash"})
        EXPECT_FALSE(is_known_at("POST", target)) << target;
}

TEST(Relay, only_a_gateway_with_all_blocks_counts_transfers_and_lists_deployed_contracts) {
    EXPECT_TRUE(is_known_at("POST", "/on/stats/tx_count", true));
    for (const auto* target : {"/contracts", "/contracts/0200"}) {
        EXPECT_TRUE(is_known_at("GET", target, true)) << target;
        EXPECT_FALSE(is_known_at("GET", target, false)) << target;
    }
}

TEST(Relay, a_propagate_that_waits_for_events_is_answered_here) {
    EXPECT_FALSE(is_passed("/on/transactions/propagate", "POST", true));
    EXPECT_TRUE(is_passed("/on/contracts:{entity}/{topic}", "POST", true));
}

TEST(Relay, a_node_gets_neither_the_session_nor_the_headers_of_the_connection) {
    net::Request request;
    request.peer = "192.0.2.7";
    request.headers = {{"Host", "gateway"},       {"Content-Type", "text/plain"},  {"Content-Length", "3"},
                       {"Rusk-Session-Id", "ab"}, {"X-Forwarded-For", "10.0.0.1"}, {"Rusk-Version", "1.7.0"},
                       {"Connection", "close"}};

    EXPECT_EQ(
        headers_for_node(request),
        (client::Headers{{"Content-Type", "text/plain"}, {"Rusk-Version", "1.7.0"}, {"X-Forwarded-For", "192.0.2.7"}}));
}

TEST(Relay, a_client_gets_the_headers_of_the_node_but_those_of_the_connection) {
    const client::Headers answer{{"content-type", "application/json"},
                                 {"Transfer-Encoding", "chunked"},
                                 {"date", "now"},
                                 {"rusk-version", "1.7.0"}};

    EXPECT_EQ(headers_for_client(answer),
              (net::Headers{{"content-type", "application/json"}, {"rusk-version", "1.7.0"}}));
}

TEST(Relay, a_node_without_a_prover_says_so_by_its_status) {
    for (const unsigned status : {404U, 501U, 503U}) EXPECT_TRUE(is_without_prover(status));
    for (const unsigned status : {200U, 400U, 422U, 500U}) EXPECT_FALSE(is_without_prover(status));
}

TEST(Relay, an_answer_that_says_an_older_tip_than_wanted_is_from_before) {
    EXPECT_TRUE(is_from_before(5, {200, {{"Rues-Height", "4"}}, {}}));
    EXPECT_FALSE(is_from_before(5, {200, {{"Rues-Height", "5"}}, {}}));
    EXPECT_FALSE(is_from_before(0, {200, {{"Rues-Height", "0"}}, {}}));
    EXPECT_FALSE(is_from_before(5, {200, {}, {}})) << "a Rusk node does not say it";
}

}  // namespace
}  // namespace rues::gateway
