#include "vm/pages/compact.hpp"

#include "unit/vm/pages/fixture.hpp"

namespace rues::vm {
namespace {

using namespace test;

/// Page n has the byte n % 251. Every second slot lies elsewhere.
Image broken_image(PageFile& file, std::uint32_t size, std::uint32_t hole) {
    std::vector<std::uint32_t> even;
    std::vector<std::uint32_t> odd;
    for (std::uint32_t i = 0; i < size; ++i) {
        if (i != hole) (i % 2 == 0 ? even : odd).push_back(i);
    }
    Image image = image_of(file, size, even);
    return image.with(size, image_of(file, size, odd).pages());
}

TEST(Compact, contents_and_hashes_stay_and_the_breaks_go) {
    const auto file = page_file();
    const Image before = broken_image(*file, 300, 200);

    const Image after = compact(*file, before, 0).value();

    EXPECT_EQ(before.breaks(), 297U);
    EXPECT_EQ(after.breaks(), 0U);
    EXPECT_EQ(after.edges(), before.edges());
    EXPECT_EQ(after.root(), before.root());
    EXPECT_EQ(after.size_pages(), 300U);
    for (const NumberedPage& each : before.pages()) {
        EXPECT_TRUE(base::equal(after.page(each.number)->bytes(), each.page.bytes()));
        EXPECT_EQ(after.page(each.number)->hash(), each.page.hash());
    }
}

TEST(Compact, only_as_many_chunks_as_needed_are_copied) {
    const auto file = page_file();
    const Image before = broken_image(*file, 300, 299);
    const std::uint64_t used = file->bytes_in_use();

    const Image after = compact(*file, before, 200).value();

    EXPECT_LE(after.breaks(), 200U);
    EXPECT_EQ(file->bytes_in_use() - used, 2 * Chunk::kPages * kPage);
    EXPECT_EQ(after.chunk(4), before.chunk(4));
}

TEST(Compact, the_limit_says_when_an_image_needs_it_and_then_half_of_it_is_left) {
    const auto file = page_file({}, 1024 * kMiB);
    const auto slots = file->allocate(kMaxBreaks + 2).value();
    std::vector<NumberedPage> pages;
    for (std::uint32_t i = 0; i < slots.size(); ++i) pages.push_back({i, Page(slots[slots.size() - 1 - i])});
    const Image good = Image::make(Image::Memory::wasm32, kMaxPages, std::span(pages).first(kMaxBreaks + 1)).value();
    const Image bad = Image::make(Image::Memory::wasm32, kMaxPages, pages).value();

    EXPECT_FALSE(needs_compaction(good));
    EXPECT_TRUE(needs_compaction(bad));

    EXPECT_LE(compact(*file, bad)->breaks(), kMaxBreaks / 2);
}

TEST(Compact, without_free_slots_the_image_stays) {
    const auto file = page_file({}, PageFile::kLeastBytes);
    const Image before = broken_image(*file, 15, 9);

    EXPECT_EQ(compact(*file, before, 0).error().kind, base::Error::Kind::no_space);
    EXPECT_TRUE(base::equal(before.page(3)->bytes(), page_of(3)));
}

}  // namespace
}  // namespace rues::vm
