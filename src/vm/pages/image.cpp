#include "vm/pages/image.hpp"

#include <algorithm>
#include <bit>

#include "crypto/hash.hpp"

namespace rues::vm {
namespace {

using base::Hash32;

/// Levels above the chunks of a tree of 65,536 pages: 1,024 chunks are 4^5.
constexpr std::size_t kUpperLevels = 5;
/// The tree of a memory64 contract has room for 4^13 pages. Pages beyond 4^8 do not exist, so the levels above have one
/// node each.
constexpr int kLevelsOfMemory64 = 13 - 8;

/// The parent of four nodes. A node that does not exist is 32 zero bytes, and has no parent of its own.
Hash32 parent(const std::array<Hash32, 4>& children) {
    if (std::ranges::all_of(children, [](const Hash32& each) { return each == Hash32{}; })) return {};
    return crypto::blake3(std::as_bytes(std::span(children)));
}

template <typename Nodes>
Hash32 parent_at(const Nodes& below, std::size_t index) {
    std::array<Hash32, 4> children{};
    for (std::size_t i = 0; i < 4 && 4 * index + i < below.size(); ++i) children[i] = below[4 * index + i];
    return parent(children);
}

bool adjoin(const Page& left, const Page& right) {
    return left.slot()->number() + 1 == right.slot()->number();
}

/// Computes what follows from the pages. `changed`: bit i is set for each page whose path must be hashed again.
void update(Chunk& chunk, std::uint64_t changed) {
    chunk.breaks = 0;
    for (std::uint32_t i = 0; i + 1 < Chunk::kPages; ++i) {
        if (chunk.pages[i] && chunk.pages[i + 1] && !adjoin(chunk.pages[i], chunk.pages[i + 1])) ++chunk.breaks;
    }
    for (std::size_t i = 0; i < chunk.fours.size(); ++i) {
        if ((changed >> (4 * i) & 0xFU) == 0) continue;
        std::array<Hash32, 4> children{};
        for (std::size_t k = 0; k < 4; ++k) {
            const Page& page = chunk.pages[4 * i + k];
            if (page) children[k] = page.hash();
        }
        chunk.fours[i] = parent(children);
    }
    for (std::size_t i = 0; i < chunk.sixteens.size(); ++i) {
        if ((changed >> (16 * i) & 0xFFFFU) != 0) chunk.sixteens[i] = parent_at(chunk.fours, i);
    }
    chunk.root = parent_at(chunk.sixteens, 0);
}

}  // namespace

struct Image::Table {
    Memory memory = Memory::wasm32;
    std::uint32_t size = 0;
    std::vector<std::shared_ptr<const Chunk>> chunks;  ///< nullptr: none of its pages is stored
    std::array<std::vector<Hash32>, kUpperLevels> upper;
    Hash32 root{};
    std::uint32_t stored = 0;
    std::uint32_t edges = 0;
    std::uint32_t breaks = 0;

