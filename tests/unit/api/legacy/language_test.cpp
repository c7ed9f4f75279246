#include "api/legacy/language.hpp"

#include <gtest/gtest.h>

namespace rues::api::legacy {
namespace {

// A request may have 3 MiB of data, and a loop handles it.
TEST(LegacyLanguage, the_data_of_a_text_is_not_copied_on_its_way_to_the_route) {
    const std::string frame =
        R"({"headers":{},"event":{"target":{"type":"Host","name":"rusk"},"topic":"preverify","data":"0x0102"}})";
    auto asked = read_text(frame);
    ASSERT_TRUE(asked) << asked.error();
    ASSERT_FALSE(asked->data.empty());
    const auto expected = base::to_bytes(asked->data);
    const std::byte* const before = asked->data.data();

    const auto taken = asked->take_data();

    EXPECT_EQ(taken, expected);
    EXPECT_EQ(taken.data(), before);
    EXPECT_TRUE(asked->data.empty());
}

TEST(LegacyLanguage, data_that_is_only_a_part_of_other_bytes_is_copied) {
    Asked asked;
    asked.own = base::to_bytes(std::string_view("abcdef"));
    asked.data = base::ByteView(asked.own).first(3);

    EXPECT_EQ(asked.take_data(), base::to_bytes(std::string_view("abc")));
}

}  // namespace
}  // namespace rues::api::legacy
