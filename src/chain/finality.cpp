#include "chain/finality.hpp"

#include <algorithm>

namespace rues::chain {

using Kind = ledger::Label::Kind;

FinalityChanges RollingFinality::changes(std::uint64_t height) const {
    FinalityChanges out;
    bool all_before_final = true;
    for (const Block& block : blocks_) {
        const std::uint64_t followers = height - block.height;
        const bool is_final = all_before_final && followers >= final_after_;
        all_before_final = is_final;
        const auto label = is_final ? Kind::final : Kind::confirmed;
        if (block.label < Kind::confirmed) out.confirmed.push_back(block.hash);
        if (is_final) out.finalized.push_back(block.hash);
        if (block.label < label) out.labels.emplace_back(block.height, ledger::Label{label, followers});
    }
    std::ranges::reverse(out.confirmed);
    return out;
}

void RollingFinality::accepted(const Block& block) {
    for (const auto& [height, label] : changes(block.height).labels)
        std::ranges::find(blocks_, height, &Block::height)->label = label.kind;
    while (!blocks_.empty() && blocks_.front().label == Kind::final) blocks_.pop_front();
    blocks_.push_back(block);
}

void RollingFinality::taken_back(std::uint64_t to) {
    std::erase_if(blocks_, [to](const Block& each) { return each.height > to; });
}

bool RollingFinality::owes() const noexcept {
    return std::ranges::any_of(blocks_, &Block::has_transactions);
}

}  // namespace rues::chain
