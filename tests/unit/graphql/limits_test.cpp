#include "graphql/limits.hpp"

#include <gtest/gtest.h>

#include "graphql/engine.hpp"
#include "support/graphql_harbour.hpp"

namespace rues::graphql {
namespace {

/// Errors of requests that were built to be expensive. `./dev bench graphql` measures how long they take.
class Limits : public testing::Test {
protected:
    std::string told(std::string text, boost::json::object variables = {}, const EngineOptions& options = {}) {
        const auto response =
            answer(schema_, {std::move(text), std::nullopt, std::move(variables)}, {&harbour_, &harbour_, {}}, options);
        return response.errors.empty() ? "" : response.errors.front().message;
    }

    const Schema schema_ = test::harbour_schema();
    test::Harbour harbour_ = test::harbour(schema_);
};

constexpr auto kTooComplex = "Query is too complex.";
constexpr auto kTooDeep = "The recursion depth of the query cannot be greater than `32`";

std::string nested(std::size_t times) {
    std::string out = "{ person(id: 1) { ";
    for (std::size_t i = 0; i < times; ++i) out += "manager { ";
    return out + "name" + std::string(2 * times, ' ') + std::string(times + 2, '}');
}

// docs/reference/graphql.md 7.2: the operation's own set has depth 0
TEST_F(Limits, depth_is_32_sets_below_the_operations_own) {
    EXPECT_EQ(told(nested(31)), "");
    EXPECT_EQ(told(nested(32)), kTooDeep);
    std::string chain = "{ person(id: 1) { ...F0 } }";
    for (int i = 0; i < 31; ++i)
        chain += " fragment F" + std::to_string(i) + " on Person { " +
                 (i == 30 ? "name" : "...F" + std::to_string(i + 1)) + " }";
    EXPECT_EQ(told(chain), "") << "a spread counts as one";
    EXPECT_EQ(told("{ ... { person(id: 1) { ...F0 } } }" + chain.substr(27)), kTooDeep) << "so does an inline fragment";
}

// vectors/rusk-1.7: gql-fragment-cycle
TEST_F(Limits, a_cycle_of_fragments_is_too_deep) {
    EXPECT_EQ(told("{ ...F } fragment F on Query { ...G } fragment G on Query { kinds ...F }"), kTooDeep);
    EXPECT_EQ(told("{ kinds } fragment F on Query { ...F }"), "Fragment \"F\" is never used")
        << "no operation gets there";
}

// docs/reference/graphql.md 9
TEST_F(Limits, fragments_that_multiply_fields_are_too_complex) {
    std::string fan = "{ person(id: 1) { ...F0 } }";
    for (int i = 0; i < 14; ++i) {
        const std::string next = i == 13 ? "name" : "...F" + std::to_string(i + 1);
        fan += " fragment F" + std::to_string(i) + " on Person { a: manager { " + next + " } b: manager { " + next +
               " } c: manager { " + next + " } }";
    }
    EXPECT_EQ(told(fan), kTooComplex);
    std::string flat = "{ ...F0 }";
    for (int i = 0; i < 30; ++i) {
        const std::string next = i == 29 ? "kinds" : "...F" + std::to_string(i + 1);
        flat += " fragment F" + std::to_string(i) + " on Query { " + next + " " + next + " }";
    }
    EXPECT_EQ(told(flat), kTooComplex);
}

TEST_F(Limits, aliases_are_bounded) {
    const auto aliases = [](int count) {
        std::string text = "{";
        for (int i = 0; i < count; ++i) text += " a" + std::to_string(i) + ": kinds";
        return text + " }";
    };
    EXPECT_EQ(told(aliases(5000)), "");
    EXPECT_EQ(told(aliases(5001)), kTooComplex);
    EXPECT_EQ(told(aliases(60'000)), "The document has more than 100000 tokens.");
}

TEST_F(Limits, nested_introspection_lists_are_bounded) {
    EXPECT_EQ(told("{ __schema { types { fields { args { type { fields { name } } } } } } }"), "");
    EXPECT_EQ(told("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"), kTooComplex);
    EXPECT_EQ(told("{ __type(name: \"Query\") { fields { type { ...F } } } } fragment F on __Type { interfaces { "
                   "possibleTypes { name } } }"),
              kTooComplex);
}

TEST_F(Limits, values_are_bounded_however_often_they_are_used) {
    boost::json::array many(100'000, 1);
    const std::string head = "query($v: [Int!]) {";
    EXPECT_EQ(told(head + " sum(range: {from: 1, within: $v}) }", {{"v", many}}), "");
    std::string text = head;
    for (int i = 0; i < 100; ++i) text += " a" + std::to_string(i) + ": sum(range: {from: 1, within: $v})";
    EXPECT_EQ(told(text + " }", {{"v", many}}),
              "Invalid value for argument \"range.within\", the request has too many values");
    EXPECT_EQ(told("query($v: String!) { search(text: $v) { name } }", {{"v", std::string(1U << 20U, 'x')}}), "");
    boost::json::value deep = 1;
    for (int i = 0; i < 30; ++i) deep = boost::json::array{deep};
    EXPECT_EQ(told("query($v: Any) { number(any: $v) }", {{"v", deep}}), "");
}

TEST_F(Limits, rules_about_all_operations_together_are_bounded) {
    std::string text = "fragment F on Query {";
    for (int i = 0; i < 5000; ++i) text += " a" + std::to_string(i) + ": number(x: $v" + std::to_string(i) + ")";
    text += " }";
    for (int i = 0; i < 5000; ++i) text += " query Q" + std::to_string(i) + " {...F}";
    const auto document = parse(text);
    ASSERT_TRUE(document) << document.error().message;
    const auto problems = validate(schema_, *document);
    EXPECT_LE(problems.size(), 100U);
    EXPECT_EQ(told(text), kTooComplex);

    std::string good = "fragment F on Query { a: kinds }";
    for (int i = 0; i < 9000; ++i) good += " fragment F" + std::to_string(i) + " on Query {...F}";
    for (int i = 0; i < 5000; ++i) good += " query Q" + std::to_string(i) + " {...F0}";
    EXPECT_NE(told(good), "");
}

TEST_F(Limits, many_fields_of_one_key_stay_within_the_bound_on_steps) {
    std::string text = "{";
    for (int i = 0; i < 20'000; ++i) text += " kinds";
    EngineOptions options;
    options.limits.root_fields = 100'000;
    EXPECT_EQ(told(text + " }", {}, options), "");
}

TEST_F(Limits, an_error_cuts_a_long_name) {
    const std::string name(1U << 20U, 'n');
    EXPECT_LT(told("{ " + name + " }").size(), 400U);
    EXPECT_LT(told("query " + name + " { number(x: $a) }").size(), 400U);
}

TEST_F(Limits, nodes_and_bytes_of_the_answer_are_bounded) {
    EngineOptions options;
    options.limits.execution.nodes = 20;
    EXPECT_EQ(told("{ vehicles { ... on Named { name } } }", {}, options), "");
    EXPECT_EQ(told("{ vehicles { ... on Named { a: name b: name c: name d: name e: name f: name } } }", {}, options),
              "The answer is too large.");
    options = {};
    options.limits.execution.bytes = 50;
    EXPECT_EQ(told("{ kinds }", {}, options), "");
    EXPECT_EQ(told("{ a: kinds b: kinds c: kinds d: kinds }", {}, options), "The answer is too large.");
}

TEST_F(Limits, a_cancelled_request_stops_between_fields) {
    auto prepared = prepare(schema_, {"{ a: kinds b: kinds c: kinds }", std::nullopt, {}});
    ASSERT_TRUE(prepared);
    int asked = 0;
    const auto response = execute(*prepared, {&harbour_, &harbour_, [&] { return ++asked == 3; }});
    EXPECT_EQ(asked, 3);
    EXPECT_EQ(response.envelope(), R"({"data":null,"errors":[{"message":"The request was cancelled."}]})");
}

TEST_F(Limits, rows_that_resolvers_read_are_bounded) {
    SchemaBuilder builder;
    std::size_t read = 0;
    builder.object<int>("Query").field("rows", "Int!", [&](Call& call, Parents<int>, Out& out) {
        while (call.spend(100)) read += 100;
        out.integer(1);
    });
    const auto schema = std::move(builder).build();
    ASSERT_TRUE(schema);
    EngineOptions options;
    options.limits.execution.rows = 1000;
    const int root = 0;
    const auto response = answer(*schema, {"{ rows more: rows }", std::nullopt, {}}, {&root, nullptr, {}}, options);
    EXPECT_EQ(response.envelope(), R"({"data":null,"errors":[{"message":"Query is too complex."}]})");
    EXPECT_EQ(read, 1000U);

    bool cancelled = false;
    const auto late = answer(*schema, {"{ rows }", std::nullopt, {}},
                             {&root, nullptr, [&] { return std::exchange(cancelled, true); }});
    EXPECT_EQ(late.errors.at(0).message, "The request was cancelled.");
}

TEST_F(Limits, errors_are_bounded) {
    std::string text = "{ person(id: 1) {";
    for (int i = 0; i < 300; ++i) text += " f" + std::to_string(i) + ": fails";
    const auto response = answer(schema_, {text + " } }", std::nullopt, {}}, {&harbour_, &harbour_, {}});
    EXPECT_EQ(response.errors.size(), 100U);
    EXPECT_EQ(response.errors.back().path, R"(["person","f99"])");
}

}  // namespace
}  // namespace rues::graphql
