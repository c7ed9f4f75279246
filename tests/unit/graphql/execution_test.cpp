#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "graphql/engine.hpp"
#include "support/graphql_chain.hpp"
#include "support/graphql_harbour.hpp"

namespace rues::graphql {
namespace {

class Harbour : public testing::Test {
protected:
    Response ask(std::string text, boost::json::object variables = {}, const EngineOptions& options = {}) {
        return answer(schema_, {std::move(text), std::nullopt, std::move(variables)}, {&harbour_, &harbour_, {}},
                      options);
    }
    std::string envelope(std::string text, boost::json::object variables = {}, const EngineOptions& options = {}) {
        return ask(std::move(text), std::move(variables), options).envelope();
    }

    const Schema schema_ = test::harbour_schema();
    test::Harbour harbour_ = test::harbour(schema_);
};

class OverChain : public testing::Test {
protected:
    std::string envelope(std::string text, boost::json::object variables = {}) {
        return answer(schema_, {std::move(text), std::nullopt, std::move(variables)}, {&chain_, &chain_, {}}, options_)
            .envelope();
    }

    const Schema schema_ = test::chain_schema();
    test::Chain chain_{50, 3};
    EngineOptions options_{.limits = {}, .variable_types = false};
};

// 6.3.1, docs/reference/differences.md 12
TEST_F(Harbour, keys_are_in_selection_order_and_fields_of_one_key_are_merged_6_3) {
    EXPECT_EQ(envelope("{ z: kinds person(id: 1) { name } a: kinds person(id: 1) { manager { name } age name } }"),
              R"({"data":{"z":["CAR","RAFT"],"person":{"name":"Ada","manager":null,"age":36},"a":["CAR","RAFT"]}})");
    EXPECT_EQ(envelope("{ person(id: 2) { ...F name } } fragment F on Person { age ... on Named { nickname } }"),
              R"({"data":{"person":{"age":-7,"nickname":"Bo","name":"Bob \"é\""}}})");
}

TEST_F(Harbour, interfaces_and_unions_are_resolved_to_their_objects_6_4_3) {
    EXPECT_EQ(
        envelope("{ vehicles { __typename ... on Car { doors } ... on Boat { sails size } ... on Named { name } } }"),
        R"({"data":{"vehicles":[{"__typename":"Car","doors":2,"name":"Beetle"},{"__typename":"Boat","sails":3,"size":12,"name":"Argo"},)"
        R"({"__typename":"Car","doors":4,"name":"Panda"}]}})");
    EXPECT_EQ(
        envelope("{ search(text: \"\") { __typename ... on Owned { owner { name } } } named { name } }"),
        R"({"data":{"search":[{"__typename":"Person"},{"__typename":"Boat","owner":{"name":"Bob \"é\""}},null],"named":{"name":"Bob \"é\""}}})");
}

TEST_F(Harbour, skip_and_include_leave_selections_out_3_13) {
    EXPECT_EQ(envelope("query($t: Boolean!, $f: Boolean = false) { a: kinds @skip(if: $t) b: kinds @include(if: $f) c: "
                       "number @skip(if: $f) @include(if: $t) }",
                       {{"t", true}}),
              R"({"data":{"c":null}})");
    EXPECT_EQ(envelope("{ person(id: 1) { name ... @include(if: false) { age } ...F @skip(if: true) } } fragment F on "
                       "Person { age }"),
              R"({"data":{"person":{"name":"Ada"}}})");
}

TEST_F(Harbour, arguments_are_coerced_6_4_1) {
    EXPECT_EQ(envelope("{ sum(range: {from: 1}) }"), R"({"data":{"sum":101}})") << "defaults of members";
    EXPECT_EQ(envelope("query($w: [Int!], $n: Int) { sum(range: {from: 1, to: $n, within: $w}) }", {{"w", {1, 2}}}),
              R"({"data":{"sum":104}})")
        << "a missing variable is as if the member was not there";
    EXPECT_EQ(envelope("query($n: Int = 5) { sum(range: {from: $n, to: 0, within: [$n, 1]}) }"),
              R"({"data":{"sum":11}})");
    EXPECT_EQ(envelope("query($r: Range!) { sum(range: $r) }", {{"r", {{"from", 7}, {"to", 0}, {"within", 3}}}}),
              R"({"data":{"sum":10}})");
    EXPECT_EQ(envelope("query($i: ID!) { person(id: $i) { name } }", {{"i", 1}}),
              R"({"data":{"person":{"name":"Ada"}}})");
    EXPECT_EQ(envelope("query($f: Int) { person(id: 1) { vehicles(first: $f) { __typename } } }"),
              R"({"data":{"person":{"vehicles":[{"__typename":"Car"},{"__typename":"Boat"},{"__typename":"Car"}]}}})")
        << "a missing variable leaves the argument's default";
    EXPECT_EQ(envelope("{ number(x: 3) }"), R"({"data":{"number":3}})");
}

