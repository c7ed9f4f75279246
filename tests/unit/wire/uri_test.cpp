#include "wire/uri.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.hpp"
#include "wire/path.hpp"

namespace rues::wire {
namespace {

const std::string kHash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kUpperHash = "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF";

std::string canonical(std::string_view path) {
    const auto uri = Uri::parse(path);
    return uri ? uri->to_string() : "none";
}

std::optional<Uri::ParseError> problem(std::string_view path) {
    Uri::ParseError why{};
    if (Uri::parse(path, &why)) return std::nullopt;
    return why;
}

// tests/data/rusk-1.7/sessions.json, subscriptions answered with 200; docs/reference/protocol.md 0.2: odd entities too
TEST(Uri, recorded_subscriptions_of_clients_are_read) {
    EXPECT_EQ(Uri::parse("/on/blocks/accepted"), (Uri{Component::blocks, std::nullopt, "accepted"}));
    EXPECT_EQ(Uri::parse("/on/transactions:" + kHash + "/removed"), (Uri{Component::transactions, kHash, "removed"}));
    EXPECT_EQ(Uri::parse("/on/contracts:" + kHash + "/contract_to_account"),
              (Uri{Component::contracts, kHash, "contract_to_account"}));
    EXPECT_EQ(Uri::parse("/on/transactions:foo-id/removed"), (Uri{Component::transactions, "foo-id", "removed"}));
}

// docs/reference/differences.md 8; connect subscribes to `Executed` (docs/reference/protocol.md 0.2)
TEST(Uri, topics_of_blocks_and_transactions_fold_case_and_those_of_contracts_do_not) {
    EXPECT_EQ(canonical("/on/blocks/Accepted"), "/on/blocks/accepted");
    EXPECT_EQ(canonical("/on/transactions:" + kHash + "/Executed"), "/on/transactions:" + kHash + "/executed");
    EXPECT_EQ(canonical("/on/contracts:" + kHash + "/Transfer"), "/on/contracts:" + kHash + "/Transfer");
}

// docs/reference/differences.md 8
TEST(Uri, an_entity_of_64_hex_digits_folds_and_loses_one_0x) {
    EXPECT_EQ(canonical("/on/blocks:" + kUpperHash + "/accepted"), "/on/blocks:" + kHash + "/accepted");
    EXPECT_EQ(canonical("/on/contracts:0x" + kUpperHash + "/stake"), "/on/contracts:" + kHash + "/stake");
    EXPECT_EQ(canonical("/on/contracts:0x0x" + kHash + "/stake"), "/on/contracts:0x0x" + kHash + "/stake");
    EXPECT_EQ(canonical("/on/blocks:AbC/accepted"), "/on/blocks:AbC/accepted");
    EXPECT_EQ(canonical("/on/blocks:0xAB/accepted"), "/on/blocks:0xAB/accepted");
    EXPECT_EQ(canonical("/on/contracts:a:b:c/t"), "/on/contracts:a:b:c/t");
}

// docs/reference/rusk-1.7.md 1.2, 1.7: 404 `Path not found`
TEST(Uri, a_path_that_no_route_matches_is_an_unknown_component) {
    for (const auto path :
         {"", "/", "/on", "/onXYZ/blocks/accepted", "/ON/blocks/accepted", "/on/BLOCKS/accepted", "/on/blocks",
          "/on/blocks/accepted/extra", "/on//t", "/on/foo:bar/baz", "/on/node/info", "/on/contracts/x",
          "/on/contract:a/status", "/on/contracts%3Aabc/t", "//on/blocks/accepted", "/on/blocks /accepted"}) {
        EXPECT_EQ(problem(path), Uri::ParseError::unknown_component) << path;
    }
}

// docs/reference/rusk-1.7.md 1.2, 1.7: 404 `Invalid URL path`
TEST(Uri, an_empty_entity_is_invalid) {
    EXPECT_EQ(problem("/on/blocks:/accepted"), Uri::ParseError::invalid);
    EXPECT_EQ(problem("/on/contracts:/t"), Uri::ParseError::invalid);
    EXPECT_EQ(problem("/on/blocks/"), Uri::ParseError::invalid);
}

// docs/reference/rusk-1.7.md 1.2: parameters are decoded once, and must be UTF-8
TEST(Uri, entity_and_topic_are_percent_decoded_once) {
    EXPECT_EQ(Uri::parse("/on/contracts:%61/a%20b%2541"), (Uri{Component::contracts, "a", "a b%41"}));
    EXPECT_EQ(Uri::parse("/on/contracts:a/b%2Fc")->topic, "b/c");
    EXPECT_EQ(problem("/on/contracts:%ff/t"), Uri::ParseError::invalid);
    EXPECT_EQ(problem("/on/contracts:a/%ff"), Uri::ParseError::invalid);
}

TEST(Uri, a_subscription_without_entity_matches_every_entity) {
    const Uri event{Component::blocks, kHash, "accepted"};

    EXPECT_TRUE((Uri{Component::blocks, std::nullopt, "accepted"}).matches(event));
    EXPECT_TRUE(event.matches(event));
    EXPECT_FALSE((Uri{Component::blocks, "other", "accepted"}).matches(event));
    EXPECT_FALSE((Uri{Component::blocks, std::nullopt, "reverted"}).matches(event));
    EXPECT_FALSE((Uri{Component::transactions, std::nullopt, "accepted"}).matches(event));
}

// docs/reference/differences.md 8
TEST(Uri, a_contract_subscription_matches_its_topic_as_given_or_in_lower_case) {
    const auto subscription = *Uri::parse("/on/contracts:" + kHash + "/MintC");
    const auto event = [](std::string topic) { return Uri{Component::contracts, kHash, std::move(topic)}; };

    EXPECT_TRUE(subscription.matches(event("MintC")));
    EXPECT_TRUE(subscription.matches(event("mintc")));
    EXPECT_FALSE(subscription.matches(event("MINTC")));
    EXPECT_FALSE(Uri::parse("/on/contracts:" + kHash + "/mintc")->matches(event("MintC")));
}

// design: a URI has one text, whichever entrance it came through
TEST(Uri, a_parsed_uri_is_printed_and_parsed_to_the_same) {
    EXPECT_TRUE(rc::check([] {
        const auto part = rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::oneOf(
            rc::gen::elementOf(std::string("abXY01:._-~%/?#& +\"\\25Ff")), rc::gen::inRange('\1', '\177'))));
        std::string path = "/on/" + *rc::gen::element<std::string>("blocks", "transactions", "contracts");
        if (*rc::gen::arbitrary<bool>()) path += ":" + *part;
        path += "/" + *part;
        const auto uri = Uri::parse(path, nullptr, true);
        if (!uri) return;
        const std::string text = uri->to_string();
        RC_ASSERT(Uri::parse(text, nullptr, true) == uri);
        RC_ASSERT(Uri::of_canonical(text) == uri);
        RC_ASSERT(Uri::of_canonical(text)->to_string() == text);
        RC_ASSERT(normalised_path(text) == text);
        RC_ASSERT(text.find_first_of("?# \"\\\n") == std::string::npos);  // it fits into a request target and into JSON
        const auto query = query_of("/events?on=" + percent_encoded(text));
        RC_ASSERT(query.has_value());
        RC_ASSERT(Uri::of_canonical(*find(*query, "on")) == uri);
    }));
}

