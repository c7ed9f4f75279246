#include "crypto/cipher.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "crypto/secret.hpp"

namespace rues::crypto {
namespace {

TEST(Hkdf, gives_the_first_bytes_of_the_standards_first_case) {  // RFC 5869, A.1
    const auto secret = base::from_hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b").value();
    const auto salt = base::from_hex("000102030405060708090a0b0c").value();
    const auto info = base::from_hex("f0f1f2f3f4f5f6f7f8f9").value();

    EXPECT_EQ(base::to_hex(hkdf_sha256(secret, salt, info)),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
}

TEST(AesGcm, encrypts_as_the_published_case_and_back) {  // McGrew and Viega, the GCM specification, case 14
    const base::ByteArray<32> key{};
    const base::ByteArray<12> nonce{};
    const base::ByteArray<16> plain{};

    const auto sealed = aes_gcm_encrypt(key, nonce, plain);

    EXPECT_EQ(base::to_hex(sealed), "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    EXPECT_EQ(aes_gcm_decrypt(key, nonce, sealed), base::to_bytes(plain));
}

TEST(AesGcm, does_not_open_changed_bytes) {
    base::ByteArray<32> key{};
    base::ByteArray<12> nonce{};
    const auto sealed = aes_gcm_encrypt(key, nonce, base::view("a value"));

    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto changed = sealed;
        changed[i] ^= std::byte{1};
        EXPECT_FALSE(aes_gcm_decrypt(key, nonce, changed)) << i;
    }
    EXPECT_FALSE(aes_gcm_decrypt(key, nonce, base::ByteView(sealed).first(kGcmTag - 1)));
    nonce[0] = std::byte{1};
    EXPECT_FALSE(aes_gcm_decrypt(key, nonce, sealed));
    nonce[0] = std::byte{0};
    key[31] = std::byte{1};
    EXPECT_FALSE(aes_gcm_decrypt(key, nonce, sealed));
}

TEST(Secret, is_wiped_at_the_end_of_its_life) {
    alignas(Secret<base::ByteArray<16>>) std::byte place[sizeof(Secret<base::ByteArray<16>>)];
    auto* secret = new (place) Secret<base::ByteArray<16>>();
    (*secret)->fill(std::byte{7});

    secret->~Secret();

    EXPECT_TRUE(std::ranges::all_of(place, [](std::byte each) { return each == std::byte{0}; }));
}

}  // namespace
}  // namespace rues::crypto
