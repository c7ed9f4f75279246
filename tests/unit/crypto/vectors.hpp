#pragma once

#include <string_view>

/// Values from outside this project that more than one test compares with, in hexadecimal.
namespace rues::crypto::vectors {

// docs/reference/ledger.md 14, the seed of the test profiles
inline constexpr std::string_view kTestSeed =
    "9910666385c437ed2a02a374e9590a7313518c1f26510a2e767097f4915a91a8d6f2447b744cdf38c83cbcd9227137ac"
    "1bffb8378fe96d14892214c4fc75dddd";

// docs/reference/ledger.md 14, pk 0
inline constexpr std::string_view kKey0 =
    "86210986871b1690b405458ace24bc6e68253a4ad97326f535568614f1c6d2e3f1c719f51906452e74446bd508af8bee"
    "014707cba8e4ef8e712aecdffd72f0c1a226164f434883fc6b666a2b61e4e4af5cb75dd6e551a28ada83477aabc75aa6";

// docs/reference/ledger.md 14, pk 1
inline constexpr std::string_view kKey1 =
    "8750919e713c45c08ada51c56baaeae98ae8e26935934c5857a0a864e8b9e3c3ace18ed77ae0b064cab369a8bf90bc72"
    "027573b53831e7a84ada02473015f50410ec66d987073c8928d6bbd4f2c309c8b57e8cf7dc8e37253f866ade47fcb33c";

// docs/reference/ledger.md 14, P0 without its padding
inline constexpr std::string_view kRawKey0 =
    "a7d4f3b300143398de3bb3dbd8bc028c9c3dc3f96ef4232d90f56f50792cc06099d8ac05b26c31b719101434867af303"
    "22223d12e05a86423fb2b34624098dea043e30f8c6b8a3ae6e6a34f9307727bef4bbee8f9e14682300a6a5ba0a21180c"
    "711ce0dc6fc302522e18e9ad64a18881a2c2cfc636ffbd2c78cfd4d902986e167004ef61290902e259f3a10751742a05"
    "06f85a74dcc53877d60249427b3420bed341d11b3f56a61be4262bc87abd55ba651033583772d46147f1d7996cb9da05"
    "00";

// docs/reference/ledger.md 14.1, the message of the transfer
inline constexpr std::string_view kTransferMessage =
    "008750919e713c45c08ada51c56baaeae98ae8e26935934c5857a0a864e8b9e3c3ace18ed77ae0b064cab369a8bf90bc"
    "72027573b53831e7a84ada02473015f50410ec66d987073c8928d6bbd4f2c309c8b57e8cf7dc8e37253f866ade47fcb3"
    "3c86210986871b1690b405458ace24bc6e68253a4ad97326f535568614f1c6d2e3f1c719f51906452e74446bd508af8b"
    "ee014707cba8e4ef8e712aecdffd72f0c1a226164f434883fc6b666a2b61e4e4af5cb75dd6e551a28ada83477aabc75a"
    "a64d0000000000000000000000000000000065cd1d0000000001000000000000000100000000000000";

inline constexpr std::string_view kTransferSignature =
    "b73f5622e8968c8a8cc8584e8a455ceb531628dc69fbd499f37fa0dbdfb42676b9bad378aaf5b950e650bbfcd9c39a4c";

inline constexpr std::string_view kTransferId = "47268c27fa611d615cc17861412f5ee7961e5727530ff1933a01b9b0eea2a44c";

// docs/reference/ledger.md 14.4, a signature in raw form without its padding
inline constexpr std::string_view kRawStakeSignature =
    "ea73054cb738e11d7787074a91e20ed1de27d6ed0b0dae84069468f5a02b15aa79013a251f153bda35ff412fc5cfe70a"
    "9d8c8e7db5a3b37ca4fdadcc73b1582ed261320b4c3a326ac9c1355015ad4c7815fec886616adfba3b4b802349689d03"
    "00";

// docs/reference/ledger.md 2.7
inline constexpr std::string_view kSecret = "fea927ad5c2e47affd0264deb31e83d1c353d26fa9132c4835adf3299613b75b";

inline constexpr std::string_view kPublic =
    "932c8e9fa1e37f725c9dfcbfa2a9f999aed4dc2b8e99241c3e6d2bda07e2ada876062239e65a585b88eaaf6b4fd85e8c"
    "0fe28fb5f9ef9f43f6fdffedf434ad89f94a9523a64666e4544b86ff2658021700ac9b1d4afc9f4cf7670ed6eb6c3185";

inline constexpr std::string_view kMultisigKey =
    "98af9354e90d31d40717b12b555671ba8e03db1f874dfcb436ada5a96be3b8fadbc8e8391d60cc1c6f9f74351d56a568"
    "0dce359ebd7fd89207a77dacf3799b537bb40cbc72f4654fd2c85bfd98867912fbe7bac826cb41781903301a4e6aa544";

// The first transaction of the recorded transactions/moonlight.hex: its message by docs/reference/ledger.md 1.4, its
// sender and signature
inline constexpr std::string_view kV1Message =
    "fa8d31d41cb190cb54fab965d3edba820a8e8fc5cdf5df2ef0b17ed7b318c290808564ec96651502cb086f4e2317de88"
    "441376dca3359fcf084a904343591c9c6d420dea1e576a957120af2ea4c46ef9d3bb1394ad3cbc92413c59b1ce518c08"
    "50b6532a7b799b7911b4631bb91c07f2d1b10b0641cdb8fdf53bfc8194c9700e22d2fe0068142786be7a79cce92920d2"
    "a518dd851e2d7ee65addb2d79f7a8f8487d6df24627a5bf74428e060be27adca21250cb3382c2a4c8b4a78b699c1d752"
    "c940420f0000000000000000000000000000e1f5050000000001000000000000000100000000000000";

inline constexpr std::string_view kV1Signature =
    "a1684a2771ef0a7c71f1e681951e98c823c0eeac4a9aab1f561223b68b35d0dc25b0ffdad5aa89f78fd859b94a1ae184";

// The sender follows the chain id.
inline constexpr std::string_view kV1Sender = kV1Message.substr(2, 192);

}  // namespace rues::crypto::vectors