TEST(Uri, any_entity_and_topic_can_be_printed_and_parsed) {
    EXPECT_TRUE(rc::check([] {
        const auto text = rc::gen::map(rc::gen::nonEmpty<std::vector<char>>(), [](const std::vector<char>& bytes) {
            return base::to_hex(base::view(std::string_view(bytes.data(), bytes.size()))).substr(0, 40);
        });
        const auto odd =
            rc::gen::element<std::string>("/", "%", "%2F", "%2f", ":", "?", "#", " ", "\n", "\\", "é", "0x");
        const Uri uri{Component::contracts, *text + *odd + *text, *odd + *text + *odd};
        RC_ASSERT(Uri::of_canonical(uri.to_string()) == uri);
    }));
}

// An entity with a slash stays one entity: it matches no event, and is never read as another URI.
TEST(Uri, an_encoded_slash_in_an_entity_does_not_begin_the_topic) {
    const auto uri = Uri::parse("/on/contracts:a%2Fb/c");
    ASSERT_TRUE(uri);
    EXPECT_EQ(*uri, (Uri{Component::contracts, "a/b", "c"}));
    EXPECT_EQ(uri->to_string(), "/on/contracts:a%2Fb/c");
    EXPECT_EQ(Uri::of_canonical(uri->to_string()), uri);
    EXPECT_EQ(canonical("/on/transactions:x%2Fremoved/executed"), "/on/transactions:x%2Fremoved/executed");
    EXPECT_EQ(canonical("/on/contracts:a/100%"), "/on/contracts:a/100%25");
    EXPECT_EQ(canonical("/on/contracts:a/%2541"), "/on/contracts:a/%2541");
    EXPECT_EQ(canonical("/on/contracts:%c3%a9/t"), "/on/contracts:%C3%A9/t");
}

