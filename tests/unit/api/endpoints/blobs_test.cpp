#include "unit/api/fixture.hpp"

namespace rues::api {
namespace {

using BlobsTest = test::ApiTest;

// docs/reference/protocol.md 8.6. The hash of 48 zero bytes is from `head -c 48 /dev/zero | sha256sum`; its first byte
// is the version.
TEST_F(BlobsTest, a_commitment_is_looked_up_by_its_versioned_hash) {
    EXPECT_EQ(
        ask("POST", "/on/blobs:" + std::string(96, '0') + "/commitment").body,
        R"({"error":"Not found: Blob with versioned hash 01b0761f87b081d5cf10757ccc89f12be355c70e2e29df288b65b30710dcbcd1 not found"})");
}

TEST_F(BlobsTest, a_malformed_hash_is_400_and_an_unknown_one_404) {
    EXPECT_EQ(ask("POST", "/on/blobs:zz/hash").body, R"({"error":"Invalid input: hash not hex"})");
    EXPECT_EQ(ask("POST", "/on/blobs:00/hash").body, R"({"error":"Invalid input: hash length"})");
    EXPECT_EQ(ask("POST", "/on/blobs:zz/commitment").body, R"({"error":"Invalid input: commitment not hex"})");
    EXPECT_EQ(ask("POST", "/on/blobs:" + std::string(64, '0') + "/hash").status, 404U);
    EXPECT_EQ(ask("POST", "/on/blobs:" + std::string(64, '0') + "/nothing").status, 501U);
}

}  // namespace
}  // namespace rues::api
