#include <rapidcheck.h>

#include <optional>
#include <set>

#include "unit/vm/pages/fixture.hpp"

/// A block's pages take the slots of the pages that the block before replaced, when nobody holds these.
namespace rues::vm {
namespace {

using namespace test;

class SpaceReuse : public EveryDetection {
protected:
    /// Writes one byte of each page, and makes an image of it.
    Image block(std::initializer_list<std::uint32_t> pages, unsigned value) {
        for (const std::uint32_t page : pages)
            write(*space_, std::uint64_t{page} * kPage + value % kPiecesOfPage * kPiece, value);
        EXPECT_TRUE(space_->keep());
        return space_->seal()->image;
    }
    static std::uint32_t slot_of(const Image& image, std::uint32_t page) { return image.page(page)->slot()->number(); }
};

TEST_P(SpaceReuse, neighbouring_pages_take_the_slots_of_the_block_before_the_last_one) {
    ASSERT_TRUE(space_->grow_to(4 * kPage));
    std::optional<Image> last = block({0, 1, 3}, 1);
    // The first pages stay mapped, so they are never free.
    Image now = block({0, 1, 3}, 2);
    const std::vector<std::uint32_t> second{slot_of(now, 0), slot_of(now, 1), slot_of(now, 3)};
    last = std::exchange(now, block({0, 1, 3}, 3));
    last.reset();

    now = block({0, 1, 3}, 4);

    EXPECT_EQ(second, (std::vector<std::uint32_t>{slot_of(now, 0), slot_of(now, 1), slot_of(now, 3)}));
    for (const std::uint32_t page : {0U, 1U, 3U}) {
        base::Bytes expected(kPage);
        for (unsigned value = 1; value <= 4; ++value)
            expected[value % kPiecesOfPage * kPiece] = static_cast<std::byte>(value);
        EXPECT_TRUE(base::equal(now.page(page)->bytes(), expected));
        EXPECT_EQ(now.page(page)->hash(), crypto::blake3(expected));
    }
}

TEST_P(SpaceReuse, a_page_that_somebody_holds_stays_as_it_is) {
    ASSERT_TRUE(space_->grow_to(kPage));
    block({0}, 1);
    const Image held = block({0}, 2);
    const base::Bytes before = base::to_bytes(held.page(0)->bytes());
    for (unsigned value = 3; value < 9; ++value) block({0}, value);

    EXPECT_TRUE(base::equal(held.page(0)->bytes(), before));
}

TEST_P(SpaceReuse, after_another_image_was_shown_nothing_of_the_old_one_is_left) {
    const Image other = image_of(*file_, 6, {5});
    ASSERT_TRUE(space_->grow_to(6 * kPage));
    block({5}, 1);
    block({5}, 2);
    block({5}, 3);
    ASSERT_TRUE(space_->show(other));

    const Image now = block({5}, 9);

    base::Bytes expected = page_of(5);
    expected[9 * kPiece] = std::byte{9};
    EXPECT_TRUE(base::equal(now.page(5)->bytes(), expected));
}

/// Blocks that write random pages, of which random ones are held for a while.
TEST_P(SpaceReuse, every_block_has_what_was_written_whoever_holds_the_blocks_before) {
    EXPECT_TRUE(rc::check([&] {
        constexpr std::uint32_t kPages = 6;
        constexpr std::size_t kHeld = 3;
        const auto file = page_file(GetParam());
        const auto made = space(file);
        RC_ASSERT(made->grow_to(kPages * kPage));
        base::Bytes model(kPages * kPage);
        std::set<std::uint32_t> written;
        std::vector<std::pair<Image, base::Bytes>> held;
        const int blocks = *rc::gen::inRange(1, 40);
        for (int number = 0; number < blocks; ++number) {
            for (int writes = *rc::gen::inRange(1, 8); writes > 0; --writes) {
                const auto piece = *rc::gen::inRange<std::size_t>(0, kPages * kPiecesOfPage);
                const auto value = *rc::gen::inRange(1U, 256U);
                write(*made, piece * kPiece, value);
                model[piece * kPiece] = static_cast<std::byte>(value);
                written.insert(static_cast<std::uint32_t>(piece / kPiecesOfPage));
                if (*rc::gen::inRange(0, 4) == 0) RC_ASSERT(made->keep().has_value());
            }
            RC_ASSERT(made->keep().has_value());
            const Image image = made->seal()->image;
            for (const std::uint32_t page : written) {
                const auto expected = base::ByteView(model).subspan(page * kPage, kPage);
                RC_ASSERT(base::equal(image.page(page)->bytes(), expected));
                RC_ASSERT(image.page(page)->hash() == crypto::blake3(expected));
            }
            if (*rc::gen::inRange(0, 3) == 0) held.emplace_back(image, model);
            if (held.size() > kHeld) held.erase(held.begin());
        }
        for (const auto& [image, then] : held) {
            for (const NumberedPage& each : image.pages())
                RC_ASSERT(base::equal(each.page.bytes(),
                                      base::ByteView(then).subspan(std::size_t{each.number} * kPage, kPage)));
        }
    }));
}

INSTANTIATE_TEST_SUITE_P(Pages, SpaceReuse, kDetections, name_of);

}  // namespace
}  // namespace rues::vm
