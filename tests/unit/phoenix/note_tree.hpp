#pragma once

#include <vector>

#include "crypto/poseidon.hpp"
#include "phoenix/circuits/transaction.hpp"
#include "unit/phoenix/wallet.hpp"

namespace rues::phoenix::test {

/// The tree of notes of docs/reference/phoenix-and-plonk.md 2.4, and paths in it.
class NoteTree {
public:
    enum class Positions : std::uint8_t { by_order, as_they_are };
    /// By order: note `i` gets position `i`, as in the tree of a chain.
    explicit NoteTree(std::vector<Note> notes, Positions positions = Positions::by_order) : notes_(std::move(notes)) {
        levels_.resize(kTreeDepth + 1);
        for (std::size_t i = 0; i < notes_.size(); ++i) {
            if (positions == Positions::by_order) notes_[i].pos = i;
            levels_[kTreeDepth].push_back(notes_[i].hash());
        }
        for (std::size_t level = kTreeDepth; level-- > 0;) {
            for (std::size_t i = 0; i < levels_[level + 1].size(); i += 4)
                levels_[level].push_back(crypto::poseidon_node(children(level + 1, i)));
        }
    }

    const Note& note(std::size_t position) const { return notes_[position]; }
    const Fr& root() const { return levels_[0][0]; }
    CircuitOpening opening(std::size_t position) const {
        CircuitOpening out;
        out.root = root();
        for (std::size_t level = kTreeDepth; level-- > 0; position /= 4) {
            out.branch[level] = children(level + 1, position / 4 * 4);
            out.positions[level] = static_cast<std::uint32_t>(position % 4);
        }
        return out;
    }

private:
    std::array<Fr, 4> children(std::size_t level, std::size_t first) const {
        std::array<Fr, 4> out{};
        for (std::size_t i = 0; i < 4 && first + i < levels_[level].size(); ++i) out[i] = levels_[level][first + i];
        return out;
    }

    std::vector<Note> notes_;
    std::vector<std::vector<Fr>> levels_;  ///< [0]: the root; the last: the leaves
};

/// A number generator that gives the same numbers in each run.
inline base::RandomSource drawn(std::uint64_t seed) {
    return [draws = Draws(seed)](std::span<std::byte> out) mutable {
        draws.fill(out);
        return true;
    };
}

}  // namespace rues::phoenix::test