    void hash_paths(const std::vector<std::uint32_t>& changed_chunks);
    void count();
};

void Image::Table::hash_paths(const std::vector<std::uint32_t>& changed_chunks) {
    std::size_t below = chunks.size();
    for (auto& level : upper) {
        below = (below + 3) / 4;
        level.resize(below);
    }
    std::vector<std::uint32_t> nodes = changed_chunks;
    for (std::size_t level = 0; level < kUpperLevels; ++level) {
        for (std::uint32_t& node : nodes) node /= 4;
        nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
        for (const std::uint32_t node : nodes) {
            if (level > 0) {
                upper[level][node] = parent_at(upper[level - 1], node);
                continue;
            }
            std::array<Hash32, 4> children{};
            const std::size_t first = std::size_t{4} * node;
            for (std::size_t i = 0; i < 4 && first + i < chunks.size(); ++i) {
                if (const auto& chunk = chunks[first + i]) children[i] = chunk->root;
            }
            upper[0][node] = parent(children);
        }
    }
    root = upper.back().empty() ? Hash32{} : upper.back().front();
    for (int i = 0; memory == Memory::memory64 && i < kLevelsOfMemory64; ++i) root = parent({root});
}

void Image::Table::count() {
    stored = edges = breaks = 0;
    const Page* last = nullptr;  // the page before the chunk, if it is stored
    for (const auto& chunk : chunks) {
        const std::uint64_t mask = chunk ? chunk->stored : 0;
        stored += static_cast<std::uint32_t>(std::popcount(mask));
        edges += static_cast<std::uint32_t>(std::popcount(mask ^ (mask << 1U | (last != nullptr ? 1U : 0U))));
        if (!chunk) {
            last = nullptr;
            continue;
        }
        breaks += chunk->breaks;
        if (last != nullptr && chunk->pages.front() && !adjoin(*last, chunk->pages.front())) ++breaks;
        last = chunk->pages.back() ? &chunk->pages.back() : nullptr;
    }
    if (last != nullptr) ++edges;
}

Image::Image(std::shared_ptr<const Table> table) : table_(std::move(table)) {}

Image::Image(Memory memory) {
    auto table = std::make_shared<Table>();
    table->memory = memory;
    table_ = std::move(table);
}

base::Result<Image> Image::make(Memory memory, std::uint32_t size, std::span<const NumberedPage> pages) {
    if (size > kMaxPages) return base::failure(base::Error::Kind::invalid, "a contract has more than 4 GiB");
    for (std::size_t i = 0; i < pages.size(); ++i) {
        const bool ascends = i == 0 || pages[i - 1].number < pages[i].number;
        if (!ascends || pages[i].number >= size || !pages[i].page) {
            return base::failure(base::Error::Kind::invalid, "the pages of a contract are out of order");
        }
    }
    return Image(memory).with(size, pages);
}

Image Image::with(std::uint32_t size, std::span<const NumberedPage> changed) const {
    if (size == table_->size && changed.empty()) return *this;
    auto table = std::make_shared<Table>(*table_);
    table->size = size;
    if (changed.empty()) return Image(std::move(table));
    table->chunks.resize(std::max<std::size_t>(table->chunks.size(), changed.back().number / Chunk::kPages + 1));
    std::vector<std::uint32_t> changed_chunks;
    for (std::size_t i = 0; i < changed.size();) {
        const std::uint32_t number = changed[i].number / Chunk::kPages;
        std::shared_ptr<const Chunk>& place = table->chunks[number];
        auto chunk = place ? std::make_shared<Chunk>(*place) : std::make_shared<Chunk>();
        std::uint64_t mask = 0;
        for (; i < changed.size() && changed[i].number / Chunk::kPages == number; ++i) {
            const std::uint32_t index = changed[i].number % Chunk::kPages;
            chunk->pages[index] = changed[i].page;
            mask |= std::uint64_t{1} << index;
        }
        chunk->stored |= mask;
        update(*chunk, mask);
        place = std::move(chunk);
        changed_chunks.push_back(number);
    }
    table->hash_paths(changed_chunks);
    table->count();
    return Image(std::move(table));
}

Image::Memory Image::memory() const {
    return table_->memory;
}

std::uint32_t Image::size_pages() const {
    return table_->size;
}

const Page* Image::page(std::uint32_t number) const {
    const Chunk* in = chunk(number / Chunk::kPages);
    if (in == nullptr) return nullptr;
    const Page& page = in->pages[number % Chunk::kPages];
    return page ? &page : nullptr;
}

std::uint32_t Image::stored_pages() const {
    return table_->stored;
}

std::vector<NumberedPage> Image::pages() const {
    std::vector<NumberedPage> out;
    out.reserve(table_->stored);
    for (std::uint32_t number = 0; number < table_->chunks.size() * Chunk::kPages; ++number) {
        if (const Page* at = page(number)) out.push_back({number, *at});
    }
    return out;
}

const Hash32& Image::root() const {
    return table_->root;
}

std::uint32_t Image::chunk_count() const {
    return static_cast<std::uint32_t>(table_->chunks.size());
}

const Chunk* Image::chunk(std::uint32_t number) const {
    return number < table_->chunks.size() ? table_->chunks[number].get() : nullptr;
}

std::uint32_t Image::edges() const {
    return table_->edges;
}

std::uint32_t Image::breaks() const {
    return table_->breaks;
}

}  // namespace rues::vm
