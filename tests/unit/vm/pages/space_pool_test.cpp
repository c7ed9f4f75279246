#include "vm/pages/space_pool.hpp"

#include "unit/vm/pages/fixture.hpp"

namespace rues::vm {
namespace {

using namespace test;

const base::Hash32 kFirst = crypto::blake3(base::view("first"));
const base::Hash32 kSecond = crypto::blake3(base::view("second"));

class SpacePoolTest : public ::testing::Test {
protected:
    SpacePool pool(std::size_t spaces, std::size_t idle_of_contract = 2) {
        return SpacePool(file_, {.spaces = spaces, .idle_of_contract = idle_of_contract});
    }
    const std::shared_ptr<PageFile> file_ = page_file();
    const Image image_ = image_of(*file_, 3, {0, 1});
    const Image other_ = image_of(*file_, 4, {0, 1, 3});
};

TEST_F(SpacePoolTest, a_space_shows_the_wanted_image_and_comes_back_clean) {
    SpacePool spaces = pool(4);
    const std::byte* base = nullptr;
    {
        const auto lease = spaces.take(kFirst, image_).value();
        base = lease->base();
        write(*lease, 0, 9);
        ASSERT_TRUE(lease->keep());
        write(*lease, kPage, 9);
        ASSERT_TRUE(lease->grow_to(5 * kPage));
    }

    const auto lease = spaces.take(kFirst, image_).value();

    EXPECT_EQ(lease->base(), base);
    EXPECT_EQ(lease->size(), 3 * kPage);
    EXPECT_FALSE(lease->has_kept());
    EXPECT_EQ(read(*lease, 0), 0U);
    EXPECT_EQ(read(*lease, kPage), 1U);
}

TEST_F(SpacePoolTest, the_space_that_shows_the_image_is_preferred) {
    SpacePool spaces = pool(4);
    const std::byte* first = nullptr;
    const std::byte* second = nullptr;
    {
        const auto a = spaces.take(kFirst, image_).value();
        const auto b = spaces.take(kFirst, other_).value();
        first = a->base();
        second = b->base();
    }
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(spaces.take(kFirst, image_).value()->base(), first);
        EXPECT_EQ(spaces.take(kFirst, other_).value()->base(), second);
    }
}

TEST_F(SpacePoolTest, a_sealed_image_is_what_the_space_shows_when_it_comes_back) {
    SpacePool spaces = pool(4);
    Image sealed;
    const std::byte* base = nullptr;
    {
        const auto lease = spaces.take(kFirst, image_).value();
        base = lease->base();
        write(*lease, 0, 9);
        ASSERT_TRUE(lease->keep());
        sealed = lease->seal()->image;
    }

    const auto lease = spaces.take(kFirst, sealed).value();

    EXPECT_EQ(lease->base(), base);
    EXPECT_EQ(read(*lease, 0), 9U);
}

TEST_F(SpacePoolTest, no_more_spaces_than_the_limit_are_in_use) {
    SpacePool spaces = pool(2);
    auto a = spaces.take(kFirst, image_);
    auto b = spaces.take(kSecond, image_);

    EXPECT_EQ(spaces.take(kFirst, image_).error().kind, base::Error::Kind::no_space);
    b = base::failure(base::Error::Kind::not_found, "given back");
    EXPECT_TRUE(spaces.take(kFirst, image_)) << "the idle space of another contract is taken over";
}

TEST_F(SpacePoolTest, idle_spaces_of_one_contract_are_bounded) {
    SpacePool spaces = pool(8, 2);
    {
        std::vector<SpacePool::Lease> leases;
        for (int i = 0; i < 5; ++i) leases.push_back(spaces.take(kFirst, image_).value());
        EXPECT_EQ(spaces.idle(), 0U);
    }
    EXPECT_EQ(spaces.idle(), 2U);

    std::vector<SpacePool::Lease> leases;
    for (int i = 0; i < 8; ++i) leases.push_back(spaces.take(kFirst, image_).value());
    EXPECT_FALSE(spaces.take(kFirst, image_)) << "those that were dropped count no more, all others do";
}

TEST_F(SpacePoolTest, a_space_that_is_idle_for_many_tips_is_dropped_with_its_image) {
    SpacePool spaces = pool(4);
    {
        const Image old = image_of(*file_, 1, {0});
        const auto lease = spaces.take(kFirst, old).value();
    }
    const std::uint64_t used = file_->bytes_in_use();
    for (std::uint64_t tip = 0; tip + 1 < SpacePool::kIdleTips; ++tip) spaces.new_tip();
    {
        const auto lease = spaces.take(kSecond, image_).value();
    }
    EXPECT_EQ(spaces.idle(), 2U);

    spaces.new_tip();

    EXPECT_EQ(spaces.idle(), 1U);
    EXPECT_EQ(file_->bytes_in_use(), used - kPage);
}

TEST_F(SpacePoolTest, a_space_that_cannot_show_the_image_is_not_lost) {
    SpacePool spaces = pool(1);
    file_->add_mappings(PageFile::kMaxMappings);
    EXPECT_FALSE(spaces.take(kFirst, image_));
    file_->add_mappings(-PageFile::kMaxMappings);

    EXPECT_TRUE(spaces.take(kFirst, image_));
}

}  // namespace
}  // namespace rues::vm