TEST_F(Harbour, values_of_variables_must_have_their_type_6_1_2) {
    const auto refused = [&](boost::json::value value) {
        const auto response = ask("query($r: Range!) { sum(range: $r) }", {{"r", std::move(value)}});
        return response.data == "null" && response.errors.size() == 1 &&
               response.errors[0].message == "Variable \"r\" got an invalid value, expected type \"Range!\"";
    };
    EXPECT_TRUE(refused(nullptr));
    EXPECT_TRUE(refused(1));
    EXPECT_TRUE(refused({{"from", 1.5}}));
    EXPECT_TRUE(refused({{"from", 1}, {"x", 1}}));
    EXPECT_TRUE(refused({{"to", 1}}));
    EXPECT_TRUE(refused({{"from", 1}, {"kind", "NOPE"}}));
    EXPECT_TRUE(refused({{"from", 4294967296}}));
    EXPECT_FALSE(refused({{"from", 1}, {"kind", "BOAT"}, {"next", {{"from", 2}}}}));
}

// docs/reference/rusk-1.7.md 6.3, docs/reference/differences.md 13
TEST_F(Harbour, a_failing_field_is_left_out_and_reported_with_its_path) {
    EXPECT_EQ(
        envelope("{ person(id: 1) { fails name } }"),
        R"({"data":{"person":{"name":"Ada"}},"errors":[{"message":"it does","locations":[{"line":1,"column":19}],"path":["person","fails"]}]})");
    EXPECT_EQ(
        envelope("{ p: person(id: 1) { fails } kinds }"),
        R"({"data":{"p":null,"kinds":["CAR","RAFT"]},"errors":[{"message":"it does","locations":[{"line":1,"column":22}],"path":["p","fails"]}]})")
        << "an object that lost all fields is null";
    EXPECT_EQ(
        envelope("{ numbers }"),
        R"({"data":{"numbers":[1,null]},"errors":[{"message":"no second","locations":[{"line":1,"column":3}],"path":["numbers",1]}]})");
    EXPECT_EQ(
        envelope("{ nothing kinds }"),
        R"({"data":{"kinds":["CAR","RAFT"]},"errors":[{"message":"Field \"nothing\" of type \"Int!\" has no value","locations":[{"line":1,"column":3}],"path":["nothing"]}]})");
    EXPECT_EQ(
        envelope("{ search(text: \"\") { ... on Person { manager { name } fails x: fails } name } }"),
        R"({"data":{"search":[{"manager":null,"name":"Ada"},{"name":"Nemo"},null]},"errors":[{"message":"it does","locations":[{"line":1,"column":55}],"path":["search",0,"fails"]},{"message":"it does","locations":[{"line":1,"column":61}],"path":["search",0,"x"]}]})");
    EXPECT_EQ(envelope("{ kinds @skip(if: true) }"), R"({"data":null})");
}

TEST_F(Harbour, operations_are_chosen_by_name_6_1_1) {
    const auto named = [&](std::string text, std::optional<std::string> name) {
        return answer(schema_, {std::move(text), std::move(name), {}}, {&harbour_, &harbour_, {}}).envelope();
    };
    EXPECT_EQ(named("query A { a: number } query B { b: number }", "B"), R"({"data":{"b":null}})");
    EXPECT_EQ(named("query A { a: number }", "X"),
              R"({"data":null,"errors":[{"message":"Unknown operation named \"X\""}]})");
    EXPECT_EQ(named("{ number }", ""), R"({"data":null,"errors":[{"message":"Unknown operation named \"\""}]})");
    EXPECT_EQ(named("fragment F on Query { number }", std::nullopt),
              R"({"data":null,"errors":[{"message":"document does not contain an operation"}]})");
}

TEST_F(Harbour, a_subscription_is_answered_once_for_each_event_6_2_3) {
    auto prepared = prepare(
        schema_,
        {"subscription($n: Int = 3) { who: arrival(every: $n) { name manager { name } fails } }", std::nullopt, {}});
    ASSERT_TRUE(prepared);
    EXPECT_EQ(prepared->kind(), OperationNode::Kind::subscription);
    EXPECT_EQ(prepared->source_field()->name, "arrival");
    EXPECT_EQ(prepared->source_arguments()[0].integer, 3);
    EXPECT_EQ(execute_subscription_event(*prepared, &harbour_.bob, {}).data,
              R"({"who":{"name":"Bob \"é\"","manager":{"name":"Ada"}}})");
    const auto second = execute_subscription_event(*prepared, &harbour_.ada, {});
    EXPECT_EQ(second.data, R"({"who":{"name":"Ada","manager":null}})");
    EXPECT_EQ(second.errors.at(0).path, R"(["who","fails"])");
    EXPECT_EQ(ask("subscription { departure }").errors.at(0).message,
              "A subscription is not answered by one response.");
}

