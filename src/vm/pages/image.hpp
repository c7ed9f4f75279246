#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "vm/pages/page_file.hpp"

namespace rues::vm {

/// A page and its number.
struct NumberedPage {
    std::uint32_t number = 0;
    Page page;
};

/// 64 neighbouring pages of an image and their part of the page tree. Immutable, shared by versions.
struct Chunk {
    static constexpr std::uint32_t kPages = 64;  ///< three levels of a tree of arity 4

    std::array<Page, kPages> pages;
    std::uint64_t stored = 0;  ///< bit i: pages[i] is a page
    std::uint32_t breaks = 0;  ///< stored neighbours whose slots are no neighbours
    std::array<base::Hash32, 16> fours{};
    std::array<base::Hash32, 4> sixteens{};
    base::Hash32 root{};
};

/// The memory of one contract at one state: its size, its pages, and the root of its page tree
/// (docs/reference/machine.md 1.9). Immutable and cheap to copy; a version shares with the one before it all chunks
/// that did not change. A page without a leaf was never written and reads as zeros. Any thread.
class Image {
public:
    /// The height of the page tree depends on the type of the memory.
    enum class Memory : std::uint8_t { wasm32, memory64 };

    /// No pages.
    explicit Image(Memory memory = Memory::wasm32);
    /// The image with `size` pages and these. Fails unless numbers ascend and are below `size`, and `size` is at most
    /// kMaxPages.
    static base::Result<Image> make(Memory memory, std::uint32_t size, std::span<const NumberedPage> pages);
    /// This image, grown to `size` pages, with these pages in place of those with their numbers. Costs hashes of the
    /// changed paths only. REQUIRES: numbers ascend and are below `size`; `size_pages()` <= size <= kMaxPages.
    Image with(std::uint32_t size, std::span<const NumberedPage> changed) const;

    Memory memory() const;
    std::uint32_t size_pages() const;
    /// nullptr: never written.
    const Page* page(std::uint32_t number) const;
    std::uint32_t stored_pages() const;
    /// All stored pages, in order.
    std::vector<NumberedPage> pages() const;
    /// 32 zero bytes without pages.
    const base::Hash32& root() const;

    std::uint32_t chunk_count() const;
    /// Equal pointers mean equal pages. nullptr: none of its pages is stored, also beyond the last chunk.
    const Chunk* chunk(std::uint32_t number) const;

    /// Places where a stored page follows one that was never written, or the reverse. Each needs a mapping.
    std::uint32_t edges() const;
    /// Places where two stored pages are neighbours but their slots are not. `compact` removes them.
    std::uint32_t breaks() const;

    /// The same version, or versions without a difference.
    friend bool operator==(const Image& a, const Image& b) { return a.table_ == b.table_; }

private:
    struct Table;
    explicit Image(std::shared_ptr<const Table> table);

    std::shared_ptr<const Table> table_;
};

}  // namespace rues::vm
