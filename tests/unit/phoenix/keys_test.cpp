#include "phoenix/keys.hpp"

#include <gtest/gtest.h>

#include "unit/phoenix/wallet.hpp"

namespace rues::phoenix {
namespace {

// Texts of these names: tests/serde.rs of phoenix-core 0.35, with the seed 0xc0b.
constexpr std::string_view kPublicKey =
    "nrkRNs188TSAy7LdQcwDfbghZEk3agdT7b7h83ynP6KcFb8ExYvUyE6r3v2yrt2Tie8pybzobLGebF6LapsDnAa";
constexpr std::string_view kViewKey =
    "4VWvwJK79fznAuRZm9qP6Eqv57hLuYGU2PkoJJxYii2CB6ZEEiHSgjYzXkaiQaAq7TDr6zEyuqUgpzLRcXfq1pdU";
constexpr std::string_view kSecretKey =
    "4VWvwJK79fznAuRZm9qP6Eqv57hLuYGU2PkoJJxYii2C7kquTNQYAygrJuYVLY1vsmVHSLifNtCdcN6dHN69rJKC";
constexpr std::string_view kStealthAddress =
    "nrkRNs188TSAy7LdQcwDfbghZEk3agdT7b7h83ynP6KU2WHtBFqNXSZt9qJwZDZmhWPakFuWRg4m5hRHH2kF5su";

TEST(Keys, are_derived_as_wallets_do) {  // docs/reference/phoenix-and-plonk.md 3.1
    EXPECT_EQ(
        base::to_hex(SecretKey::derive({}, 42).bytes()),
        "0c1048bc214c2cb2567b6b99e695ee83571e5e583481f7a71ea7a3f644fe0e09da87f5680bbe8f8153ca40b39df8af789ddc62d38d3"
        "2e008017d1db4cec32200");
    EXPECT_EQ(SecretKey::derive({}, 0).public_key().text(),
              "ivmscertKgRyX8wNMJJsQcSVEyPsfSMUQXSAgeAPQXsndqFq9Pmknzhm61QvcEEdxPaGgxDS4RHpb6KKccrnSKN");
}

TEST(Keys, have_the_published_texts) {
    const SecretKey key = test::Draws(0xc0b).key();

    EXPECT_EQ(base::to_base58(key.bytes()), kSecretKey);
    EXPECT_EQ(key.public_key().text(), kPublicKey);
    EXPECT_EQ(key.view_key().text(), kViewKey);
    EXPECT_EQ(key.view_key().public_key(), key.public_key());
}

TEST(Keys, come_back_from_their_texts) {
    const SecretKey key = SecretKey::decode(*base::from_base58(kSecretKey)).value();

    EXPECT_EQ(PublicKey::from_text(kPublicKey), key.public_key());
    EXPECT_EQ(ViewKey::from_text(kViewKey).value().bytes(), key.view_key().bytes());
    EXPECT_EQ(SecretKey::decode(key.bytes()).value().bytes(), key.bytes());
}

TEST(Keys, a_text_that_is_not_64_bytes_of_points_is_refused) {
    EXPECT_FALSE(PublicKey::from_text("wrong-encoded"));
    EXPECT_FALSE(PublicKey::from_text(kPublicKey.substr(1)));
    EXPECT_FALSE(ViewKey::from_text(std::string(kViewKey) + "1"));
    EXPECT_FALSE(PublicKey::from_text(kSecretKey)) << "scalars, and these are no points";
    auto beyond = ByteArray<64>{};
    std::ranges::copy(crypto::fl_modulus(), beyond.begin());
    EXPECT_FALSE(SecretKey::decode(beyond));
    EXPECT_TRUE(SecretKey::decode(ByteArray<64>{}));
}

TEST(StealthAddress, is_the_published_one_and_only_its_owner_sees_it) {
    test::Draws draws(0xc0b);
    const Fl random = draws.scalar();
    const SecretKey owner = draws.key();
    const SecretKey other = draws.key();

    const StealthAddress address = owner.public_key().stealth_address(random);

    EXPECT_EQ(base::to_base58(address.bytes()), kStealthAddress);
    EXPECT_EQ(StealthAddress::decode(address.bytes()), address);
    EXPECT_TRUE(owner.view_key().owns(address));
    EXPECT_FALSE(other.view_key().owns(address));
    EXPECT_EQ(crypto::jubjub_generator() * *owner.note_secret(address), JubJubPoint(address.note_key));
}

}  // namespace
}  // namespace rues::phoenix
