#pragma once

#include <memory>
#include <span>

#include "base/bytes.hpp"

namespace rues::vm {

/// The tree over all contracts; its root is the header's `state_hash`. Binary, height 32; the leaf of a contract is the
/// root of its page tree, at position 1, 2, 3, … in the order in which contracts were committed first
/// (docs/reference/machine.md 1.9). Immutable and cheap to copy; versions share what did not change. Any thread.
class StateTree {
public:
    struct Leaf {
        std::uint32_t position = 0;
        base::Hash32 root{};
    };

    /// Empty; its root is 32 zero bytes.
    StateTree() = default;
    /// This tree with these leaves set. Costs 32 hashes of 64 bytes a leaf, less where paths meet. REQUIRES: positions
    /// ascend.
    StateTree with(std::span<const Leaf> leaves) const;

    base::Hash32 root() const;
    /// nullptr: no leaf.
    const base::Hash32* leaf(std::uint32_t position) const;

private:
    struct Node;
    using Link = std::shared_ptr<const Node>;
    static Link set(const Link& node, int height, std::span<const Leaf> leaves);
    explicit StateTree(Link top) : top_(std::move(top)) {}

    Link top_;
};

}  // namespace rues::vm