// docs/reference/graphql.md 11 D3, D4: the meaning of a header depends on the variable it gives
TEST_F(Harbour, a_transport_can_add_variables_when_it_knows_the_declared_ones) {
    Request request{
        "query($personId: ID!, $first: Int) { person(id: $personId) { vehicles(first: $first) { __typename } } }",
        std::nullopt,
        {}};
    request.more_variables = [](std::span<const VariableNode> declared, boost::json::object& values) {
        ASSERT_EQ(declared.size(), 2U);
        EXPECT_EQ(declared[0].type.name.text, "ID");
        values[declared[0].name.text] = "1";
        values[declared[1].name.text] = 1;
    };
    EXPECT_EQ(answer(schema_, std::move(request), {&harbour_, &harbour_, {}}).data,
              R"({"person":{"vehicles":[{"__typename":"Car"}]}})");
}

TEST_F(Harbour, building_a_schema_reports_declarations_that_do_not_fit) {
    const auto problem = [](auto declare) {
        SchemaBuilder builder;
        declare(builder);
        const auto schema = std::move(builder).build();
        return schema ? "" : schema.error().text;
    };
    EXPECT_EQ(problem([](SchemaBuilder&) {}), "the schema names the unknown type Query");
    EXPECT_EQ(
        problem([](SchemaBuilder& b) { b.object<int>("Query").field("a", "Nope", [](const int&) { return 1; }); }),
        "Query.a names the unknown type Nope");
    EXPECT_EQ(problem([](SchemaBuilder& b) {
                  b.object<int>("Query").field("a", "Int", [](const int&) { return 1; }).argument("x", "Int", "\"s\"");
              }),
              "Query.a.x has a default of the wrong type");
    EXPECT_EQ(problem([](SchemaBuilder& b) { b.object<int>("Query"), b.object<int>("Query"); }),
              "the type Query is declared twice");
}

TEST_F(OverChain, a_field_below_a_list_is_resolved_once_for_the_whole_list) {
    envelope("{ blocks(last: 50) { transactions { id } } }");
    EXPECT_EQ(chain_.batches, 1U);
    envelope("{ a: blocks(last: 50) { transactions { id } } b: blocks(last: 2) { transactions { id } } }");
    EXPECT_EQ(chain_.batches, 3U);
}

// docs/reference/graphql.md 7.5
TEST_F(OverChain, errors_about_arguments_are_located_at_their_values) {
    EXPECT_EQ(
        envelope("{ a: transactions(last: -1) { id } }"),
        R"({"data":null,"errors":[{"message":"Failed to parse \"Int\": Invalid number","locations":[{"line":1,"column":25}],"path":["a"]}]})");
    EXPECT_EQ(
        envelope("query($id: String!) { tx(hash: $id) { id } }"),
        R"({"data":null,"errors":[{"message":"Variable id is not defined.","locations":[{"line":1,"column":32}],"path":["tx"]}]})");
    EXPECT_EQ(
        envelope("query($h: Int!) { tx(hash: $h) { id } }", {{"h", 1}}),
        R"({"data":null,"errors":[{"message":"Invalid value for argument \"hash\", expected type \"String\"","locations":[{"line":1,"column":22}]}]})")
        << "docs/reference/rusk-1.7.md 6.3";
    EXPECT_EQ(envelope("query($h: Int!) { block(height: $h) { fees } }", {{"h", 1}}),
              R"({"data":{"block":{"fees":0}}})")
        << "docs/reference/rusk-1.7.md 6.3";
}

TEST_F(OverChain, integers_have_64_bits) {
    chain_.blocks[1].header.timestamp = UINT64_MAX;
    EXPECT_EQ(envelope("{ block(height: 1) { header { timestamp } } }"),
              R"({"data":{"block":{"header":{"timestamp":18446744073709551615}}}})");
}

// docs/reference/graphql.md 6.2: 500 aliases in one document, answered in their order
TEST_F(OverChain, five_hundred_aliases_are_answered) {
    std::string text = "query {";
    for (int i = 0; i < 500; ++i)
        text += " tx" + std::to_string(i) + ": tx(hash: \"" +
                test::Chain::number(static_cast<std::size_t>(i) % 150, 't') +
                "\") { blockHash, blockTimestamp, err, gasSpent, tx { callData { fnName }, gasLimit, gasPrice, "
                "isDeploy, memo } }";
    const auto data = boost::json::parse(envelope(text + "}")).at("data").as_object();
    ASSERT_EQ(data.size(), 500U);
    EXPECT_EQ(std::next(data.begin(), 10)->key(), "tx10");
    EXPECT_EQ(data.at("tx499").at("tx").at("gasLimit").as_int64(), 100'000'000);
}

}  // namespace
}  // namespace rues::graphql
