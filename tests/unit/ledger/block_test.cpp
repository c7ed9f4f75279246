#include "ledger/block.hpp"

#include <gtest/gtest.h>

#include "accounts.hpp"
#include "crypto/hash.hpp"

namespace rues::ledger {
namespace {

using base::to_hex;
using test::hash_of;
using test::profile;
using test::transfer_77;

template <std::size_t N>
ByteArray<N> filled(unsigned value) {
    ByteArray<N> out;
    out.fill(static_cast<std::byte>(value));
    return out;
}

/// A header in which no two fields are equal.
Header any_header() {
    Header h;
    h.height = 7;
    h.timestamp = 1'795'312'628;
    h.prev_block_hash = filled<32>(1);
    h.seed = filled<48>(2);
    h.state_hash = filled<32>(3);
    h.event_bloom = filled<256>(4);
    h.generator = profile(0).public_key().bytes();
    h.txroot = filled<32>(5);
    h.faultroot = filled<32>(6);
    h.gas_limit = 3'000'000'000;
    h.iteration = 2;
    h.prev_block_cert = {
        true, {Vote::Kind::valid, filled<32>(7)}, {1, filled<48>(8)}, {~std::uint64_t{0}, filled<48>(9)}};
    h.failed_iterations = {std::nullopt,
                           FailedIteration{{false, {Vote::Kind::no_candidate, {}}, {3, filled<48>(10)}, {}},
                                           profile(1).public_key().bytes()}};
    h.attestation = {false, {Vote::Kind::invalid, filled<32>(11)}, {}, {5, filled<48>(12)}};
    h.hash = filled<32>(13);
    h.signature = filled<48>(14);
    return h;
}

TEST(Header, sizes_equal_the_reference) {  // docs/reference/ledger.md 10.1
    Header h;
    EXPECT_EQ(h.hashable().size(), 669U);
    EXPECT_EQ(h.encode().size(), 863U);
    h.prev_block_cert.vote.kind = Vote::Kind::valid;
    EXPECT_EQ(h.hashable().size(), 701U);
}

TEST(Header, the_genesis_hash_of_a_zero_state_equals_the_reference) {  // docs/reference/ledger.md 10.9
    EXPECT_EQ(to_hex(Genesis{}.header({}, 0).hash), "d672dd9c889cc5e0ad9b14b790a46ee15c650c559e487b485675b4770f173815");
}

TEST(Header, a_stored_header_is_read_back) {
    const Header h = any_header();
    const Bytes bytes = h.encode();

    EXPECT_EQ(Header::decode(bytes), h);
    for (std::size_t length = 0; length < bytes.size(); ++length)
        EXPECT_FALSE(Header::decode(ByteView(bytes).first(length))) << length;
    Bytes longer = bytes;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(Header::decode(longer));
}

TEST(Header, an_unknown_tag_is_refused) {  // docs/reference/ledger.md 10.3
    constexpr std::size_t kCertificate = 669 - 115;
    for (const std::size_t at : {kCertificate, kCertificate + 1}) {
        Bytes bytes = Header().encode();
        bytes[at] = std::byte{4};
        EXPECT_FALSE(Header::decode(bytes)) << at;
    }
}

TEST(Header, a_header_is_read_back_from_its_json_in_either_order) {
    Header h = any_header();
    h.attestation = {};  // not part of the JSON (docs/reference/ledger.md 10.6)

    EXPECT_EQ(Header::from_json(h.to_json()), h);
    EXPECT_EQ(Header::from_json(h.to_json_declared()), h);
    EXPECT_EQ(base::json::print(h.to_json()), base::json::print(base::json::sorted(h.to_json_declared())));
}

TEST(Header, malformed_json_is_an_error_that_names_the_member) {
    auto json = any_header().to_json();
    json["seed"] = "00";
    EXPECT_EQ(Header::from_json(json).error(), "header member seed is missing or of the wrong form");
    json = any_header().to_json();
    json.erase("iteration");
    EXPECT_EQ(Header::from_json(json).error(), "header member iteration is missing or of the wrong form");
    json = any_header().to_json();
    json["version"] = 256;
    EXPECT_EQ(Header::from_json(json).error(), "header member version is missing or of the wrong form");
    json = any_header().to_json();
    json["failed_iterations"] = base::json::array(256, nullptr);
    EXPECT_FALSE(Header::from_json(json));
}

// docs/reference/ledger.md 14.1, docs/reference/rusk-1.7.md 7.1
TEST(TxRoot, the_root_of_the_reference_transfer_in_both_envelopes) {
    const auto tx = sign(transfer_77(), profile(1));
    const Hash32 aegis = tx.digest(Envelope::aegis), boreas = tx.digest();

    EXPECT_EQ(to_hex(merkle_root({&aegis, 1})), "2519f7c138b9cc44252d453f609f387a737e5d9fae3037c592b5deaeaf314552");
    EXPECT_EQ(to_hex(merkle_root({&boreas, 1})), "b4741c9150b1864e1140ae0d0fc1e1efa9837cb5c4653a9bd51f3024d682f746");
}

TEST(TxRoot, an_unpaired_node_is_paired_with_itself_and_no_leaf_is_zero) {  // docs/reference/ledger.md 10.4
    const auto pair = [](const Hash32& a, const Hash32& b) {
        Bytes both = base::to_bytes(a);
        base::append(both, b);
        return crypto::sha3_256(both);
    };
    const std::array leaves{filled<32>(1), filled<32>(2), filled<32>(3), filled<32>(4), filled<32>(5)};
    const auto [a, b, c, d, e] = leaves;

    EXPECT_EQ(merkle_root({}), Hash32{});
    EXPECT_EQ(merkle_root(std::span(leaves).first(3)), pair(pair(a, b), pair(c, c)));
    const Hash32 ee = pair(e, e);
    EXPECT_EQ(merkle_root(leaves), pair(pair(pair(a, b), pair(c, d)), pair(ee, ee)));
}

TEST(SpentTransaction, the_reference_payload_is_printed_byte_for_byte) {  // docs/reference/ledger.md 14.1
    const std::string account_0 = base::to_base58(profile(0).public_key().bytes());
    const std::string account_1 = base::to_base58(profile(1).public_key().bytes());
    const SpentTransaction spent{sign(transfer_77(), profile(1)), 8, 98'293, std::nullopt};

    EXPECT_EQ(base::json::print(spent.to_json()),
              R"({"block_height":8,"err":null,"gas_spent":98293,"inner":{"call":null,"deposit":0,"fee":)"
              R"({"gas_limit":"500000000","gas_price":"1","refund_address":")" +
                  account_1 + R"("},"is_deploy":false,"memo":null,"nonce":1,"receiver":")" + account_0 +
                  R"(","sender":")" + account_1 + R"(","type":"moonlight","value":77}})");
    EXPECT_TRUE(account_0.starts_with("oCqYsUMR") && account_1.starts_with("ocXXBAaf"));  // docs/reference/ledger.md 14
}

}  // namespace
}  // namespace rues::ledger
