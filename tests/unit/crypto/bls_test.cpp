#include "crypto/bls.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.hpp"
#include "crypto/keys.hpp"

namespace rues::crypto {
namespace {

using base::array_from_hex;
using base::from_hex;
using base::to_hex;
using base::view;

// LM 2.7
const SecretKey kSecret =
    *SecretKey::decode(*from_hex("fea927ad5c2e47affd0264deb31e83d1c353d26fa9132c4835adf3299613b75b"));
constexpr std::string_view kPublic =
    "932c8e9fa1e37f725c9dfcbfa2a9f999aed4dc2b8e99241c3e6d2bda07e2ada876062239e65a585b88eaaf6b4fd85e8c0fe28fb5f9ef9f43f6"
    "fd"
    "ffedf434ad89f94a9523a64666e4544b86ff2658021700ac9b1d4afc9f4cf7670ed6eb6c3185";

SecretKey key_number(std::uint64_t n) {
    return account_key(Seed{}, n);
}

TEST(Bls, public_key_signature_share_and_coefficient_of_the_reference_vector) {
    EXPECT_EQ(to_hex(kSecret.public_key().bytes()), kPublic);
    EXPECT_EQ(to_hex(kSecret.sign(view("a message")).bytes()),
              "b1bc6348e968ec736f381ca71c67d91c18d9700166ecd1ea06148bd52a6a4624d714eef41a10256b2edb7542ba8697f8");
    EXPECT_EQ(to_hex(kSecret.sign_share(view("a message")).bytes()),
              "a95385d76e3d340496a9c6a4bf2081ab2f72aa3e36da5aabb7597d537dafd7f076a35d626e8664d35ad3febc395c5312");
    EXPECT_EQ(to_hex(multisig_coefficient(kSecret.public_key())),
              "87aee0d5c5179cb5ede494bc359a2783d2422e8152f21530add25c368e37143a");
    EXPECT_EQ(to_hex(multisig_key(kSecret.public_key()).bytes()),
              "98af9354e90d31d40717b12b555671ba8e03db1f874dfcb436ada5a96be3b8fadbc8e8391d60cc1c6f9f74351d56a5680dce359e"
              "bd7fd892"
              "07a77dacf3799b537bb40cbc72f4654fd2c85bfd98867912fbe7bac826cb41781903301a4e6aa544");
}

TEST(Bls, a_share_verifies_under_the_multisig_key_and_not_under_the_plain_one) {
    const auto share = kSecret.sign_share(view("a message"));

    EXPECT_TRUE(verify(multisig_key(kSecret.public_key()), share, view("a message")));
    EXPECT_FALSE(verify(kSecret.public_key(), share, view("a message")));
}

TEST(Bls, both_schemes_verify_their_own_signatures_only) {
    const auto v1 = kSecret.sign(view("m"), BlsVersion::v1);
    const auto v2 = kSecret.sign(view("m"), BlsVersion::v2);
    const auto key = kSecret.public_key();

    EXPECT_TRUE(verify(key, v1, view("m"), BlsVersion::v1));
    EXPECT_TRUE(verify(key, v2, view("m"), BlsVersion::v2));
    EXPECT_FALSE(verify(key, v1, view("m"), BlsVersion::v2));
    EXPECT_FALSE(verify(key, v2, view("m"), BlsVersion::v1));
    EXPECT_FALSE(verify(key, v2, view("n"), BlsVersion::v2));
}

TEST(Bls, the_identity_decodes_but_never_verifies) {
    const PublicKey key;
    const Signature signature;

    EXPECT_EQ(*PublicKey::decode(key.bytes()), key);
    EXPECT_EQ(*PublicKey::decode_raw(key.raw()), key);
    EXPECT_EQ(*Signature::decode(signature.bytes()), signature);
    EXPECT_EQ(*Signature::decode_raw(signature.raw()), signature);
    EXPECT_FALSE(verify(key, signature, view("m")));
    const VerifyItem item{&key, &signature, view("m")};
    EXPECT_EQ(verify_batch(std::span(&item, 1), {}), std::vector<bool>{false});
}

TEST(Bls, the_raw_form_is_montgomery_limbs_and_an_infinity_byte) {
    // LM 14, P0 without its padding.
    const auto seed = *array_from_hex<64>(
        "9910666385c437ed2a02a374e9590a7313518c1f26510a2e767097f4915a91a8d6f2447b744cdf38c83cbcd9227137ac1bffb8378fe96d"
        "148922"
        "14c4fc75dddd");
    const auto key = account_key(seed, 0).public_key();
    EXPECT_EQ(to_hex(key.raw()),
              "a7d4f3b300143398de3bb3dbd8bc028c9c3dc3f96ef4232d90f56f50792cc06099d8ac05b26c31b719101434867af30322223d12"
              "e05a86423f"
              "b2b34624098dea043e30f8c6b8a3ae6e6a34f9307727bef4bbee8f9e14682300a6a5ba0a21180c711ce0dc6fc302522e18e9ad64"
              "a18881a2c2"
              "cfc636ffbd2c78cfd4d902986e167004ef61290902e259f3a10751742a0506f85a74dcc53877d60249427b3420bed341d11b3f56"
              "a61be4262b"
              "c87abd55ba651033583772d46147f1d7996cb9da0500");
    EXPECT_EQ(*PublicKey::decode_raw(key.raw()), key);
}

TEST(Bls, bytes_that_are_no_point_of_the_group_are_refused) {
    auto bytes = *from_hex(kPublic);
    auto no_flag = bytes;
    no_flag[0] &= std::byte{0x7f};
    auto infinity_with_x = bytes;
    infinity_with_x[0] |= std::byte{0x40};
    base::Bytes x_too_big(96, std::byte{0xff});
    x_too_big[0] = std::byte{0x9f};
    auto raw = kSecret.public_key().raw();
    raw[100] ^= std::byte{1};

    EXPECT_FALSE(PublicKey::decode(no_flag));
    EXPECT_FALSE(PublicKey::decode(infinity_with_x));
    EXPECT_FALSE(PublicKey::decode(x_too_big));
    EXPECT_FALSE(PublicKey::decode(base::ByteView(bytes).first(95)));
    EXPECT_FALSE(PublicKey::decode_raw(raw));
    EXPECT_FALSE(SecretKey::decode(base::Bytes(32, std::byte{0xff})));
    EXPECT_FALSE(SecretKey::decode(base::Bytes(32)));
}

TEST(Bls, a_point_on_the_curve_outside_the_subgroup_is_refused) {
    // The cofactors are huge, so the first x that is on a curve at all gives a point outside the subgroup.
    int on_curve = 0;
    for (unsigned char x = 1; x < 40; ++x) {
        base::Bytes g2(96);
        g2[0] = std::byte{0x80};
        g2[95] = std::byte{x};
        on_curve += PublicKey::decode_trusted(g2).has_value();
        EXPECT_FALSE(PublicKey::decode(g2));
        base::Bytes g1(48);
        g1[0] = std::byte{0x80};
        g1[47] = std::byte{x};
        EXPECT_FALSE(Signature::decode(g1));
    }
    EXPECT_GT(on_curve, 0);
}

TEST(Bls, scalars_go_to_montgomery_limbs_and_back) {
    EXPECT_TRUE(rc::check([] {
        const Scalar scalar = hash_to_scalar(view(*rc::gen::arbitrary<std::string>()));
        RC_ASSERT(scalar_from_montgomery(*scalar_to_montgomery(scalar)) == scalar);
    }));
    EXPECT_FALSE(scalar_to_montgomery(*array_from_hex<32>(std::string(64, 'f'))));
    EXPECT_FALSE(scalar_from_montgomery(*array_from_hex<32>(std::string(64, 'f'))));
}

TEST(Batch, says_of_every_item_what_verifying_it_alone_says) {
    EXPECT_TRUE(rc::check([] {
        const auto count = *rc::gen::inRange<std::size_t>(0, 12);
        std::vector<PublicKey> keys;
        std::vector<Signature> signatures;
        std::vector<std::string> messages;
        std::vector<VerifyItem> items;
        for (std::size_t i = 0; i < count; ++i) {
            const auto secret = key_number(*rc::gen::inRange<std::uint64_t>(0, 3));
            messages.push_back("message " + std::to_string(i));
            keys.push_back(secret.public_key());
            const bool bad = *rc::gen::inRange(0, 4) == 0;
            signatures.push_back(secret.sign(view(bad ? "something else" : messages.back())));
        }
        for (std::size_t i = 0; i < count; ++i) items.push_back({&keys[i], &signatures[i], view(messages[i])});
        const auto result = verify_batch(items, hash_to_scalar(view("seed")));
        for (std::size_t i = 0; i < count; ++i)
            RC_ASSERT(result[i] == verify(keys[i], signatures[i], view(messages[i])));
    }));
}

TEST(Batch, two_wrong_signatures_that_cancel_out_are_both_found) {
    const auto a = key_number(1);
    const auto ka = a.public_key();
    const auto one = a.sign(view("1"));
    const auto two = a.sign(view("2"));
    const VerifyItem swapped[] = {{&ka, &two, view("1")}, {&ka, &one, view("2")}};

    EXPECT_EQ(verify_batch(swapped, hash_to_scalar(view("seed"))), (std::vector<bool>{false, false}));
}

}  // namespace
}  // namespace rues::crypto
