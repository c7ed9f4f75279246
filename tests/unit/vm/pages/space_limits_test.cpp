#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "unit/vm/pages/fixture.hpp"

namespace rues::vm {
namespace {

using namespace test;
using Kind = base::Error::Kind;

class SpaceLimits : public EveryDetection {};
INSTANTIATE_TEST_SUITE_P(Pages, SpaceLimits, kDetections, name_of);

/// An image of `size` pages without contents, in slots that are no neighbours.
Image scattered_image(PageFile& file, std::uint32_t size) {
    const auto slots = file.allocate(size).value();
    std::vector<NumberedPage> pages;
    for (std::uint32_t i = 0; i < size; ++i) pages.push_back({i, Page(slots[size - 1 - i])});
    return Image::make(Image::Memory::wasm32, size, pages).value();
}

TEST_P(SpaceLimits, keep_without_a_free_slot_changes_nothing) {
    file_ = page_file(GetParam(), PageFile::kLeastBytes);
    space_ = space(file_);
    ASSERT_TRUE(space_->show(image_of(*file_, 20, {0, 1})));
    write(*space_, 0, 9);
    ASSERT_TRUE(space_->keep());
    const std::uint64_t used = file_->bytes_in_use();
    for (std::uint64_t page = 0; page < 20; ++page) write(*space_, page * kPage, 10);

    EXPECT_EQ(space_->keep().error().kind, Kind::no_space);

    EXPECT_EQ(file_->bytes_in_use(), used);
    EXPECT_EQ(read(*space_, 19 * kPage), 10U);
    ASSERT_TRUE(space_->undo());
    EXPECT_EQ(read(*space_, 0), 9U);
    EXPECT_EQ(read(*space_, 19 * kPage), 0U);
    EXPECT_EQ(space_->seal()->pages, (std::vector<std::uint32_t>{0}));
}

TEST_P(SpaceLimits, slots_of_undone_drafts_and_dropped_images_come_back) {
    {
        const Image image = image_of(*file_, 2, {0, 1});
        ASSERT_TRUE(space_->show(image));
        write(*space_, 0, 9);
        ASSERT_TRUE(space_->keep());
        EXPECT_EQ(file_->bytes_in_use(), 3 * kPage);
        ASSERT_TRUE(space_->show(Image()));
    }
    EXPECT_EQ(file_->bytes_in_use(), 0U);
}

TEST_P(SpaceLimits, pages_that_are_too_scattered_are_not_kept) {
    constexpr std::uint32_t kPages = Space::kMaxEdges + 2;
    ASSERT_TRUE(space_->grow_to(std::uint64_t{kPages} * kPage));
    for (std::uint64_t page = 0; page < kPages; page += 2) write(*space_, page * kPage, 1);

    EXPECT_EQ(space_->keep().error().kind, Kind::no_space);

    ASSERT_TRUE(space_->undo());
    ASSERT_TRUE(space_->grow_to(std::uint64_t{kPages} * kPage));
    for (std::uint64_t page = 2; page < kPages; page += 2) write(*space_, page * kPage, 1);
    ASSERT_TRUE(space_->keep());
    for (std::uint64_t page = 3; page < kPages - 2; page += 2) write(*space_, page * kPage, 1);
    ASSERT_TRUE(space_->keep()) << "filling the gaps takes edges away";
    EXPECT_EQ(space_->seal()->image.edges(), 2U);
}

TEST_P(SpaceLimits, edges_are_counted_as_the_image_counts_them) {
    ASSERT_TRUE(space_->show(image_of(*file_, 300, {0, 1, 5, 63, 64, 299})));
    for (const std::uint64_t page : {2U, 4U, 65U, 127U, 128U, 298U, 130U, 129U}) write(*space_, page * kPage, 1);
    ASSERT_TRUE(space_->keep());
    for (const std::uint64_t page : {3U, 126U, 131U}) write(*space_, page * kPage, 1);
    ASSERT_TRUE(space_->keep());

    const Image image = space_->seal()->image;

    EXPECT_EQ(image.edges(), 8U);  // 0-5, 63-65, 126-131, 298-299
    EXPECT_EQ(image.stored_pages(), 17U);
}

TEST_P(SpaceLimits, an_image_with_too_many_breaks_is_refused_and_the_space_stays_as_it_was) {
    file_ = page_file(GetParam(), 1024 * kMiB);
    space_ = space(file_);
    ASSERT_TRUE(space_->show(image_of(*file_, 2, {0, 1})));
    write(*space_, 0, 8);
    ASSERT_TRUE(space_->keep());

    EXPECT_EQ(space_->show(scattered_image(*file_, Mapping::kMaxMappings + 1)).error().kind, Kind::no_space);

    EXPECT_EQ(space_->size(), 2 * kPage);
    EXPECT_EQ(read(*space_, 0), 8U);
    EXPECT_EQ(space_->seal()->pages, (std::vector<std::uint32_t>{0}));
}

TEST_P(SpaceLimits, the_mappings_of_all_spaces_together_are_bounded) {
    ASSERT_TRUE(space_->show(image_of(*file_, 1, {0})));
    const Image image = scattered_image(*file_, 100);
    const std::int64_t others = PageFile::kMaxMappings - file_->mappings() - 50;
    file_->add_mappings(others);

    EXPECT_EQ(space_->show(image).error().kind, Kind::no_space);

    EXPECT_EQ(space_->size(), kPage);
    file_->add_mappings(-others);
    EXPECT_TRUE(space_->show(image));
}

TEST_P(SpaceLimits, mappings_are_counted_and_given_back) {
    const std::int64_t before = file_->mappings();
    {
        const auto other = space(file_);
        ASSERT_TRUE(other->show(scattered_image(*file_, 100)));
        EXPECT_GE(file_->mappings(), before + 100);
        ASSERT_TRUE(other->show(image_of(*file_, 100, {0})));
        EXPECT_LE(file_->mappings(), before + 110);
    }
    EXPECT_EQ(file_->mappings(), before);
}

/// Neighbouring slots that are mapped one by one count as many mappings.
TEST_P(SpaceLimits, mappings_that_are_no_longer_needed_are_given_up_when_others_are_scarce) {
    constexpr std::uint32_t kWhole = 100;
    constexpr std::uint32_t kMore = 40;  // alone they take less than the others gave up
    std::vector<base::Bytes> contents;
    for (std::uint32_t i = 0; i < kWhole; ++i) contents.push_back(page_of(i + 1));
    const auto pages = file_->add(std::vector<base::ByteView>(contents.begin(), contents.end())).value();
    std::vector<NumberedPage> numbered;
    for (std::uint32_t i = 0; i < kWhole; ++i) numbered.push_back({i, pages[i]});
    const Image whole = Image::make(Image::Memory::wasm32, 200, numbered).value();
    ASSERT_TRUE(space_->show(whole));
    const std::int64_t before = file_->mappings();
    for (std::uint32_t i = 0; i < kWhole; ++i) {
        const NumberedPage other{i, numbered[(i + 50) % kWhole].page};
        ASSERT_TRUE(space_->show(whole.with(200, {&other, 1})));
        ASSERT_TRUE(space_->show(whole));
    }
    ASSERT_GE(file_->mappings(), before + kWhole - 2);
    const std::int64_t others = PageFile::kMaxMappings - file_->mappings();
    file_->add_mappings(others);
    std::vector<NumberedPage> more;
    for (std::uint32_t i = 0; i < kMore; ++i) more.push_back({101 + 2 * i, numbered[i].page});

    ASSERT_TRUE(space_->show(whole.with(200, more)));

    EXPECT_LE(file_->mappings(), before + others + 2 * kMore);
    for (std::uint32_t page = 0; page < 200; ++page) {
        const bool is_more = page > kWhole && page % 2 == 1 && (page - 101) / 2 < kMore;
        EXPECT_EQ(read(*space_, page * kPage), page < kWhole ? page + 1 : is_more ? (page - 101) / 2 + 1 : 0) << page;
    }
    file_->add_mappings(-others);
}

TEST_P(SpaceLimits, without_a_free_mapping_written_pieces_stay_private) {
    std::vector<std::uint32_t> numbers(200);
    for (std::uint32_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
    ASSERT_TRUE(space_->show(image_of(*file_, 200, numbers)));
    const std::int64_t others = PageFile::kMaxMappings - file_->mappings() - 20;
    file_->add_mappings(others);
    for (std::uint64_t page = 0; page < 200; page += 2) write(*space_, page * kPage, 251);

    ASSERT_TRUE(space_->keep());

    EXPECT_TRUE(space_->wrote_more_than(Space::kHot * kPiece).value());
    for (std::uint64_t page = 0; page < 200; ++page) write(*space_, page * kPage, 252);
    ASSERT_TRUE(space_->undo());
    file_->add_mappings(-others);
    for (std::uint64_t page = 0; page < 200; ++page) ASSERT_EQ(read(*space_, page * kPage), page % 2 == 0 ? 251 : page);
    ASSERT_TRUE(space_->undo());
    EXPECT_FALSE(space_->wrote_more_than(Space::kHot * kPiece).value());
    EXPECT_EQ(space_->seal()->pages.size(), 100U);
}

/// The lines of /proc/self/smaps about the mapping that starts at `at`.
std::string flags_at(const std::byte* at) {
    std::ifstream smaps("/proc/self/smaps");
    std::ostringstream address;
    address << std::hex << reinterpret_cast<std::uintptr_t>(at) << '-';
    std::string line;
    for (bool is_here = false; std::getline(smaps, line);) {
        if (line.find(':') > line.find('-')) is_here = line.starts_with(address.str());
        if (is_here && line.starts_with("VmFlags:")) return line + " ";
    }
    return {};
}

TEST_P(SpaceLimits, memory_of_zeros_has_no_huge_pages_and_no_child_shares_it) {
    ASSERT_TRUE(space_->show(image_of(*file_, 4, {0, 1, 2})));
    ASSERT_TRUE(space_->show(image_of(*file_, 4, {0, 2})));

    for (const std::uint64_t page : {1U, 3U}) {
        const std::string flags = flags_at(space_->base() + page * kPage);
        EXPECT_NE(flags.find(" nh "), std::string::npos) << flags;
        EXPECT_NE(flags.find(" dc "), std::string::npos) << flags;
    }
}

TEST_P(SpaceLimits, a_child_process_does_not_hide_what_is_written) {
    ASSERT_TRUE(space_->show(image_of(*file_, 4, {0, 1})));
    write(*space_, 0, 5);
    write(*space_, 2 * kPage, 5);
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[1]);
        char byte = 0;
        (void)!::read(ends[0], &byte, 1);
        ::_exit(0);
    }
    ::close(ends[0]);
    read(*space_, 3 * kPage);
    write(*space_, kPage, 6);

