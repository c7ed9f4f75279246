#include "crypto/share_key.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "unit/crypto/vectors.hpp"

namespace rues::crypto {
namespace {

using base::view;

TEST(ShareKey, its_plain_signature_is_the_share_of_the_reference) {  // docs/reference/ledger.md 2.7
    const SecretKey key = *SecretKey::decode(*base::from_hex(vectors::kSecret));

    const auto signature = share_key(key, key.public_key()).sign(view("a message"));

    EXPECT_EQ(base::to_hex(signature.bytes()),
              "a95385d76e3d340496a9c6a4bf2081ab2f72aa3e36da5aabb7597d537dafd7f076a35d626e8664d35ad3febc395c5312");
}

}  // namespace
}  // namespace rues::crypto
