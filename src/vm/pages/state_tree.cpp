#include "vm/pages/state_tree.hpp"

#include <algorithm>
#include <array>

#include "crypto/hash.hpp"

namespace rues::vm {
namespace {

constexpr int kHeight = 32;

}  // namespace

struct StateTree::Node {
    base::Hash32 hash{};
    Link left;
    Link right;
};

/// Leaves of one call lie below one node, so the top bits of their positions are equal. The recursion is kHeight deep.
StateTree::Link StateTree::set(const Link& node, int height, std::span<const Leaf> leaves) {
    if (leaves.empty()) return node;
    auto out = node ? std::make_shared<Node>(*node) : std::make_shared<Node>();
    if (height == 0) {
        out->hash = leaves.back().root;
        return out;
    }
    const auto goes_left = [height](const Leaf& each) { return (each.position >> (height - 1) & 1U) == 0; };
    const auto middle = static_cast<std::size_t>(std::ranges::partition_point(leaves, goes_left) - leaves.begin());
    out->left = set(out->left, height - 1, leaves.first(middle));
    out->right = set(out->right, height - 1, leaves.subspan(middle));
    std::array<base::Hash32, 2> children{};
    if (out->left) children[0] = out->left->hash;
    if (out->right) children[1] = out->right->hash;
    out->hash = crypto::blake3(std::as_bytes(std::span(children)));
    return out;
}

StateTree StateTree::with(std::span<const Leaf> leaves) const {
    return StateTree(set(top_, kHeight, leaves));
}

base::Hash32 StateTree::root() const {
    return top_ ? top_->hash : base::Hash32{};
}

const base::Hash32* StateTree::leaf(std::uint32_t position) const {
    const Node* node = top_.get();
    for (int height = kHeight; node != nullptr && height > 0; --height) {
        node = ((position >> (height - 1) & 1U) == 0 ? node->left : node->right).get();
    }
    return node != nullptr ? &node->hash : nullptr;
}

}  // namespace rues::vm
