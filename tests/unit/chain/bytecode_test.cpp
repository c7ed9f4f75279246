#include "chain/bytecode.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace rues::chain {
namespace {

bool is_64(std::string_view sections) {
    return declares_memory64(*base::from_hex("0061736d01000000" + std::string(sections)));
}

// The binary format of WebAssembly: section 5 holds memories, each with flags, a minimum and perhaps a maximum; flag 4
// says that addresses have 64 bits.
TEST(Bytecode, a_memory_section_tells_the_kind_of_memory) {
    EXPECT_FALSE(is_64("0503010001"));
    EXPECT_FALSE(is_64("050401010102"));
    EXPECT_TRUE(is_64("0503010401"));
    EXPECT_TRUE(is_64("050401050102"));
    EXPECT_TRUE(is_64("05050200030401"));  // the second of two
}

TEST(Bytecode, other_sections_before_it_are_skipped_and_what_follows_does_not_count) {
    EXPECT_TRUE(
        is_64("0102aabb"
              "0503010401"));
    EXPECT_TRUE(
        is_64("018200aabb"
              "0503010401"));  // a length that is longer than it need be
    EXPECT_FALSE(
        is_64("0503010001"
              "0503010401"));
}

TEST(Bytecode, what_is_no_module_has_no_memory) {
    EXPECT_FALSE(declares_memory64({}));
    EXPECT_FALSE(declares_memory64(base::view("anything at all")));
    EXPECT_FALSE(is_64("05"));
    EXPECT_FALSE(is_64("05ff010401"));
    EXPECT_FALSE(is_64("0500"));
    EXPECT_FALSE(is_64("0501ff"));
    EXPECT_FALSE(is_64("0506ffffffff0f00"));
    EXPECT_FALSE(is_64("05ffffffffffffffff"));
}

}  // namespace
}  // namespace rues::chain
