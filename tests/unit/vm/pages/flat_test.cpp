#include <dirent.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "support/load_share.hpp"
#include "unit/vm/pages/fixture.hpp"
#include "vm/pages/space_pool.hpp"

namespace rues::vm {
namespace {

using namespace test;

std::size_t lines_of(const char* path) {
    std::ifstream file(path);
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);) ++count;
    return count;
}

std::size_t open_descriptors() {
    DIR* folder = ::opendir("/proc/self/fd");
    std::size_t count = 0;
    while (::readdir(folder) != nullptr) ++count;
    ::closedir(folder);
    return count;
}

std::size_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::size_t all = 0;
    std::size_t resident = 0;
    file >> all >> resident;
    return resident * kPiece;
}

struct Usage {
    std::size_t mappings = lines_of("/proc/self/maps");
    std::size_t descriptors = open_descriptors();
    std::size_t resident = resident_bytes();
};

class Flat : public EveryDetection {};
INSTANTIATE_TEST_SUITE_P(Pages, Flat, kDetections, name_of);

TEST_P(Flat, many_uses_leave_mappings_descriptors_and_memory_as_they_were) {
    const int all = GetParam() == Detection::compare ? 1'000 : 10'000;  // comparing takes long
    const int cycles = all / static_cast<int>(rues::test::case_share());
    std::vector<std::uint32_t> numbers;
    for (std::uint32_t i = 0; i < 30; ++i) numbers.push_back(i);
    std::vector<Image> images{image_of(*file_, 40, numbers)};
    for (int version = 0; version < 4; ++version) {
        ASSERT_TRUE(space_->show(images.back()));
        for (std::uint32_t i = 0; i < 8; ++i) write(*space_, (i * 5 + static_cast<std::uint32_t>(version)) * kPage, 7);
        ASSERT_TRUE(space_->keep());
        images.push_back(space_->seal()->image);
    }
    const auto cycle = [&](int i) {
        const auto at = static_cast<std::uint64_t>(i);
        ASSERT_TRUE(space_->show(images[at * 7 % images.size()]));
        ASSERT_TRUE(space_->grow_to((40 + at % 3) * kPage));
        for (std::uint64_t k = 0; k < 12; ++k) write(*space_, (at * 13 + k * 29) % (40 * kPiecesOfPage) * kPiece, 9);
        if (i % 4 == 0) {
            ASSERT_TRUE(space_->keep());
        }
        ASSERT_TRUE(space_->undo());
    };
    for (int i = 0; i < std::min(cycles, 1'000); ++i) cycle(i);
    const Usage before;
    const std::uint64_t slots = file_->bytes_in_use();

    for (int i = 0; i < cycles; ++i) cycle(i);

    const Usage after;
    EXPECT_LE(after.mappings, before.mappings + 100);  // as many as the images' pages allow
    EXPECT_EQ(after.descriptors, before.descriptors);
    if (!kSanitized) {
        EXPECT_LE(after.resident, before.resident + 8 * kMiB);
    }
    EXPECT_LE(file_->bytes_in_use(), slots + 12 * kPage);
    space_.reset();
    EXPECT_EQ(file_->mappings(), 0);
}

TEST_P(Flat, memory_of_dropped_images_goes_back_to_the_system) {
    const std::size_t before = resident_bytes();
    {
        ASSERT_TRUE(space_->grow_to(1'000 * kPage));
        for (std::uint64_t page = 0; page < 1'000; ++page) write(*space_, page * kPage, 1);
        ASSERT_TRUE(space_->keep());
        const Image image = space_->seal()->image;
        EXPECT_EQ(file_->bytes_in_use(), 1'000 * kPage);
        EXPECT_GT(resident_bytes(), before + 40 * kMiB);
        ASSERT_TRUE(space_->show(Image()));
    }
    EXPECT_EQ(file_->bytes_in_use(), 0U);
    if (kSanitized) return;
    EXPECT_LT(resident_bytes(), before + 2 * SlotNumbers::kWarm * kPage + 8 * kMiB);
}

TEST_P(Flat, queries_on_old_images_see_them_while_new_ones_are_sealed) {
    constexpr std::uint32_t kPages = 24;
    constexpr unsigned kBlocks = 150;
    SpacePool pool(file_, {.spaces = 4});
    const base::Hash32 contract{};
    // In the image of block n each page has n at its begin, and n is at place n of page 0.
    std::mutex mutex;
    std::vector<Image> tips;
    std::atomic<bool> is_over = false;
    ASSERT_TRUE(space_->grow_to(kPages * kPage));

    std::vector<std::thread> readers;
    std::atomic<std::uint64_t> queries = 0;
    for (unsigned reader = 0; reader < 2; ++reader) {
        readers.emplace_back([&, reader] {
            for (unsigned round = 0; !is_over; ++round) {
                Image tip;
                {
                    const std::lock_guard lock(mutex);
                    if (tips.empty()) continue;
                    tip = tips[(round * 7 + reader) % tips.size()];
                }
                const auto lease = pool.take(contract, tip).value();
                const unsigned block = read(*lease, 0);
                for (std::uint64_t page = 1; page < kPages; ++page) ASSERT_EQ(read(*lease, page * kPage), block);
                ASSERT_EQ(read(*lease, 100 + block), block);
                ASSERT_EQ(std::to_integer<unsigned>(tip.page(5)->bytes()[0]), block);
                for (std::uint64_t page = 0; page < kPages; page += 3) write(*lease, page * kPage, 255);
                ++queries;
            }
        });
    }
    for (unsigned block = 1; block <= kBlocks; ++block) {
        for (std::uint64_t page = 0; page < kPages; ++page) write(*space_, page * kPage, block);
        write(*space_, 100 + block, block);
        ASSERT_TRUE(space_->keep());
        write(*space_, 3 * kPage, 254);
        ASSERT_TRUE(space_->undo());
        const Image sealed = space_->seal()->image;
        const std::lock_guard lock(mutex);
        tips.push_back(sealed);
        if (tips.size() > 5) tips.erase(tips.begin());
        pool.new_tip();
    }
    while (queries < 50) std::this_thread::yield();
    is_over = true;
    for (std::thread& each : readers) each.join();
}

}  // namespace
}  // namespace rues::vm
