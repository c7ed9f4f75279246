#include "graphql/parser.hpp"

#include <gtest/gtest.h>

#include "support/recorded.hpp"

namespace rues::graphql {
namespace {

Document parsed(std::string_view text) {
    auto document = parse(text);
    EXPECT_TRUE(document.has_value()) << text << "\n" << (document ? "" : document.error().message);
    return document ? std::move(*document) : Document{};
}

struct Refusal {
    Location where;
    std::string cause;
    friend bool operator==(const Refusal&, const Refusal&) = default;
    friend void PrintTo(const Refusal& r, std::ostream* out) {
        *out << r.where.line << ":" << r.where.column << " " << r.cause;
    }
};

Refusal refused(std::string_view text) {
    const auto document = parse(text);
    if (document) return {{0, 0}, "accepted"};
    const std::string& message = document.error().message;
    const std::size_t cause = message.rfind("= ");
    return {document.error().locations.empty() ? Location{0, 0} : document.error().locations.front(),
            cause == std::string::npos ? message : message.substr(cause + 2)};
}

bool accepted(std::string_view text) {
    return parse(text).has_value();
}

/// The value of the only argument of the only field.
const ValueNode& argument(const Document& document) {
    return document.arguments.at(0).value;
}

std::string string_value(std::string_view literal) {
    return std::string(argument(parsed("{ a(b: " + std::string(literal) + ") }")).text);
}

// 2.1.7, 2.1.2, 2.1.4, 2.1.5
TEST(Lexer, commas_comments_line_breaks_and_byte_order_marks_are_ignored) {
    const Document document = parsed("\xEF\xBB\xBF,{ # { ( \" \r\n a,,b\t\rc }\n#");
    EXPECT_EQ(document.selections.size(), 3U);
}

// 2.9.1, 2.9.2
TEST(Lexer, numbers_have_no_leading_zeros_and_no_trailing_characters) {
    for (const auto good : {"0", "-0", "10", "1.5", "-1.0", "1e5", "1E-5", "1.5e+3", "123456789012345678901234567890"})
        EXPECT_TRUE(accepted("{ a(b: " + std::string(good) + ") }")) << good;
    for (const auto bad : {"00", "01", "-", "1.", ".5", "1.e1", "1e", "1e+", "+1", "0x1", "1a", "1.5_", "1.2.3", "--1"})
        EXPECT_FALSE(accepted("{ a(b: " + std::string(bad) + ") }")) << bad;
    EXPECT_TRUE(accepted("{ a(b: [1,2 3]) }"));
    EXPECT_FALSE(accepted("{ a(b: [00]) }")) << "docs/reference/graphql.md 7.3";
}

// 2.9.4
TEST(Lexer, escapes_in_strings_are_decoded) {
    EXPECT_EQ(string_value(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
    EXPECT_EQ(string_value(R"("\u0041\u00e9\u20AC")"), "A\xC3\xA9\xE2\x82\xAC");
    EXPECT_EQ(string_value(R"("\uD83D\uDE00 \u{1F600}")"), "\xF0\x9F\x98\x80 \xF0\x9F\x98\x80");
    EXPECT_EQ(string_value("\"\xF0\x9F\x98\x80\""), "\xF0\x9F\x98\x80");
    EXPECT_EQ(string_value("\"\""), "");
    for (const auto bad : {R"("\x")", R"("\u12")", R"("\uD83D")", R"("\uDE00")", R"("\uD83D\u0041")", R"("\u{110000}")",
                           R"("\u{}")", R"("\u{D800}")", "\"a\nb\"", "\"a", "\"\\", "'a'"})
        EXPECT_FALSE(accepted("{ a(b: " + std::string(bad) + ") }")) << bad;
}

// 2.9.4 BlockStringValue, with its own example
TEST(Lexer, a_block_string_loses_common_indentation_and_blank_ends) {
    EXPECT_EQ(string_value("\"\"\"\n    Hello,\n      World!\n\n    Yours,\n      GraphQL.\n  \"\"\""),
              "Hello,\n  World!\n\nYours,\n  GraphQL.");
    EXPECT_EQ(string_value("\"\"\"\"\"\""), "");
    EXPECT_EQ(string_value("\"\"\"a \\\"\"\" b \\n\"\"\""), "a \"\"\" b \\n");
    EXPECT_EQ(string_value("\"\"\"a\r\n   b\r    c\"\"\""), "a\nb\n c");
    EXPECT_FALSE(accepted("{ a(b: \"\"\"x\") }"));
}

// 2.2 to 2.12
TEST(Parser, reads_operations_fragments_variables_and_directives) {
    const Document document = parsed(R"(query Q($a: [[Int!]]! = [1] @d, $b: I = {x: {y: E}}) @d(x: true) {
            alias: field(v: $a, n: null, o: {l: [true, 1.5]}) @skip(if: $b) { ...F ... @include(if: false) { g } ... on T { h } } }
        subscription { s } mutation M { m } { anonymous } fragment F on T @d { f })");

    ASSERT_EQ(document.operations.size(), 4U);
    EXPECT_EQ(document.operations[0].name.text, "Q");
    EXPECT_EQ(document.operations[1].kind, OperationNode::Kind::subscription);
    EXPECT_EQ(document.operations[2].kind, OperationNode::Kind::mutation);
    EXPECT_EQ(document.operations[3].name.text, "");
    ASSERT_EQ(document.fragments.size(), 1U);
    EXPECT_EQ(document.fragments[0].condition.text, "T");
    const auto variables = document.variables_of(document.operations[0].variables);
    ASSERT_EQ(variables.size(), 2U);
    EXPECT_EQ(type_text(variables[0].type.name.text, variables[0].type.wrapping), "[[Int!]]!");
    EXPECT_TRUE(variables[0].has_default);
    EXPECT_EQ(variables[0].directives.count, 1U);
    const auto& field = document.selections_of(document.operations[0].selections)[0];
    EXPECT_EQ(field.key, "alias");
    EXPECT_EQ(field.name, "field");
    const auto arguments = document.arguments_of(field.arguments);
    ASSERT_EQ(arguments.size(), 3U);
    EXPECT_EQ(arguments[0].value.kind, ValueNode::Kind::variable);
    EXPECT_EQ(arguments[1].value.kind, ValueNode::Kind::null);
    const auto object = document.object_fields_of(arguments[2].value.items);
    EXPECT_EQ(document.values_of(object[0].value.items)[1].text, "1.5");
    const auto inner = document.selections_of(field.selections);
    ASSERT_EQ(inner.size(), 3U);
    EXPECT_EQ(inner[0].kind, SelectionNode::Kind::spread);
    EXPECT_EQ(inner[1].kind, SelectionNode::Kind::inline_fragment);
    EXPECT_EQ(inner[1].name, "");
    EXPECT_EQ(inner[2].name, "T");
    EXPECT_EQ(document.selections_of(inner[2].selections)[0].name, "h");
}

TEST(Parser, keywords_are_names_elsewhere) {
    EXPECT_TRUE(
        accepted("query query($on: fragment) { fragment: on(true: $on, null: null) ...query ... on on { type } }"));
    EXPECT_TRUE(accepted("{ a(e: trueish, f: nullable) }")) << "docs/reference/graphql.md 7.3";
    EXPECT_FALSE(accepted("fragment on on T { a }")) << "2.8: a fragment is never called on";
    EXPECT_FALSE(accepted("queryFoo { a }")) << "docs/reference/graphql.md 7.3";
    EXPECT_FALSE(accepted("fragmentF on T { a }")) << "docs/reference/graphql.md 7.3";
}

// 2.10: default values of variables are constant
TEST(Parser, a_default_value_holds_no_variable) {
    EXPECT_FALSE(accepted("query($a: Int = $b) { a }"));
    EXPECT_FALSE(accepted("query($a: [Int] = [$b]) { a }"));
    EXPECT_FALSE(accepted("query($a: Int @d(x: $b)) { a }"));
}

// docs/reference/graphql.md 7.3
TEST(Parser, accepts_what_the_node_accepts_beyond_the_grammar) {
    EXPECT_TRUE(accepted("query() { a }")) << "sent by a monitor";
    EXPECT_TRUE(accepted("query($a: Int @d = 1) { a }"));
    EXPECT_TRUE(accepted("query($a: [ Int ! ] ) { a }"));
}

// 3: definitions of types are not executable
TEST(Parser, definitions_of_types_are_refused) {
    for (const auto text : {"type T { a: Int }", "schema { query: Q }", "extend type T { a: Int }", "scalar S",
                            "\"x\" type T { a: Int }"})
        EXPECT_EQ(refused(text).cause, "expected executable_definition") << text;
}

// docs/reference/graphql.md 7.2, its whole table
TEST(Parser, errors_name_the_place_and_the_cause_of_the_node) {
    const struct {
        std::string_view text;
        Refusal refusal;
    } rows[] = {
        {"", {{1, 1}, "expected executable_definition"}},
        {"{ }", {{1, 3}, "expected selection"}},
        {"{\"query\":\"{a}\"}", {{1, 2}, "expected selection"}},
        {"{ block", {{1, 8}, "expected selection_set, selection, directive, or arguments"}},
        {"{ block() { fees } }", {{1, 9}, "expected name"}},
        {"{ block(height 1) { fees } }", {{1, 9}, "expected argument"}},
        {"{ block(height: ) { fees } }", {{1, 17}, "expected value"}},
        {"{ a } }", {{1, 7}, "expected EOI or executable_definition"}},
        {"query", {{1, 6}, "expected variable_definitions, selection_set, directive, or name"}},
        {"query($h Int) { a }", {{1, 7}, "expected variable_definition"}},
        {"query($h: ) { a }", {{1, 11}, "expected type_"}},
        {"{ tx(hash: \"abc) { id } }", {{1, 12}, "expected value"}},
        {"{ tx(hash: 'abc') { id } }", {{1, 12}, "expected value"}},
        {"fragment F on Block", {{1, 20}, "expected selection_set or directive"}},
    };
    for (const auto& row : rows) EXPECT_EQ(refused(row.text), row.refusal) << row.text;
}

// docs/reference/graphql.md 7.1, 7.2
TEST(Parser, an_error_has_the_layout_of_the_node) {
    EXPECT_EQ(parse("{ }").error().message, " --> 1:3\n  |\n1 | { }\n  |   ^---\n  |\n  = expected selection");
    EXPECT_EQ(parse("{\n\n\n\n\n\n\n\n\n\t\xC3\xA9 }").error().message,
              "  --> 10:2\n   |\n10 | \t\xC3\xA9 }\n   | \t^---\n   |\n   = expected selection");
    EXPECT_EQ(refused("{ a(b: \"\xE2\x82\xAC\") \r\n\r }").where, (Location{0, 0})) << "accepted";
    EXPECT_EQ(refused("{ a(b: \"\xE2\x82\xAC\", c) }").where, (Location{1, 13})) << "columns count characters";
    EXPECT_EQ(refused("{ a\r\n\r!").where, (Location{3, 1}));
    const std::string far = "{ a" + std::string(2000, ' ') + "!";
    EXPECT_LT(parse(far).error().message.size(), 200U) << "a long line is not quoted";
}

// tests/data/rusk-1.7/http.json: http-gql-syntax, http-gql-sdl
TEST(Parser, recorded_syntax_errors_are_the_same) {
    std::size_t seen = 0;
    const auto rows = recorded::load("http.json");
    for (const auto& row : rows.as_array()) {
        const auto& name = row.at("name").as_string();
        if (name != "http-gql-syntax" && name != "http-gql-sdl") continue;
        ++seen;
        const auto request = boost::json::parse(row.at("request").at("body").at("text").as_string());
        const auto document = graphql::parse(std::string_view(request.at("query").as_string()));
        ASSERT_FALSE(document);
        std::string answer = "{\"data\":null,";
        append_json(answer, std::vector<Error>{document.error()});
        EXPECT_EQ(answer + "}", row.at("answer").at("body").at("text").as_string());
    }
    EXPECT_EQ(seen, 2U);
}

std::string repeated(std::string_view open, std::size_t times, std::string_view middle, std::string_view close) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += open;
    out += middle;
    for (std::size_t i = 0; i < times; ++i) out += close;
    return out;
}

// docs/reference/graphql.md 7.2, 9
TEST(Parser, nesting_is_bounded) {
    EXPECT_TRUE(accepted(repeated("{a", 64, "", "}")));
    EXPECT_EQ(refused(repeated("{a", 65, "", "}")), (Refusal{{0, 0}, "recursion limit exceeded."}));
    EXPECT_TRUE(accepted("{ a(b: " + repeated("[", 64, "", "]") + ") }"));
    EXPECT_EQ(refused("{ a(b: " + repeated("[", 65, "", "]") + ") }").cause, "recursion limit exceeded.");
    EXPECT_EQ(refused("{ a(b: " + repeated("{x:", 100'000, "1", "}") + ") }").cause, "recursion limit exceeded.");
    EXPECT_EQ(refused("{ a(b: " + std::string(1'000'000, '[')).cause, "recursion limit exceeded.");
    EXPECT_TRUE(accepted("query($a: " + repeated("[", 30, "Int", "]") + ") { a }"));
    EXPECT_EQ(refused("query($a: " + repeated("[", 31, "Int", "]") + ") { a }").cause, "recursion limit exceeded.");
    EXPECT_EQ(refused(repeated("{...", 100'000, "", "")).cause, "recursion limit exceeded.");
}

// docs/reference/graphql.md 9
TEST(Parser, tokens_and_bytes_are_bounded) {
    const ParseLimits limits{.bytes = 64, .tokens = 10};
    EXPECT_TRUE(parse("{ a b c d e f g h }", limits));
    EXPECT_EQ(parse("{ a b c d e f g h i }", limits).error().message, "The document has more than 10 tokens.");
    EXPECT_TRUE(parse("{ a }" + std::string(59, ' '), limits));
    EXPECT_EQ(parse("{ a }" + std::string(60, ' '), limits).error().message, "The document is longer than 64 bytes.");
}

TEST(Parser, bytes_that_are_not_utf_8_are_refused) {
    EXPECT_EQ(refused("{ a(b: \"\xFF\") }").cause, "The document is not UTF-8.");
    EXPECT_EQ(refused("\xEF\xBB").cause, "The document is not UTF-8.");
    EXPECT_FALSE(accepted(std::string_view("{ a \0 }", 7)));
}

}  // namespace
}  // namespace rues::graphql
