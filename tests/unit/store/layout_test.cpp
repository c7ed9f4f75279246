#include "store/layout.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "unit/store/samples.hpp"

namespace rues::store::layout {
namespace {

StoredBlock sample_block() {
    StoredBlock block;
    block.header.height = 7;
    block.header.hash = block.header.compute_hash();
    block.transactions = {samples::numbered<32>(1), samples::numbered<32>(2)};
    block.label = {ledger::Label::Kind::confirmed, 3};
    return block;
}

TEST(Layout, keys_of_numbers_sort_as_the_numbers_do) {
    EXPECT_TRUE(rc::check([](std::uint64_t a, std::uint64_t b) {
        RC_ASSERT((number_key(a) < number_key(b)) == (a < b));
        RC_ASSERT(number_of(number_key(a)) == a);
    }));
    EXPECT_EQ(base::to_hex(number_key(258)), "0000000000000102");  // docs/formats/event-log.md
}

// docs/formats/store.md
TEST(Layout, an_origin_has_one_more_byte_only_when_its_contracts_may_log) {
    ChainOrigin origin{3, {samples::numbered<32>(1), samples::numbered<32>(2), {}, {}}, samples::numbered<32>(4)};
    const auto plain = encode(origin);
    EXPECT_EQ(plain.size(), 161U);
    EXPECT_EQ(decode_origin(plain), origin);

    origin.contract_log = true;
    auto logging = encode(origin);
    EXPECT_EQ(logging.size(), 162U);
    EXPECT_EQ(logging.back(), std::byte{1});
    EXPECT_EQ(decode_origin(logging), origin);

    logging.back() = std::byte{0};
    EXPECT_FALSE(decode_origin(logging)) << "there is one form for each value";
    logging.back() = std::byte{1};
    logging.push_back(std::byte{1});
    EXPECT_FALSE(decode_origin(logging));
}

// The bytes were written by hand from docs/formats/event-log.md.
TEST(Layout, a_record_is_a_filter_of_25_bytes_then_the_message) {
    const EventFilter filter{wire::Component::transactions, 0x0102030405060708, 0x1112131415161718, 9};

    auto bytes = encode(filter);
    base::append(bytes, base::view("message"));

    EXPECT_EQ(base::to_hex(bytes), "020807060504030201181716151413121109000000000000006d657373616765");
    const auto record = decode_record(number_key(5), bytes);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->seq, 5U);
    EXPECT_EQ(record->filter, filter);
    EXPECT_EQ(base::text(record->message), "message");
}

TEST(Layout, the_first_byte_of_a_record_has_its_tie_and_what_its_block_had_reached) {
    const EventFilter filter{wire::Component::blocks, 1, 2, 3, Tie::retraction, wire::Finality::final};

    const auto bytes = encode(filter);

    EXPECT_EQ(std::to_integer<unsigned>(bytes[0]), 1U + 3U * 8 + 2U * 32);
    ASSERT_TRUE(decode_record(number_key(5), bytes));
    EXPECT_EQ(decode_record(number_key(5), bytes)->filter, filter);
    for (const unsigned malformed : {0U, 4U, 7U, 1U + 3U * 32}) {
        auto other = bytes;
        other[0] = static_cast<std::byte>(malformed);
        EXPECT_FALSE(decode_record(number_key(5), other)) << malformed;
    }
}

// docs/formats/event-log.md.
TEST(Layout, a_key_of_the_index_by_entity_has_the_documented_form) {
    const EventFilter filter{wire::Component::transactions, 0x0102030405060708, 0x1112131415161718, 9};
    const auto key = entity_key(filter, 5);
    EXPECT_EQ(base::to_hex(key),
              "02"
              "1112131415161718"
              "0102030405060708"
              "0000000000000005");
    EXPECT_EQ(seq_of_entity_key(key), 5U);
    EXPECT_FALSE(seq_of_entity_key(base::ByteView(key).first(24)));
}

TEST(Layout, a_mark_is_decoded_as_it_was_encoded) {
    const LogMark mark{7, 1'700'000'000, 123};
    EXPECT_EQ(decode_mark(mark_key(7), encode(mark)), mark);
    EXPECT_FALSE(decode_mark(mark_key(7), base::Bytes(15)));
    EXPECT_FALSE(decode_mark(base::view("mark"), encode(mark)));
}

TEST(Layout, a_transaction_is_decoded_as_it_was_encoded_with_and_without_an_error) {
    EXPECT_TRUE(rc::check([](const std::string& raw, std::uint64_t height, std::uint32_t index, std::uint64_t gas,
                             bool failed, const std::string& error) {
        StoredTransaction tx{base::to_bytes(raw), height, index, gas, std::nullopt};
        if (failed) tx.error = error;

        const auto back = decode_transaction(encode(tx));

        RC_ASSERT(back.has_value());
        RC_ASSERT(back->raw == tx.raw);
        RC_ASSERT(back->height == height && back->index == index && back->gas_spent == gas);
        RC_ASSERT(back->error == tx.error);
    }));
}

TEST(Layout, blocks_events_pooled_transactions_and_epochs_are_decoded_as_they_were_encoded) {
    const auto block = decode_block(encode(sample_block()));
    ASSERT_TRUE(block);
    EXPECT_EQ(block->header, sample_block().header);
    EXPECT_EQ(block->transactions, sample_block().transactions);
    EXPECT_EQ(block->label, sample_block().label);

    const auto tx = samples::pooled(3);
    const auto pooled = decode_pooled(tx.id, encode(tx, 11));
    ASSERT_TRUE(pooled);
    EXPECT_EQ(pooled->order, 11U);
    EXPECT_EQ(pooled->transaction.id, tx.id);
    EXPECT_EQ(pooled->transaction.raw, tx.raw);
    EXPECT_EQ(pooled->transaction.entered_unix_ms, tx.entered_unix_ms);

    const Epochs epochs{{5, 100}, {6, 0}};
    EXPECT_EQ(decode_epochs(encode(epochs)), epochs);
    EXPECT_FALSE(decode_epochs({}));
}

/// Calls `decode` with every shorter prefix of `whole`; a decoder must not read beyond its end.
template <typename Decode>
void for_every_prefix(const Bytes& whole, Decode decode) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
        // A copy, so that ASan knows its end.
        const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        decode(ByteView(part), size);
    }
}

