// The choice of assembly must not change a result (cmake/blst.cmake).
#ifdef RUES_BLST_CHOOSES
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "crypto/keys.hpp"
#include "unit/crypto/vectors.hpp"

/// The CPU features that blst found before main. Every function with two versions reads it.
extern "C" int blst_capabilities __asm__("__blst_platform_cap");

namespace rues::crypto {
namespace {

constexpr int kAdx = 1;

/// Makes blst run its ADX assembly (1) or its portable one (0). Returns the one that runs: never ADX on a CPU without
/// it.
int choose_adx(int wanted) {
    static const int found = blst_capabilities;
    blst_capabilities = wanted ? found : found & ~kAdx;
    return blst_capabilities & kAdx;
}

using base::from_hex;
using base::to_hex;
using base::view;

class BlstChoice : public ::testing::TestWithParam<int> {
protected:
    void SetUp() override {
        if (choose_adx(GetParam()) != GetParam()) GTEST_SKIP() << "this CPU has no ADX";
    }
    void TearDown() override { choose_adx(1); }
};

INSTANTIATE_TEST_SUITE_P(Assembly, BlstChoice, ::testing::Values(0, 1),
                         [](const auto& set) { return set.param == 0 ? "portable" : "adx"; });

TEST_P(BlstChoice, gives_the_keys_signatures_and_verdicts_of_the_reference) {  // docs/reference/ledger.md 2.7, 14.1
    const SecretKey secret = *SecretKey::decode(*from_hex(vectors::kSecret));
    const auto key = PublicKey::decode(*from_hex(vectors::kKey1));
    const auto signature = Signature::decode(*from_hex(vectors::kTransferSignature));
    const auto message = *from_hex(vectors::kTransferMessage);

    EXPECT_EQ(to_hex(secret.public_key().bytes()), vectors::kPublic);
    EXPECT_EQ(to_hex(multisig_key(secret.public_key()).bytes()), vectors::kMultisigKey);
    EXPECT_EQ(to_hex(account_key(*base::array_from_hex<64>(vectors::kTestSeed), 1).sign(message).bytes()),
              vectors::kTransferSignature);
    ASSERT_TRUE(key && signature);
    EXPECT_TRUE(verify(*key, *signature, message));
    EXPECT_FALSE(verify(*key, *signature, view("another message")));
    EXPECT_FALSE(verify(secret.public_key(), *signature, message));
    const std::vector<VerifyItem> items{{&*key, &*signature, message}, {&*key, &*signature, view("another message")}};
    EXPECT_EQ(verify_batch(items, sha256(view("seed"))), (std::vector<bool>{true, false}));
}

TEST(BlstChoices, both_assemblies_sign_and_verify_alike) {
    if (choose_adx(1) == 0) GTEST_SKIP() << "this CPU has no ADX";
    EXPECT_TRUE(rc::check([] {
        const auto number = *rc::gen::arbitrary<std::uint64_t>();
        const auto text = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
        choose_adx(0);
        const SecretKey secret = account_key(Seed{}, number);
        const PublicKey key = secret.public_key();
        const Signature signature = secret.sign(view(text));
        choose_adx(1);
        RC_ASSERT(secret.public_key() == key);
        RC_ASSERT(secret.sign(view(text)) == signature);
        RC_ASSERT(verify(key, signature, view(text)));
        RC_ASSERT(Signature::decode(signature.bytes()) == signature);
        RC_ASSERT(PublicKey::decode(key.bytes()) == key);
    }));
}

}  // namespace
}  // namespace rues::crypto
#endif
