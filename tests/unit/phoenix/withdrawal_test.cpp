#include "phoenix/withdrawal.hpp"

#include <gtest/gtest.h>

#include "crypto/jubjub_archive.hpp"
#include "unit/phoenix/wallet.hpp"

namespace rues::phoenix {
namespace {

using Seed = crypto::Secret<ByteArray<64>>;

/// The address and the signature of a withdrawal into a note, from their archived forms.
struct Parts {
    StealthAddress address;
    crypto::SchnorrSignature signature;
};
Parts parts_of(const wire::layouts::Withdraw& withdraw) {
    const auto& address = std::get<wire::layouts::StealthAddress>(withdraw.receiver).bytes;
    const auto& signature = std::get<wire::layouts::SchnorrSignature>(withdraw.signature).bytes;
    const auto point = [](ByteView from) { return crypto::jubjub_from_archive(base::to_array<160>(from)).value(); };
    return {
        {point(ByteView(address).first(160)).affine(), point(ByteView(address).last(160)).affine()},
        {Fl::from_montgomery(base::to_array<32>(ByteView(signature).first(32))), point(ByteView(signature).last(160))}};
}

bool is_signed(const wire::layouts::Withdraw& withdraw) {
    const auto [address, signature] = parts_of(withdraw);
    const auto message = ledger::withdraw_message(withdraw.contract, withdraw.value, address.bytes(), withdraw.token);
    return crypto::schnorr_verify(JubJubPoint(address.note_key), signature,
                                  *Fr::from_bytes(crypto::hash_to_scalar(message)));
}

/// The argument of `convert` in a transaction that a node has recorded.
wire::layouts::Withdraw recorded_conversion(std::string_view name) {
    static const auto recorded = recorded::load("scenarios.json");
    for (const auto& scenario : recorded.at("scenarios").as_array()) {
        if (scenario.at("name").as_string() != name) continue;
        const auto tx =
            ledger::Transaction::decode(recorded::hex(scenario.at("steps").as_array().at(0).at("tx"))).value();
        return wire::rkyv::unarchive<wire::layouts::Withdraw>(tx.call()->fn_args).value();
    }
    std::abort();
}

TEST(WithdrawToNote, is_signed_as_the_recorded_conversion_is) {
    auto recorded = recorded_conversion("convert-shield");
    EXPECT_TRUE(is_signed(recorded));
    recorded.value += 1;
    EXPECT_FALSE(is_signed(recorded));
}

TEST(WithdrawToNote, pays_into_a_note_of_the_receiver_that_the_receiver_has_signed) {
    const auto key = test::bench_key(3);
    const Seed seed(test::Draws(1).key().bytes());
    const std::vector<Fr> nullifiers{Fr(5), Fr(6)};

    for (const auto& token : {wire::layouts::ReplayToken(std::uint64_t{9}), token_of(nullifiers)}) {
        const auto made = withdraw_to_note(ledger::kTransferContract, 321, key, token, seed);

        EXPECT_TRUE(is_signed(made.withdraw));
        const auto [address, signature] = parts_of(made.withdraw);
        EXPECT_TRUE(key.view_key().owns(address));
        EXPECT_FALSE(test::bench_key(4).view_key().owns(address));
        EXPECT_EQ(made.withdraw.value, 321U);
        EXPECT_EQ(made.withdraw.contract, ledger::kTransferContract);
        EXPECT_EQ(wire::rkyv::unarchive<wire::layouts::Withdraw>(wire::rkyv::archive(made.withdraw)), made.withdraw);
        base::Bytes bytes = base::to_bytes(signature.u.bytes());
        base::append(bytes, signature.nonce.encode());
        EXPECT_EQ(made.signature, bytes);
    }
}

TEST(WithdrawToNote, signs_different_messages_of_one_seed_with_different_numbers) {
    const auto key = test::bench_key(3);
    const Seed seed(test::Draws(1).key().bytes());

    const auto one = withdraw_to_note(ledger::kTransferContract, 321, key, std::uint64_t{1}, seed);
    const auto two = withdraw_to_note(ledger::kTransferContract, 321, key, std::uint64_t{2}, seed);

    EXPECT_EQ(one.withdraw.receiver, two.withdraw.receiver);
    EXPECT_NE(parts_of(one.withdraw).signature.nonce.affine(), parts_of(two.withdraw).signature.nonce.affine());
}

}  // namespace
}  // namespace rues::phoenix
