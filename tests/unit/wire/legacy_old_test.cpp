#include "wire/legacy_old.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "wire/legacy.hpp"

// docs/reference/protocol.md 9.2
namespace rues::wire::legacy::old {
namespace {

TEST(LegacyOld, gives_the_examples_of_a_body_and_of_a_binary_request) {
    const auto body = Request::of_body(*base::from_hex("09000000707265766572696679cafe01"), true);
    const auto message = Request::of_binary(
        *base::from_hex("5c0000007b22436f6e74656e742d54797065223a226170706c69636174696f6e2f6f637465742d73747265616d222c"
                        "225275736b2d56657273696f6e223a22302e372e30222c22582d526571756573742d4964223a223132626533346566"
                        "227d09000000707265766572696679cafe01"));

    ASSERT_TRUE(body && message);
    EXPECT_EQ(body->topic, "preverify");
    EXPECT_EQ(base::to_hex(body->data), "cafe01");
    EXPECT_EQ(message->topic, body->topic);
    EXPECT_EQ(message->data, body->data);
    EXPECT_EQ(find_header(message->headers, "rusk-version"), "0.7.0");
    const HeaderList echo{{"X-Request-Id", "\"12be34ef\""}};
    EXPECT_EQ(message->echo, echo);
}

TEST(LegacyOld, data_of_even_hex_is_bytes_and_any_other_is_text) {
    const auto data = [](std::string_view written) {
        const auto body =
            Request::of_body(base::view(R"({"topic":"t","data":")" + std::string(written) + "\"}"), false);
        return base::to_hex(body->data);
    };

    EXPECT_EQ(data(""), "");
    EXPECT_EQ(data("10"), "10");
    EXPECT_EQ(data("CAFE"), "cafe");
    EXPECT_EQ(data("100"), "313030");
    EXPECT_EQ(data("0x10"), "30783130");
    EXPECT_EQ(data("query"), "7175657279");
}

TEST(LegacyOld, header_values_may_be_any_json) {
    const auto request = Request::of_text(
        R"({"headers":{"X-N":1,"x-o":{"a":[true,null]},"Rusk-Version":"1.0","Rusk-gqlvar-a":"5","Rusk-gqlvar-b":5},)"
        R"("event":{"topic":"t","data":""}})");

    ASSERT_TRUE(request) << request.error();
    const HeaderList echo{{"X-N", "1"}, {"x-o", R"({"a":[true,null]})"}};
    EXPECT_EQ(request->echo, echo);
    EXPECT_EQ(find_header(request->headers, "rusk-version"), "1.0");
    EXPECT_EQ(find_header(request->headers, "rusk-gqlvar-a"), "\"5\"") << "a string stays a string";
    EXPECT_EQ(find_header(request->headers, "rusk-gqlvar-b"), "5");
    EXPECT_EQ(reply(request->echo, "[1]", ""),
              R"({"headers":{"X-N":1,"x-o":{"a":[true,null]},"Rusk-Version":"1.7.0"},"data":[1],"error":null})");
    EXPECT_EQ(reply({}, "null", "a \"b\""), R"({"headers":{"Rusk-Version":"1.7.0"},"data":null,"error":"a \"b\""})");
}

TEST(LegacyOld, what_cannot_be_read_is_an_error) {
    for (const std::string_view text :
         {"", "[]", "{}", R"({"headers":[],"event":{"topic":"t","data":""}})", R"({"headers":{},"event":[]})",
          R"({"headers":{},"event":{"topic":1,"data":""}})", R"({"headers":{},"event":{"topic":"t"}})"})
        EXPECT_FALSE(Request::of_text(text)) << text;
    for (const std::string_view hex : {"", "0200", "ffffffff7b7d", "020000007b7d", "020000007b7d01000000",
                                       "020000007b7d01000000ff", "0200000031320000000000", "020000005b5d00000000"})
        EXPECT_FALSE(Request::of_binary(*base::from_hex(hex))) << hex;
    EXPECT_FALSE(Request::of_body(base::view("{\"topic\":\"t\"}"), false));
    EXPECT_FALSE(Request::of_body(base::view("abc"), true));
    EXPECT_FALSE(Request::of_body(base::view(R"({"topic":")" + std::string(1'025, 't') + R"(","data":""})"), false));
}

TEST(LegacyOld, the_topic_of_a_binary_request_is_bounded) {
    const auto problem = [](std::size_t size) {
        base::Writer out;
        out.put(static_cast<std::uint32_t>(size)).put(base::view(std::string(size, 't')));
        const auto body = Request::of_body(out.take(), true);
        return body ? std::string() : body.error();
    };

    EXPECT_EQ(problem(kMaxTopic), "");
    EXPECT_EQ(problem(kMaxTopic + 1), "the topic is too long");
}

TEST(LegacyOld, headers_of_a_binary_request_are_bounded) {
    const auto problem = [](std::size_t size) {
        const std::string json = "{" + std::string(size - 2, ' ') + "}";
        base::Writer out;
        out.put(static_cast<std::uint32_t>(json.size())).put(base::view(json));
        const auto request = Request::of_binary(out.take());
        return request ? std::string() : request.error();
    };

    EXPECT_EQ(problem(kMaxHeaders), "the topic's length is missing") << "the headers were read";
    EXPECT_EQ(problem(kMaxHeaders + 1), "the headers are too long");
}

TEST(LegacyOld, headers_are_bounded) {
    const auto with_header_of = [](std::size_t size) {
        return Request::of_text(R"({"headers":{"X-A":")" + std::string(size, 'a') +
                                R"("},"event":{"topic":"t","data":""}})");
    };

    EXPECT_TRUE(with_header_of(60'000));
    EXPECT_FALSE(with_header_of(70'000));
}

}  // namespace
}  // namespace rues::wire::legacy::old