    ASSERT_TRUE(space_->keep());

    EXPECT_EQ(space_->seal()->pages, (std::vector<std::uint32_t>{0, 1, 2}));
    ::close(ends[1]);
    ::waitpid(child, nullptr, 0);
}

/// All mappings that the system allows, except `left`.
class NoMappings {
public:
    explicit NoMappings(std::size_t left) {
        constexpr std::size_t kBytes = std::size_t{70'000} * 2 * kPiece;
        at_ = static_cast<std::byte*>(
            ::mmap(nullptr, kBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
        std::size_t done = 0;
        while (::mprotect(at_ + 2 * done * kPiece, kPiece, PROT_READ) == 0) ++done;
        for (std::size_t i = 0; i < left; ++i) ::mprotect(at_ + 2 * (done - 1 - i) * kPiece, kPiece, PROT_NONE);
        bytes_ = kBytes;
    }
    ~NoMappings() { ::munmap(at_, bytes_); }
    NoMappings(const NoMappings&) = delete;
    NoMappings& operator=(const NoMappings&) = delete;

private:
    std::byte* at_;
    std::size_t bytes_;
};

TEST_P(SpaceLimits, when_the_system_refuses_a_mapping_the_space_fails_until_it_shows_an_image) {
    if (kSanitized) GTEST_SKIP() << "the sanitizer needs mappings of its own";
    const Image image = image_of(*file_, 40, {0, 2, 4, 6, 8});
    const Image other = scattered_image(*file_, 40);
    ASSERT_TRUE(space_->show(image));
    Kind kind{};
    bool undone = true;
    bool grown = true;
    {
        const NoMappings none(5);
        kind = space_->show(other).error().kind;
        undone = space_->undo().has_value();
        grown = space_->grow_to(50 * kPage);
    }

    EXPECT_EQ(kind, Kind::io);
    EXPECT_FALSE(undone);
    EXPECT_FALSE(grown);
    EXPECT_FALSE(space_->keep());
    EXPECT_FALSE(space_->seal());
    EXPECT_FALSE(space_->checkpoint(kMiB));
    EXPECT_FALSE(space_->wrote_more_than(kMiB));
    ASSERT_TRUE(space_->show(image));
    for (std::uint64_t page = 0; page < 40; ++page) {
        EXPECT_EQ(read(*space_, page * kPage), page <= 8 && page % 2 == 0 ? page : 0);
    }
}

TEST(PageFileLimits, sizes_out_of_bounds_are_refused) {
    EXPECT_EQ(PageFile::create({.max_bytes = PageFile::kLeastBytes - 1}).error().kind, Kind::invalid);
    EXPECT_EQ(PageFile::create({.max_bytes = PageFile::kMostBytes + 1}).error().kind, Kind::invalid);
}

TEST(PageFileLimits, no_more_than_its_bytes_are_in_use) {
    const auto file = page_file({}, PageFile::kLeastBytes);
    const base::Bytes bytes = page_of(1);
    const std::vector<base::ByteView> views(17, bytes);

    EXPECT_EQ(file->add(views).error().kind, Kind::no_space);
    EXPECT_EQ(file->bytes_in_use(), 0U);
    {
        const auto pages = file->add(std::span(views).first(16)).value();
        EXPECT_EQ(pages.size(), 16U);
        EXPECT_EQ(file->add(bytes, crypto::blake3(bytes)).error().kind, Kind::no_space);
    }
    EXPECT_TRUE(file->add(bytes, crypto::blake3(bytes)));
}

TEST(PageFileLimits, a_small_limit_of_file_sizes_is_an_error_and_no_signal) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit small{1024 * kMiB, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);

    const auto file = PageFile::create({});

    ::setrlimit(RLIMIT_FSIZE, &before);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().kind, Kind::io);
}

}  // namespace
}  // namespace rues::vm
