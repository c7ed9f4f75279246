#include "vm/host_queries.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "crypto/hash.hpp"
#include "unit/crypto/vectors.hpp"
#include "unit/vm/arguments.hpp"
#include "unit/vm/golden_arguments.hpp"

namespace rues::vm {
namespace {

using base::to_hex;
using test::hex_bytes;

constexpr std::string_view kR = "01000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73";
constexpr std::string_view kZeroScalar = "0000000000000000000000000000000000000000000000000000000000000000";

std::uint64_t price_of(std::string_view name, base::ByteView argument, HardFork fork = HardFork::boreas) {
    return HostQueries().price({name, argument, 0, fork}).value();
}

std::string answer_to(std::string_view name, base::ByteView argument, std::uint64_t address = 0,
                      HardFork fork = HardFork::boreas) {
    return to_hex(HostQueries().answer({name, argument, address, fork}).value());
}

TEST(HostQueries, an_unknown_name_has_no_price) {
    EXPECT_FALSE(HostQueries().price({.name = "verify_everything", .argument = {}}));
    EXPECT_FALSE(HostQueries().price({.name = "", .argument = {}}));
}

TEST(HostQueries, nothing_has_a_price_before_boreas) {  // docs/reference/rusk-1.7.md 7.3
    const auto argument = test::vector_of(base::view("abc"));
    for (const auto* name :
         {"hash", "poseidon_hash", "verify_bls", "verify_bls_multisig", "verify_schnorr", "keccak256", "sha256",
          "secp256k1_recover", "verify_kzg_proof", "verify_plonk", "verify_groth16_bn254"}) {
        EXPECT_EQ(price_of(name, argument, HardFork::pre_fork), 0U) << name;
        EXPECT_EQ(price_of(name, argument, HardFork::aegis), 0U) << name;
        EXPECT_GT(price_of(name, argument), 0U) << name;
    }
}

TEST(Hash, is_the_scalar_of_the_reference_in_montgomery_form) {  // docs/reference/phoenix-and-plonk.md 9.3
    const auto answer = HostQueries().answer({.name = "hash", .argument = test::vector_of(base::view("abc"))});

    ASSERT_TRUE(answer);
    EXPECT_EQ(to_hex(*crypto::scalar_from_montgomery(base::to_array<32>(*answer))),
              "3b6494d18a7fe469346aa39d90cd4d903518349dc8c8fc34f3540e9e65696364");
}

TEST(Hash, costs_by_the_bytes_of_the_vector) {  // docs/reference/rusk-1.7.md 7.3
    EXPECT_EQ(price_of("hash", test::vector_of(base::Bytes(32, std::byte{7}))), 3'320U);
    EXPECT_EQ(price_of("hash", test::vector_of(base::Bytes(128, std::byte{9}))), 4'280U);
    EXPECT_EQ(price_of("hash", test::vector_of({})), 3'000U);
}

TEST(Hash, of_an_argument_that_does_not_validate_is_zero_and_costs_by_all_its_bytes) {
    EXPECT_EQ(answer_to("hash", hex_bytes("0100000001000000")), kZeroScalar);
    EXPECT_EQ(price_of("hash", hex_bytes("0100000001000000")), 3'080U);
    EXPECT_EQ(answer_to("hash", hex_bytes("616263")), kZeroScalar);
    EXPECT_EQ(price_of("hash", {}), 3'000U);
}

TEST(Hash, an_argument_must_be_aligned_in_the_memory_of_the_contract) {  // docs/reference/machine.md 1.8
    const auto argument = test::vector_of(base::view("abcd"));
    EXPECT_NE(answer_to("hash", argument, 0x3dac0), kZeroScalar);
    EXPECT_EQ(answer_to("hash", argument, 0x3dac2), kZeroScalar);
}

TEST(PoseidonHash, is_that_of_the_reference) {  // docs/reference/phoenix-and-plonk.md 2.3
    const auto answer = HostQueries().answer({.name = "poseidon_hash", .argument = test::scalars({1, 2, 3})});

    ASSERT_TRUE(answer);
    EXPECT_EQ(to_hex(*crypto::scalar_from_montgomery(base::to_array<32>(*answer))),
              "f5558758aa44aabed759c709c8cb75e9e7c27ad0339e616a6578a4ac9977976b");
}

TEST(PoseidonHash, costs_by_the_number_of_scalars) {  // docs/reference/rusk-1.7.md 7.3
    EXPECT_EQ(price_of("poseidon_hash", test::scalars({1})), 40'000U);
    EXPECT_EQ(price_of("poseidon_hash", test::scalars({1, 2, 3, 4, 5, 6})), 90'000U);
    EXPECT_EQ(price_of("poseidon_hash", test::scalars({})), 40'000U);
}

TEST(PoseidonHash, of_nothing_panics) {  // the node itself panics (docs/reference/differences.md 45)
    EXPECT_FALSE(HostQueries().answer({.name = "poseidon_hash", .argument = test::scalars({})}));
}

TEST(PoseidonHash, of_a_scalar_that_is_not_reduced_is_zero) {  // docs/reference/differences.md 45
    EXPECT_EQ(answer_to("poseidon_hash", hex_bytes(std::string(kR) + "e0ffffff01000000")), kZeroScalar);
}

TEST(PoseidonHash, of_an_argument_that_does_not_validate_is_zero_and_costs_one_scalar) {
    EXPECT_EQ(answer_to("poseidon_hash", base::Bytes(40, std::byte{0xff})), kZeroScalar);
    EXPECT_EQ(price_of("poseidon_hash", base::Bytes(400, std::byte{0xff})), 40'000U);
    const auto one = test::scalars({1});
    EXPECT_EQ(answer_to("poseidon_hash", one, 4), kZeroScalar);  // scalars are aligned to 8
}

TEST(Sha256, is_that_of_the_standard) {  // FIPS 180-4
    EXPECT_EQ(answer_to("sha256", test::vector_of(base::view("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(answer_to("sha256", hex_bytes("ff")), kZeroScalar);
    EXPECT_EQ(price_of("sha256", test::vector_of(base::Bytes(96))), 3'768U);
}

TEST(VerifyBls, the_signature_of_a_transfer_is_valid_for_its_message_only) {  // docs/reference/ledger.md 14
    const auto good = test::transfer_signature();
    auto other_message = good, other_key = good, other_signature = good;
    other_message[0] ^= std::byte{1};
    other_key[good.size() - 312 + 8] ^= std::byte{1};
    other_signature[good.size() - 104] ^= std::byte{1};

    EXPECT_EQ(answer_to("verify_bls", good), "01");
    EXPECT_EQ(answer_to("verify_bls", good, 0x3dac0), "01");
    EXPECT_EQ(answer_to("verify_bls", other_message), "00");
    EXPECT_EQ(answer_to("verify_bls", other_key), "00");
    EXPECT_EQ(answer_to("verify_bls", other_signature), "00");
    EXPECT_EQ(price_of("verify_bls", good), 1'750'000U);
}

TEST(VerifyBls, the_scheme_is_that_of_the_fork) {
    EXPECT_EQ(answer_to("verify_bls", test::transfer_signature(), 0, HardFork::aegis), "01");
    EXPECT_EQ(answer_to("verify_bls", test::transfer_signature(), 0, HardFork::pre_fork), "00");
    EXPECT_EQ(answer_to("verify_bls", test::v1_signature(), 0, HardFork::pre_fork), "01");
    EXPECT_EQ(answer_to("verify_bls", test::v1_signature()), "00");
}

TEST(VerifyBls, of_the_networks_library_is_valid) {
    EXPECT_EQ(answer_to("verify_bls", hex_bytes(golden::kBls)), "01");
}

TEST(VerifyBls, an_argument_that_does_not_validate_is_a_false_signature) {
    const auto good = test::transfer_signature();
    EXPECT_EQ(answer_to("verify_bls", good, 4), "00");
    EXPECT_EQ(answer_to("verify_bls", base::ByteView(good).last(311)), "00");
    EXPECT_EQ(answer_to("verify_bls", {}), "00");
    EXPECT_EQ(price_of("verify_bls", {}), 1'750'000U);
}

base::Bytes changed(std::string_view argument, std::size_t at) {
    base::Bytes out = hex_bytes(argument);
    out.at(at) ^= std::byte{1};
    return out;
}

/// Adds the modulus, little-endian, to the limbs at `at`.
base::Bytes with_modulus(std::string_view argument, std::size_t at, std::string_view modulus) {
    base::Bytes out = hex_bytes(argument);
    unsigned carry = 0;
    for (const std::byte one : hex_bytes(modulus)) {
        carry += std::to_integer<unsigned>(out.at(at)) + std::to_integer<unsigned>(one);
        out[at++] = static_cast<std::byte>(carry);
        carry >>= 8;
    }
    EXPECT_EQ(carry, 0U);
    return out;
}

constexpr std::string_view kL = "b72cf7d65e0e97d08210c8cc932068a6003b3401013b6706a9af3365eab47d0e";

TEST(VerifyBlsMultisig, takes_the_keys_in_both_schemes) {
    EXPECT_EQ(answer_to("verify_bls_multisig", hex_bytes(golden::kMultisig)), "01");
    EXPECT_EQ(answer_to("verify_bls_multisig", hex_bytes(golden::kMultisig), 0, HardFork::pre_fork), "00");
    EXPECT_EQ(answer_to("verify_bls_multisig", hex_bytes(golden::kMultisigV1)), "00");
    EXPECT_EQ(answer_to("verify_bls_multisig", hex_bytes(golden::kMultisigV1), 0, HardFork::pre_fork), "01");
}

TEST(VerifyBlsMultisig, a_key_may_occur_twice_but_there_must_be_one) {
    EXPECT_EQ(answer_to("verify_bls_multisig", hex_bytes(golden::kMultisigTwice)), "01");
    EXPECT_EQ(answer_to("verify_bls_multisig", hex_bytes(golden::kMultisigNone)), "00");
}

TEST(VerifyBlsMultisig, the_contents_of_the_keys_come_before_the_message) {  // docs/reference/ledger.md 8.1 #9
    const auto good = hex_bytes(golden::kMultisig);
    const base::ByteView keys = base::ByteView(good).first(400), message = base::ByteView(good).subspan(400, 14);
    auto swapped = good, empty_message = good;
    std::ranges::copy(message, swapped.begin());
    std::ranges::copy(keys, swapped.begin() + 16);
    base::store_le(swapped.data() + 416, static_cast<std::uint32_t>(-416));
    base::store_le(swapped.data() + 424, static_cast<std::uint32_t>(16 - 424));
    base::store_le(empty_message.data() + 416, std::uint64_t{0});  // it may end where the root begins

    EXPECT_EQ(answer_to("verify_bls_multisig", swapped), "00");
    EXPECT_EQ(price_of("verify_bls_multisig", swapped), 2'700'000U);
    EXPECT_EQ(price_of("verify_bls_multisig", empty_message), 2'900'000U);
}

TEST(VerifyBlsMultisig, another_message_or_a_bad_key_is_false) {
    constexpr std::size_t kFirstKey = 0, kInfinity = 192, kSecondKey = 200, kMessage = 400, kSignature = 432;
    for (const auto at : {kFirstKey, kInfinity, kSecondKey, kMessage, kSignature}) {
        EXPECT_EQ(answer_to("verify_bls_multisig", changed(golden::kMultisig, at)), "00") << at;
    }
    const auto identity = crypto::PublicKey().raw();
    auto with_identity = hex_bytes(golden::kMultisig);
    std::ranges::copy(identity, with_identity.begin());
    EXPECT_EQ(answer_to("verify_bls_multisig", with_identity), "00");
    EXPECT_EQ(answer_to("verify_bls_multisig", hex_bytes(golden::kMultisig), 4), "00");
}

TEST(VerifyBlsMultisig, costs_by_the_number_of_keys) {  // docs/reference/rusk-1.7.md 7.3
    EXPECT_EQ(price_of("verify_bls_multisig", hex_bytes(golden::kMultisig)), 2'900'000U);
    EXPECT_EQ(price_of("verify_bls_multisig", hex_bytes(golden::kMultisigNone)), 2'700'000U);
    EXPECT_EQ(price_of("verify_bls_multisig", base::Bytes(2000, std::byte{0xff})), 2'700'000U);
}

TEST(VerifySchnorr, of_the_networks_library_is_valid_for_its_message_and_key_only) {
    constexpr std::size_t kMessage = 0, kKey = 32, kU = 192, kNonce = 224;
    EXPECT_EQ(answer_to("verify_schnorr", hex_bytes(golden::kSchnorr)), "01");
    for (const auto at : {kMessage, kKey, kU, kNonce}) {
        EXPECT_EQ(answer_to("verify_schnorr", changed(golden::kSchnorr, at)), "00") << at;
    }
    EXPECT_EQ(price_of("verify_schnorr", hex_bytes(golden::kSchnorr)), 1'000'000U);
}

TEST(VerifySchnorr, the_scalar_is_reduced_and_all_else_must_be) {
    EXPECT_EQ(answer_to("verify_schnorr", with_modulus(golden::kSchnorr, 192, kL)), "01");
    EXPECT_EQ(answer_to("verify_schnorr", with_modulus(golden::kSchnorr, 0, kR)), "00");
    EXPECT_EQ(answer_to("verify_schnorr", with_modulus(golden::kSchnorr, 32, kR)), "00");
}

TEST(VerifySchnorr, a_key_without_a_point_is_false) {
    auto no_z = hex_bytes(golden::kSchnorr), no_key = no_z;
    std::fill_n(no_z.begin() + 96, 32, std::byte{0});
    std::fill_n(no_key.begin() + 32, 160, std::byte{0});

    EXPECT_EQ(answer_to("verify_schnorr", no_z), "00");
    EXPECT_EQ(answer_to("verify_schnorr", no_key), "00");
}

TEST(VerifySchnorr, an_argument_that_does_not_validate_is_a_false_signature) {
    EXPECT_EQ(answer_to("verify_schnorr", base::Bytes(383)), "00");
    EXPECT_EQ(answer_to("verify_schnorr", hex_bytes(golden::kSchnorr), 4), "00");
    EXPECT_EQ(price_of("verify_schnorr", {}), 1'000'000U);
}

TEST(Keccak256, is_ethereums) {
    EXPECT_EQ(answer_to("keccak256", test::vector_of({})),
              "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_EQ(answer_to("keccak256", hex_bytes("ff")), kZeroScalar);
    EXPECT_EQ(price_of("keccak256", test::vector_of(base::Bytes(96))), 4'536U);
    EXPECT_EQ(price_of("keccak256", hex_bytes("ff")), 3'016U);
}

TEST(VerifyKzgProof, of_ethereums_library_is_valid_for_its_point_and_value_only) {
    EXPECT_EQ(answer_to("verify_kzg_proof", hex_bytes(golden::kKzg1)), "01");
    EXPECT_EQ(answer_to("verify_kzg_proof", hex_bytes(golden::kKzg2)), "01");
    for (const std::size_t at : {31U, 63U, 64U + 47U, 112U + 47U}) {  // the lowest bytes of z, y, and the points
        EXPECT_EQ(answer_to("verify_kzg_proof", changed(golden::kKzg1, at)), "00") << at;
    }
    EXPECT_EQ(price_of("verify_kzg_proof", hex_bytes(golden::kKzg1)), 2'000'000U);
}

TEST(VerifyKzgProof, the_constant_polynomial_has_its_value_everywhere) {
    // consensus-specs, verify_kzg_proof: the commitment to 2 is 2·G1 and its proof is the identity
    const std::string z(64, '1'), two = std::string(62, '0') + "02", identity = "c0" + std::string(94, '0');
    const std::string twice_g1 =
        "a572cbea904d67468808c8eb50a9450c9721db309128012543902d0ac358a62ae28f75bb8f1c7c42c39a8c5529bf0f4e";

    EXPECT_EQ(answer_to("verify_kzg_proof", hex_bytes(z + two + twice_g1 + identity)), "01");
    EXPECT_EQ(answer_to("verify_kzg_proof", hex_bytes(z + std::string(63, '0') + "3" + twice_g1 + identity)), "00");
    EXPECT_EQ(answer_to("verify_kzg_proof", hex_bytes(std::string(64, 'f') + two + twice_g1 + identity)), "00");
}

TEST(VerifyKzgProof, an_argument_that_does_not_validate_is_a_false_proof) {
    EXPECT_EQ(answer_to("verify_kzg_proof", base::Bytes(159)), "00");
    EXPECT_EQ(price_of("verify_kzg_proof", {}), 2'000'000U);
}

constexpr std::string_view kRecovered =
    "010424653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c119fc5009a032aa9fe47f5e149bb8442f71f884ccb5165"
    "90686d8ff6ab91c613";
const std::string kNothing(132, '0');

TEST(Secp256k1Recover, of_the_networks_library_gives_the_key_of_the_signer) {
    EXPECT_EQ(answer_to("secp256k1_recover", hex_bytes(golden::kRecover)), kRecovered);
    EXPECT_EQ(price_of("secp256k1_recover", hex_bytes(golden::kRecover)), 200'000U);
}

TEST(Secp256k1Recover, gives_the_address_of_an_ethereum_transaction) {
    // go-ethereum, the precompiled contract ecRecover: hash, v = 28, r, s, and the address
    const auto answer = HostQueries().answer(
        {.name = "secp256k1_recover",
         .argument = hex_bytes("456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3"
                               "9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608"
                               "4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada1c")});

    ASSERT_TRUE(answer && answer->size() == 66);
    const auto address = crypto::keccak256(base::ByteView(*answer).subspan(2));
    EXPECT_EQ(to_hex(base::ByteView(address).last(20)), "7156526fbd7a3c72969b54f64e42c10fbb768c8a");
}

TEST(Secp256k1Recover, v_is_0_or_1_or_27_or_28) {
    auto argument = hex_bytes(golden::kRecover);
    for (const unsigned v : {1U, 28U}) {
        argument.back() = static_cast<std::byte>(v);
        EXPECT_EQ(answer_to("secp256k1_recover", argument), kRecovered) << v;
    }
    for (const unsigned v : {0U, 27U}) {  // the other key
        argument.back() = static_cast<std::byte>(v);
        EXPECT_NE(answer_to("secp256k1_recover", argument), kRecovered) << v;
        EXPECT_NE(answer_to("secp256k1_recover", argument), kNothing) << v;
    }
    for (const unsigned v : {2U, 3U, 26U, 29U, 255U}) {
        argument.back() = static_cast<std::byte>(v);
        EXPECT_EQ(answer_to("secp256k1_recover", argument), kNothing) << v;
    }
}

TEST(Secp256k1Recover, a_signature_that_is_none_and_an_argument_that_does_not_validate_give_nothing) {
    auto no_r = hex_bytes(golden::kRecover), large_s = no_r;
    std::fill_n(no_r.begin() + 32, 32, std::byte{0});
    std::fill_n(large_s.begin() + 64, 32, std::byte{0xff});

    EXPECT_EQ(answer_to("secp256k1_recover", no_r), kNothing);
    EXPECT_EQ(answer_to("secp256k1_recover", large_s), kNothing);
    EXPECT_EQ(answer_to("secp256k1_recover", base::Bytes(96)), kNothing);
    EXPECT_EQ(price_of("secp256k1_recover", {}), 200'000U);
}

TEST(HostQueries, what_this_version_lacks_panics_and_has_its_price) {
    EXPECT_EQ(price_of("verify_groth16_bn254", {}), 4'500'000U);
    EXPECT_EQ(HostQueries().answer({.name = "verify_groth16_bn254", .argument = {}}).error(),
              "not available in this version: verify_groth16_bn254");
}

TEST(HostQueries, every_answer_fits_into_the_buffer_of_the_contract) {
    for (const auto& [name, argument] : {std::pair<std::string_view, base::Bytes>{"hash", {}},
                                         {"secp256k1_recover", hex_bytes(golden::kRecover)},
                                         {"keccak256", base::Bytes(65'536)},
                                         {"verify_bls", hex_bytes(golden::kBls)}}) {
        EXPECT_LE(HostQueries().answer({.name = name, .argument = argument})->size(), kMaxAnswer) << name;
    }
}

}  // namespace
}  // namespace rues::vm
