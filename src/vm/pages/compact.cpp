#include "vm/pages/compact.hpp"

#include <algorithm>

#include "vm/pages/mapping.hpp"
#include "vm/pages/space.hpp"

namespace rues::vm {

static_assert(Space::kMaxEdges + kMaxBreaks + 2 <= Mapping::kMaxMappings);

base::Result<Image> compact(PageFile& file, const Image& image, std::uint32_t breaks) {
    std::vector<std::uint32_t> chunks;
    for (std::uint32_t number = 0; number < image.chunk_count(); ++number) {
        if (image.chunk(number) != nullptr) chunks.push_back(number);
    }
    std::ranges::sort(chunks, std::greater(), [&image](std::uint32_t number) { return image.chunk(number)->breaks; });
    std::uint32_t left = image.breaks();
    std::size_t taken = 0;
    // Where a copied chunk meets another one there may be a break.
    for (; taken < chunks.size() && left + taken > breaks; ++taken) left -= image.chunk(chunks[taken])->breaks;
    chunks.resize(taken);
    std::ranges::sort(chunks);

    std::vector<NumberedPage> pages;
    for (const std::uint32_t chunk : chunks) {
        for (std::uint32_t i = 0; i < Chunk::kPages; ++i) {
            const std::uint32_t number = chunk * Chunk::kPages + i;
            if (const Page* page = image.page(number)) pages.push_back({number, *page});
        }
    }
    auto slots = file.allocate(pages.size());
    if (!slots) return std::unexpected(std::move(slots).error());
    for (std::size_t i = 0; i < pages.size(); ++i) {
        const std::shared_ptr<Slot>& slot = (*slots)[i];
        if (auto done = file.fill(*slot, pages[i].page.bytes()); !done) return std::unexpected(std::move(done).error());
        slot->set_hash(pages[i].page.hash(), pages[i].page.slot()->pieces());
        pages[i].page = Page(slot);
    }
    return image.with(image.size_pages(), pages);
}

}  // namespace rues::vm
