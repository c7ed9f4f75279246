#include "wire/legacy.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.hpp"

namespace rues::wire::legacy {
namespace {

// The dump of docs/reference/protocol.md 9.1
constexpr std::string_view kExample =
    "5c0000007b22436f6e74656e742d54797065223a226170706c69636174696f6e"
    "2f6f637465742d73747265616d222c225275736b2d56657273696f6e223a2230"
    "2e372e30222c22582d526571756573742d4964223a223132626533346566227d"
    "02040000007275736b09000000707265766572696679cafe01";

TEST(Legacy, gives_the_worked_example_of_a_message) {
    const Message message{
        {{"Content-Type", "application/octet-stream"}, {"Rusk-Version", "0.7.0"}, {"X-Request-Id", "12be34ef"}},
        {TargetType::host, "rusk", "preverify", *base::from_hex("cafe01")}};

    EXPECT_EQ(base::to_hex(message.encode()), kExample);
    EXPECT_EQ(message.encode().size(), 121U);
    EXPECT_EQ(Message::parse(*base::from_hex(kExample)), message);
}

TEST(Legacy, a_message_cut_before_its_data_is_refused) {
    const auto bytes = *base::from_hex(kExample);
    for (std::size_t size = 0; size < bytes.size() - 3; ++size)
        EXPECT_FALSE(Message::parse(base::ByteView(bytes).first(size))) << size;
    EXPECT_TRUE(Message::parse(base::ByteView(bytes).first(bytes.size() - 3)));
}

TEST(Legacy, target_types_are_1_to_3) {
    EXPECT_FALSE(Event::parse(*base::from_hex("000000000000000000")));
    EXPECT_EQ(Event::parse(*base::from_hex("010000000000000000"))->target_type, TargetType::contract);
    EXPECT_EQ(Event::parse(*base::from_hex("030000000000000000"))->target_type, TargetType::debugger);
    EXPECT_FALSE(Event::parse(*base::from_hex("040000000000000000")));
}

TEST(Legacy, a_target_or_topic_that_is_not_utf_8_is_refused) {
    EXPECT_FALSE(Event::parse(*base::from_hex("0101000000ff00000000")));
    EXPECT_FALSE(Event::parse(*base::from_hex("010000000001000000ff")));
}

// docs/reference/protocol.md 9.3 point 5
TEST(Legacy, lengths_are_capped_before_anything_is_read) {
    const auto event = [](std::size_t name, std::size_t topic) {
        return Event{TargetType::host, std::string(name, 'n'), std::string(topic, 't'), {}}.encode();
    };

    EXPECT_TRUE(Event::parse(event(kMaxName, kMaxTopic)));
    EXPECT_FALSE(Event::parse(event(kMaxName + 1, 0)));
    EXPECT_FALSE(Event::parse(event(0, kMaxTopic + 1)));
    EXPECT_FALSE(Event::parse(*base::from_hex("01ffffffff")));
    EXPECT_FALSE(Message::parse(*base::from_hex("ffffffff7b7d")));
}

TEST(Legacy, parsing_undoes_encoding) {
    EXPECT_TRUE(rc::check([] {
        const auto text = rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
        const Message message{
            {{"X-A", *text}},
            {*rc::gen::element(TargetType::contract, TargetType::host, TargetType::debugger), *text, *text,
             base::to_bytes(std::string_view(*rc::gen::container<std::string>(rc::gen::arbitrary<char>())))}};
        RC_ASSERT(Message::parse(message.encode()).value() == message);
    }));
}

}  // namespace
}  // namespace rues::wire::legacy