// docs/reference/protocol.md 2.1, 6.2: the location of an event is not percent-encoded
TEST(Uri, a_location_is_read_back_whatever_the_topic) {
    for (const Uri& uri : {Uri{Component::contracts, "aa", "a:b/c"}, Uri{Component::contracts, "aa", "100%41 é"},
                           Uri{Component::blocks, std::nullopt, "x:y"}, Uri{Component::transactions, "00", "executed"},
                           Uri{Component::contracts, "aa", ""}, Uri{Component::contracts, std::nullopt, "m"}}) {
        EXPECT_EQ(Uri::of_location(uri.location()), uri) << uri.location();
    }
    EXPECT_EQ((Uri{Component::contracts, "aa", "a:b/c %41"}).location(), "/on/contracts:aa/a:b/c %41");
    for (const char* text : {"", "/on/", "/on/blocks", "/on/blocks:aa", "/in/blocks/x", "/on/nodes/x"})
        EXPECT_FALSE(Uri::of_location(text)) << text;
}

// docs/reference/differences.md 39
TEST(Uri, the_network_has_only_the_path_peers) {
    EXPECT_EQ(Uri::parse("/on/network/peers"), (Uri{Component::network, std::nullopt, "peers"}));
    for (const char* path : {"/on/network/peers_location", "/on/network:a/peers", "/on/network/Peers", "/on/network/"})
        EXPECT_EQ(problem(path), Uri::ParseError::unknown_component) << path;
}

TEST(Uri, a_subscription_to_all_contracts_needs_any_contract) {
    EXPECT_FALSE(Uri::parse("/on/contracts/moved"));
    EXPECT_EQ(Uri::parse("/on/contracts/moved", nullptr, true), (Uri{Component::contracts, std::nullopt, "moved"}));
}

// draft-eastlake-fnv, test vectors of 64-bit FNV-1a
TEST(TextHash, is_fnv_1a) {
    EXPECT_EQ(text_hash(""), 0xcbf29ce484222325U);
    EXPECT_EQ(text_hash("a"), 0xaf63dc4c8601ec8cU);
    EXPECT_EQ(text_hash("foobar"), 0x85944171f73967e8U);
}

// docs/reference/rusk-1.7.md 1.1
TEST(Path, slashes_are_trimmed_only_when_the_path_ends_with_one_or_begins_with_two) {
    EXPECT_EQ(normalised_path("/graphql/"), "/graphql");
    EXPECT_EQ(normalised_path("/on/"), "/on");
    EXPECT_EQ(normalised_path("/on/graphql/query/"), "/on/graphql/query");
    EXPECT_EQ(normalised_path("//on/blocks/accepted//"), "/on/blocks/accepted");
    EXPECT_EQ(normalised_path("/on//t"), "/on//t");
    EXPECT_EQ(normalised_path("/"), "/");
    EXPECT_EQ(normalised_path("///"), "/");
    EXPECT_EQ(normalised_path(""), "");
}

// RFC 3986 3.3: pchar; 3.4 and the forms of HTML give three of them a meaning in a query
TEST(Path, percent_encoding_is_undone_by_decoding) {
    EXPECT_EQ(percent_encoded("aZ09-._~!$'()*,;:@"), "aZ09-._~!$'()*,;:@");
    EXPECT_EQ(percent_encoded("+&="), "%2B%26%3D");
    EXPECT_EQ(percent_encoded("a/b?c#d%e f\"é"), "a%2Fb%3Fc%23d%25e%20f%22%C3%A9");
    EXPECT_EQ(percent_encoded(std::string_view("\0\x7f", 2)), "%00%7F");
    EXPECT_EQ(percent_decoded(percent_encoded("%41%/é")), "%41%/é");
}

TEST(Path, a_query_is_read_in_order_and_decoded) {
    const auto query = query_of("/events?on=%2Fon%2Fblocks%2Faccepted&on=a+b&after&&x=1=2");
    ASSERT_TRUE(query);
    EXPECT_EQ(*query, (Query{{"on", "/on/blocks/accepted"}, {"on", "a b"}, {"after", ""}, {"x", "1=2"}}));
    EXPECT_EQ(find(*query, "on"), "/on/blocks/accepted");
    EXPECT_FALSE(find(*query, "limit"));
    EXPECT_EQ(query_of("/events"), Query());
    EXPECT_FALSE(query_of("/events?on=%ff"));
}

TEST(Path, a_percent_sign_without_two_digits_stands_for_itself) {
    EXPECT_EQ(percent_decoded("100%"), "100%");
    EXPECT_EQ(percent_decoded("%4"), "%4");
    EXPECT_EQ(percent_decoded("%zz%41"), "%zzA");
    EXPECT_EQ(percent_decoded("%C3%a9"), "é");
    EXPECT_FALSE(percent_decoded("%c3"));
}

}  // namespace
}  // namespace rues::wire
