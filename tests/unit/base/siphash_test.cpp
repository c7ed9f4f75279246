#include "base/siphash.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace rues::base {
namespace {

// github.com/veorq/SipHash, vectors.h, vectors_sip64: key 00..0f, messages 00, 00 01, …; the value for 15 bytes is in
// appendix A of the paper too
TEST(SipHash, gives_the_published_values) {
    constexpr std::pair<std::size_t, std::uint64_t> kVectors[] = {
        {0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd},  {2, 0x0d6c8009d9a94f5a},  {3, 0x85676696d7fb7e2d},
        {4, 0xcf2794e0277187b7},  {5, 0x18765564cd99a68d},  {6, 0xcbc9466e58fee3ce},  {7, 0xab0200f58b01d137},
        {8, 0x93f5f5799a932462},  {9, 0x9e0082df0ba9e4b0},  {10, 0x7a5dbbc594ddb9f3}, {11, 0xf4b32f46226bada7},
        {12, 0x751e8fbc860ee5fb}, {15, 0xa129ca6149be45e5}, {16, 0x3f2acc7f57c29bdb}, {63, 0x958a324ceb064572},
    };
    const auto key = *array_from_hex<16>("000102030405060708090a0b0c0d0e0f");
    Bytes message;
    for (int i = 0; i < 64; ++i) message.push_back(static_cast<std::byte>(i));

    for (const auto& [size, hash] : kVectors) EXPECT_EQ(siphash(key, ByteView(message).first(size)), hash) << size;
}

TEST(SipHash, another_key_gives_another_hash) {
    const auto text = view("the same");
    EXPECT_NE(siphash(HashKey{}, text), siphash(HashKey{std::byte{1}}, text));
}

}  // namespace
}  // namespace rues::base
