#include "wire/frame.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.hpp"

namespace rues::wire {
namespace {

using base::Bytes;

const std::string kBlockEntity = "1111111122222222333333334444444455555555666666667777777788888888";

// The dump of docs/reference/protocol.md 6.4
constexpr std::string_view kExampleA =
    "6e0000007b22436f6e74656e742d4c6f636174696f6e223a222f6f6e2f626c6f"
    "636b733a31313131313131313232323232323232333333333333333334343434"
    "3434343435353535353535353636363636363636373737373737373738383838"
    "383838382f73746174656368616e6765227d7b226174486569676874223a3132"
    "33342c227374617465223a22636f6e6669726d6564227d";

// docs/reference/protocol.md 6.5
constexpr std::string_view kExampleB =
    "bd0000007b22436f6e74656e742d4c6f636174696f6e223a222f6f6e2f636f6e"
    "7472616374733a30323030303030303030303030303030303030303030303030"
    "3030303030303030303030303030303030303030303030303030303030303030"
    "303030303030302f726577617264222c225275736b2d4f726967696e223a2261"
    "6261626162616261626162616261626162616261626162616261626162616261"
    "6261626162616261626162616261626162616261626162616261626162616222"
    "7ddeadbeef00";

TEST(Frame, gives_the_worked_example_of_a_state_change) {
    const Frame frame{{{"Content-Location", "/on/blocks:" + kBlockEntity + "/statechange"}},
                      base::to_bytes(R"({"atHeight":1234,"state":"confirmed"})")};

    EXPECT_EQ(base::to_hex(frame.encode()), kExampleA);
    EXPECT_EQ(Frame::parse(*base::from_hex(kExampleA)), frame);
}

TEST(Frame, gives_the_worked_example_of_a_contract_event) {
    std::string origin;
    for (int i = 0; i < 32; ++i) origin += "ab";
    const Frame frame{
        {{"Content-Location", "/on/contracts:02" + std::string(62, '0') + "/reward"}, {"Rusk-Origin", origin}},
        *base::from_hex("deadbeef00")};

    EXPECT_EQ(base::to_hex(frame.encode()), kExampleB);
    EXPECT_EQ(Frame::parse(*base::from_hex(kExampleB)), frame);
}

// docs/reference/protocol.md 6.5: "A `removed` frame for a 32-byte id has L = 112 and total length 116."
TEST(Frame, a_removed_frame_has_116_bytes) {
    const Frame frame{{{"Content-Location", "/on/transactions:" + std::string(64, 'a') + "/removed"}}, {}};

    EXPECT_EQ(frame.encode().size(), 116U);
    EXPECT_EQ(frame.encode()[0], std::byte{112});
}

TEST(Frame, header_names_compare_ignoring_case) {
    const Frame frame{{{"Content-Location", "/x"}}, {}};

    EXPECT_EQ(frame.header("content-location"), "/x");
    EXPECT_FALSE(frame.header("content"));
}

Bytes framed(std::string_view json) {
    Bytes out(4);
    out[0] = static_cast<std::byte>(json.size());
    base::append(out, base::view(json));
    return out;
}

TEST(Frame, a_header_that_is_not_an_object_of_strings_is_refused) {
    EXPECT_TRUE(Frame::parse(framed("{}")));
    for (const auto json : {"", "[]", "{", "{}x", R"({"a":1})", R"({"a":{"b":"c"}})", R"({"a":[[[["b"]]]]})", "\"a\"",
                            "{\"a\":\"\xff\"}"}) {
        EXPECT_FALSE(Frame::parse(framed(json))) << json;
    }
}

TEST(Frame, a_header_length_past_the_end_or_over_the_limit_is_refused) {
    EXPECT_FALSE(Frame::parse({}));
    EXPECT_FALSE(Frame::parse(*base::from_hex("020000")));
    EXPECT_FALSE(Frame::parse(*base::from_hex("030000007b7d")));
    EXPECT_FALSE(Frame::parse(*base::from_hex("ffffffff7b7d")));

    const auto of_size = [](std::size_t header) {
        return Frame{{{"a", std::string(header - std::string_view(R"({"a":""})").size(), 'x')}}, {}}.encode();
    };
    EXPECT_TRUE(Frame::parse(of_size(Frame::kMaxHeader)));
    EXPECT_FALSE(Frame::parse(of_size(Frame::kMaxHeader + 1)));
}

TEST(Frame, parsing_undoes_encoding) {
    EXPECT_TRUE(rc::check([] {
        const auto text = rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
        Frame frame{{{"Content-Location", *text}, {"Rusk-Origin", *text}},
                    base::to_bytes(std::string_view(*rc::gen::container<std::string>(rc::gen::arbitrary<char>())))};
        RC_ASSERT(Frame::parse(frame.encode()).value() == frame);
    }));
}

const EventEnvelope kEnvelope{.content_location = "/on/blocks:" + kBlockEntity + "/accepted",
                              .rusk_origin = {},
                              .content_type = "application/json",
                              .position = {0x0123456789abcdef, 42},
                              .height = 7,
                              .block_hash = kBlockEntity};

// docs/reference/differences.md 33: the original keys first, then Content-Type, then ours
TEST(EventMessage, the_nodes_keys_come_first_and_ours_last) {
    EventEnvelope contract = kEnvelope;
    contract.rusk_origin = "ab";
    contract.content_type = "application/octet-stream";

    const Bytes message = encode_event_message(contract, base::view("xy"));

    const auto frame = base::text(without_websocket_header(message));
    EXPECT_EQ(frame.substr(4), R"({"Content-Location":"/on/blocks:)" + kBlockEntity +
                                   R"(/accepted","Rusk-Origin":"ab","Content-Type":"application/octet-stream",)"
                                   R"("Rues-Position":"0123456789abcdef-42","Rues-Height":"7","Rues-Block-Hash":")" +
                                   kBlockEntity + R"("}xy)");
}

