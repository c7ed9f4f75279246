#include "support/blobs.hpp"

#include <future>

#include "unit/api/fixture.hpp"

namespace rues::api {
namespace {

using rues::test::full_blob;
using rues::test::hello_blob;

class BlobsTest : public test::ApiTest {
protected:
    void SetUp() override {
        ApiTest::SetUp();
        chain_->start();
    }
    static ledger::Transaction carrying(std::vector<ledger::Blob> blobs) {
        const auto key = crypto::account_key(ledger::local_chain_seed(), 1);
        ledger::Moonlight body;
        body.sender = key.public_key();
        body.gas_limit = 10'000'000;
        body.gas_price = 1;
        body.nonce = 1;
        body.data = ledger::Blobs{std::move(blobs)};
        return ledger::sign(std::move(body), key);
    }
    Answer post(const std::string& topic, const ledger::Transaction& tx) {
        return ask("POST", "/on/transactions/" + topic, "Content-Type: application/octet-stream\r\n",
                   std::string(base::text(tx.encode(ledger::Envelope::aegis))));
    }
    void mine() {
        std::promise<void> done;
        chain_->mine(1, [&](const chain::Numbered& made) {
            EXPECT_TRUE(made);
            done.set_value();
        });
        done.get_future().wait();
    }
    Answer look_up(const std::string& what, base::ByteView name, const std::string& headers = {}) {
        return ask("POST", "/on/blobs:" + base::to_hex(name) + "/" + what, headers);
    }
};

std::string bytes_of(const rues::test::KnownBlob& blob) {
    base::Bytes out = base::to_bytes(base::ByteView(blob.commitment));
    base::append(out, blob.proof);
    base::append(out, blob.data);
    return std::string(base::text(out));
}

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

// docs/reference/protocol.md 5.3, 8.6
TEST_F(BlobsTest, an_included_blob_is_sent_as_hex_as_bytes_and_as_json) {
    const auto blob = full_blob();
    ASSERT_EQ(post("propagate", carrying({blob.with_sidecar()})).status, 202U);
    mine();
    const auto bytes = bytes_of(blob);
    const auto json = R"({"commitment":")" + base::to_hex(blob.commitment) + R"(","data":")" + base::to_hex(blob.data) +
                      R"(","proof":")" + base::to_hex(blob.proof) + R"("})";
    const std::pair<std::string, base::Bytes> names[] = {
        {"hash", base::to_bytes(base::ByteView(blob.hash()))},
        {"commitment", base::to_bytes(base::ByteView(blob.commitment))}};

    for (const auto& [what, name] : names) {
        SCOPED_TRACE(what);
        const auto hex = look_up(what, name);
        EXPECT_EQ(hex.status, 200U);
        EXPECT_TRUE(hex.body == base::to_hex(base::view(bytes)));
        EXPECT_TRUE(look_up(what, name, "Accept: application/octet-stream\r\n").body == bytes);
        const auto object = look_up(what, name, "Content-Type: application/json\r\n");
        EXPECT_TRUE(object.body == json) << object.body.substr(0, 200);
    }
    EXPECT_EQ(look_up("hash", hello_blob().hash()).status, 404U);
}

TEST_F(BlobsTest, the_words_of_admission_come_with_400) {
    auto forged = hello_blob().with_sidecar();
    forged.sidecar->proof = full_blob().proof;
    const auto tx = carrying({forged});
    const auto refused = R"({"error":"Invalid input: Tx )" + base::to_hex(tx.id()) +
                         R"( not accepted: Invalid blob: KZG proof verification failed"})";

    for (const auto* topic : {"preverify", "propagate"}) {
        const auto answer = post(topic, tx);
        EXPECT_EQ(answer.status, 400U);
        EXPECT_EQ(answer.body, refused);
    }
}

// docs/reference/ledger.md 3.2 #1: six blobs fit, also as hex text; eight do not.
TEST_F(BlobsTest, bodies_with_six_blobs_are_taken_and_a_transaction_beyond_a_megabyte_is_refused) {
    const auto six = carrying(std::vector(6, full_blob().with_sidecar()));
    const auto eight = carrying(std::vector(8, full_blob().with_sidecar()));

    EXPECT_EQ(post("preverify", six).status, 202U);
    EXPECT_EQ(
        ask("POST", "/on/transactions/preverify", {}, "0x" + base::to_hex(six.encode(ledger::Envelope::aegis))).status,
        202U);
    EXPECT_EQ(post("preverify", eight).body, R"({"error":"Invalid input: Tx )" + base::to_hex(eight.id()) +
                                                 " not accepted: Maximum transaction size exceeded " +
                                                 std::to_string(eight.size()) + R"("})");
}

}  // namespace
}  // namespace rues::api
