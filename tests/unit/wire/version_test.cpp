#include "wire/version.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace rues::wire {
namespace {

bool meets(std::string_view requirement, std::string_view version) {
    return VersionReq::parse(requirement).value().matches(Version::parse(version).value());
}

// docs/reference/protocol.md 4.3, table
TEST(VersionReq, matches_as_the_table_of_the_reference_says) {
    for (const auto text : {"1.0.0-rc.0", ">=0.8.0", "*", "1", "~1.6", "=1.6", "1.6.0-rc.1", ">=1.0, <2"})
        EXPECT_TRUE(meets(text, "1.6.0")) << text;
    for (const auto text : {"1.6.1", "0.8.0", "^2", "~1.5", ">1.6"}) EXPECT_FALSE(meets(text, "1.6.0")) << text;
    for (const auto text : {"v1.6.0", "", ">=1 <2"}) EXPECT_FALSE(VersionReq::parse(text)) << text;
}

// recorded row version-10 of tests/data/rusk-1.7/http.json; the last two were found by fuzzing
TEST(VersionReq, an_error_names_the_first_character_only_if_it_is_visible) {
    const auto error = [](std::string_view text) { return VersionReq::parse(text).error(); };

    EXPECT_EQ(error("abc"), "unexpected character 'a' while parsing major version number");
    EXPECT_EQ(error(">="), "unexpected end of input while parsing major version number");
    EXPECT_EQ(error("\xa2\xce\xd1\xcf\xd1\xcf\xd2\xd4r\xce/\xcf"),
              "unexpected text while parsing major version number");
    EXPECT_EQ(error("01"), "unexpected text while parsing major version number");
}

// docs/reference/protocol.md 4.3
TEST(VersionReq, texts_outside_the_grammar_are_refused) {
    for (const auto text : {" ",
                            "abc",
                            "1.",
                            ".1",
                            "1..2",
                            "01",
                            "1.02",
                            "1.2.03",
                            "1.2.3.4",
                            "1 .2",
                            "1.2-rc",
                            "1-rc",
                            "1+b",
                            "1.2.3-",
                            "1.2.3+",
                            "1.2.3-a..b",
                            "1.2.3-01",
                            "1.2.3-a_b",
                            "*.1",
                            "1.*.3",
                            "1.2.*-a",
                            "1.2.*+b",
                            ">*",
                            "1, *",
                            "*, 1",
                            "*1",
                            "1,",
                            ",1",
                            "1,,2",
                            "1 || 2",
                            "1.0.0 - 2.0.0",
                            "= =1",
                            ">\t1",
                            "1\t",
                            "18446744073709551616",
                            "-1",
                            "+1",
                            "=>1",
                            "!1"}) {
        EXPECT_FALSE(VersionReq::parse(text)) << text;
    }
}

TEST(VersionReq, texts_of_the_grammar_are_accepted) {
    for (const auto text : {"*", "x", "X", "  *", "* ", " 1", "1 ", ">= 1", "^ 1.2", "1,2", "1 , 2", "1.x", "1.X.*",
                            "=1.*", "1.2.3-0", "1.2.3-a-b.7", "1.2.3+001", "1.2.3-a+b-c.d", "18446744073709551615"}) {
        EXPECT_TRUE(VersionReq::parse(text)) << text;
    }
}

TEST(VersionReq, more_than_32_comparators_are_refused) {
    std::string text = "1";
    for (int i = 1; i < 32; ++i) text += ",1";
    EXPECT_TRUE(VersionReq::parse(text));
    EXPECT_FALSE(VersionReq::parse(text + ",1"));
}

struct Row {
    std::string_view requirement, version;
    bool meets;
};

// docs/reference/protocol.md 4.3, rule by rule
TEST(VersionReq, every_operator_matches_as_the_reference_says) {
    const Row rows[] = {
        // caret
        {"^1", "1.9.9", true},
        {"^1", "2.0.0", false},
        {"^0", "0.9.0", true},
        {"^1.2", "1.3.0", true},
        {"^1.2", "1.1.9", false},
        {"^0.2", "0.2.9", true},
        {"^0.2", "0.3.0", false},
        {"^1.2.3", "1.2.3", true},
        {"^1.2.3", "1.2.2", false},
        {"^1.2.3", "1.3.0", true},
        {"^0.2.3", "0.2.4", true},
        {"^0.2.3", "0.3.0", false},
        {"^0.2.3", "0.2.2", false},
        {"^0.0.3", "0.0.3", true},
        {"^0.0.3", "0.0.4", false},
        // tilde
        {"~1", "1.9.0", true},
        {"~1", "2.0.0", false},
        {"~1.2", "1.2.9", true},
        {"~1.2", "1.3.0", false},
        {"~1.2.3", "1.2.4", true},
        {"~1.2.3", "1.2.2", false},
        // exact and wildcard
        {"=1", "1.5.0", true},
        {"=1.2", "1.3.0", false},
        {"=1.2.3", "1.2.3", true},
        {"=1.2.3", "1.2.4", false},
        {"1.*", "1.9.0", true},
        {"1.2.*", "1.3.0", false},
        {"1.2.x", "1.2.7", true},
        // greater and less; a missing part never counts
        {">1", "1.9.9", false},
        {">1", "2.0.0", true},
        {">1.2", "1.2.9", false},
        {">1.2", "1.3.0", true},
        {">1.2.3", "1.2.4", true},
        {">1.2.3", "1.2.3", false},
        {"<1", "0.9.0", true},
        {"<1", "1.0.0", false},
        {"<1.2", "1.1.9", true},
        {"<1.2", "1.2.0", false},
        {"<1.2.3", "1.2.2", true},
        {"<1.2.3", "1.2.3", false},
        {">=1", "1.0.0", true},
        {">=1.2", "1.1.9", false},
        {">=1.2", "1.2.0", true},
        {"<=1", "1.9.0", true},
        {"<=1.2", "1.3.0", false},
        {"<=1.2.3", "1.2.3", true},
        // all must hold
        {">=1.2, <1.5", "1.4.9", true},
        {">=1.2, <1.5", "1.5.0", false},
    };
    for (const Row& row : rows)
        EXPECT_EQ(meets(row.requirement, row.version), row.meets) << row.requirement << " / " << row.version;
}

// docs/reference/protocol.md 4.3, pre-release rule and ordering
TEST(VersionReq, a_pre_release_needs_a_comparator_of_its_own_numbers_with_a_pre_release) {
    const Row rows[] = {
        {"*", "1.7.0-rc.0", false},
        {"^1.6", "1.7.0-rc.0", false},
        {">=1", "1.7.0-rc.0", false},
        {">=1.7.0-rc.0", "1.7.0-rc.0", true},
        {">=1.7.0-rc.0", "1.7.0-rc.1", true},
        {">=1.7.0-rc.1", "1.7.0-rc.0", false},
        {">=1.6.0-rc.0", "1.7.0-rc.0", false},
        {"=1.7.0-rc.0", "1.7.0-rc.0", true},
        {"=1.7.0-rc.0", "1.7.0", false},
        {"1.7.0-rc.0", "1.7.0", true},
        {">1.7.0-rc.0", "1.7.0", true},
        // a comparator without patch means releases, whatever comparator stands beside it
        {"=1, >=1.7.0-rc.0", "1.7.0-rc.0", false},
        {">=1, >=1.7.0-rc.0", "1.7.0-rc.0", false},
        {"~1.7, >=1.7.0-rc.0", "1.7.0-rc.0", false},
        {"^1.7, >=1.7.0-rc.0", "1.7.0-rc.0", true},
        // ordering
        {">1.0.0-alpha", "1.0.0-alpha.1", true},
        {">1.0.0-alpha.1", "1.0.0-alpha.beta", true},
        {">1.0.0-beta.2", "1.0.0-beta.11", true},
        {">1.0.0-beta.11", "1.0.0-rc.1", true},
        {">1.0.0-rc.1", "1.0.0-beta.11", false},
    };
    for (const Row& row : rows)
        EXPECT_EQ(meets(row.requirement, row.version), row.meets) << row.requirement << " / " << row.version;
}

TEST(VersionReq, prints_the_normalised_form) {
    const std::pair<std::string_view, std::string_view> rows[] = {{"1.0.0-rc.0", "^1.0.0-rc.0"},
                                                                  {"9.0.0", "^9.0.0"},
                                                                  {" >= 1.2 ,<2", ">=1.2, <2"},
                                                                  {"1.x", "1.*"},
                                                                  {"1.2.*", "1.2.*"},
                                                                  {"1.*.*", "1.*"},
                                                                  {"=1.*", "=1"},
                                                                  {"*", "*"},
                                                                  {"1.2.3+b", "^1.2.3"},
                                                                  {"~1", "~1"},
                                                                  {"<=1.2.3-a", "<=1.2.3-a"}};
    for (const auto& [text, printed] : rows) EXPECT_EQ(VersionReq::parse(text)->to_string(), printed) << text;
}

TEST(VersionReq, the_printed_form_parses_to_the_same) {
    EXPECT_TRUE(rc::check([] {
        const std::string text =
            *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123.*x-+rc,<>=~^ ")));
        const auto requirement = VersionReq::parse(text);
        if (requirement)
            RC_ASSERT(VersionReq::parse(requirement->to_string())->to_string() == requirement->to_string());
    }));
}

TEST(Version, is_three_numbers_and_an_optional_pre_release) {
    EXPECT_EQ(Version::parse("1.7.0-rc.0")->to_string(), "1.7.0-rc.0");
    EXPECT_EQ(Version::parse("1.7.0+build")->to_string(), "1.7.0");
    for (const auto text : {"", "1", "1.7", "1.7.0.0", "01.7.0", "1.7.x", "v1.7.0", " 1.7.0"})
        EXPECT_FALSE(Version::parse(text)) << text;
}

// tests/data/rusk-1.7/http.json, rows version-0 … version-strict-missing, version-get
TEST(VersionHeaders, answers_as_the_node_did) {
    for (const auto text : {"1.7.0", "^1.6", "~1.7", "*", "1", "1.0.0-rc.0"})
        EXPECT_EQ(check_version_headers(text, false), std::nullopt) << text;
    for (const auto text : {"=1.7.0", "1.7.0-rc.0", "1.7"})
        EXPECT_EQ(check_version_headers(text, true), std::nullopt) << text;
    EXPECT_EQ(check_version_headers("2.0.0", false),
              "Version error: Mismatched rusk version: requested ^2.0.0 - current 1.7.0");
    EXPECT_EQ(check_version_headers("0.8.0", false),
              "Version error: Mismatched rusk version: requested ^0.8.0 - current 1.7.0");
    EXPECT_EQ(check_version_headers("^1.7.1", false),
              "Version error: Mismatched rusk version: requested ^1.7.1 - current 1.7.0");
    EXPECT_EQ(check_version_headers(std::nullopt, true),
              "Version error: Missing Rusk-Version header while Rusk-Version-Strict is set");
}

// docs/reference/protocol.md 4.2 steps 2, 3, 4
TEST(VersionHeaders, an_absent_header_is_accepted_and_an_unreadable_one_refused) {
    EXPECT_EQ(check_version_headers(std::nullopt, false), std::nullopt);
    EXPECT_EQ(check_version_headers("1\x80", false), "Version error: Invalid Rusk-Version header encoding");
    EXPECT_TRUE(check_version_headers("abc", false)->starts_with("Version error: "));
    EXPECT_TRUE(check_version_headers("", false)->starts_with("Version error: "));
}

}  // namespace
}  // namespace rues::wire
