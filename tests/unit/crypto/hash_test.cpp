#include "crypto/hash.hpp"

#include <gtest/gtest.h>

#include <bit>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "crypto/blake3_paths.hpp"
#include "crypto/bls.hpp"
#include "unit/crypto/vectors.hpp"

namespace rues::crypto {
namespace {

using base::to_hex;
using base::view;

base::Bytes pattern(std::size_t length) {
    base::Bytes out(length);
    for (std::size_t i = 0; i < length; ++i) out[i] = static_cast<std::byte>(i % 251);
    return out;
}

template <std::size_t N>
std::string hex_of_fill(void (*fill)(const Hash32&, std::span<std::byte>), const Hash32& key) {
    ByteArray<N> out;
    fill(key, out);
    return to_hex(out);
}

TEST(Hash, published_digests_of_abc) {
    // FIPS 180-4
    EXPECT_EQ(to_hex(sha1(view("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(to_hex(sha256(view("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha512(view("abc"))),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    // FIPS 202
    EXPECT_EQ(to_hex(sha3_256(view("abc"))), "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
    // RFC 7693 appendix A
    EXPECT_EQ(to_hex(blake2b_512(view("abc"))),
              "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
              "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

TEST(Hash, keccak256_is_ethereums) {
    // Ethereum, yellow paper: the hash of nothing, and of the RLP of nothing
    EXPECT_EQ(to_hex(keccak256({})), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_EQ(to_hex(keccak256(*base::from_hex("80"))),
              "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
    // ERC-20: the topic of Transfer
    EXPECT_EQ(to_hex(keccak256(view("Transfer(address,address,uint256)"))),
              "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
}

TEST(Hash, keccak256_of_messages_around_its_blocks) {  // made with the Python package pycryptodome
    constexpr std::pair<std::size_t, std::string_view> cases[] = {
        {1, "bc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a"},
        {55, "797f92d5e159d80a886c0a7802a255b475a1e8e473e8cf4345144824a2aee79c"},
        {135, "cbdfd9dee5faad3818d6b06f95a219fd290b0e1706f6a82e5a595b9ce9faca62"},
        {136, "7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e"},
        {137, "ac73d4fae68b8453f764007c1a20ce95994187861f0c3227a3a8e99a73a3b1db"},
        {271, "27eceb59ebc3dc8a04a5b135be641591a7278540e4556a2ba9f408194e666ec3"},
        {272, "8e2476e65823b24d96ebe239f2c1534cdf763e689e2410c3b1cb0c74e6177bfc"},
        {1000, "af692982e84a5a9688359025660a7857cd28ee7c8d867cfa1677baf2e6d1f63b"},
        {65528, "6b17fe873324ef1655b45be3cc0525e799e8524b367f55f744bfd770327c4128"},
    };
    for (const auto& [size, expected] : cases) EXPECT_EQ(to_hex(keccak256(pattern(size))), expected) << size;
}

TEST(Hash, published_digests_of_the_empty_message) {
    ByteArray<32> out;
    shake128({}, out);

    EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha3_256({})), "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
    EXPECT_EQ(to_hex(out), "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26");
}

TEST(Hash, messages_and_outputs_may_be_longer_than_a_block) {  // made with Python's hashlib
    base::Bytes out(400);
    shake128(pattern(200), out);

    EXPECT_EQ(to_hex(sha256(out)), "38baf1ee7d97519dcce918b2f29e83605f1b40be8da4bbad02384b73ad1d4d56");
    EXPECT_EQ(to_hex(blake2b_256(pattern(300))), "940563f11807c8ba3192299e05cf544b82463742c8a5e80c2a5d81751cd8b0ca");
}

TEST(Hash, blake2b_256_is_not_a_cut_of_blake2b_512) {  // the length is part of its parameters, RFC 7693 2.5
    EXPECT_EQ(to_hex(blake2b_256(view("abc"))), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST(Hash, the_salt_of_pbkdf2_counts) {  // BIP-39's first vector, passphrase TREZOR
    const auto phrase =
        view("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about");
    EXPECT_EQ(to_hex(pbkdf2_sha512(phrase, view("mnemonicTREZOR"), 2048)),
              "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e5349553"
              "1f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04");
}

TEST(Hash, hash_to_scalar_gives_the_id_of_a_transaction) {  // docs/reference/ledger.md 1.5, 14.1
    const auto hashed =
        *base::from_hex(std::string(vectors::kTransferMessage) + std::string(vectors::kTransferSignature));
    EXPECT_EQ(to_hex(hash_to_scalar(hashed)), vectors::kTransferId);
}

// Made with the `blake3` package of PyPI over the bytes i mod 251, the pattern of the specification's own vectors.
TEST(Blake3, lengths_around_blocks_chunks_and_subtrees_hash_as_published) {
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
        {3145745, "26003c63117013de5d02be76e5e32a2f75bfbc075f17180fd5f9f0b4752d2bfe"},
    };
    for (const auto& [length, expected] : cases) {
        EXPECT_EQ(to_hex(blake3(pattern(length))), expected) << length;
    }
}

constexpr Blake3Path kPaths[] = {Blake3Path::one, Blake3Path::four, Blake3Path::eight, Blake3Path::sixteen};

/// SHA-256 over the hashes of the first 0, 1, ... 5000 bytes of the pattern.
std::string hash_of_hashes(Blake3Path path) {
    const base::Bytes message = pattern(5000);
    base::Bytes hashes;
    for (std::size_t size = 0; size <= message.size(); ++size) {
        base::append(hashes, blake3_by(path, base::ByteView(message).first(size)));
    }
    return to_hex(sha256(hashes));
}

TEST(Blake3, every_path_hashes_every_length_as_the_reference_does) {  // made with the Python package blake3 1.0
    for (const auto path : kPaths) {
        if (!blake3_has(path)) continue;
        EXPECT_EQ(hash_of_hashes(path), "09c356c5075782d33a49b1aa343e46f098a489ed198ad552a0183a64ad9221fd")
            << static_cast<int>(path);
        EXPECT_EQ(to_hex(blake3_by(path, pattern(65'536))),
                  "68d647e619a930e7b1082f74f334b0c65a315725569bdc123f0ee11881717bfe")
            << static_cast<int>(path);
    }
    EXPECT_TRUE(blake3_has(Blake3Path::four));
}

TEST(Blake3, every_path_hashes_long_messages_alike) {
    for (const std::size_t chunks : {4U, 7U, 8U, 12U, 16U, 31U, 32U, 63U, 64U, 65U, 127U, 128U, 200U, 257U}) {
        for (const std::size_t more : {0U, 1U, 64U, 1023U}) {
            const base::Bytes message = pattern(chunks * 1024 + more);
            const Hash32 expected = blake3_by(Blake3Path::one, message);
            EXPECT_EQ(blake3(message), expected) << message.size();
            for (const auto path : kPaths) {
                if (!blake3_has(path)) continue;
                EXPECT_EQ(blake3_by(path, message), expected) << message.size();
            }
        }
    }
}

/// The values of all parts of a message, which has parts of `chunks` chunks.
std::vector<Hash32> part_values(Blake3Path path, base::ByteView message, std::size_t chunks) {
    std::vector<Hash32> values(message.size() / (chunks * kBlake3Chunk));
    std::vector<Blake3Part> parts;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t size = chunks * kBlake3Chunk;
        parts.push_back({message.subspan(i * size, size), i * chunks, &values[i]});
    }
    blake3_parts_by(path, parts);
    return values;
}

TEST(Blake3, a_hash_put_together_of_its_parts_is_that_of_the_message) {
    for (const auto path : kPaths) {
        if (!blake3_has(path)) continue;
        for (const std::size_t chunks : {1U, 2U, 4U, 16U, 64U}) {
            for (const std::size_t parts : {2U, 4U, 16U, 64U}) {
                const base::Bytes message = pattern(parts * chunks * kBlake3Chunk);
                EXPECT_EQ(blake3_of_parts_by(path, part_values(path, message, chunks)),
                          blake3_by(Blake3Path::one, message))
                    << static_cast<int>(path) << ", " << parts << " of " << chunks;
            }
        }
    }
    EXPECT_EQ(to_hex(blake3_of_parts(part_values(Blake3Path::four, pattern(65'536), 4))),
              "68d647e619a930e7b1082f74f334b0c65a315725569bdc123f0ee11881717bfe");
}

TEST(Blake3, only_the_parts_that_changed_are_computed_again) {
    base::Bytes first = pattern(65'536);
    base::Bytes second = pattern(65'536 + 100);
    second.erase(second.begin(), second.begin() + 100);
    auto of_first = part_values(Blake3Path::one, first, 4);
    auto of_second = part_values(Blake3Path::one, second, 4);
    std::vector<Blake3Part> changed;
    for (const std::size_t part : {0U, 3U, 15U}) {
        first[part * 4096 + part] ^= std::byte{1};
        changed.push_back({base::ByteView(first).subspan(part * 4096, 4096), part * 4, &of_first[part]});
    }
    second[4095] ^= std::byte{1};
    changed.push_back({base::ByteView(second).first(4096), 0, of_second.data()});

    blake3_parts(changed);

    EXPECT_EQ(blake3_of_parts(of_first), blake3(first));
    EXPECT_EQ(blake3_of_parts(of_second), blake3(second));
}

// Made with the crate rand_chacha 0.3: ChaCha12Rng of the key 00 01 .. 1f.
TEST(Chacha12, the_stream_goes_on_after_a_block_and_may_end_inside_one) {
    Hash32 key;
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::byte>(i);

    EXPECT_EQ(hex_of_fill<160>(chacha12, key),
              "f231f9ffd17ac65e4405f325d7e940aa4913601fc2be46bce9c3cac3d91a1a365940b308c2857c9f"
              "29d6e2548528d49a612b1b0ae6765d16e585aefb463688796cfa9aa0833b72e0db5c15523dd18346"
              "358e0ceb2e1b6448049d30327eee851622c65ea358aab7d50d49d2d9151bebc0d9d4261f48cc6c65"
              "7f8a2b3ce7e08f88fe769153ca48a6f44c778ee379c8783d035da5d9969d22db0209962b74d41715");
    EXPECT_EQ(hex_of_fill<5>(chacha12, key), "f231f9ffd1");
}

// docs/reference/ledger.md 2.6: StdRng::seed_from_u64 fills a key by PCG steps; docs/reference/ledger.md 2.7: its first
// 64 bytes for 0xbeef are a secret key.
TEST(Chacha12, gives_the_secret_key_of_the_reference) {
    ByteArray<64> wide;
    chacha12(chacha12_key(0xbeef), wide);

    EXPECT_EQ(to_hex(wide_scalar(wide)), vectors::kSecret);
}

}  // namespace
}  // namespace rues::crypto
