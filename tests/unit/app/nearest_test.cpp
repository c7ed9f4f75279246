#include "app/nearest.hpp"

#include <gtest/gtest.h>

namespace rues::app {
namespace {

const std::vector<std::string> kKnown{"listen",   "call",        "transfer",    "keys", "store",
                                      "--amount", "--gas-limit", "--gas-price", "-i"};

TEST(Nearest, one_typing_error_is_forgiven) {
    EXPECT_EQ(nearest("lisen", kKnown), "listen");       // missing
    EXPECT_EQ(nearest("lissten", kKnown), "listen");     // too many
    EXPECT_EQ(nearest("listem", kKnown), "listen");      // wrong
    EXPECT_EQ(nearest("trasnfer", kKnown), "transfer");  // exchanged
    EXPECT_EQ(nearest("LISTEN", kKnown), "listen");
    EXPECT_EQ(nearest("listen", kKnown), "listen");
}

TEST(Nearest, dashes_do_not_count) {
    EXPECT_EQ(nearest("-amount", kKnown), "--amount");
    EXPECT_EQ(nearest("--amuont", kKnown), "--amount");
    EXPECT_EQ(nearest("--i", kKnown), "-i");
}

TEST(Nearest, the_beginning_of_exactly_one_word_is_enough) {
    EXPECT_EQ(nearest("trans", kKnown), "transfer");
    EXPECT_EQ(nearest("--gas", kKnown), std::nullopt);
}

TEST(Nearest, a_word_far_from_all_known_words_has_no_nearest) {
    for (const auto* word : {"", "-", "--", "x", "qwertyuiop", "calling-somebody"})
        EXPECT_EQ(nearest(word, kKnown), std::nullopt) << word;
    EXPECT_EQ(nearest(std::string(100'000, 'a'), kKnown), std::nullopt);
}

}  // namespace
}  // namespace rues::app
