#include "wire/headers.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace rues::wire {
namespace {

const HeaderList kText;
const HeaderList kBinary{{"Content-Type", "application/octet-stream"}};

std::string decoded(const HeaderList& headers, std::string_view body) {
    const auto bytes = decode_body(headers, base::to_bytes(body));
    return bytes ? base::to_hex(*bytes) : bytes.error();
}

// docs/reference/protocol.md 5.2, docs/reference/rusk-1.7.md 1.5
TEST(Headers, octet_stream_is_exact_and_json_folds_case_both_without_parameters) {
    EXPECT_TRUE(is_binary_type("application/octet-stream"));
    EXPECT_FALSE(is_binary_type("Application/Octet-Stream"));
    EXPECT_FALSE(is_binary_type("application/octet-stream; x=y"));
    EXPECT_FALSE(is_binary_type(std::nullopt));
    EXPECT_TRUE(is_json_type("Application/JSON"));
    EXPECT_FALSE(is_json_type("application/json; charset=utf-8"));
    EXPECT_FALSE(is_json_type(std::nullopt));
}

// docs/reference/protocol.md 5.2, docs/reference/rusk-1.7.md 1.5
TEST(Headers, a_text_body_of_0x_and_whole_hex_is_decoded) {
    EXPECT_EQ(decoded(kText, "0x00fF"), "00ff");
    EXPECT_EQ(decoded(kText, "0x"), "");
    EXPECT_EQ(decoded(kText, "0x0"), base::to_hex(base::view("0x0")));
    EXPECT_EQ(decoded(kText, "0x00\n"), base::to_hex(base::view("0x00\n")));
    EXPECT_EQ(decoded(kText, "0xzz"), base::to_hex(base::view("0xzz")));
    EXPECT_EQ(decoded(kText, "00ff"), base::to_hex(base::view("00ff")));
    EXPECT_EQ(decoded(kBinary, "0x00ff"), base::to_hex(base::view("0x00ff")));
}

// tests/data/rusk-1.7/http.json, row preverify-utf8
TEST(Headers, a_text_body_must_be_utf_8) {
    EXPECT_EQ(decoded(kText, "\xff\xfe"), "Invalid payload: Invalid utf8");
    EXPECT_EQ(decoded(kBinary, "\xff\xfe"), "fffe");
}

// docs/reference/protocol.md 5.3
TEST(Headers, raw_results_are_hex_unless_the_request_or_accept_is_octet_stream) {
    EXPECT_FALSE(wants_binary(kText));
    EXPECT_TRUE(wants_binary(kBinary));
    EXPECT_TRUE(wants_binary({{"accept", "Application/Octet-Stream"}}));
    EXPECT_FALSE(wants_binary({{"accept", "application/octet-stream, */*"}}));
    EXPECT_EQ(base::text(encode_raw(base::to_bytes("\x01\xab"), false)), "01ab");
    EXPECT_EQ(base::text(encode_raw(base::to_bytes("\x01\xab"), true)), "\x01\xab");
}

// docs/reference/protocol.md 5.4
TEST(Headers, the_feeder_header_counts_whatever_its_value) {
    EXPECT_TRUE(wants_feeder({{"Rusk-Feeder", ""}}));
    EXPECT_TRUE(wants_feeder({{"rusk-feeder", "false"}}));
    EXPECT_FALSE(wants_feeder({{"Rusk-Feeder-X", "1"}}));
}

// docs/reference/rusk-1.7.md 1.5; tests/data/rusk-1.7/http.json, row x-echo
TEST(Headers, x_headers_are_echoed_with_lower_case_names_and_the_last_raw_value) {
    const HeaderList request{{"X-Request-Id", "7"}, {"x-other", "a b"},   {"X-Number", "1.10"},
                             {"Rusk-Version", "1"}, {"X-OTHER", "\"c\""}, {"X-Empty", ""}};

    EXPECT_EQ(echoed(request),
              (HeaderList{{"x-request-id", "7"}, {"x-other", "\"c\""}, {"x-number", "1.10"}, {"x-empty", ""}}));
}

// docs/reference/rusk-1.7.md 1.5
TEST(Headers, a_value_outside_visible_ascii_is_refused_with_the_headers_name) {
    EXPECT_EQ(header_encoding_problem({{"A", "visible ~\t"}}), std::nullopt);
    EXPECT_EQ(header_encoding_problem({{"A", "b"}, {"X-Id", "é"}}),
              "Invalid payload: Invalid header encoding for x-id");
    EXPECT_EQ(header_encoding_problem({{"A", "\x7f"}}), "Invalid payload: Invalid header encoding for a");
}

}  // namespace
}  // namespace rues::wire
