#include "vm/debug_text.hpp"

#include <gtest/gtest.h>

namespace rues::vm {
namespace {

// What `format!("{:?}", text)` of Rust 1.82 prints.
TEST(DebugText, is_what_rust_prints_for_a_string) {
    EXPECT_EQ(debug_text(""), "\"\"");
    EXPECT_EQ(debug_text("it's"), "\"it's\"");
    EXPECT_EQ(debug_text("a\"b\\c"), "\"a\\\"b\\\\c\"");
    EXPECT_EQ(debug_text("\n\r\t"), "\"\\n\\r\\t\"");
    EXPECT_EQ(debug_text(std::string_view("\0\x1b\x7f", 3)), "\"\\0\\u{1b}\\u{7f}\"");
    EXPECT_EQ(debug_text("n\xc3\xb6 \xe2\x82\xac \xf0\x9f\x98\x80"), "\"n\xc3\xb6 \xe2\x82\xac \xf0\x9f\x98\x80\"");
    EXPECT_EQ(debug_text("\xe2\x80\x8b\xef\xbb\xbf"), "\"\\u{200b}\\u{feff}\"");
}

}  // namespace
}  // namespace rues::vm
