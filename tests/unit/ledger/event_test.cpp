#include "ledger/event.hpp"

#include <gtest/gtest.h>

#include "accounts.hpp"

namespace rues::ledger {
namespace {

using base::to_hex;
using test::profile;
using test::transfer_77;

TEST(Event, the_moonlight_event_of_the_reference_transfer) {  // docs/reference/ledger.md 9.2
    const auto p0 = to_hex(profile(0).public_key().raw()) + "00000000000000";
    const auto p1 = to_hex(profile(1).public_key().raw()) + "00000000000000";
    const auto z = [](std::size_t n) { return std::string(2 * n, '0'); };

    EXPECT_EQ(to_hex(moonlight_event(transfer_77(), {}, 98'293, {})),
              "01" + z(7) + p0 + z(216) + p1 + "4d00000000000000" + "88fdffff00000000" + "f57f010000000000");
    auto to_self = transfer_77();
    to_self.receiver.reset();
    to_self.value = 5;
    EXPECT_EQ(to_hex(moonlight_event(to_self, {}, 98'293, {})),
              z(208) + z(216) + p1 + "0500000000000000" + "88fdffff00000000" + "f57f010000000000");
    EXPECT_EQ(to_hex(moonlight_event(transfer_77(), base::to_bytes("\2\4\x8\x10"), 98'293, {})).substr(0, 16),
              "0204081000000000");
}

TEST(Event, the_reward_event_of_two_rewards) {  // docs/reference/ledger.md 9.2
    const auto p0 = to_hex(profile(0).public_key().raw()) + "00000000000000";
    const auto p1 = to_hex(profile(1).public_key().raw()) + "00000000000000";
    const Reward rewards[] = {{profile(1).public_key(), 1234, RewardReason::generator_fixed},
                              {profile(0).public_key(), 99, RewardReason::other}};

    EXPECT_EQ(to_hex(reward_event(rewards)), p1 + "d204000000000000" + "0000000000000000" + p0 + "6300000000000000" +
                                                 "0300000000000000" + "50feffff02000000");
}

// docs/reference/ledger.md 9.2: refund_info tag@208, key@216, amount@416
TEST(Event, a_refund_to_another_account_is_in_the_event) {
    auto tx = transfer_77();
    const auto other = profile(2).public_key();
    tx.refund_address = other;

    const Bytes bytes = moonlight_event(tx, {}, 98'293, Refund{&other, 5});

    EXPECT_EQ(to_hex(ByteView(bytes).subspan(208, 216)),
              "01" + std::string(14, '0') + to_hex(other.raw()) + std::string(14, '0') + "0500000000000000");
}

// docs/reference/protocol.md 6.2, docs/reference/differences.md 33
TEST(Event, a_message_has_its_position_and_its_block) {
    Header in;
    in.height = 8;
    in.hash.fill(std::byte{0xab});
    const ContractEvent emitted{kStakeContract, "reward", base::to_bytes("\1\2"), in.hash};
    const std::string contract = "02" + std::string(62, '0'), hash = to_hex(in.hash);

    const Bytes message = encode_message(contract_event(emitted, in), {0x0123456789abcdef, 42});
    const auto frame = wire::Frame::parse(wire::without_websocket_header(message));

    ASSERT_TRUE(frame) << frame.error();
    const std::vector<std::pair<std::string, std::string>> expected{
        {"Content-Location", "/on/contracts:" + contract + "/reward"},
        {"Rusk-Origin", hash},
        {"Content-Type", "application/octet-stream"},
        {"Rues-Position", "0123456789abcdef-42"},
        {"Rues-Height", "8"},
        {"Rues-Block-Hash", hash}};
    EXPECT_EQ(frame->headers, expected);
    EXPECT_EQ(frame->payload, emitted.data);
}

TEST(Event, no_payload_means_no_content_type_and_mempool_events_have_no_block) {  // docs/reference/protocol.md 7.1
    Header in;
    in.hash.fill(std::byte{0xab});

    EXPECT_EQ(transaction_removed({}, 3).content_type, "");
    EXPECT_TRUE(transaction_removed({}, 3).payload.empty());
    EXPECT_EQ(transaction_removed({}, 3).block_hash, std::nullopt);
    EXPECT_EQ(transaction_removed({}, 3, &in).block_hash, in.hash);
    EXPECT_EQ(transaction_included(sign(transfer_77(), profile(1)), 3).block_hash, std::nullopt);
    EXPECT_EQ(transaction_deferred({}, 3).height, 3U);
}

TEST(Event, the_event_of_a_replaced_transaction_only_adds_the_other_transaction) {
    TxId other{};
    other.fill(std::byte{0xcd});
    const Event plain = transaction_removed({}, 3);

    const auto frame =
        wire::Frame::parse(wire::without_websocket_header(encode_message(replaced_by(other, plain), {1, 2})));
    auto expected = wire::Frame::parse(wire::without_websocket_header(encode_message(plain, {1, 2})));

    ASSERT_TRUE(frame && expected);
    EXPECT_FALSE(expected->header("Rues-Replaced-By"));
    expected->headers.emplace_back("Rues-Replaced-By", to_hex(other));
    EXPECT_EQ(*frame, *expected);
}

}  // namespace
}  // namespace rues::ledger