TEST(Layout, bytes_truncated_in_their_fixed_part_are_refused) {
    StoredTransaction failed{{}, 1, 2, 3, "error"};
    for_every_prefix(encode(failed), [](ByteView part, std::size_t) { EXPECT_FALSE(decode_transaction(part)); });
    const auto block = encode(sample_block());
    for_every_prefix(block, [&](ByteView part, std::size_t size) {
        const bool whole_ids = size >= block.size() - 64 && (block.size() - size) % 32 == 0;
        EXPECT_EQ(decode_block(part).has_value(), whole_ids) << size;
    });
    for_every_prefix(encode(EventFilter{wire::Component::blocks, 1, 2, 3}),
                     [](ByteView part, std::size_t) { EXPECT_FALSE(decode_record(number_key(1), part)); });
    for_every_prefix(encode(samples::pooled(1), 1), [](ByteView part, std::size_t size) {
        EXPECT_EQ(decode_pooled(Hash32{}, part).has_value(), size >= 16);
    });
}

TEST(Layout, no_bytes_crash_a_decoder) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& foreign) {
        const auto bytes = base::to_bytes(std::as_bytes(std::span(foreign)));
        (void)decode_block(bytes);
        (void)decode_transaction(bytes);
        (void)decode_pooled(bytes, bytes);
        (void)decode_record(bytes, bytes);
        (void)decode_epochs(bytes);
    }));
}

}  // namespace
}  // namespace rues::store::layout
