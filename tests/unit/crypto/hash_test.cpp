#include "crypto/hash.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "crypto/keys.hpp"

namespace rues::crypto {
namespace {

using base::to_hex;
using base::view;

TEST(Hash, published_digests) {
    EXPECT_EQ(to_hex(sha256(view("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-4
    EXPECT_EQ(to_hex(sha1(view("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(to_hex(sha3_256(view(""))),
              "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");                  // FIPS 202
    EXPECT_EQ(to_hex(blake2b_512(view("abc"))).substr(0, 32), "ba80a53f981c4d0d6a2797b69f12f6e9");  // RFC 7693 A
    ByteArray<32> out;
    shake128(view(""), out);
    EXPECT_EQ(to_hex(out), "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26");  // FIPS 202
}

// Made with the `blake3` package of PyPI over the bytes i mod 251, the pattern of the specification's own vectors.
TEST(Blake3, lengths_around_blocks_chunks_and_subtrees) {
    const std::pair<std::size_t, std::string_view> cases[] = {
        {0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"},
        {1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"},
        {64, "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98"},
        {65, "de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee"},
        {1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"},
        {1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"},
        {1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"},
        {2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a"},
        {2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030"},
        {3073, "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3"},
        {5121, "628bd2cb2004694adaab7bbd778a25df25c47b9d4155a55f8fbd79f2fe154cff"},
        {31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"},
        {102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"},
    };
    for (const auto& [length, expected] : cases) {
        base::Bytes message(length);
        for (std::size_t i = 0; i < length; ++i) message[i] = static_cast<std::byte>(i % 251);
        EXPECT_EQ(to_hex(blake3(message)), expected) << length;
    }
}

TEST(Keys, accounts_of_the_test_seed_and_the_test_phrase) {  // LM 14
    const auto seed = *base::array_from_hex<64>(
        "9910666385c437ed2a02a374e9590a7313518c1f26510a2e767097f4915a91a8d6f2447b744cdf38c83cbcd9227137ac1bffb8378fe96d"
        "148922"
        "14c4fc75dddd");
    const auto account = [](const Seed& from, std::uint64_t n) {
        return base::to_base58(account_key(from, n).public_key().bytes());
    };

    EXPECT_EQ(account(seed, 0),
              "oCqYsUMRqpRn2kSabH52Gt6FQCwH5JXj5MtRdYVtjMSJ73AFvdbPf98p3gz98fQwNy9ZBiDem6m9BivzURKFSKLYWP3N9JahSPZs9PnZ"
              "996P18rTGAj"
              "QTNFsxtbrKx79yWu");
    EXPECT_EQ(account(seed, 2),
              "u7bwZ53tt9s2g3sfbEqxiuXNeGBrzKNNQakAafrELah29dkKakmFf1gDk56vyYocSse7ABnsPxTDddDkMcrmf1Dgd5L3arznA1rWPHH4"
              "zsYVZdD4ctA"
              "wxMvdKbHkFCgU2Ne");
    EXPECT_EQ(account(*seed_from_phrase("eyebrow milk fan usage maximum exhibit ski nut wing sell alone great"), 0),
              "rvLto5LztqrvHYzWnG8eeypRaN71KbJWD6PZVt5oehMfKpb1tvQePHrKQvMXH6BBTVGLfYPgxwy69Lbg6wM4T9jyXyLB1wXfxBCxCj15"
              "vvCsPhByH6m"
              "SsdM313wh4HaPfRv");
    EXPECT_EQ(to_hex(account_key(Seed{}, 42).bytes()).substr(0, 8), "5f23a7bf");  // LM 2.7
}

TEST(Keys, a_phrase_with_a_wrong_word_count_word_or_checksum_is_refused_with_the_reason) {
    EXPECT_EQ(seed_from_phrase("eyebrow milk").error(), "a phrase has 12, 15, 18, 21 or 24 words, not 2");
    EXPECT_EQ(seed_from_phrase("eyebrow milky fan usage maximum exhibit ski nut wing sell alone great").error(),
              "word 2 of the phrase is not in the BIP-39 English list");
    EXPECT_EQ(seed_from_phrase("milk eyebrow fan usage maximum exhibit ski nut wing sell alone great").error(),
              "the phrase's checksum does not fit its words");
    EXPECT_TRUE(seed_from_phrase("  Eyebrow milk\tfan usage maximum exhibit ski nut wing sell alone\ngreat "));
}

}  // namespace
}  // namespace rues::crypto
