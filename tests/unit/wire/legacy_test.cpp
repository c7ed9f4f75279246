#include "wire/legacy.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.hpp"
#include "base/endian.hpp"

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

TEST(Legacy, headers_are_strings_but_a_length_may_be_a_number) {
    const auto headers = [](std::string_view json) {
        base::Writer out;
        out.put(static_cast<std::uint32_t>(json.size())).put(base::view(json));
        return View::read(out.take());
    };

    // docs/reference/protocol.md 9.1
    const auto example = headers(
        "{\"Content-Type\" : \"application/json\", \"Rusk-Version\" : \"0.10.2\",\n \"X-Request-Id\" : "
        "\"12be34ef\", \"Content-Length\": 250 }");
    ASSERT_TRUE(example);
    const HeaderList expected{{"Content-Type", "application/json"},
                              {"Rusk-Version", "0.10.2"},
                              {"X-Request-Id", "12be34ef"},
                              {"Content-Length", "250"}};
    EXPECT_EQ(example->headers, expected);
    EXPECT_EQ(headers(R"({"X-Request-Id":12})").error(), "the value of the header X-Request-Id is not a string");
    EXPECT_FALSE(headers(R"({"Content-Length":"1","x":[]})"));
    EXPECT_FALSE(headers("[]"));
}

TEST(Legacy, what_can_be_read_of_a_broken_event_is_kept) {
    const auto read = [](std::string_view event_hex) {
        auto bytes = *base::from_hex("020000007b7d");  // no headers
        base::append(bytes, *base::from_hex(event_hex));
        const auto view = View::read(bytes);
        return view->problem + "|" + std::string(view->target) + "|" + std::string(view->topic);
    };

    EXPECT_EQ(read(""), "the target type is missing||");
    EXPECT_EQ(read("09010000006e0100000074"), "unknown target type|n|t");
    EXPECT_EQ(read("02010000006e"), "topic length is missing|n|");
    EXPECT_EQ(read("02010000006e0200000074"), "topic is cut off|n|");
    EXPECT_EQ(read("0201000000ff0100000074"), "target is not UTF-8||");
    EXPECT_EQ(read("0201040000"), "target is too long||");
    EXPECT_EQ(read("02010000006e0100000074"), "|n|t");
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

// Blanks count: the bytes are what a parser would have to look at.
TEST(Legacy, headers_of_64_kib_are_read_and_one_byte_more_is_not) {
    const auto problem = [](std::size_t size) {
        const std::string json = "{" + std::string(size - 2, ' ') + "}";
        base::Writer out;
        out.put(static_cast<std::uint32_t>(json.size())).put(base::view(json));
        const auto view = View::read(out.take());
        return view ? view->problem : view.error();
    };

    EXPECT_EQ(problem(kMaxHeaders), "the target type is missing") << "the headers were read";
    EXPECT_EQ(problem(kMaxHeaders + 1), "the headers are too long");
}

TEST(LegacyText, data_is_text_or_hex_as_its_type_says) {
    const auto data = [](std::string_view type, std::string_view written) {
        const auto read = Text::read(R"({"headers":{"CONTENT-type":")" + std::string(type) +
                                     R"("},"event":{"target":{"type":"Host","name":"n"},"topic":"t","data":")" +
                                     std::string(written) + R"("}})");
        return read->data_problem + "|" + base::to_hex(read->event.data);
    };

    EXPECT_EQ(data("application/octet-stream", "CAfe"), "|cafe");
    EXPECT_EQ(data("application/octet-stream", "cafe0"), "the data is not hex|");
    EXPECT_EQ(data("application/Octet-Stream", "ca"), "|6361");
    EXPECT_EQ(written_data(*base::from_hex("cafe"), "application/octet-stream"), "cafe");
    EXPECT_EQ(written_data(*base::from_hex("cafe"), "application/wasm"), "cafe");
    EXPECT_EQ(written_data(base::view("{}"), "application/json"), "{}");
    EXPECT_EQ(written_data(base::view("ab"), "text/plain; charset=utf-8"), "ab");
}

TEST(LegacyText, the_form_is_read_back) {
    const HeaderList headers{{"Content-Type", "application/octet-stream"}, {"X-\"", "\\é"}};

    const auto read = Text::read(text_form(headers, TargetType::debugger, "na\"me", "to\npic", "cafe"));

    ASSERT_TRUE(read);
    EXPECT_EQ(read->problem + read->data_problem, "");
    EXPECT_EQ(read->headers, headers);
    const Event expected{TargetType::debugger, "na\"me", "to\npic", *base::from_hex("cafe")};
    EXPECT_EQ(read->event, expected);
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
