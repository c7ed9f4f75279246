#include <gtest/gtest.h>

#include "crypto/keys.hpp"
#include "ledger/event.hpp"
#include "ledger/genesis.hpp"

namespace rues::ledger {
namespace {

using base::to_hex;

crypto::SecretKey profile(std::uint64_t n) {
    return crypto::account_key(local_chain_seed(), n);
}

/// LM 14.1
Moonlight transfer_77() {
    Moonlight tx;
    tx.sender = profile(1).public_key();
    tx.receiver = profile(0).public_key();
    tx.value = 77;
    tx.gas_limit = 500'000'000;
    tx.gas_price = 1;
    tx.nonce = 1;
    return tx;
}

constexpr std::string_view kTransfer77 =
    "01ec00000000000000008750919e713c45c08ada51c56baaeae98ae8e26935934c5857a0a864e8b9e3c3ace18ed77ae0b064cab369a8bf90bc"
    "720275"
    "73b53831e7a84ada02473015f50410ec66d987073c8928d6bbd4f2c309c8b57e8cf7dc8e37253f866ade47fcb33c0186210986871b1690b405"
    "458ace"
    "24bc6e68253a4ad97326f535568614f1c6d2e3f1c719f51906452e74446bd508af8bee014707cba8e4ef8e712aecdffd72f0c1a226164f4348"
    "83fc6b"
    "666a2b61e4e4af5cb75dd6e551a28ada83477aabc75aa64d0000000000000000000000000000000065cd1d0000000001000000000000000001"
    "0000000"
    "000000000b73f5622e8968c8a8cc8584e8a455ceb531628dc69fbd499f37fa0dbdfb42676b9bad378aaf5b950e650bbfcd9c39a4c";

TEST(Transaction, the_reference_transfer_is_signed_and_encoded_byte_for_byte) {
    const auto tx = sign(transfer_77(), profile(1));

    EXPECT_EQ(to_hex(tx.encode(Envelope::aegis)), kTransfer77);
    EXPECT_EQ(to_hex(tx.id()), "47268c27fa611d615cc17861412f5ee7961e5727530ff1933a01b9b0eea2a44c");
    EXPECT_EQ(tx.signature_message().size(), 233U);
    EXPECT_EQ(to_hex(tx.digest(Envelope::aegis)), "68f0372fdfe178a5a784d5a4db1867d1e9ff0ceaddfc1a7dfe2264f9198afae8");
    const Hash32 aegis = tx.digest(Envelope::aegis);
    EXPECT_EQ(to_hex(merkle_root({&aegis, 1})), "2519f7c138b9cc44252d453f609f387a737e5d9fae3037c592b5deaeaf314552");
    const Hash32 boreas = tx.digest();  // rusk-1.7 7.1
    EXPECT_EQ(to_hex(merkle_root({&boreas, 1})), "b4741c9150b1864e1140ae0d0fc1e1efa9837cb5c4653a9bd51f3024d682f746");
    EXPECT_EQ(tx.encode(Envelope::boreas).size(), 294U);
}

TEST(Transaction, memo_and_call_of_the_reference_have_their_ids) {  // LM 14.2, 14.3
    auto memo = transfer_77();
    memo.value = 1;
    memo.nonce = 3;
    memo.data = Memo{*base::from_hex("02040810")};
    auto call = transfer_77();
    call.value = 1;
    call.nonce = 4;
    call.data = Call{kStakeContract, "get_version", {}};

    EXPECT_EQ(to_hex(sign(memo, profile(1)).id()), "06d9f8ebcfad0c5812a8c71b6ea53bba38e8a2a9fffe63ea708a78999ded8b13");
    EXPECT_EQ(sign(memo, profile(1)).encode(Envelope::aegis).size(), 305U);
    EXPECT_EQ(to_hex(sign(call, profile(1)).id()), "c4c929aadd33c56002ba4434fa879cf77540b6313a157c96c306d2c77a831224");
    EXPECT_EQ(sign(call, profile(1)).encode(Envelope::aegis).size(), 352U);
}

TEST(Transaction, a_receiver_written_out_that_is_the_sender_encodes_without_it) {
    auto tx = transfer_77();
    tx.receiver = tx.sender;
    const auto written_out = Transaction(tx).encode(Envelope::aegis);

    const auto decoded = Transaction::decode(written_out);

    ASSERT_TRUE(decoded);
    EXPECT_FALSE(decoded->moonlight()->receiver);
    EXPECT_EQ(decoded->encode(Envelope::aegis).size(), written_out.size() - 96);
}

TEST(Transaction, every_cut_of_a_valid_transaction_is_refused) {
    const auto bytes = *base::from_hex(kTransfer77);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        EXPECT_FALSE(Transaction::decode(ByteView(bytes).first(length))) << length;
    }
}

TEST(Event, moonlight_of_the_reference_transfer) {  // LM 9.2
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

TEST(Event, reward_of_two) {  // LM 9.2
    const auto p0 = to_hex(profile(0).public_key().raw()) + "00000000000000";
    const auto p1 = to_hex(profile(1).public_key().raw()) + "00000000000000";
    const Reward rewards[] = {{profile(1).public_key(), 1234, RewardReason::generator_fixed},
                              {profile(0).public_key(), 99, RewardReason::other}};

    EXPECT_EQ(to_hex(reward_event(rewards)), p1 + "d204000000000000" + "0000000000000000" + p0 + "6300000000000000" +
                                                 "0300000000000000" + "50feffff02000000");
}

TEST(Genesis, the_default_one_is_the_local_chain_of_the_reference) {  // LM 11.3
    const auto genesis = Genesis::parse(default_genesis());
    ASSERT_TRUE(genesis) << genesis.error();
    const auto state = *genesis->state();

    EXPECT_EQ(genesis->stakes.at(0).account, profile(0).public_key());
    EXPECT_EQ(state.accounts.size(), 4U);
    EXPECT_EQ(state.accounts.at(profile(0).public_key().bytes()).balance, 1'001'000'000'000'000U);
    EXPECT_EQ(state.accounts.at(profile(1).public_key().bytes()).balance, 80'800'000'000'000U);
    EXPECT_EQ(state.stakes.size(), 2U);  // and the Dusk key without an amount
    EXPECT_EQ(state.contract_balances.at(kStakeContract), 2'000'000'000'000U);
    std::size_t notes = 0;
    for (const auto& balance : genesis->notes) notes += balance.notes.size();
    EXPECT_EQ(notes, 2068U);
}

TEST(Genesis, what_is_wrong_is_told_with_its_line) {
    EXPECT_EQ(Genesis::parse("[[stake]]\namount = 5\n").error(), "line 1: address is missing");
    EXPECT_EQ(Genesis::parse("\nwrong = 1\n").error(), "line 2: unknown key wrong");
    EXPECT_EQ(Genesis::parse("[[moonlight_account]]\naddress = \"abc\"\nbalance = -1\n").error(),
              "line 2: address is not an account");
    EXPECT_FALSE(Genesis::parse("[[["));
}

TEST(Header, the_genesis_hash_of_a_zero_state) {  // LM 10.9
    EXPECT_EQ(to_hex(Genesis{}.header({}, 0).hash), "d672dd9c889cc5e0ad9b14b790a46ee15c650c559e487b485675b4770f173815");
}

TEST(Commitment, does_not_depend_on_order_and_removal_undoes_addition) {
    const auto a = base::view("a");
    const auto b = base::view("b");
    StateCommitment one;
    one.add(a, b);
    one.add(b, a);
    StateCommitment other;
    other.add(b, a);
    other.add(a, a);
    other.add(a, b);
    other.remove(a, a);

    EXPECT_EQ(one, other);
    EXPECT_EQ(StateCommitment::decode(one.encode()), one);
    EXPECT_NE(one.hash(), StateCommitment().hash());
}

TEST(State, stakes_and_accounts_survive_being_stored) {
    const Stake with_amount{StakeAmount{1, 2, 3}, 4, 5, 6, profile(0).public_key().bytes()};
    const Stake of_contract{std::nullopt, 4, 0, 0, kStakeContract};

    EXPECT_EQ(decode_stake(encode(with_amount)), with_amount);
    EXPECT_EQ(decode_stake(encode(of_contract)), of_contract);
    EXPECT_EQ(decode_account(encode(Account{7, 8})), (Account{7, 8}));
    auto longer = encode(of_contract);
    longer.push_back(std::byte{0});
    EXPECT_FALSE(decode_stake(longer));
}

}  // namespace
}  // namespace rues::ledger
