#include "client/contracts.hpp"

#include <gtest/gtest.h>

#include "client/graphql.hpp"
#include "client/node.hpp"
#include "client/simulation.hpp"
#include "unit/client/scripted_node.hpp"

/// What the client reads of a node's answers: contracts, drivers, simulations, GraphQL.
namespace rues::client {
namespace {

using test::Node;
using test::Replies;

const ledger::ContractId kContract{std::byte{7}};

TEST(ClientContracts, metadata_tells_the_owner_and_whether_there_is_a_driver) {
    const Node node(Replies{{"200 OK", R"({"driver_available":true,"driver_signature":"ab","owner":"2g"})"}});

    const auto info = contract_info(node.url(), kContract);

    ASSERT_TRUE(info) << info.error().text;
    ASSERT_TRUE(*info);
    EXPECT_EQ(base::to_hex((*info)->owner), "61");
    EXPECT_TRUE((*info)->has_driver);
    EXPECT_EQ((*info)->driver_signature, "ab");
    EXPECT_TRUE(node.asked[0].starts_with("POST /on/contract:07" + std::string(62, '0') + "/metadata "));
}

// A deployment may name 60 KB as its owner.
TEST(ClientContracts, an_owner_that_is_too_long_for_base58_is_read_from_the_hex) {
    const base::Bytes owner(1'000, std::byte{7});
    const Node node(Replies{{"200 OK", R"({"driver_available":false,"contract_owner":")" + base::to_hex(owner) +
                                           R"(","owner":")" + base::to_base58(owner) + "\"}"}});

    const auto info = contract_info(node.url(), kContract);

    ASSERT_TRUE(info && *info);
    EXPECT_EQ((*info)->owner, owner);
}

TEST(ClientContracts, a_contract_without_an_owner_is_told_from_an_unknown_one) {
    const std::string empty = R"({"driver_available":false,"driver_signature":null,"owner":""})";
    const Node unknown(
        Replies{{"200 OK", empty}, {"404 Not Found", R"({"error":"Not found: Contract owner not found: 07"})"}});
    const auto nothing = contract_info(unknown.url(), kContract);
    ASSERT_TRUE(nothing);
    EXPECT_FALSE(*nothing);

    const Node known(Replies{{"200 OK", empty}, {"200 OK", ""}});
    EXPECT_TRUE(contract_info(known.url(), kContract)->has_value());

    const Node strange(Replies{{"200 OK", empty}, {"500 No", "{}"}});
    EXPECT_EQ(contract_info(strange.url(), kContract).error().kind, Error::Kind::refused);
    const Node broken(Replies{{"200 OK", R"({"owner":"0"})"}});
    EXPECT_EQ(contract_info(broken.url(), kContract).error().kind, Error::Kind::malformed);
}

TEST(ClientContracts, names_of_functions_are_encoded_in_the_path) {
    const Node node(Replies{{"200 OK", "xy"}});

    const auto answer = query(node.url(), kContract, "a/b ?", {}, true);

    EXPECT_EQ(base::text(*answer), "xy");
    EXPECT_NE(node.asked[0].find("/a%2Fb%20%3F HTTP/1.1"), std::string::npos);
    EXPECT_NE(node.asked[0].find("Rusk-Feeder: 1"), std::string::npos);
}

TEST(ClientContracts, a_missing_driver_is_no_error_and_an_error_of_the_driver_is_refused) {
    const Node missing(Replies{{"404 Not Found", R"({"error":"Not found: Driver not registered"})"}});
    const auto nothing = run_driver(missing.url(), kContract, "get_version", {});
    ASSERT_TRUE(nothing);
    EXPECT_FALSE(*nothing);

    const Node failing(
        Replies{{"422 No", R"-({"error":"Data driver error: Data-Driver Error: Unsupported(\"fn_name x\")"})-"}});
    const auto error = run_driver(failing.url(), kContract, "encode_input_fn:x", base::to_bytes("1"));
    EXPECT_EQ(error.error().kind, Error::Kind::refused);
    EXPECT_NE(error.error().text.find("Unsupported(\"fn_name x\")"), std::string::npos);

    const Node other(Replies{{"404 Not Found", R"({"error":"Not found: Unsupported data driver method x"})"}});
    EXPECT_FALSE(run_driver(other.url(), kContract, "x", {}));
}

TEST(ClientContracts, a_server_that_is_no_rues_server_is_told) {
    for (const auto* status : {"200 OK", "404 Not Found"}) {
        const Node node(Replies{{status, "<html>", "Server: other\r\n"}});
        const auto answer = chain_id(node.url());
        ASSERT_FALSE(answer);
        EXPECT_NE(answer.error().text.find("this is not a RUES server"), std::string::npos) << answer.error().text;
    }
}

TEST(ClientContracts, a_chain_without_an_id_is_chain_0) {
    const Node node(Replies{{"200 OK", R"({"chain_id":null})"}});
    EXPECT_EQ(chain_id(node.url()), 0);
    const Node without(Replies{{"200 OK", "{}"}});
    EXPECT_EQ(chain_id(without.url()).error().kind, Error::Kind::malformed);
}

TEST(ClientSimulation, gas_error_and_events_are_read) {
    const std::string id(64, '1');
    const std::string event = R"({"source":")" + id + R"(","topic":"t","data":"00ff","origin":")" + id + "\"}";
    const Node node(Replies{{"200 OK", R"-({"error":"Panic(\"no\")","gas-spent":5,"events":[)-" + event + "]}"},
                            {"200 OK", R"({"error":null,"gas-spent":6})"}});

    const auto failed = simulate(node.url(), base::to_bytes("tx"));
    ASSERT_TRUE(failed) << failed.error().text;
    EXPECT_EQ(failed->gas_spent, 5U);
    EXPECT_EQ(failed->error, "Panic(\"no\")");
    ASSERT_EQ(failed->events.size(), 1U);
    EXPECT_EQ(failed->events[0].topic, "t");
    EXPECT_EQ(base::to_hex(failed->events[0].data), "00ff");
    EXPECT_NE(node.asked[0].find("Rues-Events: true"), std::string::npos);
    const auto plain = simulate(node.url(), base::to_bytes("tx"));
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->error, std::nullopt);
    EXPECT_TRUE(plain->events.empty());
}

TEST(ClientSimulation, an_answer_that_is_none_is_malformed) {
    for (const auto* body : {"[]", "{}", R"({"gas-spent":-1})", R"({"gas-spent":1,"events":{}})",
                             R"({"gas-spent":1,"events":[1]})", R"({"gas-spent":1,"events":[{"topic":"t"}]})"}) {
        const Node node(Replies{{"200 OK", body}});
        const auto answer = simulate(node.url(), {});
        ASSERT_FALSE(answer) << body;
        EXPECT_EQ(answer.error().kind, Error::Kind::malformed) << body;
    }
}

TEST(ClientGraphql, data_or_the_first_error) {
    const Node node(Replies{{"200 OK", R"({"data":{"a":1}})"},
                            {"200 OK", R"({"data":null,"errors":[{"message":"Unknown field"},{"message":"more"}]})"},
                            {"200 OK", R"({"data":null})"},
                            {"200 OK", R"({"data":{},"errors":[1]})"}});

    const auto data = graphql(node.url(), "{ a }", {{"id", "x"}});
    ASSERT_TRUE(data) << data.error().text;
    EXPECT_EQ(data->at("a").to_number<int>(), 1);
    EXPECT_NE(node.asked[0].find(R"({"query":"{ a }","variables":{"id":"x"}})"), std::string::npos) << node.asked[0];
    EXPECT_EQ(graphql(node.url(), "{ b }").error().text, "Unknown field");
    EXPECT_EQ(graphql(node.url(), "{ c }").error().kind, Error::Kind::malformed);
    EXPECT_EQ(graphql(node.url(), "{ d }").error().kind, Error::Kind::refused);
}

}  // namespace
}  // namespace rues::client
