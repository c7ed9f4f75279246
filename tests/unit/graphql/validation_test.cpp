#include "graphql/validation.hpp"

#include <gtest/gtest.h>

#include "graphql/parser.hpp"
#include "support/graphql_chain.hpp"
#include "support/graphql_harbour.hpp"

namespace rues::graphql {
namespace {

std::string broken(const Schema& schema, std::string_view text, const ValidationOptions& options = {}) {
    const auto document = parse(text);
    if (!document) return "syntax: " + document.error().message;
    std::string out;
    for (const Problem& each : validate(schema, *document, options)) {
        if (!out.empty()) out += ' ';
        out += rule_name(each.rule);
    }
    return out;
}

/// The rules that a document breaks, in document order, one name for each problem.
std::string broken(std::string_view text, const ValidationOptions& options = {}) {
    static const Schema schema = test::harbour_schema();
    return broken(schema, text, options);
}

struct Told {
    std::string message;
    std::vector<Location> locations;
    friend bool operator==(const Told&, const Told&) = default;
    friend void PrintTo(const Told& v, std::ostream* out) {
        *out << v.message;
        for (const Location& each : v.locations) *out << " " << each.line << ":" << each.column;
    }
};

/// Messages and locations for a document over the node's own schema.
std::vector<Told> told(std::string_view text, const ValidationOptions& options = {}) {
    static const Schema schema = test::chain_schema();
    const auto document = parse(text);
    if (!document) return {{document.error().message, {}}};
    std::vector<Told> out;
    for (const Error& each : to_errors(*document, validate(schema, *document, options)))
        out.push_back({each.message, each.locations});
    return out;
}

TEST(Validation, a_document_with_everything_is_valid) {
    EXPECT_EQ(
        broken(
            R"(query Q($id: ID!, $r: Range = {from: 1, next: {from: 2, kind: BOAT}}, $short: Boolean = true, $n: [Int!]) {
        a: person(id: $id) { ...P @include(if: $short) manager { nickname(short: $short) } }
        vehicles(range: $r, ids: [1, "x", $id]) { ... on Named { name } ... on Boat { sails owner { age } } ... on Car { doors } }
        search(text: "t", where: {from: 1, within: $n}) { __typename ... on Owned { owner { name } } }
        number(x: 1, any: {a: [1, B]}) kinds __typename __schema { types { name } } __type(name: "Int") { kind }
      } fragment P on Person { name vehicles(kinds: CAR, first: 2) { __typename } matrix })"),
        "");
    EXPECT_EQ(broken("subscription { arrival { name } }"), "");
}

TEST(Validation, operation_names_are_unique_5_2_1_1) {
    EXPECT_EQ(broken("query A { kinds } query A { kinds }"), "UniqueOperationNames");
    EXPECT_EQ(broken("query A { kinds } query B { kinds }"), "");
}

TEST(Validation, an_anonymous_operation_is_alone_5_2_2_1) {
    EXPECT_EQ(broken("{ kinds } { kinds }"), "LoneAnonymousOperation");
    EXPECT_EQ(broken("query A { kinds } { kinds }"), "LoneAnonymousOperation");
}

TEST(Validation, a_subscription_has_one_root_field_5_2_3_1) {
    EXPECT_EQ(broken("subscription { departure a: departure }"), "SingleFieldSubscriptions");
    EXPECT_EQ(broken("subscription { ...F } fragment F on Subscription { departure arrival { name } }"),
              "SingleFieldSubscriptions");
    EXPECT_EQ(broken("subscription { __typename }"), "SingleFieldSubscriptions");
    EXPECT_EQ(broken("subscription { departure departure }"), "");
}

TEST(Validation, fields_exist_5_3_1) {
    EXPECT_EQ(broken("{ nope }"), "FieldsOnCorrectType");
    EXPECT_EQ(broken("{ vehicle { name } }"), "FieldsOnCorrectType") << "a union has none";
    EXPECT_EQ(broken("{ named { age } }"), "FieldsOnCorrectType") << "an interface has its own";
    EXPECT_EQ(broken("{ person(id: 1) { __schema { description } } }"), "FieldsOnCorrectType");
}

TEST(Validation, fields_can_be_merged_5_3_2) {
    EXPECT_EQ(broken("{ person(id: 1) { name name } person(id: 1) { age } }"), "");
    EXPECT_EQ(broken("{ person(id: 1) { x: name x: age } }"), "OverlappingFieldsCanBeMerged");
    EXPECT_EQ(broken("{ person(id: 1) { name } person(id: 2) { name } }"), "OverlappingFieldsCanBeMerged");
    EXPECT_EQ(broken("{ person(id: 1) { name } person(id: \"1\") { name } }"), "OverlappingFieldsCanBeMerged");
    EXPECT_EQ(broken("{ person(id: 1) { nickname } person(id: 1) { nickname(short: true) } }"),
              "OverlappingFieldsCanBeMerged")
        << "below";
    EXPECT_EQ(
        broken(
            "{ person(id: 1) { ...A ...B } } fragment A on Person { x: name } fragment B on Person { ... { x: age } }"),
        "OverlappingFieldsCanBeMerged")
        << "across fragments";
    EXPECT_EQ(broken("{ vehicles { ... on Car { n: doors } ... on Boat { n: sails } } }"), "")
        << "objects of two types never meet";
    EXPECT_EQ(broken("{ vehicles { ... on Car { size } ... on Boat { size } } }"), "OverlappingFieldsCanBeMerged")
        << "but have one shape";
    EXPECT_EQ(broken("{ vehicles { ... on Car { n: doors } ... on Named { n: name } } }"),
              "OverlappingFieldsCanBeMerged")
        << "an interface may be that object";
    EXPECT_EQ(broken("{ vehicles { ... on Car { owner { x: name } } ... on Boat { owner { x: age } } } }"),
              "OverlappingFieldsCanBeMerged")
        << "shapes below";
    EXPECT_EQ(broken("{ kinds } fragment F on Query { x: kinds x: numbers }"),
              "NoUnusedFragments OverlappingFieldsCanBeMerged")
        << "in fragments that are not spread";
    EXPECT_EQ(broken("{ sum(range: {from: 1, to: 2}) sum(range: {to: 2, from: 1}) }"), "")
        << "order of members does not matter";
    EXPECT_EQ(broken("{ sum(range: {from: 1, within: [1, 2]}) sum(range: {from: 1, within: [2, 1]}) }"),
              "OverlappingFieldsCanBeMerged");
}

TEST(Validation, only_leaves_have_no_selections_5_3_3) {
    EXPECT_EQ(broken("{ person(id: 1) }"), "ScalarLeafs");
    EXPECT_EQ(broken("{ kinds { __typename } }"), "ScalarLeafs FieldsOnCorrectType") << "the node reports both errors";
}

TEST(Validation, arguments_exist_are_unique_and_are_given_when_required_5_4) {
    EXPECT_EQ(broken("{ person(id: 1, x: 2) { name } }"), "KnownArgumentNames");
    EXPECT_EQ(broken("{ kinds @skip(if: true, unless: 1) }"), "KnownArgumentNames");
    EXPECT_EQ(broken("{ person(id: 1, id: 1) { name } }"), "UniqueArgumentNames");
    EXPECT_EQ(broken("{ person { name } }"), "ProvidedRequiredArguments");
    EXPECT_EQ(broken("{ kinds @skip }"), "ProvidedRequiredArguments");
    EXPECT_EQ(broken("{ search(text: \"x\") { name } }"), "") << "limit has a default";
}

TEST(Validation, fragments_are_unique_used_and_on_composite_types_5_5_1) {
    EXPECT_EQ(broken("{ ...F } fragment F on Query { kinds } fragment F on Query { kinds }"), "UniqueFragmentNames");
    EXPECT_EQ(broken("{ ...F ... on Nope { x } } fragment F on Nope { x }"), "KnownTypeNames KnownTypeNames");
    EXPECT_EQ(broken("{ ... on Int { x } }"), "FragmentsOnCompositeTypes");
    EXPECT_EQ(broken("{ ...F } fragment F on Range { x }"), "FragmentsOnCompositeTypes");
    EXPECT_EQ(broken("{ kinds } fragment F on Query { kinds }"), "NoUnusedFragments");
    EXPECT_EQ(broken("{ kinds } fragment F on Query { ...G } fragment G on Query { kinds }"),
              "NoUnusedFragments NoUnusedFragments");
}

TEST(Validation, spreads_name_a_fragment_that_can_apply_without_cycles_5_5_2) {
    EXPECT_EQ(broken("{ ...Nope }"), "KnownFragmentNames");
    EXPECT_EQ(broken("{ ...F } fragment F on Query { ...F }"), "NoFragmentCycles");
    EXPECT_EQ(broken("{ ...F } fragment F on Query { ...G } fragment G on Query { kinds ...F }"), "NoFragmentCycles");
    EXPECT_EQ(broken("{ ... on Person { name } }"), "PossibleFragmentSpreads");
    EXPECT_EQ(broken("{ vehicle { ...F } } fragment F on Person { name }"), "PossibleFragmentSpreads");
    EXPECT_EQ(broken("{ named { ... on Vehicle { __typename } ... on Owned { owner { name } } } }"), "")
        << "some object is both";
}

TEST(Validation, values_have_the_type_of_their_place_5_6) {
    const auto sum = [](std::string_view range) { return broken("{ sum(range: " + std::string(range) + ") }"); };
    EXPECT_EQ(sum("{from: 1}"), "");
    EXPECT_EQ(sum("{from: 1, within: 2, next: null}"), "") << "one value is a list of one";
    EXPECT_EQ(sum("{from: 2147483647}"), "");
    for (const auto wrong : {"{from: 2147483648}", "{from: 1.0}", "{from: \"1\"}", "{from: null}", "{}",
                             "{from: 1, x: 2}", "{from: 1, kind: NOPE}", "{from: 1, kind: \"CAR\"}",
                             "{from: 1, within: [null]}", "{from: 1, next: {}}", "null", "1", "[1]"})
        EXPECT_EQ(sum(wrong), "ValuesOfCorrectType") << wrong;
    EXPECT_EQ(sum("{from: 1, from: 1}"), "UniqueInputFieldNames");
    EXPECT_EQ(broken("{ number(any: {a: {b: 1, b: 2}}) }"), "UniqueInputFieldNames");
    EXPECT_EQ(broken("{ number(x: true) }"), "ValuesOfCorrectType");
    EXPECT_EQ(broken("{ person(id: 1.5) { name } }"), "ValuesOfCorrectType");
    EXPECT_EQ(broken("query($r: Range = {from: \"x\"}) { sum(range: $r) }", {.variable_positions = false}),
              "ValuesOfCorrectType");
}

TEST(Validation, directives_exist_and_stand_in_allowed_places_once_5_7) {
    EXPECT_EQ(broken("{ kinds @nope }"), "KnownDirectives");
    EXPECT_EQ(broken("query @skip(if: true) { kinds }"), "KnownDirectives");
    EXPECT_EQ(broken("{ kinds @deprecated }"), "KnownDirectives");
    EXPECT_EQ(broken("query($a: Int @include(if: true)) { search(text: \"\", limit: $a) { name } }"),
              "KnownDirectives");
    EXPECT_EQ(broken("{ kinds @skip(if: true) @skip(if: false) }"), "UniqueDirectivesPerLocation");
    EXPECT_EQ(broken("{ kinds @skip(if: true) @include(if: false) }"), "");
}

TEST(Validation, variables_are_unique_declared_used_and_of_input_types_5_8) {
    EXPECT_EQ(broken("query($a: Float, $a: Float) { number(x: $a) }"), "UniqueVariableNames");
    EXPECT_EQ(broken("query($a: Person) { number(any: $a) }", {.variable_positions = false}), "VariablesAreInputTypes");
    EXPECT_EQ(broken("query($a: Nope) { number(any: $a) }"), "KnownTypeNames");
    EXPECT_EQ(broken("{ number(x: $a) }"), "NoUndefinedVariables");
    EXPECT_EQ(broken("query Q { ...F } query R($a: Float) { ...F } fragment F on Query { number(x: $a) }"),
              "NoUndefinedVariables");
    EXPECT_EQ(broken("query($a: Float) { kinds }"), "NoUnusedVariables");
    EXPECT_EQ(broken("query($a: Boolean!) { kinds @skip(if: $a) }"), "");
}

TEST(Validation, variables_fit_where_they_are_used_5_8_5) {
    EXPECT_EQ(broken("query($a: Int) { sum(range: {from: $a}) }"), "VariablesInAllowedPosition");
    EXPECT_EQ(broken("query($a: Int = 1) { sum(range: {from: $a}) }"), "") << "a default makes up for null";
    EXPECT_EQ(broken("query($a: Int = null) { sum(range: {from: $a}) }"), "VariablesInAllowedPosition");
    EXPECT_EQ(broken("query($a: Int) { search(text: \"\", limit: $a) { name } }"), "") << "so does one of the argument";
    EXPECT_EQ(broken("query($a: Int!) { number(x: $a) }"), "VariablesInAllowedPosition") << "types are not coerced";
    EXPECT_EQ(broken("query($a: [Int]) { sum(range: {from: 1, within: $a}) }"), "VariablesInAllowedPosition");
    EXPECT_EQ(broken("query($a: Int!) { sum(range: {from: 1, within: $a}) }"), "VariablesInAllowedPosition")
        << "nor made lists";
    EXPECT_EQ(broken("query($a: Int!) { sum(range: {from: 1, within: [$a]}) }"), "");
    EXPECT_EQ(broken("query($a: Int!) { number(x: $a) }", {.variable_positions = false}), "")
        << "docs/reference/rusk-1.7.md 6.3";
}

// docs/reference/graphql.md 7.4, with the amendments of docs/reference/rusk-1.7.md 6.3
TEST(Validation, texts_and_locations_are_those_of_the_node) {
    const struct {
        std::string_view text;
        std::vector<Told> told;
    } rows[] = {
        {"{ blok { fees } }",
         {{"Unknown field \"blok\" on type \"Query\". Did you mean \"block\", \"blocks\"?", {{1, 3}}}}},
        {"{ transaction { id } }",
         {{"Unknown field \"transaction\" on type \"Query\". Did you mean \"transactions\", \"transactionsByMemo\"?",
           {{1, 3}}}}},
        {"{ block(height: 1) { header { nextBlockHash } } }",
         {{"Unknown field \"nextBlockHash\" on type \"Header\". Did you mean \"prevBlockHash\"?", {{1, 31}}}}},
        {"{ foo }", {{"Unknown field \"foo\" on type \"Query\".", {{1, 3}}}}},
        {"{ contractEvents(height: 0) }",
         {{"Field \"contractEvents\" of type \"ContractEvents\" must have a selection of subfields", {{1, 3}}}}},
        {"{ tx(hsh: \"\") { id } }",
         {{"Field \"tx\" argument \"hash\" of type \"Query\" is required but not provided", {{1, 3}}},
          {"Unknown argument \"hsh\" on field \"tx\" of type \"Query\". Did you mean \"hash\"?", {{1, 6}}}}},
        {"{ __typename @skip(iff: true) }",
         {{"Directive \"@skip\" argument \"if\" of type \"Boolean!\" is required but not provided", {{1, 14}}},
          {"Unknown argument \"iff\" on directive \"skip\".", {{1, 20}}}}},
        {"{ blocks(range: [1, \"x\"]) { fees } }",
         {{"Invalid value for argument \"range.1\", expected type \"Int\"", {{1, 10}}}}},
        {"{ transactions(last: 9223372036854775808) { id } }",
         {{"Invalid value for argument \"last\", expected type \"Int\"", {{1, 16}}}}},
        {"{ tx(hash: \"\", hash: \"\") { id } }", {{"There can only be one argument named \"hash\"", {{1, 16}}}}},
        {"query($a: Int, $a: Int) { nextPhoenix(height: $a) }",
         {{"There can only be one variable named \"$a\"", {{1, 16}}}}},
        {"query($a: Block) { nextPhoenix(height: $a) }",
         {{"Variable \"a\" cannot be of non-input type \"Block\"", {{1, 7}}}}},
        {"query Q { nextPhoenix(height: $a) }",
         {{"Variable \"$a\" is not defined by operation \"Q\"", {{1, 1}, {1, 23}}}}},
        {"{ nextPhoenix(height: $a) }", {{"Variable \"$a\" is not defined", {{1, 15}}}}},
        {"query Q($a: Int) { __typename }", {{"Variable \"$a\" is not used by operation \"Q\"", {{1, 9}}}}},
        {"query($a: Int) { __typename }", {{"Variable \"$a\" is not used", {{1, 7}}}}},
        {"query($a: Int = \"x\") { nextPhoenix(height: $a) }",
         {{"Invalid default value for argument: \"a\", expected type \"Int\"", {{1, 7}}}}},
        {"{ ... on Nope { a } }", {{"Unknown type \"Nope\"", {{1, 3}}}}},
        {"{ ...F }", {{"Unknown fragment: \"F\"", {{1, 3}}}}},
        {"{ __typename } fragment F on Query { __typename }", {{"Fragment \"F\" is never used", {{1, 16}}}}},
        {"{ ...F } fragment F on Int { a }",
         {{"Fragment \"F\" cannot condition non composite type \"Int\"", {{1, 10}}}}},
        {"{ ... on Int { a } }", {{"Fragment cannot condition non composite type \"Int\"", {{1, 3}}}}},
        {"{ ... on Block { fees } }",
         {{"Fragment cannot be spread here as objects of type \"Query\" can never be of type \"Block\"", {{1, 3}}}}},
        {"{ ...F } fragment F on Block { fees }",
         {{"Fragment \"F\" cannot be spread here as objects of type \"Query\" can never be of type \"Block\"",
           {{1, 3}}}}},
        {"{ __typename @nope }", {{"Unknown directive \"nope\"", {{1, 14}}}}},
        {"query @skip(if: true) { __typename }", {{"Directive \"skip\" may not be used on \"QUERY\"", {{1, 7}}}}},
        {"{ __typename @skip(if: true) @skip(if: true) }", {{"Duplicate directive \"skip\"", {{1, 30}}}}},
        {"{ a: mempoolTxs { id } a: blocks(last: 1) { fees } }",
         {{"Fields \"a\" conflict because \"mempoolTxs\" and \"blocks\" are different fields. Use different aliases on "
           "the fields to fetch "
           "both if this was intentional.",
           {{1, 3}, {1, 24}}}}},
        {"{ nextPhoenix(height: 1) nextPhoenix(height: 2) }",
         {{"Fields \"nextPhoenix\" conflict because they have differing arguments. Use different aliases on the fields "
           "to fetch both if this "
           "was intentional.",
           {{1, 3}, {1, 26}}}}},
        {"{ __typename } { __typename }", {{"document contains multiple operations", {{1, 1}, {1, 16}}}}},
        {"query A { __typename } query A { __typename }", {{"operation A is defined twice", {{1, 24}, {1, 1}}}}},
    };
    for (const auto& row : rows) EXPECT_EQ(told(row.text, {.variable_positions = false}), row.told) << row.text;
}

TEST(Validation, the_number_of_reported_problems_is_bounded) {
    std::string text = "{";
    for (int i = 0; i < 1000; ++i) text += " nope" + std::to_string(i);
    EXPECT_EQ(told(text + " }").size(), 100U);
}

}  // namespace
}  // namespace rues::graphql
