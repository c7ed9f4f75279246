#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "graphql/builder.hpp"
#include "graphql/engine.hpp"

namespace rues::graphql {
namespace {

struct Item {
    int number = 0;
    const Type* type = nullptr;
};

/// Two kinds of items behind one interface. Counts how often each resolver runs.
struct Shop {
    std::vector<Item> items{{1}, {2}, {3}};
    int items_calls = 0;
    int name_calls = 0;
    int failing_calls = 0;
};

void write_name(Call& call, Parents<Item> parents, Out& out) {
    ++call.context<Shop>().name_calls;
    for (std::size_t i = 0; i < parents.size(); ++i)
        out.string(std::string(call.arguments[0].text) + std::to_string(parents[i].number));
}

Schema shop_schema() {
    SchemaBuilder builder;
    Type& named = builder.interface("Named");
    builder.interface_field(named, "name", "String!").argument("before", "String", "\"\"");
    for (const char* name : {"Book", "Pen"}) {
        auto type = builder.object<Item>(name);
        type.implements("Named");
        type.field("name", "String!", &write_name).argument("before", "String", "\"\"");
        type.field("number", "Int!", &Item::number);
    }
    auto query = builder.object<Shop>("Query");
    query
        .field("items", "[Named!]!",
               [](Call& call, Parents<Shop> shop, Out& out) {
                   ++call.context<Shop>().items_calls;
                   out.begin_list();
                   for (const Item& item : shop[0].items)
                       if (item.number >= call.arguments[0].integer) out.object(&item, item.type);
                   out.end_list();
               })
        .argument("from", "Int", "0")
        .argument("kinds", "[String!]");
    query
        .field("fails", "Int",
               [](Call& call, Parents<Shop>, Out& out) {
                   ++call.context<Shop>().failing_calls;
                   out.fail(call.arguments[0].given() ? call.about(0, "no such item") : ResolverError{"closed"});
               })
        .argument("item", "Int");
    auto schema = std::move(builder).build();
    if (!schema) throw std::logic_error(schema.error().text);
    return std::move(*schema);
}

class EqualFields : public testing::Test {
protected:
    EqualFields() {
        for (Item& item : shop_.items) item.type = schema_.type(item.number == 2 ? "Pen" : "Book");
    }
    std::string envelope(std::string text, boost::json::object variables = {}, const EngineOptions& options = {}) {
        return answer(schema_, {std::move(text), std::nullopt, std::move(variables)}, {&shop_, &shop_, {}}, options)
            .envelope();
    }

    const Schema schema_ = shop_schema();
    Shop shop_;
};

TEST_F(EqualFields, fields_that_differ_in_alias_alone_are_resolved_once) {
    EXPECT_EQ(envelope("query($f: Int = 3) { a: items(from: 3) { name } b: items(from: $f) { name } c: items(from: 2) "
                       "{ name } }"),
              R"({"data":{"a":[{"name":"3"}],"b":[{"name":"3"}],"c":[{"name":"2"},{"name":"3"}]}})");
    EXPECT_EQ(shop_.items_calls, 2) << "a variable's value counts, not how it is written";
}

TEST_F(EqualFields, equal_fields_may_select_different_fields_below) {
    EXPECT_EQ(envelope("{ a: items { name } b: items { ... on Pen { number } n: name } }"),
              R"({"data":{"a":[{"name":"1"},{"name":"2"},{"name":"3"}],)"
              R"("b":[{"n":"1"},{"number":2,"n":"2"},{"n":"3"}]}})");
    EXPECT_EQ(shop_.items_calls, 1);
    EXPECT_EQ(shop_.name_calls, 2) << "once for each type: the parents are the same below both";
}

TEST_F(EqualFields, other_arguments_or_other_parents_are_another_field) {
    envelope(R"({ a: items(kinds: ["x"]) { name } b: items(kinds: ["y"]) { name } c: items(kinds: []) { name } d: items
                { name } e: items(kinds: null) { name } f: items(from: 9) { name(before: "-") } })");
    EXPECT_EQ(shop_.items_calls, 6);

    shop_ = {shop_.items};
    EXPECT_EQ(envelope("{ items(from: 3) { a: name b: name(before: \"-\") c: name(before: \"-\") } }"),
              R"({"data":{"items":[{"a":"3","b":"-3","c":"-3"}]}})");
    EXPECT_EQ(shop_.name_calls, 2);
}

TEST_F(EqualFields, each_selection_reports_an_error_at_its_own_place) {
    EXPECT_EQ(envelope("{ a: fails b: fails }"),
              R"({"data":null,"errors":[{"message":"closed","locations":[{"line":1,"column":3}],"path":["a"]},)"
              R"({"message":"closed","locations":[{"line":1,"column":12}],"path":["b"]}]})");
    EXPECT_EQ(shop_.failing_calls, 1);

    shop_.failing_calls = 0;
    EXPECT_EQ(envelope("{ a: fails(item: 1) b: fails(item: 1) }"),
              R"({"data":null,"errors":[{"message":"no such item","locations":[{"line":1,"column":18}],"path":["a"]},)"
              R"({"message":"no such item","locations":[{"line":1,"column":36}],"path":["b"]}]})");
    EXPECT_EQ(shop_.failing_calls, 2);
}

TEST_F(EqualFields, values_that_are_shared_count_in_every_place_of_the_answer) {
    std::string text = "{";
    for (int i = 0; i < 100; ++i) text += " a" + std::to_string(i) + ": items { name }";
    text += " }";
    EngineOptions options;
    options.limits.execution.nodes = 700;  // 7 values in each of 100 lists
    EXPECT_EQ(envelope(text, {}, options).find("errors"), std::string::npos);
    options.limits.execution.nodes = 699;
    EXPECT_EQ(envelope(text, {}, options), R"({"data":null,"errors":[{"message":"The answer is too large."}]})");
    options = {};
    options.limits.execution.bytes = 1'000;
    EXPECT_EQ(envelope(text, {}, options), R"({"data":null,"errors":[{"message":"The answer is too large."}]})");
}

TEST_F(EqualFields, a_thousand_aliases_of_one_history_cost_one) {
    std::string text = "{";
    for (int i = 0; i < 1'000; ++i) text += " a" + std::to_string(i) + ": items { name n: name }";
    EngineOptions options;
    options.limits.root_fields = 1'000;
    const auto data = boost::json::parse(envelope(text + " }", {}, options)).at("data").as_object();
    EXPECT_EQ(data.size(), 1'000U);
    EXPECT_EQ(data.at("a0"), data.at("a999"));
    EXPECT_EQ(shop_.items_calls, 1);
    EXPECT_EQ(shop_.name_calls, 2);
}

}  // namespace
}  // namespace rues::graphql
