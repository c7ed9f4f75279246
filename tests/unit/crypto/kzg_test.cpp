#include <gtest/gtest.h>

#include "support/blobs.hpp"

namespace rues::crypto {
namespace {

using test::KnownBlob;

std::vector<KnownBlob> known_blobs() {
    return {test::full_blob(), test::constant_blob(), test::hello_blob()};
}

TEST(Kzg, proofs_of_ethereums_library_are_valid) {
    for (const auto& blob : known_blobs()) EXPECT_EQ(verify_blob(blob.data, blob.commitment, blob.proof), true);
}

TEST(Kzg, a_proof_holds_for_its_own_blob_and_commitment_only) {
    const auto [data, commitment, proof] = test::full_blob();
    const auto other = test::hello_blob();
    auto changed = data;
    changed.back() ^= std::byte{1};

    EXPECT_EQ(verify_blob(changed, commitment, proof), false);
    EXPECT_EQ(verify_blob(data, other.commitment, proof), false);
    EXPECT_EQ(verify_blob(data, commitment, other.proof), false);
}

TEST(Kzg, a_bad_point_or_element_is_an_error_of_the_library) {
    const auto [data, commitment, proof] = test::full_blob();
    auto too_large = data;
    too_large[32] = std::byte{0xff};  // the second element is not below the order
    auto no_point = commitment;
    no_point[5] ^= std::byte{1};

    EXPECT_EQ(verify_blob(too_large, commitment, proof).error(), "C_KZG_BADARGS");
    EXPECT_EQ(verify_blob(data, no_point, proof).error(), "C_KZG_BADARGS");
    EXPECT_EQ(verify_blob(data, commitment, base::ByteArray<48>{}).error(), "C_KZG_BADARGS");
}

TEST(Kzg, made_commitments_and_proofs_are_those_of_ethereums_library) {
    for (const auto& blob : known_blobs()) {
        const auto made = prove_blob(blob.data);
        ASSERT_TRUE(made);
        EXPECT_EQ(base::to_hex(made->commitment), base::to_hex(blob.commitment));
        EXPECT_EQ(base::to_hex(made->proof), base::to_hex(blob.proof));
    }
}

TEST(Kzg, the_first_element_that_is_not_below_the_order_is_named) {
    base::Bytes data(kBlobBytes);
    data[7 * 32] = std::byte{0x74};  // r begins with 73 ed
    data[9 * 32] = std::byte{0xff};

    EXPECT_EQ(prove_blob(data).error(), 7U);
    data[7 * 32] = std::byte{0x73};
    EXPECT_EQ(prove_blob(data).error(), 9U);
}

// docs/reference/protocol.md 8.6; `head -c 48 /dev/zero | sha256sum`
TEST(Kzg, the_versioned_hash_is_the_hash_of_the_commitment_behind_a_version) {
    EXPECT_EQ(base::to_hex(versioned_hash(base::Bytes(48))),
              "01b0761f87b081d5cf10757ccc89f12be355c70e2e29df288b65b30710dcbcd1");
}

}  // namespace
}  // namespace rues::crypto
