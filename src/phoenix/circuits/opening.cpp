#include "phoenix/circuits/opening.hpp"

#include "base/endian.hpp"
#include "crypto/poseidon.hpp"

namespace rues::phoenix {

std::optional<CircuitOpening> opening_of(const wire::layouts::NoteOpening& archived) noexcept {
    CircuitOpening out;
    const auto root = Fr::from_montgomery(archived.root.bytes);
    if (!root) return std::nullopt;
    out.root = *root;
    ByteView rest(archived.branch.bytes);
    for (auto& children : out.branch) {
        for (Fr& child : children) {
            const auto one = Fr::from_montgomery(base::to_array<32>(rest.first(32)));
            if (!one) return std::nullopt;
            child = *one;
            rest = rest.subspan(32);
        }
    }
    for (std::size_t i = 0; i < kTreeDepth; ++i) {
        out.positions[i] = base::load_le<std::uint32_t>(archived.positions.bytes.data() + 4 * i);
        if (out.positions[i] >= out.branch[i].size()) return std::nullopt;
    }
    return out;
}

bool leads_to_root(const CircuitOpening& opening, const Note& note) noexcept {
    Fr needle = note.hash();
    std::uint64_t place = note.pos;
    for (std::size_t level = kTreeDepth; level-- > 0; place /= 4) {
        const std::uint32_t child = opening.positions[level];
        if (child != place % 4 || opening.branch[level][child] != needle) return false;
        needle = crypto::poseidon_node(opening.branch[level]);
    }
    return place == 0 && needle == opening.root;
}

}  // namespace rues::phoenix