TEST(EventMessage, keys_without_a_value_are_absent) {
    const EventEnvelope removed{.content_location = "/on/transactions:a/removed",
                                .rusk_origin = {},
                                .content_type = {},
                                .position = {1, 1},
                                .height = 0,
                                .block_hash = {}};

    const auto message = encode_event_message(removed, {});

    EXPECT_EQ(
        base::text(without_websocket_header(message)).substr(4),
        R"({"Content-Location":"/on/transactions:a/removed","Rues-Position":"0000000000000001-1","Rues-Height":"0"})");
}

// RFC 6455 5.2; the examples of 5.7 are the lengths 256 (0x827e0100) and 65536 (0x827f0000000000010000)
TEST(EventMessage, the_websocket_header_is_the_shortest_for_its_length) {
    const std::size_t fixed = without_websocket_header(encode_event_message(kEnvelope, {})).size();
    const auto head = [&](std::size_t length, std::size_t size) {
        const Bytes message = encode_event_message(kEnvelope, Bytes(length - fixed));
        EXPECT_EQ(message.size(), size + length);
        EXPECT_EQ(without_websocket_header(message).size(), length);
        return base::to_hex(base::ByteView(message).first(size));
    };

    EXPECT_EQ(head(512, 4), "827e0200");
    EXPECT_EQ(head(65'535, 4), "827effff");
    EXPECT_EQ(head(65'536, 10), "827f0000000000010000");

    const EventEnvelope small{
        .content_location = "/", .rusk_origin = {}, .content_type = {}, .position = {}, .height = 0, .block_hash = {}};
    const std::size_t least = without_websocket_header(encode_event_message(small, {})).size();
    ASSERT_LT(least, 125U);
    EXPECT_EQ(base::to_hex(base::ByteView(encode_event_message(small, Bytes(125 - least))).first(2)), "827d");
    EXPECT_EQ(base::to_hex(base::ByteView(encode_event_message(small, Bytes(126 - least))).first(4)), "827e007e");
}

TEST(EventMessage, a_topic_of_any_utf_8_is_escaped_as_json) {
    EventEnvelope envelope = kEnvelope;
    envelope.content_location = "/on/contracts:a/\"\\\b\f\n\r\t\x01/é😀";

    const Bytes message = encode_event_message(envelope, {});

    EXPECT_NE(base::text(message).find(R"(/on/contracts:a/\"\\\b\f\n\r\t\u0001/é😀")"), std::string_view::npos);
    EXPECT_EQ(Frame::parse(without_websocket_header(message))->header("Content-Location"), envelope.content_location);
}

TEST(EventMessage, the_location_is_found_without_parsing_unless_it_has_escapes) {
    EXPECT_EQ(content_location(encode_event_message(kEnvelope, {})), kEnvelope.content_location);
    EXPECT_EQ(content_location(encode_event_message(kEnvelope, Bytes(70'000))), kEnvelope.content_location);
    EventEnvelope escaped = kEnvelope;
    escaped.content_location = "/on/contracts:a/b\"c";
    EXPECT_EQ(content_location(encode_event_message(escaped, {})), "");
    EXPECT_EQ(content_location({}), "");
    EXPECT_EQ(content_location(base::view("\x82\x7f")), "");
    EXPECT_EQ(content_location(base::view("\x82\x04"
                                          "abcd{\"Content-Location\":\"no end")),
              "");
}

TEST(EventMessage, a_replay_has_one_more_header_at_the_end_and_no_other_change) {
    EventEnvelope envelope;
    envelope.content_location = "/on/blocks:aa/accepted";
    envelope.position = {1, 2};
    for (const std::size_t payload : {std::size_t{0}, std::size_t{40}, std::size_t{70'000}}) {
        const auto message = encode_event_message(envelope, base::Bytes(payload, std::byte{7}));
        const auto marked = as_replay(message);
        EXPECT_EQ(first_message(marked).size(), marked.size());
        auto frame = Frame::parse(without_websocket_header(marked));
        ASSERT_TRUE(frame);
        EXPECT_EQ(frame->headers.back(), (std::pair<std::string, std::string>("Rues-Replay", "true")));
        frame->headers.pop_back();
        EXPECT_EQ(*frame, *Frame::parse(without_websocket_header(message)));
    }
}

TEST(EventMessage, a_decoded_message_has_another_payload_and_type_and_says_so) {
    EventEnvelope envelope;
    envelope.content_location = "/on/contracts:aa/x\"Content-Type\":\"y";
    envelope.rusk_origin = "bb";
    envelope.content_type = "application/octet-stream";
    envelope.position = {1, 2};
    envelope.block_hash = "cc";
    for (const std::size_t size : {std::size_t{0}, std::size_t{40}, std::size_t{70'000}}) {
        const auto message = encode_event_message(envelope, base::Bytes(3, std::byte{7}));
        const std::string json = "{" + std::string(size, ' ') + "}";

        const auto decoded = as_decoded(message, json);

        EXPECT_EQ(first_message(decoded).size(), decoded.size());
        const auto frame = Frame::parse(without_websocket_header(decoded));
        auto expected = *Frame::parse(without_websocket_header(message));
        expected.headers[2].second = "application/json";
        expected.headers.emplace_back("Rues-Decoded", "json");
        expected.payload = base::to_bytes(json);
        EXPECT_EQ(*frame, expected);
    }
}

TEST(EventMessage, a_message_that_is_not_decoded_keeps_its_payload_and_says_why) {
    EventEnvelope envelope;
    envelope.content_location = "/on/contracts:aa/x";
    envelope.content_type = "application/octet-stream";
    const auto message = encode_event_message(envelope, base::Bytes(3, std::byte{7}));
    for (const auto& [reason, sent] : std::vector<std::pair<std::string, std::string>>{
             {"no driver", "no; no driver"},
             {"a \"b\"\n\x80", "no; a \"b\"??"},
             {std::string(kMaxReason + 1, 'x'), "no; " + std::string(kMaxReason, 'x')}}) {
        const auto frame = Frame::parse(without_websocket_header(as_undecoded(message, reason)));
        auto expected = *Frame::parse(without_websocket_header(message));
        expected.headers.emplace_back("Rues-Decoded", sent);
        EXPECT_EQ(*frame, expected);
    }
}

TEST(EventMessage, bytes_that_are_no_message_are_not_decoded) {
    const base::Bytes bytes(5, std::byte{1});
    EXPECT_EQ(as_decoded(bytes, "{}"), bytes);
    EXPECT_EQ(as_undecoded(bytes, "x"), bytes);
}

TEST(EventMessage, consecutive_messages_are_separated) {
    EventEnvelope envelope;
    envelope.content_location = "/on/blocks:aa/accepted";
    base::Bytes both;
    for (const std::size_t payload : {std::size_t{3}, std::size_t{200}, std::size_t{66'000}})
        base::append(both, encode_event_message(envelope, base::Bytes(payload)));
    base::ByteView rest = both;
    std::vector<std::size_t> sizes;
    while (!rest.empty()) {
        const auto first = first_message(rest);
        ASSERT_FALSE(first.empty());
        sizes.push_back(Frame::parse(without_websocket_header(first))->payload.size());
        rest = rest.subspan(first.size());
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 200, 66'000}));
    EXPECT_TRUE(first_message(base::ByteView(both).first(1)).empty());
    EXPECT_TRUE(first_message(base::ByteView(both).first(20)).empty());
}

TEST(Position, the_text_form_is_exact) {
    EXPECT_EQ((Position{0x0123456789abcdef, 42}.to_string()), "0123456789abcdef-42");
    EXPECT_EQ(Position::parse("0123456789abcdef-42"), (Position{0x0123456789abcdef, 42}));
    EXPECT_EQ(Position::parse("0000000000000000-0"), (Position{0, 0}));
    EXPECT_EQ(Position::parse("ffffffffffffffff-18446744073709551615"), (Position{UINT64_MAX, UINT64_MAX}));
    for (const auto text : {"", "-", "0123456789abcdef", "0123456789abcdef-", "0123456789ABCDEF-1", "123456789abcdef-1",
                            "00123456789abcdef-1", "0123456789abcdef-01", "0123456789abcdef-+1", "0123456789abcdef--1",
                            "0123456789abcdef-1 ", " 0123456789abcdef-1", "0123456789abcdef-18446744073709551616",
                            "0123456789abcdefx1"}) {
        EXPECT_FALSE(Position::parse(text)) << text;
    }
}

}  // namespace
}  // namespace rues::wire
