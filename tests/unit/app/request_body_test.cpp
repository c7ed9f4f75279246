#include "app/request_body.hpp"

#include <gtest/gtest.h>

namespace rues::app {
namespace {

using base::Bytes;

constexpr std::string_view kPropagate = "/on/transactions/propagate";
const Bytes kTransaction{std::byte{0x01}, std::byte{0xab}};

struct Made {
    std::string body;
    client::Headers headers;
};
Made made(std::string_view path, std::string_view given, client::Headers headers = {}) {
    const auto body = request_body(path, given, headers);
    return {std::string(base::text(body)), std::move(headers)};
}

const client::Headers kBytesType{{"Content-Type", "application/octet-stream"}};

TEST(RequestBody, a_transaction_may_be_hex_of_every_form) {
    for (const auto* text : {"01ab", "01AB", "0x01ab", "01ab\n", "0x01ab\r\n", " 01ab \n\n"}) {
        const auto request = made(kPropagate, text);
        EXPECT_EQ(request.body, base::text(kTransaction)) << text;
        EXPECT_EQ(request.headers, kBytesType) << text;
    }
}

TEST(RequestBody, a_transaction_in_bytes_is_sent_as_bytes) {
    const std::string bytes("\x01\xab\x00\n", 4);
    EXPECT_EQ(made(kPropagate, bytes).body, bytes);
    EXPECT_EQ(made(kPropagate, bytes).headers, kBytesType);
}

TEST(RequestBody, text_that_is_not_hex_is_sent_unchanged) {
    for (const auto* text : {"01a", "0xzz", "{}", "", "\n"}) {
        EXPECT_EQ(made(kPropagate, text).body, text);
        EXPECT_TRUE(made(kPropagate, text).headers.empty()) << text;
    }
}

TEST(RequestBody, a_chosen_content_type_stays) {
    EXPECT_EQ(made(kPropagate, "01ab\n", {{"content-type", "application/octet-stream"}}).body,
              base::text(kTransaction));
    const auto as_text = made(kPropagate, "01ab\n", {{"Content-Type", "text/plain"}});
    EXPECT_EQ(as_text.body, "0x01ab");
    EXPECT_EQ(as_text.headers.size(), 1U);
}

TEST(RequestBody, outside_of_transactions_digits_are_text) {
    EXPECT_EQ(made("/dev/mine", "10").body, "10");
    EXPECT_TRUE(made("/dev/mine", "10").headers.empty());
    EXPECT_EQ(made("/graphql", "{ a }\n").body, "{ a }\n");
}

TEST(RequestBody, a_line_end_after_0x_and_digits_is_removed_on_every_path) {
    EXPECT_EQ(made("/on/contracts:01/x", "0x01ab\n").body, "0x01ab");
    EXPECT_EQ(made("/on/contracts:01/x", "0x01abc\n").body, "0x01abc\n");
}

TEST(Answer, gets_a_line_end_only_as_text) {
    const auto answer = [](std::string_view body, client::Headers headers = {}) {
        return client::Answer{200, std::move(headers), base::to_bytes(body)};
    };
    EXPECT_TRUE(is_text({}, answer("{}", {{"content-type", "application/json"}})));
    EXPECT_TRUE(is_text({}, answer("0a")));
    EXPECT_FALSE(is_text({}, answer("\xff\xfe")));
    EXPECT_FALSE(is_text({}, answer(std::string_view("\x01\0\0", 3))));
    EXPECT_FALSE(is_text({}, answer("abc", {{"Content-Type", "application/octet-stream"}})));
    EXPECT_FALSE(is_text({{"Accept", "application/octet-stream"}}, answer("abc")));
}

}  // namespace
}  // namespace rues::app
