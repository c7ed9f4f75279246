#include "crypto/bls.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.hpp"
#include "crypto/keys.hpp"
#include "unit/crypto/vectors.hpp"

namespace rues::crypto {
namespace {

using base::array_from_hex;
using base::Bytes;
using base::from_hex;
using base::to_hex;
using base::view;

SecretKey reference_key() {
    return *SecretKey::decode(*from_hex(vectors::kSecret));
}

SecretKey any_key() {
    return account_key(Seed{}, *rc::gen::arbitrary<std::uint64_t>());
}

template <std::size_t N>
Bytes changed(const ByteArray<N>& bytes, std::size_t at, unsigned char to) {
    Bytes out = base::to_bytes(bytes);
    out[at] = std::byte{to};
    return out;
}

/// The field's order p, little endian: the least value that is not canonical.
const Bytes kFieldOrder =
    *from_hex("abaafffffffffeb9ffff53b1feffab1e24f6b0f6a0d23067bf1285f3844b7764d7ac4b43b6a71b4b9ae67f39ea11011a");

TEST(Bls, gives_the_key_signature_share_and_coefficient_of_the_reference) {  // docs/reference/ledger.md 2.7
    const SecretKey secret = reference_key();

    EXPECT_EQ(to_hex(secret.public_key().bytes()), vectors::kPublic);
    EXPECT_EQ(to_hex(secret.sign(view("a message")).bytes()),
              "b1bc6348e968ec736f381ca71c67d91c18d9700166ecd1ea06148bd52a6a4624d714eef41a10256b2edb7542ba8697f8");
    EXPECT_EQ(to_hex(secret.sign_share(view("a message")).bytes()),
              "a95385d76e3d340496a9c6a4bf2081ab2f72aa3e36da5aabb7597d537dafd7f076a35d626e8664d35ad3febc395c5312");
    EXPECT_EQ(to_hex(multisig_coefficient(secret.public_key())),
              "87aee0d5c5179cb5ede494bc359a2783d2422e8152f21530add25c368e37143a");
    EXPECT_EQ(to_hex(multisig_key(secret.public_key()).bytes()), vectors::kMultisigKey);
}

TEST(Bls, signs_the_transfer_of_the_reference) {  // docs/reference/ledger.md 14.1
    const auto secret = account_key(*array_from_hex<64>(vectors::kTestSeed), 1);
    const auto message = *from_hex(vectors::kTransferMessage);

    EXPECT_EQ(to_hex(secret.public_key().bytes()), vectors::kKey1);
    EXPECT_EQ(to_hex(secret.sign(message).bytes()), vectors::kTransferSignature);
    EXPECT_TRUE(verify(*PublicKey::decode(*from_hex(vectors::kKey1)),
                       *Signature::decode(*from_hex(vectors::kTransferSignature)), message));
}

TEST(Bls, a_recorded_signature_of_scheme_v1_verifies_as_v1_only) {
    const auto key = *PublicKey::decode(*from_hex(vectors::kV1Sender));
    const auto signature = *Signature::decode(*from_hex(vectors::kV1Signature));
    const auto message = *from_hex(vectors::kV1Message);

    EXPECT_TRUE(verify(key, signature, message, BlsVersion::v1));
    EXPECT_FALSE(verify(key, signature, message, BlsVersion::v2));
}

TEST(Bls, a_share_verifies_under_the_multisig_key_and_not_under_the_plain_one) {
    const auto key = reference_key().public_key();
    const auto share = reference_key().sign_share(view("a message"));

    EXPECT_TRUE(verify(multisig_key(key), share, view("a message")));
    EXPECT_FALSE(verify(key, share, view("a message")));
}

TEST(Bls, each_scheme_verifies_its_own_signatures_of_the_same_message_by_the_same_key) {
    EXPECT_TRUE(rc::check([] {
        const SecretKey secret = any_key();
        const auto message = *rc::gen::arbitrary<std::string>();
        for (const auto version : {BlsVersion::v1, BlsVersion::v2}) {
            const auto other = version == BlsVersion::v1 ? BlsVersion::v2 : BlsVersion::v1;
            const auto signature = secret.sign(view(message), version);
            RC_ASSERT(verify(secret.public_key(), signature, view(message), version));
            RC_ASSERT(!verify(secret.public_key(), signature, view(message), other));
            RC_ASSERT(!verify(secret.public_key(), signature, view(message + "."), version));
            RC_ASSERT(!verify(reference_key().public_key(), signature, view(message), version));
        }
    }));
}

TEST(Bls, decoding_undoes_encoding_of_keys_and_signatures) {
    EXPECT_TRUE(rc::check([] {
        const SecretKey secret = any_key();
        const auto key = secret.public_key();
        const auto signature = secret.sign(view("m"));
        RC_ASSERT(SecretKey::decode(secret.bytes())->bytes() == secret.bytes());
        RC_ASSERT(PublicKey::decode(key.bytes()) == key);
        RC_ASSERT(PublicKey::decode_trusted(key.bytes()) == key);
        RC_ASSERT(PublicKey::decode_raw(key.raw()) == key);
        RC_ASSERT(PublicKey::compress_raw_trusted(key.raw()) == key.bytes());
        RC_ASSERT(PublicKey::decode(key.bytes())->raw() == key.raw());
        RC_ASSERT(base::equal(PublicKey::raw_x(key.bytes()), base::ByteView(key.raw()).first(96)));
        RC_ASSERT(Signature::decode(signature.bytes()) == signature);
        RC_ASSERT(Signature::decode_raw(signature.raw()) == signature);
        RC_ASSERT(Signature::decode(signature.bytes())->raw() == signature.raw());
    }));
}

TEST(Bls, the_raw_form_is_montgomery_limbs_and_an_infinity_byte) {
    const auto key = *PublicKey::decode(*from_hex(vectors::kKey0));
    const auto signature = *Signature::decode_raw(*from_hex(vectors::kRawStakeSignature));

    EXPECT_EQ(to_hex(key.raw()), vectors::kRawKey0);
    EXPECT_EQ(PublicKey::decode_raw(*from_hex(vectors::kRawKey0)), key);
    EXPECT_EQ(to_hex(signature.raw()), vectors::kRawStakeSignature);
    EXPECT_EQ(Signature::decode(signature.bytes()), signature);
}

TEST(Bls, the_identity_decodes_but_never_verifies) {
    const PublicKey key;
    const Signature signature;

    EXPECT_TRUE(PublicKey::decode(key.bytes())->is_identity());
    EXPECT_TRUE(PublicKey::decode_raw(key.raw())->is_identity());
    EXPECT_TRUE(Signature::decode(signature.bytes())->is_identity());
    EXPECT_TRUE(Signature::decode_raw(signature.raw())->is_identity());
    EXPECT_FALSE(verify(key, signature, view("m")));
    EXPECT_FALSE(verify(reference_key().public_key(), signature, view("m")));
    EXPECT_FALSE(verify(key, reference_key().sign(view("m")), view("m")));
}

// docs/reference/ledger.md 2.5, with one in Montgomery form: 2^384 mod p
TEST(Bls, the_raw_identity_is_zero_and_one_and_the_flag) {
    const std::string zero(96, '0');
    const std::string one =
        "fdff02000000097602000cc40b00f4ebba58c7535798485f455752705358ce776dec56a2971a075c93e480fac35ef615";

    EXPECT_EQ(to_hex(Signature().raw()), zero + one + "01");
    EXPECT_EQ(to_hex(PublicKey().raw()), zero + zero + one + zero + "01");
    EXPECT_FALSE(Signature::decode_raw(*from_hex(zero + zero + "01")));
    EXPECT_FALSE(Signature::decode_raw(*from_hex(zero + zero + "00")));
    EXPECT_FALSE(Signature::decode_raw(*from_hex(zero + one + "00")));
    EXPECT_FALSE(PublicKey::decode_raw(*from_hex(zero + zero + zero + zero + "00")));
}

// docs/reference/ledger.md 2.1: compression bit, infinity bit, sign bit
TEST(Bls, wrong_flags_and_lengths_are_refused) {
    const auto key = reference_key().public_key();
    const auto signature = reference_key().sign(view("m"));
    const auto first = [](const auto& of) { return static_cast<unsigned char>(of.bytes()[0]); };
    const auto with = [](unsigned char bits, unsigned flag) { return static_cast<unsigned char>(bits ^ flag); };

    EXPECT_FALSE(PublicKey::decode(changed(key.bytes(), 0, with(first(key), 0x80))));
    EXPECT_FALSE(PublicKey::decode(changed(key.bytes(), 0, with(first(key), 0x40))));
    EXPECT_FALSE(PublicKey::decode(changed(PublicKey().bytes(), 0, 0xe0)));
    EXPECT_FALSE(PublicKey::decode(changed(PublicKey().bytes(), 95, 1)));
    EXPECT_FALSE(PublicKey::decode(base::ByteView(key.bytes()).first(95)));
    EXPECT_FALSE(PublicKey::decode(key.raw()));
    EXPECT_FALSE(PublicKey::decode({}));
    EXPECT_FALSE(Signature::decode(changed(signature.bytes(), 0, with(first(signature), 0x80))));
    EXPECT_FALSE(Signature::decode(changed(signature.bytes(), 0, with(first(signature), 0x40))));
    EXPECT_FALSE(Signature::decode(changed(Signature().bytes(), 0, 0xe0)));
    EXPECT_FALSE(Signature::decode(changed(Signature().bytes(), 47, 1)));
    EXPECT_FALSE(Signature::decode(key.bytes()));
    EXPECT_FALSE(PublicKey::decode_raw(changed(key.raw(), 192, 2)));
    EXPECT_FALSE(PublicKey::decode_raw(changed(key.raw(), 192, 1)));
    EXPECT_FALSE(PublicKey::decode_raw(base::ByteView(key.raw()).first(192)));
    EXPECT_FALSE(Signature::decode_raw(changed(signature.raw(), 96, 2)));
    EXPECT_FALSE(Signature::decode_raw(changed(signature.raw(), 96, 1)));
}

TEST(Bls, a_flipped_sign_flag_gives_the_other_point_which_does_not_verify) {
    const auto signature = reference_key().sign(view("m"));
    const auto negative = Signature::decode(
        changed(signature.bytes(), 0, static_cast<unsigned char>(signature.bytes()[0] ^ std::byte{0x20})));

    ASSERT_TRUE(negative);
    EXPECT_NE(*negative, signature);
    EXPECT_FALSE(verify(reference_key().public_key(), *negative, view("m")));
}

TEST(Bls, coordinates_that_are_not_below_the_field_order_are_refused) {
    Bytes x_is_order(kFieldOrder.rbegin(), kFieldOrder.rend());
    x_is_order[0] |= std::byte{0x80};
    Bytes key = x_is_order;
    key.resize(96);
    const auto raw_signature = reference_key().sign(view("m")).raw();
    const auto raw_key = reference_key().public_key().raw();

    EXPECT_FALSE(Signature::decode(x_is_order));
    EXPECT_FALSE(PublicKey::decode(key));
    EXPECT_FALSE(PublicKey::decode_trusted(key));
    for (std::size_t at = 0; at < 96; at += 48) {  // the same coordinate plus the field order
        Bytes raw = base::to_bytes(raw_signature);
        unsigned carry = 0;
        for (std::size_t i = 0; i < 48; ++i) {
            carry += static_cast<unsigned>(raw[at + i]) + static_cast<unsigned>(kFieldOrder[i]);
            raw[at + i] = static_cast<std::byte>(carry);
            carry >>= 8;
        }
        ASSERT_EQ(carry, 0U);
        EXPECT_FALSE(Signature::decode_raw(raw)) << at;
    }
    for (std::size_t at = 0; at < 192; at += 48) {
        Bytes raw = base::to_bytes(raw_key);
        std::fill_n(raw.begin() + static_cast<std::ptrdiff_t>(at), 48, std::byte{0xff});
        EXPECT_FALSE(PublicKey::decode_raw(raw)) << at;
    }
}

TEST(Bls, raw_coordinates_off_the_curve_are_refused) {
    auto key = reference_key().public_key().raw();
    auto signature = reference_key().sign(view("m")).raw();
    key[100] ^= std::byte{1};
    signature[50] ^= std::byte{1};

    EXPECT_FALSE(PublicKey::decode_raw(key));
    EXPECT_FALSE(Signature::decode_raw(signature));
}

TEST(Bls, points_of_the_curve_outside_the_subgroup_are_refused) {
    // The cofactors are huge, so a small x that belongs to a point of the curve belongs to a point outside the
    // subgroup.
    int keys_on_curve = 0;
    int signatures_on_curve = 0;
    for (unsigned char x = 1; x < 40; ++x) {
        Bytes key(96);
        key[0] = std::byte{0x80};
        key[95] = std::byte{x};
        Bytes signature(48);
        signature[0] = std::byte{0x80};
        signature[47] = std::byte{x};

        EXPECT_FALSE(PublicKey::decode(key));
        EXPECT_FALSE(Signature::decode(signature));
        if (const auto on_curve = PublicKey::decode_trusted(key)) {
            ++keys_on_curve;
            EXPECT_FALSE(PublicKey::decode_raw(on_curve->raw()));
        }
        blst_p1_affine point;
        if (blst_p1_uncompress(&point, base::u8(signature)) == BLST_SUCCESS) {
            ++signatures_on_curve;
            Bytes raw(97);
            std::memcpy(raw.data(), &point, sizeof point);
            EXPECT_FALSE(Signature::decode_raw(raw));
        }
    }
    EXPECT_GT(keys_on_curve, 0);
    EXPECT_GT(signatures_on_curve, 0);
}

TEST(Bls, secret_keys_are_scalars_below_the_group_order_and_not_zero) {
    // r of docs/reference/ledger.md 0, little endian
    const auto order = *from_hex("01000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73");
    auto below = order;
    below[0] = std::byte{0};

    EXPECT_FALSE(SecretKey::decode(Bytes(32)));
    EXPECT_FALSE(SecretKey::decode(order));
    EXPECT_FALSE(SecretKey::decode(base::ByteView(below).first(31)));
    EXPECT_TRUE(SecretKey::decode(below));
}

TEST(Bls, scalars_go_to_montgomery_limbs_and_back) {  // docs/reference/ledger.md 2.5: R = 2^256, so one is 2^256 mod r
    Scalar one{};
    one[0] = std::byte{1};
    const auto order = *array_from_hex<32>("01000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73");

    EXPECT_EQ(to_hex(*scalar_to_montgomery(one)), "feffffff0100000002480300fab78458f54fbcecef4f8c996f05c5ac59b12418");
    EXPECT_EQ(scalar_to_montgomery(Scalar{}), Scalar{});
    EXPECT_FALSE(scalar_to_montgomery(order));
    EXPECT_FALSE(scalar_from_montgomery(order));
    EXPECT_TRUE(rc::check([] {
        const Scalar scalar = hash_to_scalar(view(*rc::gen::arbitrary<std::string>()));
        RC_ASSERT(scalar_from_montgomery(*scalar_to_montgomery(scalar)) == scalar);
    }));
}

}  // namespace
}  // namespace rues::crypto
