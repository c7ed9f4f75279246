#include "unit/vm/pages/fixture.hpp"
#include "vm/pages/state_tree.hpp"

// The expected roots were computed in Python, with the package blake3 and the definition of
// docs/reference/machine.md 1.9. Page n is 65,536 bytes of the value n % 251; the leaf of the contract at position n is
// BLAKE3 of "contract n".
namespace rues::vm {
namespace {

using namespace test;

std::vector<std::uint32_t> first_numbers(std::uint32_t count) {
    std::vector<std::uint32_t> out(count);
    for (std::uint32_t i = 0; i < count; ++i) out[i] = i;
    return out;
}

struct Golden {
    std::vector<std::uint32_t> pages;
    const char* wasm32;
    const char* memory64;
};

const Golden kGolden[] = {
    {{0},
     "875b9e505a47cc577b655a620fb6f72eb45d6e90efae833ff1c161a06b06cd1c",
     "f9a37902647505e5156d48c5265eb5431d15b02442ec3494ba342e532906b564"},
    {first_numbers(100), "f38e2f74587a8579baec043ca11ac88fe447dca9fc11be1d3dc89b106e578362",
     "42c80f5523737d463b077c2514c2b31014d8404cb8b9b766d071e04365c008df"},
    {{1, 2, 63, 64, 255, 256, 4095, 4096, 65535},
     "0e2f0f1a1f7880b8719f91b6599d8d20705d5f87466023cee57f693f02ddcdc0",
     "172545ce39346a9ab9e0eb5a021315846ee58a2bf4becc6985456a9c9ce22a47"},
};

base::Hash32 leaf(unsigned position) {
    return crypto::blake3(base::view("contract " + std::to_string(position)));
}

TEST(PageTree, an_image_without_pages_has_a_root_of_zeros) {
    EXPECT_EQ(Image(Image::Memory::wasm32).root(), base::Hash32{});
    EXPECT_EQ(Image(Image::Memory::memory64).with(7, {}).root(), base::Hash32{});
}

TEST(PageTree, roots_are_those_of_the_reference) {
    const auto file = page_file();

    for (const Golden& each : kGolden) {
        EXPECT_EQ(base::to_hex(image_of(*file, kMaxPages, each.pages).root()), each.wasm32);
        EXPECT_EQ(base::to_hex(image_of(*file, kMaxPages, each.pages, Image::Memory::memory64).root()), each.memory64);
    }
}

TEST(PageTree, a_page_of_zeros_is_a_leaf) {
    const auto file = page_file();
    const base::Bytes zeros = page_of(0);
    const base::ByteView view = zeros;

    const NumberedPage page{2, file->add({&view, 1})->front()};
    const Image image = Image::make(Image::Memory::memory64, 5, {&page, 1}).value();

    EXPECT_EQ(base::to_hex(image.root()), "13f7bdc0c01c54d3d028064b99fd2645dd0d7c150e45cb559d0e969c4aa40b44");
}

TEST(PageTree, a_version_made_in_steps_equals_one_made_at_once) {
    const auto file = page_file();
    for (const auto memory : {Image::Memory::wasm32, Image::Memory::memory64}) {
        const Image whole = image_of(*file, kMaxPages, kGolden[1].pages, memory);

        Image steps(memory);
        for (const NumberedPage& each : whole.pages()) {
            const NumberedPage wrong{each.number, whole.pages().back().page};
            steps = steps.with(100, {&wrong, 1});
            steps = steps.with(100, {&each, 1});
        }

        EXPECT_EQ(steps.root(), whole.root());
    }
}

TEST(PageTree, a_version_does_not_change_and_shares_unchanged_chunks) {
    const auto file = page_file();
    const Image before = image_of(*file, 300, first_numbers(300));
    const base::Hash32 root = before.root();

    const NumberedPage changed{70, *before.page(3)};
    const Image after = before.with(300, {&changed, 1});

    EXPECT_EQ(before.root(), root);
    EXPECT_NE(after.root(), root);
    EXPECT_EQ(*before.page(70), before.pages()[70].page);
    for (std::uint32_t chunk = 0; chunk < after.chunk_count(); ++chunk) {
        EXPECT_EQ(after.chunk(chunk) == before.chunk(chunk), chunk != 1);
    }
}

TEST(PageTree, pages_out_of_order_or_beyond_the_size_are_refused) {
    const auto file = page_file();
    const Page page = image_of(*file, 1, {0}).pages()[0].page;
    const auto make = [&](std::uint32_t size, std::vector<NumberedPage> pages) {
        return Image::make(Image::Memory::wasm32, size, pages).has_value();
    };

    EXPECT_TRUE(make(2, {{0, page}, {1, page}}));
    EXPECT_FALSE(make(2, {{1, page}, {0, page}}));
    EXPECT_FALSE(make(2, {{1, page}, {1, page}}));
    EXPECT_FALSE(make(2, {{0, page}, {2, page}}));
    EXPECT_FALSE(make(2, {{0, Page()}}));
    EXPECT_FALSE(make(kMaxPages + 1, {}));
}

TEST(StateTree, an_empty_tree_has_a_root_of_zeros) {
    EXPECT_EQ(StateTree().root(), base::Hash32{});
    EXPECT_EQ(StateTree().with({}).root(), base::Hash32{});
}

TEST(StateTree, roots_are_those_of_the_reference) {
    const StateTree::Leaf three[] = {{1, leaf(1)}, {2, leaf(2)}, {3, leaf(3)}};
    const StateTree::Leaf sparse[] = {
        {1, leaf(1)}, {2, leaf(2)}, {1000, leaf(1000)}, {2147483648, leaf(2147483648)}, {4294967295, leaf(4294967295)}};

    const auto hex = [](std::span<const StateTree::Leaf> leaves) {
        return base::to_hex(StateTree().with(leaves).root());
    };

    EXPECT_EQ(hex(std::span(three).first(1)), "0e195c6a709920c444777ef062dbfa776bddfb6ea3a38aaa9e84cc3ef092315a");
    EXPECT_EQ(hex(three), "c7e1d393b843d77aa995818c50d304a4cce14dd37fc062760bfad35181b7595e");
    EXPECT_EQ(hex(sparse), "9ce90ff65eb2385ca4288881958bbe27ffae050d2dd0da47358211f9b359e40c");
}

TEST(StateTree, the_leaf_of_a_contract_without_pages_is_a_leaf) {
    const StateTree::Leaf leaves[] = {{1, leaf(1)}, {2, leaf(2)}, {3, leaf(3)}, {4, base::Hash32{}}};

    EXPECT_EQ(base::to_hex(StateTree().with(leaves).root()),
              "bc65d32491594021f08d869afbe9007ef16b59ff99d606259ebc6e06cb969493");
}

TEST(StateTree, a_tree_made_in_steps_equals_one_made_at_once_and_older_versions_stay) {
    const StateTree::Leaf wrong{2, leaf(9)};
    const StateTree::Leaf leaves[] = {{1, leaf(1)}, {2, leaf(2)}, {3, leaf(3)}};

    const StateTree first = StateTree().with({&leaves[0], 1});
    const StateTree second = first.with({&wrong, 1});
    const StateTree third = second.with({&leaves[2], 1}).with({&leaves[1], 1});

    EXPECT_EQ(third.root(), StateTree().with(leaves).root());
    EXPECT_EQ(first.root(), StateTree().with({&leaves[0], 1}).root());
    EXPECT_EQ(*second.leaf(2), leaf(9));
    EXPECT_EQ(*third.leaf(2), leaf(2));
    EXPECT_EQ(first.leaf(2), nullptr);
    EXPECT_EQ(StateTree().leaf(1), nullptr);
}

}  // namespace
}  // namespace rues::vm
