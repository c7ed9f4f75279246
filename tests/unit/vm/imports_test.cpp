// The functions that contracts import: docs/reference/machine.md 1.2.
#include "crypto/hash.hpp"
#include "unit/vm/fixture.hpp"

namespace rues::vm {
namespace {

using namespace test;
using Kind = Failure::Kind;

class Imports : public CallTest {};

TEST_F(Imports, host_data_are_the_chain_id_and_the_height_as_u64) {
    auto session = block();

    EXPECT_EQ(call(session, "hd", bytes("chain_id"))->data, Bytes{std::byte{0x42}});
    EXPECT_EQ(base::to_hex(call(session, "hd", bytes("block_height"))->data), "8877665544332211");
}

TEST_F(Imports, the_genesis_session_reads_its_height_as_an_i32_zero) {
    auto session = Session::of_block(machine(), state_, {.chain_id = 0xfa, .genesis = true});

    EXPECT_EQ(base::to_hex(call(session, "hd", bytes("block_height"))->data), "00000000");
}

TEST_F(Imports, host_data_that_are_not_set_have_length_zero) {
    auto session = block();
    const auto absent = call(session, "hd", bytes("public_sender"));
    base::ByteArray<208> sender{};
    sender[0] = std::byte{1};
    sender[207] = std::byte{9};
    session.public_sender(sender);
    const auto present = call(session, "hd", bytes("public_sender"));
    session.public_sender(std::nullopt);

    EXPECT_EQ(absent->data, Bytes{});
    EXPECT_EQ(present->data, base::to_bytes(ByteView(sender)));
    EXPECT_EQ(call(session, "hd", bytes("public_sender"))->data, Bytes{});
    EXPECT_EQ(call(session, "hd", bytes("no such name"))->data, Bytes{});
}

TEST_F(Imports, names_that_are_not_utf8_are_unknown_errors) {
    auto session = block();

    EXPECT_EQ(kind(call(session, "hd", bytes("\xff"))), Kind::unknown);
    base::Writer query;
    query.put(std::uint32_t{1}).put(bytes("\xff"));
    EXPECT_EQ(kind(call(session, "hq", query.bytes())), Kind::unknown);
}

/// rkyv of a Vec<u8>: the bytes, then a relative pointer and the length at the end, aligned to 4.
Bytes vec(std::string_view of) {
    base::Writer out;
    out.put(bytes(of));
    while (out.bytes().size() % 4 != 0) out.put(std::byte{0});
    const auto offset = static_cast<std::uint32_t>(-static_cast<std::int32_t>(out.bytes().size()));
    out.put(offset).put(static_cast<std::uint32_t>(of.size()));
    return out.take();
}

Bytes query_argument(std::string_view name, ByteView argument) {
    base::Writer out;
    out.put(static_cast<std::uint32_t>(name.size())).put(bytes(name)).put(argument);
    return out.take();
}

TEST_F(Imports, a_host_query_answers_into_the_buffer_and_costs_its_price) {
    auto session = block();
    const auto cheap = call(session, "hq", query_argument("sha256", vec("abcd")));
    const auto dear = call(session, "hq", query_argument("sha256", vec("abcdefgh")));

    EXPECT_EQ(cheap->data, base::to_bytes(ByteView(crypto::sha256(bytes("abcd")))));
    EXPECT_EQ(dear->data, base::to_bytes(ByteView(crypto::sha256(bytes("abcdefgh")))));
    EXPECT_GT(cheap->gas_spent, 3'000U + 4 * 8);            // docs/reference/rusk-1.7.md 7.3
    EXPECT_EQ(dear->gas_spent - cheap->gas_spent, 4U * 8);  // 8 for each byte
}

TEST_F(Imports, a_host_query_that_cannot_be_paid_is_out_of_gas) {
    auto session = block();

    EXPECT_EQ(kind(call(session, "hq", query_argument("sha256", vec("abcd")), 3'000)), Kind::out_of_gas);
}

TEST_F(Imports, an_unknown_host_query_is_an_unknown_error) {
    auto session = block();

    EXPECT_EQ(kind(call(session, "hq", query_argument("sha257", vec("abcd")))), Kind::unknown);
}

TEST_F(Imports, a_known_answer_is_taken_at_the_same_price) {
    auto session = block();
    const auto computed = call(session, "hq", query_argument("sha256", vec("abcd")));
    session.know("sha256", vec("abcd"), bytes("known"));
    const auto known = call(session, "hq", query_argument("sha256", vec("abcd")));
    const auto other = call(session, "hq", query_argument("sha256", vec("abce")));
    for (std::size_t i = 0; i < Session::kKnownAnswers; ++i) session.know("sha256", bytes("another"), {});
    const auto forgotten = call(session, "hq", query_argument("sha256", vec("abcd")));

    EXPECT_EQ(known->data, bytes("known"));
    EXPECT_EQ(known->gas_spent, computed->gas_spent);
    EXPECT_EQ(other->data, base::to_bytes(ByteView(crypto::sha256(bytes("abce")))));
    EXPECT_EQ(forgotten->data, computed->data);
}

TEST_F(Imports, an_event_has_source_topic_and_data_and_costs_four_a_byte) {
    auto session = block();
    base::Writer longer;
    longer.put(std::uint32_t{1}).put(std::uint32_t{0});
    const auto one = call(session, "emit", words({1}));
    const auto more = call(session, "emit", longer.bytes());

    ASSERT_EQ(one->events.size(), 1U);
    EXPECT_EQ(one->events[0].contract, contract_id(1));
    EXPECT_EQ(one->events[0].topic, "topic");
    EXPECT_EQ(one->events[0].data, words({1}));
    EXPECT_EQ(more->gas_spent - one->gas_spent, 4U * 4);
}

TEST_F(Imports, an_event_that_cannot_be_paid_is_out_of_gas) {
    auto session = block();
    const auto spent = call(session, "emit", words({1}))->gas_spent;

    EXPECT_TRUE(call(session, "emit", words({1}), spent).has_value());
    EXPECT_EQ(kind(call(session, "emit", words({1}), 30)), Kind::out_of_gas);
}

TEST_F(Imports, feed_needs_a_feeder_call) {
    auto session = query();
    std::vector<Bytes> fed;
    const auto fed_to = [&](ByteView data) {
        fed.push_back(base::to_bytes(data));
        return true;
    };
    const auto receipt = session.feed(contract_id(1), "feed", words({3}), kGas, fed_to);
    const auto plain = call(session, "feed", words({3}));

    ASSERT_TRUE(receipt.has_value());
    EXPECT_EQ(fed, std::vector<Bytes>(3, words({3})));
    EXPECT_EQ(kind(plain), Kind::unknown);
    EXPECT_EQ(plain.error().text, kMissingFeed);
}

TEST_F(Imports, a_sink_that_refuses_ends_the_call) {
    auto session = query();
    int fed = 0;
    const auto receipt =
        session.feed(contract_id(1), "feed", words({1'000}), kGas, [&](ByteView) { return ++fed < 3; });

    EXPECT_EQ(kind(receipt), Kind::deadline);
    EXPECT_EQ(fed, 3);
}

TEST_F(Imports, nested_contracts_feed_the_same_sink) {
    auto session = query();
    int fed = 0;
    const auto argument = call_argument(contract_id(2), "feed", words({2}));
    const auto receipt = session.feed(contract_id(1), "call", argument, kGas, [&](ByteView) { return ++fed > 0; });

    EXPECT_TRUE(receipt.has_value());
    EXPECT_EQ(fed, 2);
}

TEST_F(Imports, the_caller_is_the_calling_contract_and_the_root_has_none) {
    auto session = block();
    const auto root = call(session, "caller");
    const auto inner = nested(session, 2, "caller");

    EXPECT_EQ(word_at(root->data), 0U);
    EXPECT_EQ(word_at(inner->data, 4), 1U);
    EXPECT_EQ(base::to_bytes(ByteView(inner->data).subspan(8, 32)), base::to_bytes(ByteView(contract_id(1))));
}

TEST_F(Imports, the_callstack_lists_the_callers_nearest_first) {
    auto session = block();
    const auto receipt = nested(session, 2, "call", call_argument(contract_id(3), "callstack", {}));

    // Each level of the proxy puts four bytes in front.
    EXPECT_EQ(word_at(receipt->data, 8), 2U);
    EXPECT_EQ(base::to_bytes(ByteView(receipt->data).subspan(12, 32)), base::to_bytes(ByteView(contract_id(2))));
    EXPECT_EQ(base::to_bytes(ByteView(receipt->data).subspan(44, 32)), base::to_bytes(ByteView(contract_id(1))));
}

TEST_F(Imports, limit_is_that_of_the_running_call_and_spent_what_it_used) {
    auto session = block();
    const auto root = call(session, "limit", {}, 12'345);
    const auto inner = nested(session, 2, "limit", {}, 777);
    const auto spent = call(session, "spent");

    EXPECT_EQ(base::load_le<std::uint64_t>(root->data.data()), 12'345U);
    EXPECT_EQ(base::load_le<std::uint64_t>(inner->data.data() + 4), 777U);
    // Entry of the function, a constant and the call of the import.
    EXPECT_EQ(base::load_le<std::uint64_t>(spent->data.data()), 3U);
}

TEST_F(Imports, a_panic_is_the_contracts_text) {
    auto session = block();
    const auto result = call(session, "panic", bytes("no n\xc3\xb6"));

    EXPECT_EQ(kind(result), Kind::panic);
    EXPECT_EQ(result.error().text, "no n\xc3\xb6");
    EXPECT_EQ(result.error().to_string(), "Panic: no n\xc3\xb6");
}

TEST_F(Imports, a_panic_that_is_not_utf8_is_an_unknown_error) {
    auto session = block();
    const auto result = call(session, "panic", bytes("\xc3"));

    EXPECT_EQ(kind(result), Kind::unknown);
    EXPECT_EQ(result.error().to_string(), "Unknown");
}

TEST_F(Imports, owner_answers_for_any_contract_and_for_the_own_one) {
    auto session = block();

    EXPECT_EQ(call(session, "owner")->data, bytes("owner"));
    EXPECT_EQ(call(session, "owner", contract_id(3))->data, bytes("owner"));
    EXPECT_EQ(call(session, "owner", contract_id(99))->data, Bytes{});
    EXPECT_EQ(base::to_bytes(*session.owner(contract_id(2))), bytes("owner"));
    EXPECT_FALSE(session.owner(contract_id(99)).has_value());
}

TEST_F(Imports, self_id_is_the_contracts_own_id) {
    auto session = block();

    EXPECT_EQ(call(session, "self_id", {}, kGas, 2)->data, base::to_bytes(ByteView(contract_id(2))));
}

}  // namespace
}  // namespace rues::vm
