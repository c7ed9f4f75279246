#include "phoenix/selection.hpp"

#include <gtest/gtest.h>

namespace rues::phoenix {
namespace {

using Chosen = std::vector<std::size_t>;

Chosen chosen(const std::vector<std::uint64_t>& values, std::uint64_t needed) {
    return select_notes(values, needed).value();
}

TEST(SelectNotes, takes_the_smallest_note_that_is_enough_alone) {
    EXPECT_EQ(chosen({5, 100, 30, 29, 31}, 30), Chosen{2});
    EXPECT_EQ(chosen({5, 100, 30, 29, 31}, 32), Chosen{1});
    EXPECT_EQ(chosen({5, 100, 30, 29, 31}, 5), Chosen{0});
}

TEST(SelectNotes, takes_as_few_notes_as_possible_and_the_smallest_last_one) {
    EXPECT_EQ(chosen({5, 100, 30, 29, 31}, 101), (Chosen{0, 1}));
    EXPECT_EQ(chosen({5, 100, 30, 29, 31}, 130), (Chosen{1, 2}));
    EXPECT_EQ(chosen({5, 100, 30, 29, 31}, 131), (Chosen{1, 4}));
    EXPECT_EQ(chosen({5, 100, 30, 29, 31}, 132), (Chosen{0, 1, 4}));
    EXPECT_EQ(chosen({5, 100, 30, 29, 31}, 190), (Chosen{1, 2, 3, 4}));
}

TEST(SelectNotes, takes_the_first_of_equal_notes) {
    EXPECT_EQ(chosen({7, 7, 7}, 7), Chosen{0});
    EXPECT_EQ(chosen({9, 7, 7, 8}, 16), (Chosen{0, 1}));
    EXPECT_EQ(chosen({7, 7, 7, 7, 7}, 14), (Chosen{0, 1}));
}

TEST(SelectNotes, takes_a_note_even_when_nothing_is_needed) {
    EXPECT_EQ(chosen({3, 0, 2}, 0), Chosen{1});
}

TEST(SelectNotes, says_what_there_is_when_it_is_too_little) {
    const auto none = select_notes({}, 1).error();
    EXPECT_EQ(none.all, 0U);
    EXPECT_EQ(none.notes, 0U);
    const auto poor = select_notes(std::vector<std::uint64_t>{5, 4, 3, 2, 1}, 16).error();
    EXPECT_EQ(poor.all, 15U);
    EXPECT_EQ(poor.most, 14U);
    EXPECT_EQ(poor.notes, 0U);
}

TEST(SelectNotes, says_how_many_notes_would_be_enough) {
    const auto small = select_notes(std::vector<std::uint64_t>{1, 5, 4, 3, 2, 1}, 15).error();
    EXPECT_EQ(small.all, 16U);
    EXPECT_EQ(small.most, 14U);
    EXPECT_EQ(small.notes, 5U);
}

TEST(SelectNotes, counts_sums_beyond_64_bits_as_the_largest_number) {
    constexpr std::uint64_t kMost = UINT64_MAX;
    EXPECT_EQ(chosen({kMost - 1, 9, 8}, kMost), (Chosen{0, 2}));
    EXPECT_EQ(chosen({kMost - 1, kMost - 2}, kMost), (Chosen{0, 1}));
}

}  // namespace
}  // namespace rues::phoenix
