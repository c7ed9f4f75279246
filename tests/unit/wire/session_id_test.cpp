#include "wire/session_id.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.hpp"

namespace rues::wire {
namespace {

const SessionIdCipher kCipher(*base::array_from_hex<16>("000102030405060708090a0b0c0d0e0f"));

// FIPS 197, appendix C.1: the block 00112233445566778899aabbccddeeff under this key
TEST(SessionId, is_one_aes_128_block) {
    const SessionAddress address{
        .node = 0x00, .loop = 0x2211, .slot = 0x554433, .random = *base::array_from_hex<10>("66778899aabbccddeeff")};

    EXPECT_EQ(to_string(kCipher.seal(address)), "69c4e0d86a7b0430d8cdb78070b4c55a");
    EXPECT_EQ(kCipher.open(*parse_session_id("69c4e0d86a7b0430d8cdb78070b4c55a")), address);
}

TEST(SessionId, text_is_32_hex_digits_of_either_case) {
    EXPECT_EQ(parse_session_id(" 69C4E0d86a7b0430d8cdb78070b4c55a\t"),
              parse_session_id("69c4e0d86a7b0430d8cdb78070b4c55a"));
    for (const auto text : {"", "xyz", "69c4e0d86a7b0430d8cdb78070b4c55", "69c4e0d86a7b0430d8cdb78070b4c55a0",
                            "69c4e0d86a7b0430d8cdb78070b4c55g", "0x69c4e0d86a7b0430d8cdb78070b4c5"}) {
        EXPECT_FALSE(parse_session_id(text)) << text;
    }
}

TEST(SessionId, opening_undoes_sealing) {
    static_assert(8 * sizeof SessionAddress::random >= 80, "enough random bits that nobody can guess an id");
    EXPECT_TRUE(rc::check([] {
        SessionAddress address{.node = *rc::gen::arbitrary<std::uint8_t>(),
                               .loop = *rc::gen::arbitrary<std::uint16_t>(),
                               .slot = *rc::gen::inRange<std::uint32_t>(0, 1 << 24),
                               .random = {}};
        address.random.fill(static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>()));
        const SessionId id = kCipher.seal(address);
        RC_ASSERT(kCipher.open(id) == address);
        RC_ASSERT(parse_session_id(to_string(id)) == id);
    }));
}

TEST(SessionId, comparison_finds_a_difference_in_every_byte) {
    const SessionId id{};
    for (std::size_t i = 0; i < id.size(); ++i) {
        SessionId other = id;
        other[i] = std::byte{1};
        EXPECT_FALSE(equal_in_constant_time(id, other)) << i;
    }
    EXPECT_TRUE(equal_in_constant_time(id, SessionId{}));
}

}  // namespace
}  // namespace rues::wire
