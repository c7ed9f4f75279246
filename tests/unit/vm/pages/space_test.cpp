#include "unit/vm/pages/fixture.hpp"

namespace rues::vm {
namespace {

using namespace test;
using Kind = base::Error::Kind;

class SpaceTest : public EveryDetection {};
INSTANTIATE_TEST_SUITE_P(Pages, SpaceTest, kDetections, name_of);

TEST_P(SpaceTest, new_memory_is_zeros_and_growing_is_bounded) {
    ASSERT_TRUE(space_->grow_to(3 * kPage));

    EXPECT_EQ(space_->size(), 3 * kPage);
    EXPECT_EQ(read(*space_, 0), 0U);
    EXPECT_EQ(read(*space_, 3 * kPage - 1), 0U);
    EXPECT_FALSE(space_->grow_to(3 * kPage + 1));
    EXPECT_FALSE(space_->grow_to(2 * kPage));
    EXPECT_FALSE(space_->grow_to(kMaxBytes + kPage));
    EXPECT_TRUE(space_->grow_to(kMaxBytes));
    EXPECT_EQ(read(*space_, kMaxBytes - 1), 0U);
}

TEST_P(SpaceTest, an_image_is_shown_with_zeros_where_nothing_is_stored) {
    ASSERT_TRUE(space_->show(image_of(*file_, 6, {1, 2, 4})));

    EXPECT_EQ(space_->size(), 6 * kPage);
    for (std::uint64_t page = 0; page < 6; ++page) {
        const unsigned expected = page == 1 || page == 2 || page == 4 ? static_cast<unsigned>(page) : 0;
        EXPECT_EQ(read(*space_, page * kPage), expected);
        EXPECT_EQ(read(*space_, page * kPage + kPage - 1), expected);
    }
}

TEST_P(SpaceTest, what_is_written_is_private_to_the_space) {
    const Image image = image_of(*file_, 3, {0, 1});
    const auto other = space(file_);
    ASSERT_TRUE(space_->show(image));
    ASSERT_TRUE(other->show(image));

    write(*space_, 5, 77);
    write(*space_, 2 * kPage, 78);

    EXPECT_EQ(read(*other, 5), 0U);
    EXPECT_EQ(read(*other, 2 * kPage), 0U);
    EXPECT_EQ(image.page(0)->bytes()[5], std::byte{0});
}

TEST_P(SpaceTest, showing_another_image_forgets_what_was_written_and_kept) {
    const Image first = image_of(*file_, 4, {0, 1, 3});
    const Image second = image_of(*file_, 2, {1});
    ASSERT_TRUE(space_->show(first));
    write(*space_, 0, 9);
    write(*space_, kPage, 9);
    write(*space_, 2 * kPage, 9);
    ASSERT_TRUE(space_->keep());
    write(*space_, kPage + kPiece, 9);
    ASSERT_TRUE(space_->grow_to(5 * kPage));
    write(*space_, 4 * kPage, 9);

    ASSERT_TRUE(space_->show(second));

    EXPECT_EQ(space_->size(), 2 * kPage);
    EXPECT_FALSE(space_->has_kept());
    ASSERT_TRUE(space_->grow_to(5 * kPage));
    for (std::uint64_t at = 0; at < 5 * kPage; at += kPiece) EXPECT_EQ(read(*space_, at), at / kPage == 1 ? 1U : 0U);
    ASSERT_TRUE(space_->show(first));
    EXPECT_EQ(read(*space_, 0), 0U);
    EXPECT_EQ(read(*space_, 2 * kPage), 0U);
    EXPECT_EQ(read(*space_, 3 * kPage), 3U);
}

TEST_P(SpaceTest, undo_goes_back_to_the_last_keep) {
    ASSERT_TRUE(space_->show(image_of(*file_, 2, {0, 1})));
    write(*space_, 10, 1);
    ASSERT_TRUE(space_->grow_to(4 * kPage));
    write(*space_, 2 * kPage, 2);
    ASSERT_TRUE(space_->keep());
    write(*space_, 10, 11);
    write(*space_, kPage, 12);
    write(*space_, 2 * kPage, 13);
    ASSERT_TRUE(space_->grow_to(6 * kPage));
    write(*space_, 5 * kPage, 14);

    ASSERT_TRUE(space_->undo());

    EXPECT_EQ(space_->size(), 4 * kPage);
    EXPECT_EQ(read(*space_, 10), 1U);
    EXPECT_EQ(read(*space_, kPage), 1U);
    EXPECT_EQ(read(*space_, 2 * kPage), 2U);
    ASSERT_TRUE(space_->grow_to(6 * kPage));
    EXPECT_EQ(read(*space_, 5 * kPage), 0U);
}

TEST_P(SpaceTest, undo_without_keep_goes_back_to_the_image) {
    const Image image = image_of(*file_, 3, {0, 2});
    ASSERT_TRUE(space_->show(image));
    for (int round = 0; round < 3; ++round) {
        for (std::uint64_t page = 0; page < 3; ++page) write(*space_, page * kPage + 100, 99);

        ASSERT_TRUE(space_->undo());

        for (std::uint64_t page = 0; page < 3; ++page)
            EXPECT_EQ(read(*space_, page * kPage + 100), page == 2 ? 2U : 0U);
    }
    EXPECT_TRUE(space_->seal()->pages.empty());
    EXPECT_EQ(space_->image(), image);
}

TEST_P(SpaceTest, seal_makes_an_image_of_what_was_kept) {
    const Image before = image_of(*file_, 3, {0, 1}, Image::Memory::memory64);
    ASSERT_TRUE(space_->show(before));
    write(*space_, kPage + 7, 50);
    ASSERT_TRUE(space_->grow_to(5 * kPage));
    write(*space_, 4 * kPage, 51);
    ASSERT_TRUE(space_->keep());
    write(*space_, 0, 52);

    const Sealed sealed = space_->seal().value();

    EXPECT_EQ(sealed.pages, (std::vector<std::uint32_t>{1, 4}));
    EXPECT_EQ(sealed.image.size_pages(), 5U);
    EXPECT_EQ(stored(sealed.image), (std::vector<std::uint32_t>{0, 1, 4}));
    base::Bytes one = page_of(1);
    one[7] = std::byte{50};
    base::Bytes four = page_of(0);
    four[0] = std::byte{51};
    EXPECT_TRUE(base::equal(sealed.image.page(1)->bytes(), one));
    EXPECT_EQ(sealed.image.page(1)->hash(), crypto::blake3(one));
    EXPECT_TRUE(base::equal(sealed.image.page(4)->bytes(), four));
    EXPECT_EQ(*sealed.image.page(0), *before.page(0));
    EXPECT_EQ(sealed.image.root(), Image::make(before.memory(), 5, sealed.image.pages())->root());
    EXPECT_EQ(read(*space_, 0), 52U) << "what was not kept stays written";
    ASSERT_TRUE(space_->undo());
    EXPECT_EQ(read(*space_, 0), 0U);
    EXPECT_EQ(read(*space_, 4 * kPage), 51U);
}

TEST_P(SpaceTest, an_image_never_changes_after_it_was_sealed) {
    ASSERT_TRUE(space_->grow_to(kPage));
    write(*space_, 0, 1);
    ASSERT_TRUE(space_->keep());
    const Image first = space_->seal()->image;

    write(*space_, 0, 2);
    write(*space_, kPiece, 2);
    ASSERT_TRUE(space_->keep());
    const Image second = space_->seal()->image;

    EXPECT_EQ(first.page(0)->bytes()[0], std::byte{1});
    EXPECT_EQ(first.page(0)->bytes()[kPiece], std::byte{0});
    EXPECT_EQ(second.page(0)->bytes()[0], std::byte{2});
    EXPECT_EQ(second.page(0)->bytes()[kPiece], std::byte{2});
}

// docs/reference/machine.md 1.9
TEST_P(SpaceTest, a_page_written_with_what_was_there_gets_a_leaf_and_one_only_read_does_not) {
    ASSERT_TRUE(space_->grow_to(4 * kPage));
    read(*space_, 0);
    read(*space_, kPage);
    write(*space_, kPage, 0);
    if (GetParam() == Detection::compare) space_->mark_written(kPage, 1);
    ASSERT_TRUE(space_->keep());

    const Sealed sealed = space_->seal().value();

    EXPECT_EQ(stored(sealed.image), (std::vector<std::uint32_t>{1}));
    EXPECT_EQ(sealed.pages, (std::vector<std::uint32_t>{1}));
    EXPECT_TRUE(base::equal(sealed.image.page(1)->bytes(), page_of(0)));
}

TEST_P(SpaceTest, a_page_written_only_in_an_undone_or_restored_scope_gets_no_leaf) {
    ASSERT_TRUE(space_->grow_to(4 * kPage));
    write(*space_, 0, 1);
    ASSERT_TRUE(space_->undo());
    ASSERT_TRUE(space_->grow_to(4 * kPage));
    write(*space_, kPage, 1);
    const Checkpoint checkpoint = space_->checkpoint(kMiB).value();
    write(*space_, 2 * kPage, 1);
    space_->mark_written(3 * kPage, 5);
    ASSERT_TRUE(space_->restore(checkpoint));
    ASSERT_TRUE(space_->keep());

    EXPECT_EQ(stored(space_->seal()->image), (std::vector<std::uint32_t>{1}));
}

TEST_P(SpaceTest, seal_says_in_which_pieces_a_page_may_differ_from_the_image_before) {
    ASSERT_TRUE(space_->show(image_of(*file_, 4, {0, 1, 2, 3})));
    const auto change = [this](std::uint64_t page, std::uint64_t piece) {
        const std::uint64_t at = page * kPage + piece * kPiece;
        write(*space_, at, read(*space_, at) + 1);
    };
    change(1, 3);
    ASSERT_TRUE(space_->keep());
    change(1, 5);
    change(2, 15);
    ASSERT_TRUE(space_->keep());
    const Sealed first = space_->seal().value();
    change(1, 4);
    ASSERT_TRUE(space_->keep());

    const Sealed second = space_->seal().value();

    EXPECT_EQ(first.pages, (std::vector<std::uint32_t>{1, 2}));
    EXPECT_EQ(first.changed, (std::vector<std::uint16_t>{1U << 3U | 1U << 5U, 1U << 15U}));
    EXPECT_EQ(second.pages, (std::vector<std::uint32_t>{1}));
    EXPECT_EQ(second.changed, (std::vector<std::uint16_t>{1U << 4U}));
}

TEST_P(SpaceTest, marked_pages_are_written_until_undo) {
    ASSERT_TRUE(space_->grow_to(6 * kPage));
    space_->mark_written(0, 1);
    ASSERT_TRUE(space_->undo());
    ASSERT_TRUE(space_->grow_to(6 * kPage));
    space_->mark_written(2 * kPage - 1, kPage + 2);
    ASSERT_TRUE(space_->keep());

    EXPECT_EQ(stored(space_->seal()->image), (std::vector<std::uint32_t>{1, 2, 3}));
}

TEST_P(SpaceTest, restore_goes_back_to_its_checkpoint_and_an_outer_one_can_follow) {
    ASSERT_TRUE(space_->show(image_of(*file_, 2, {0, 1})));
    write(*space_, 0, 10);
    const Checkpoint outer = space_->checkpoint(kMiB).value();
    write(*space_, 0, 20);
    write(*space_, kPage, 20);
    ASSERT_TRUE(space_->grow_to(3 * kPage));
    write(*space_, 2 * kPage, 20);
    const Checkpoint inner = space_->checkpoint(kMiB).value();
    for (int again = 0; again < 2; ++again) {
        write(*space_, 0, 30);
        write(*space_, kPage + kPiece, 30);
        ASSERT_TRUE(space_->grow_to(4 * kPage));
        write(*space_, 3 * kPage, 30);

        ASSERT_TRUE(space_->restore(inner));

        EXPECT_EQ(space_->size(), 3 * kPage);
        EXPECT_EQ(read(*space_, 0), 20U);
        EXPECT_EQ(read(*space_, kPage), 20U);
        EXPECT_EQ(read(*space_, kPage + kPiece), 1U);
        EXPECT_EQ(read(*space_, 2 * kPage), 20U);
    }
    ASSERT_TRUE(space_->restore(outer));

    EXPECT_EQ(space_->size(), 2 * kPage);
    EXPECT_EQ(read(*space_, 0), 10U);
    EXPECT_EQ(read(*space_, kPage), 1U);
    ASSERT_TRUE(space_->grow_to(4 * kPage));
    EXPECT_EQ(read(*space_, 2 * kPage), 0U);
    EXPECT_EQ(read(*space_, 3 * kPage), 0U);
}

TEST_P(SpaceTest, memory_beyond_a_size_that_shrank_is_accessible_and_never_kept) {
    ASSERT_TRUE(space_->show(image_of(*file_, 1, {0})));
    const Checkpoint small = space_->checkpoint(kMiB).value();
    ASSERT_TRUE(space_->grow_to(100 * kPage));
    ASSERT_TRUE(space_->restore(small));
    write(*space_, 99 * kPage, 5);
    write(*space_, 0, 5);
    EXPECT_EQ(space_->checkpoint(kMiB)->bytes(), kPiece);

    ASSERT_TRUE(space_->keep());

    EXPECT_EQ(stored(space_->seal()->image), (std::vector<std::uint32_t>{0}));
    write(*space_, 98 * kPage, 5);
    ASSERT_TRUE(space_->undo());
    write(*space_, 97 * kPage, 5);
    ASSERT_TRUE(space_->show(space_->image()));
    ASSERT_TRUE(space_->grow_to(100 * kPage));
    for (std::uint64_t page = 97; page < 100; ++page) EXPECT_EQ(read(*space_, page * kPage), 0U);
}

TEST_P(SpaceTest, a_checkpoint_holds_only_what_differs_from_the_last_keep_and_is_bounded) {
    ASSERT_TRUE(space_->show(image_of(*file_, 4, {0, 1, 2, 3})));
    for (std::uint64_t page = 0; page < 4; ++page) write(*space_, page * kPage, 5);
    ASSERT_TRUE(space_->keep());
    write(*space_, 0, 6);
    write(*space_, kPage, 6);

    EXPECT_EQ(space_->checkpoint(2 * kPiece)->bytes(), 2 * kPiece);
    EXPECT_EQ(space_->checkpoint(2 * kPiece - 1).error().kind, Kind::no_space);
}

TEST_P(SpaceTest, a_checkpoint_from_before_keep_or_undo_is_refused) {
    ASSERT_TRUE(space_->show(image_of(*file_, 1, {0})));
    const Checkpoint first = space_->checkpoint(kMiB).value();
    write(*space_, 0, 5);
    ASSERT_TRUE(space_->keep());
    const Checkpoint second = space_->checkpoint(kMiB).value();

    EXPECT_EQ(space_->restore(first).error().kind, Kind::invalid);
    EXPECT_EQ(read(*space_, 0), 5U);
    ASSERT_TRUE(space_->undo());
    EXPECT_EQ(space_->restore(second).error().kind, Kind::invalid);
}

TEST_P(SpaceTest, more_pieces_than_stay_private_keep_their_contents) {
    constexpr std::uint64_t kPages = 40;
    ASSERT_TRUE(space_->show(image_of(*file_, kPages, {3, 4, 5, 20, 21, 22, 30})));
    for (unsigned round = 1; round <= 3; ++round) {
        for (std::uint64_t at = 0; at < kPages * kPage; at += kPiece) write(*space_, at, 100 + round);
        ASSERT_TRUE(space_->keep());
        EXPECT_FALSE(space_->wrote_more_than(Space::kHot * kPiece).value());
        for (std::uint64_t at = 0; at < kPages * kPage; at += kPiece) write(*space_, at + 1, 200);
        ASSERT_TRUE(space_->undo());
        EXPECT_FALSE(space_->wrote_more_than(Space::kHot * kPiece).value());
        for (std::uint64_t at = 0; at < kPages * kPage; at += kPiece) {
            ASSERT_EQ(read(*space_, at), 100 + round);
            ASSERT_EQ(read(*space_, at + 1), space_->image().page(static_cast<std::uint32_t>(at / kPage)) == nullptr
                                                 ? 0U
                                                 : static_cast<unsigned>(at / kPage));
        }
    }
    EXPECT_EQ(space_->seal()->image.stored_pages(), kPages);
}

TEST_P(SpaceTest, reads_between_many_keeps_do_not_change_what_is_found) {
    constexpr std::uint64_t kPages = 8;
    ASSERT_TRUE(space_->show(image_of(*file_, kPages, {0, 1, 2, 3, 4, 5, 6, 7})));
    for (std::uint64_t round = 0; round < 3 * Space::kScansUntilCooled; ++round) {
        const std::uint64_t at = round % (kPages * kPiecesOfPage) * kPiece;
        for (std::uint64_t page = 0; page < kPages; ++page) read(*space_, page * kPage);
        write(*space_, at + 9, 201);
        ASSERT_TRUE(space_->keep());
        for (std::uint64_t page = 0; page < kPages; ++page) write(*space_, page * kPage + 17, 202);
        ASSERT_TRUE(space_->undo());
        ASSERT_EQ(read(*space_, at + 9), 201U);
    }
    for (std::uint64_t page = 0; page < kPages; ++page) EXPECT_EQ(read(*space_, page * kPage + 17), page);
}

TEST_P(SpaceTest, written_memory_is_counted) {
    ASSERT_TRUE(space_->grow_to(4 * kPage));
    for (std::uint64_t i = 0; i < 10; ++i) write(*space_, i * kPiece, 1);

    EXPECT_FALSE(space_->wrote_more_than(10 * kPiece).value());
    EXPECT_TRUE(space_->wrote_more_than(10 * kPiece - 1).value());
    write(*space_, 10 * kPiece, 1);
    EXPECT_TRUE(space_->wrote_more_than(10 * kPiece).value());
    EXPECT_FALSE(space_->wrote_more_than(kMiB).value());
}

TEST_P(SpaceTest, another_thread_may_take_the_space_over) {
    ASSERT_TRUE(space_->show(image_of(*file_, 4, {0, 1, 2, 3})));
    for (unsigned round = 1; round < 20; ++round) {
        std::thread([&] {
            write(*space_, 0, round);
            write(*space_, (round % 4) * kPage + round * kPiece / 2, round);
            ASSERT_TRUE(space_->keep());
            write(*space_, 1, 99);
            ASSERT_TRUE(space_->undo());
        }).join();
        EXPECT_EQ(read(*space_, 0), round);
        EXPECT_EQ(read(*space_, 1), 0U);
    }
}

}  // namespace
}  // namespace rues::vm
