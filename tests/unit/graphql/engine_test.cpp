#include "graphql/engine.hpp"

#include <gtest/gtest.h>

#include <set>

#include "support/graphql_chain.hpp"
#include "support/recorded.hpp"

namespace rues::graphql {
namespace {

const EngineOptions kNode{.limits = {}, .variable_types = false};

std::string text(const boost::json::value& v) {
    return std::string(v.as_string());
}

// tests/data/rusk-1.7/http.json, gql-sdl: byte for byte
TEST(Sdl, is_the_text_that_the_node_prints) {
    const auto rows = recorded::load("http.json");
    for (const auto& row : rows.as_array()) {
        if (row.at("name").as_string() != "gql-sdl") continue;
        EXPECT_EQ(test::chain_schema().sdl(), text(row.at("answer").at("body").at("text")));
        return;
    }
    FAIL() << "no row gql-sdl";
}

// tests/data/rusk-1.7/http.json: answers of the node about the language itself, byte for byte. Left out: answers that
// hold data of the recorded chain, and those of the archive.
TEST(Engine, answers_the_recorded_queries_as_the_node_does) {
    const std::set<std::string> other{
        "http-gql-tip",         "http-gql-genesis",     "http-gql-events",     "http-gql-events-both",
        "http-gql-final-limit", "http-gql-history-bad", "gql-introspection",   "gql-batch",
        "http-gql-pair",        "gql-badjson",          "http-gql-blocks-over"};
    const Schema schema = test::chain_schema();
    test::Chain chain(1, 0);
    const auto rows = recorded::load("http.json");
    std::size_t compared = 0;
    for (const auto& row : rows.as_array()) {
        const std::string name = text(row.at("name"));
        const auto& request = row.at("request");
        if (name.find("gql") == std::string::npos || request.at("path") != "/graphql" || other.contains(name)) continue;
        if (request.at("method") != "POST" || !request.at("body").as_object().contains("text")) continue;
        const auto body = boost::json::parse(text(request.at("body").at("text"))).as_object();
        Request asked{text(body.at("query")), std::nullopt, {}};
        if (const auto* variables = body.if_contains("variables")) asked.variables = variables->as_object();
        EXPECT_EQ(answer(schema, std::move(asked), {&chain, &chain, {}}, kNode).envelope(),
                  text(row.at("answer").at("body").at("text")))
            << name;
        ++compared;
    }
    EXPECT_GE(compared, 25U);
}

// tests/data/rusk-1.7/http.json, gql-introspection: the node's order of types, fields, arguments and directives
TEST(Introspection, is_the_answer_of_the_node) {
    const Schema schema = test::chain_schema();
    test::Chain chain(1);
    const auto rows = recorded::load("http.json");
    for (const auto& row : rows.as_array()) {
        if (row.at("name").as_string() != "gql-introspection") continue;
        const auto body = boost::json::parse(text(row.at("request").at("body").at("text"))).as_object();
        const auto got = answer(schema, {text(body.at("query")), std::nullopt, {}}, {&chain, &chain, {}}, kNode);
        EXPECT_EQ(boost::json::parse(got.envelope()), boost::json::parse(text(row.at("answer").at("body").at("text"))));
        return;
    }
    FAIL() << "no row gql-introspection";
}

}  // namespace
}  // namespace rues::graphql
