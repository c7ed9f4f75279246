#include "store/fates.hpp"

#include <algorithm>

namespace rues::store {
namespace {

/// REQUIRES: not `accepted`.
std::uint64_t value_of(const Fates::Decided& decided, wire::Finality finality) {
    return finality == wire::Finality::confirmed ? decided.confirmed : decided.final;
}

}  // namespace

const TakenBlock* TakenBack::block_of(std::uint64_t seq) const noexcept {
    const auto behind = std::ranges::upper_bound(blocks_, seq, {}, &TakenBlock::first_seq);
    if (behind == blocks_.begin()) return nullptr;
    const TakenBlock& before = *std::prev(behind);
    return seq <= before.last_seq ? &before : nullptr;
}

bool TakenBack::delivers(const LogRecord& record, wire::Finality finality) const noexcept {
    if (finality == wire::Finality::accepted) return true;
    switch (record.filter.tie) {
    case Tie::none:
        break;
    case Tie::block: {
        const TakenBlock* const block = block_of(record.seq);
        return block == nullptr || block->reached >= finality;
    }
    case Tie::reverted:
    case Tie::retraction:
        return record.filter.reached >= finality;
    }
    return true;
}

std::uint64_t Fates::decided(wire::Finality finality) const {
    if (finality == wire::Finality::accepted) return ~std::uint64_t{0};
    const std::lock_guard lock(mutex_);
    return moments_.empty() ? 0 : value_of(moments_.back().decided, finality);
}

std::optional<std::uint64_t> Fates::decided_at(wire::Finality finality, std::uint64_t seq) const {
    if (finality == wire::Finality::accepted) return seq;
    const std::lock_guard lock(mutex_);
    const auto behind = std::ranges::lower_bound(moments_, seq, {}, &Moment::last_seq);
    if (behind == moments_.begin()) return std::nullopt;
    const Moment& then = *std::prev(behind);
    return value_of(then.decided, finality);
}

std::shared_ptr<const TakenBack> Fates::taken_back() const {
    const std::lock_guard lock(mutex_);
    return taken_back_;
}

void Fates::advance(std::uint64_t last_seq, Decided decided) {
    const std::lock_guard lock(mutex_);
    if (!moments_.empty() && moments_.back().decided == decided) return;
    moments_.push_back({last_seq, decided});
    if (moments_.size() > kHistory) moments_.pop_front();
}

void Fates::take_back(std::vector<TakenBlock> blocks) {
    if (blocks.empty()) return;
    auto all = taken_back()->blocks();
    all.insert(all.end(), blocks.begin(), blocks.end());
    std::ranges::sort(all, {}, &TakenBlock::first_seq);
    auto made = std::make_shared<const TakenBack>(std::move(all));
    const std::lock_guard lock(mutex_);
    taken_back_.swap(made);
}

void Fates::forget_before(std::uint64_t first_seq) {
    auto all = taken_back()->blocks();
    if (std::erase_if(all, [first_seq](const TakenBlock& each) { return each.last_seq < first_seq; }) == 0) return;
    auto made = std::make_shared<const TakenBack>(std::move(all));
    const std::lock_guard lock(mutex_);
    taken_back_.swap(made);
}

}  // namespace rues::store
