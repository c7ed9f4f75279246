#include <gtest/gtest.h>

#include <random>

#include "fixture.hpp"
#include "store/layout.hpp"
#include "store/memory_layout.hpp"

namespace rues::store {
namespace {

struct ModelPage {
    std::shared_ptr<const Bytes> bytes;
    Hash32 hash{};

    friend bool operator==(const ModelPage& a, const ModelPage& b) { return a.hash == b.hash && *a.bytes == *b.bytes; }
};
/// The pages of a contract by their numbers. It knows nothing of pieces and versions.
using ModelPages = std::map<std::uint32_t, ModelPage>;

/// Empty when they are equal.
std::string difference(const ModelPages& expected, const ModelPages& found) {
    if (expected.size() != found.size()) return fmt::format("{} pages, not {}", found.size(), expected.size());
    for (const auto& [number, page] : expected) {
        const auto other = found.find(number);
        if (other == found.end()) return fmt::format("page {} is missing", number);
        if (other->second != page) return fmt::format("page {} differs", number);
    }
    return {};
}

ModelPages read_pages(const Store& store) {
    ModelPages out;
    const auto walked = store.snapshot()->for_each_page([&out](const StoredPage& page) {
        out[page.number] = {std::make_shared<Bytes>(base::to_bytes(page.bytes)), page.hash};
        return true;
    });
    EXPECT_TRUE(walked) << (walked ? "" : walked.error().text);
    return out;
}

/// A chain that changes random pieces of random pages of one contract, beside the model.
class RandomChain {
public:
    explicit RandomChain(unsigned seed) : random_(seed) {}

    void begin(Store& store) {
        ASSERT_TRUE(samples::commit_genesis(store));
        const auto genesis = samples::memory(0);
        for (const auto& page : genesis.changes.pages)
            pages_[page.number] = {std::make_shared<Bytes>(base::to_bytes(page.bytes)), page.hash};
        history_.push_back(pages_);
    }

    void block(Store& store) {
        const auto tip = store.snapshot()->block(history_.size() - 1).value();
        auto next = samples::next_block(tip->header);
        next.commit.block = &next.block;
        next.commit.memory = {};
        std::set<std::uint32_t> numbers;
        for (unsigned left = below(5); left > 0; --left) numbers.insert(below(kNumbers));
        for (const auto number : numbers) {
            auto& page = pages_[number];
            auto bytes = page.bytes ? *page.bytes : Bytes(kPageBytes);
            const auto changed =
                static_cast<std::uint16_t>((random_() & random_() & kAllPieces) | 1U << below(kPiecesOfPage));
            for (std::uint8_t i = 0; i < kPiecesOfPage; ++i) {
                if ((changed >> i & 1U) != 0) change(std::span(bytes).subspan(i * kPieceBytes, kPieceBytes));
            }
            page = {std::make_shared<Bytes>(std::move(bytes)), samples::numbered<32>(++hashes_)};
            next.commit.memory.pages.push_back({ledger::kTransferContract, number, page.hash, *page.bytes, changed});
        }
        const auto done = store.commit_block(next.commit);
        ASSERT_TRUE(done) << done.error().text;
        history_.push_back(pages_);
    }

    const ModelPages& at(std::uint64_t height) const { return history_.at(height); }
    const ModelPages& now() const { return pages_; }
    unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

private:
    static constexpr unsigned kNumbers = 14;

    void change(std::span<std::byte> piece) {
        switch (below(4)) {
        case 0:
            break;  // a block may name a piece that did not change
        case 1:
            std::ranges::fill(piece, std::byte{0});
            break;
        case 2:
            piece[below(kPieceBytes)] = static_cast<std::byte>(random_());
            break;
        default:
            for (auto& each : piece) each = static_cast<std::byte>(random_());
        }
    }

    std::mt19937 random_;
    ModelPages pages_;
    std::vector<ModelPages> history_;  ///< by height
    std::uint64_t hashes_ = 1'000'000;
};

class MemoryModel : public StoreTest, public testing::WithParamInterface<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Seeds, MemoryModel, testing::Values(1U, 2U, 3U));

TEST_P(MemoryModel, a_store_has_the_pages_of_its_tip_whatever_blocks_change_and_whenever_it_is_opened_again) {
    RandomChain chain(GetParam());
    auto store = open();
    chain.begin(*store);
    for (int i = 0; i < 200; ++i) {
        chain.block(*store);
        if (chain.below(16) == 0) {
            store.reset();
            store = open();
        }
        if (chain.below(8) == 0) {
            ASSERT_EQ(difference(chain.now(), read_pages(*store)), "") << i;
        }
    }
    EXPECT_EQ(difference(chain.now(), read_pages(*store)), "");
}

/// The pages that these entries of the family `pages` are: the newest version of each piece, and the newest hash.
ModelPages newest(const std::map<std::string, std::string>& entries) {
    struct Building {
        Bytes bytes = Bytes(kPageBytes);
        Hash32 hash{};
        std::optional<std::uint64_t> height;
    };
    std::map<std::uint32_t, Building> pages;
    std::string last;
    for (const auto& [key, value] : entries) {
        auto piece = key.substr(0, key.size() - 8);
        if (piece == last) continue;
        last = std::move(piece);
        const auto version = layout::version_of(base::view(key)).value();
        auto& page = pages[version.number];
        const auto hash = layout::decode_page(base::view(value),
                                              std::span(page.bytes).subspan(version.piece * kPieceBytes, kPieceBytes));
        EXPECT_TRUE(hash);
        if (page.height && *page.height > version.height) continue;
        page.height = version.height;
        page.hash = hash.value_or(Hash32{});
    }
    ModelPages out;
    for (auto& [number, page] : pages) out[number] = {std::make_shared<Bytes>(std::move(page.bytes)), page.hash};
    return out;
}

TEST_P(MemoryModel, the_last_64_blocks_can_be_taken_back) {
    const auto text = [](const Bytes& key) { return std::string(base::text(key)); };
    constexpr std::uint64_t kTip = 150;
    RandomChain chain(GetParam());
    auto store = open();
    chain.begin(*store);
    for (std::uint64_t height = 1; height <= kTip; ++height) {
        chain.block(*store);
        if (height % 50 != 0) continue;
        store.reset();
        store = open();
    }
    store.reset();
    auto entries = raw_entries(folder_.path() / "store", "pages");
    const auto lists = raw_entries(folder_.path() / "store", "undo");
    ASSERT_EQ(lists.size(), kUndoBlocks);

    for (std::uint64_t height = kTip; height > kTip - kUndoBlocks; --height) {
        const auto replaced = layout::decode_replaced(base::view(lists.at(text(layout::number_key(height)))));
        ASSERT_TRUE(replaced) << height;
        for (const auto& one : replaced->pieces) {
            ASSERT_EQ(entries.erase(text(layout::page_key(one.piece, height))), 1U) << height;
            ASSERT_TRUE(!one.before || entries.contains(text(layout::page_key(one.piece, *one.before)))) << height;
        }
        ASSERT_EQ(difference(chain.at(height - 1), newest(entries)), "") << height;
    }
}

}  // namespace
}  // namespace rues::store
