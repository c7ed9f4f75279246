#include "ledger/stake.hpp"

#include <gtest/gtest.h>

#include "unit/ledger/accounts.hpp"

namespace rues::ledger {
namespace {

using test::hash_of;
using test::profile;
using wire::rkyv::archive;

Moonlight call_of_stake(const char* function, Bytes argument, std::uint64_t nonce) {
    Moonlight body = test::transfer_77();
    body.receiver.reset();
    body.value = 0;
    body.nonce = nonce;
    body.data = Call{kStakeContract, function, std::move(argument)};
    return body;
}

TEST(Stake, a_stake_and_its_transaction_are_those_of_the_vector) {
    constexpr std::uint64_t kValue = 1'000'000'000'321;
    const auto key = profile(1);

    const auto argument = archive(stake({key, key}, kValue, 0));
    auto body = call_of_stake("stake", argument, 7);
    body.deposit = kValue;
    const auto tx = sign(body, key);

    // docs/reference/ledger.md 14.4
    EXPECT_EQ(argument.size(), 632U);
    EXPECT_EQ(tx.encode(Envelope::aegis).size(), 882U);
    EXPECT_EQ(tx.id(), hash_of("7f2677310417bc97be15187bb616f8f75d1083a69166314220407f10d76dce55"));
}

TEST(Stake, an_unstake_and_its_transaction_are_those_of_the_vector) {
    const auto key = profile(1);

    const auto withdrawal = withdraw_to_account(kStakeContract, 123, key, std::uint64_t{8});
    const auto argument = archive(stake_withdraw({key, key}, withdrawal));
    const auto tx = sign(call_of_stake("unstake", argument, 8), key);

    // docs/reference/ledger.md 14.4
    EXPECT_EQ(argument.size(), 992U);
    EXPECT_EQ(tx.encode(Envelope::aegis).size(), 1'244U);
    EXPECT_EQ(tx.id(), hash_of("b9e6d34b6d8e86b022cdf22e59ea13dc2db18dfa5369a7e8dbecd27786ec0364"));
}

TEST(Stake, account_and_owner_sign_with_their_own_keys) {
    const auto account = profile(0);
    const auto owner = profile(2);

    const auto made = stake({account, owner}, 5, 0);

    base::Writer message;  // docs/reference/ledger.md 1.8
    message.put(std::uint8_t{0}).put(account.public_key().bytes()).put(owner.public_key().bytes());
    message.put(std::uint64_t{5});
    EXPECT_EQ(made.signature.account.bytes, account.sign(message.bytes()).raw());
    EXPECT_EQ(made.signature.owner.bytes, owner.sign(message.bytes()).raw());
    EXPECT_EQ(std::get<wire::layouts::Key>(made.keys.owner), archived(owner.public_key()));
}

TEST(Stake, a_contract_that_owns_a_stake_is_signed_as_its_id_and_zeros) {
    const auto account = profile(0);

    const auto made = stake({account, account, kTransferContract}, 5, 3);

    base::Writer message;  // docs/reference/ledger.md 1.8
    message.put(std::uint8_t{3}).put(account.public_key().bytes()).put(kTransferContract).put(ByteArray<64>{});
    message.put(std::uint64_t{5});
    EXPECT_EQ(made.signature.account.bytes, account.sign(message.bytes()).raw());
    EXPECT_EQ(std::get<wire::layouts::Id>(made.keys.owner), kTransferContract);
}

}  // namespace
}  // namespace rues::ledger
