#include "wire/websocket.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "support/websocket_frames.hpp"

namespace rues::wire::websocket {
namespace {

using rues::test::client_frame;
using rues::test::server_frame;

constexpr std::size_t kMaxFrame = 65'536;     // docs/reference/protocol.md 1.3
constexpr std::size_t kMaxMessage = 262'144;  // docs/reference/protocol.md 1.3

struct Read {
    std::vector<Message> messages;
    std::optional<Problem> problem;
    std::uint16_t code() const { return problem ? problem->close_code : std::uint16_t{0}; }
};

/// Gives `bytes` to a reader in pieces of `piece` bytes, and returns what it reads.
Read read_all(std::string_view bytes, std::size_t piece = std::string_view::npos, Sender sender = Sender::client) {
    Reader reader(sender, kMaxFrame, kMaxMessage, sender == Sender::server);
    Read out;
    while (!bytes.empty()) {
        ByteView now = base::view(bytes.substr(0, piece));
        bytes.remove_prefix(now.size());
        for (;;) {
            auto message = reader.next(now);
            if (!message) {
                out.problem = message.error();
                return out;
            }
            if (!*message) break;
            out.messages.push_back(std::move(**message));
            if (out.messages.back().kind == Opcode::close) return out;
        }
    }
    return out;
}

TEST(WebSocketReader, reads_the_examples_of_rfc_6455_5_7) {
    const auto hello = read_all("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    ASSERT_EQ(hello.messages.size(), 1U);
    EXPECT_EQ(hello.messages[0].kind, Opcode::text);
    EXPECT_EQ(hello.messages[0].payload, "Hello");

    const auto pong = read_all("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    ASSERT_EQ(pong.messages.size(), 1U);
    EXPECT_EQ(pong.messages[0].kind, Opcode::pong);
    EXPECT_EQ(pong.messages[0].payload, "Hello");
}

TEST(WebSocketWriter, writes_the_examples_of_rfc_6455_5_7) {
    std::string out;
    append_frame(out, Opcode::text, "Hello");
    append_frame(out, Opcode::ping, "Hello");
    append_frame_header(out, Opcode::binary, 256);
    append_frame_header(out, Opcode::binary, 65'536);
    EXPECT_EQ(base::to_hex(base::view(out)), "810548656c6c6f890548656c6c6f827e0100827f0000000000010000");
}

TEST(WebSocketHandshake, accept_key_is_the_one_of_rfc_6455_1_3) {
    EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketReader, control_frames_may_stand_between_fragments) {
    const auto read =
        read_all(client_frame(0x01, "a") + client_frame(0x89, "p") + client_frame(0x00, "b") + client_frame(0x80, "c"));

    ASSERT_EQ(read.messages.size(), 2U);
    EXPECT_EQ(read.messages[0].kind, Opcode::ping);
    EXPECT_EQ(read.messages[0].payload, "p");
    EXPECT_EQ(read.messages[1].payload, "abc");
}

TEST(WebSocketReader, a_message_is_the_same_however_the_bytes_are_cut) {
    EXPECT_TRUE(rc::check([] {
        std::string bytes;
        std::vector<std::string> texts;
        const auto count = *rc::gen::inRange(1, 6);
        for (int i = 0; i < count; ++i) {
            const auto size = *rc::gen::element<std::size_t>(0, 1, 125, 126, 127, 1'000, 65'535, 65'536);
            texts.emplace_back(size, static_cast<char>('a' + i));
            const auto cut = *rc::gen::inRange<std::size_t>(0, size + 1);
            if (*rc::gen::arbitrary<bool>()) {
                bytes += client_frame(0x81, texts.back());
            } else {
                bytes += client_frame(0x01, texts.back().substr(0, cut)) + client_frame(0x80, texts.back().substr(cut));
            }
        }
        const auto piece = *rc::gen::element<std::size_t>(1, 7, 1'000, 70'000);
        const auto read = read_all(bytes, piece);
        RC_ASSERT(!read.problem);
        RC_ASSERT(read.messages.size() == texts.size());
        for (std::size_t i = 0; i < texts.size(); ++i) RC_ASSERT(read.messages[i].payload == texts[i]);
    }));
}

TEST(WebSocketReader, a_frame_of_65536_bytes_passes_and_one_more_is_1009_from_its_header_on) {
    EXPECT_EQ(read_all(client_frame(0x81, std::string(65'536, 'x'))).messages.size(), 1U);
    EXPECT_EQ(read_all(client_frame(0x81, std::string(65'537, 'x')).substr(0, 10)).code(), 1009);
    EXPECT_EQ(read_all(std::string("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10)).code(), 1009);
}

TEST(WebSocketReader, a_message_of_262144_bytes_passes_and_one_more_is_1009) {
    for (const unsigned opcode : {1U, 2U}) {
        std::string fragments = client_frame(opcode, std::string(65'536, 'x'));
        for (int i = 0; i < 2; ++i) fragments += client_frame(0x00, std::string(65'536, 'x'));
        EXPECT_EQ(read_all(fragments + client_frame(0x80, std::string(65'536, 'x'))).messages.size(), 1U);
        const auto over = fragments + client_frame(0x00, std::string(65'536, 'x')) + client_frame(0x80, "x");
        EXPECT_EQ(read_all(over).code(), 1009);
    }
}

TEST(WebSocketReader, frames_that_rfc_6455_forbids_are_1002) {
    const std::pair<std::string_view, std::string> cases[] = {
        {"unmasked", "\x81\x01x"},
        {"reserved bit 1", client_frame(0xc1, "x")},
        {"reserved bit 3", client_frame(0x91, "x")},
        {"opcode 3", client_frame(0x83, "x")},
        {"opcode 11", client_frame(0x8b, "x")},
        {"fragmented ping", client_frame(0x09, "x")},
        {"long ping", client_frame(0x89, std::string(126, 'x'))},
        {"continuation of nothing", client_frame(0x80, "x")},
        {"new message inside another", client_frame(0x01, "x") + client_frame(0x81, "y")},
        {"close with half a code", client_frame(0x88, "x")},
        {"close with code 1005", client_frame(0x88, "\x03\xed")},
        {"close with code 999", client_frame(0x88, "\x03\xe7")},
        {"close with code 5000", client_frame(0x88, "\x13\x88")},
    };
    for (const auto& [name, bytes] : cases) EXPECT_EQ(read_all(bytes).code(), 1002) << name;
}

TEST(WebSocketReader, text_that_is_not_utf8_is_1007_even_if_a_fragment_ends_within_a_character) {
    EXPECT_EQ(read_all(client_frame(0x81, "\xc3\x28")).code(), 1007);
    EXPECT_EQ(read_all(client_frame(0x88, "\x03\xe8\xff")).code(), 1007);
    EXPECT_EQ(read_all(client_frame(0x82, "\xff")).code(), 0);

    const auto cut = read_all(client_frame(0x01, "\xe2\x82") + client_frame(0x80, "\xac"));
    ASSERT_EQ(cut.messages.size(), 1U);
    EXPECT_EQ(cut.messages[0].payload, "\xe2\x82\xac");
}

TEST(WebSocketReader, text_that_cannot_become_utf8_is_1007_at_the_octet_that_shows_it) {
    const auto begin = [](unsigned first, std::string_view payload) {
        return client_frame(first, std::string(payload) + std::string(50, 'x')).substr(0, 6 + payload.size());
    };
    EXPECT_EQ(read_all(begin(0x81, "\xf4")).code(), 0);
    EXPECT_EQ(read_all(begin(0x81, "\xf4\x90")).code(), 1007);
    EXPECT_EQ(read_all(client_frame(0x01, "\xed") + client_frame(0x89, "") + begin(0x80, "\xa0")).code(), 1007);
    EXPECT_EQ(read_all(client_frame(0x01, "\xe2\x82")).code(), 0);
    EXPECT_EQ(read_all(client_frame(0x01, "\xe2\x82") + client_frame(0x80, "")).code(), 1007);
}

TEST(WebSocketReader, the_content_of_binary_messages_is_kept_where_it_is_wanted) {
    Reader reader(Sender::client, kMaxFrame, kMaxMessage, true);
    const std::string bytes = client_frame(0x02, "\xff") + client_frame(0x80, "\xfe");
    ByteView input = base::view(bytes);
    const auto message = reader.next(input);
    ASSERT_TRUE(message && *message);
    EXPECT_EQ((*message)->kind, Opcode::binary);
    EXPECT_EQ((*message)->payload, "\xff\xfe");
    EXPECT_EQ(read_all(bytes).messages.at(0).payload, "");
}

TEST(WebSocketReader, a_length_may_use_more_bytes_than_needed_except_in_a_control_frame) {
    const std::string_view mask("\0\0\0\0", 4);
    const auto with = [&](std::string_view head, std::string_view payload) {
        return std::string(head).append(mask).append(payload);
    };
    EXPECT_EQ(read_all(with(std::string_view("\x81\xfe\0\x01", 4), "x")).messages.at(0).payload, "x");
    EXPECT_EQ(read_all(with(std::string_view("\x81\xff\0\0\0\0\0\0\0\x01", 10), "x")).messages.at(0).payload, "x");
    EXPECT_EQ(read_all(with(std::string_view("\x89\xfe\0\x01", 4), "x")).code(), 1002);
}

TEST(WebSocketReader, is_between_messages_only_when_a_new_reader_could_continue) {
    const std::string bytes = client_frame(0x01, "ab") + client_frame(0x89, "p") + client_frame(0x80, "");
    Reader reader(Sender::client, kMaxFrame, kMaxMessage);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        EXPECT_EQ(reader.between_messages(), at == 0) << at;
        ByteView octet = base::view(bytes).subspan(at, 1);
        EXPECT_TRUE(reader.next(octet));
    }
    EXPECT_TRUE(reader.between_messages());
}

TEST(WebSocketReader, a_close_has_code_and_reason_or_neither) {
    const auto full = read_all(client_frame(0x88, "\x0f\xa0later"));
    ASSERT_EQ(full.messages.size(), 1U);
    EXPECT_EQ(full.messages[0].close_code, 4000);
    EXPECT_EQ(full.messages[0].payload, "later");
    const auto bare = read_all(client_frame(0x88, ""));
    ASSERT_EQ(bare.messages.size(), 1U);
    EXPECT_EQ(bare.messages[0].close_code, close_code::kNone);
}

TEST(WebSocketWriter, a_close_reason_that_is_too_long_is_cut_at_a_character) {
    std::string out;
    append_close(out, 1013, std::string(122, 'x') + "\xe2\x82\xac");
    EXPECT_EQ(out.size(), 2U + 2 + 122);
    EXPECT_EQ(static_cast<unsigned char>(out[1]), 124U);
    out.clear();
    append_close(out, close_code::kNone, "ignored");
    EXPECT_EQ(out, std::string("\x88\0", 2));
}

TEST(WebSocketWriter, masks_as_the_example_of_rfc_6455_5_7) {
    constexpr base::ByteArray<4> kMask{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};
    std::string out;
    append_masked_frame(out, Opcode::text, "Hello", kMask);
    EXPECT_EQ(base::to_hex(base::view(out)), "818537fa213d7f9f4d5158");
}

TEST(WebSocketReader, reads_masked_frames_of_a_client_and_unmasked_ones_of_a_server_and_no_others) {
    EXPECT_EQ(read_all(server_frame(0x81, "x")).code(), 1002);
    EXPECT_EQ(read_all(client_frame(0x81, "x"), std::string_view::npos, Sender::server).code(), 1002);
    EXPECT_EQ(read_all(server_frame(0x81, "x"), std::string_view::npos, Sender::server).messages.size(), 1U);
}

TEST(WebSocketReader, cut_anywhere_the_bytes_of_a_server_give_the_same_messages) {
    const std::string bytes = server_frame(0x81, "id") + server_frame(0x02, std::string(126, 'a')) +
                              server_frame(0x89, "p") + server_frame(0x80, std::string(300, 'b')) +
                              server_frame(0x88, "\x0f\xa0later");
    const auto whole = read_all(bytes, std::string_view::npos, Sender::server);
    ASSERT_EQ(whole.messages.size(), 4U);
    EXPECT_EQ(whole.messages[1].kind, Opcode::ping);
    EXPECT_EQ(whole.messages[2].payload, std::string(126, 'a') + std::string(300, 'b'));
    EXPECT_EQ(whole.messages[3].close_code, 4000);
    EXPECT_EQ(whole.messages[3].payload, "later");
    for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
        const auto cut = read_all(bytes, piece, Sender::server);
        ASSERT_EQ(cut.messages.size(), whole.messages.size()) << piece;
        for (std::size_t i = 0; i < cut.messages.size(); ++i)
            EXPECT_EQ(cut.messages[i].payload, whole.messages[i].payload) << piece;
    }
}

TEST(WebSocketReader, bounds_the_messages_of_a_server_before_their_payload_comes) {
    EXPECT_EQ(read_all({"\x82\x7f\x00\x00\x00\x00\x7f\x00\x00\x00", 10}, std::string_view::npos, Sender::server).code(),
              1009);
}

TEST(WebSocketFrameHeader, is_read_as_it_was_written) {
    for (const std::uint64_t length : {0ULL, 125ULL, 126ULL, 65'535ULL, 65'536ULL, 1ULL << 40U}) {
        base::ByteArray<kMaxFrameHeader> bytes{};
        const auto written = put_frame_header(bytes, Opcode::binary, length);
        const auto read = frame_header(ByteView(bytes).first(written));
        ASSERT_TRUE(read) << length;
        EXPECT_EQ(read->bytes, written);
        EXPECT_EQ(read->payload_bytes, length);
        EXPECT_FALSE(frame_header(ByteView(bytes).first(written - 1))) << length;
    }
}

}  // namespace
}  // namespace rues::wire::websocket
