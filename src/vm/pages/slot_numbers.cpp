#include "vm/pages/slot_numbers.hpp"

#include <algorithm>

namespace rues::vm {

SlotNumbers::SlotNumbers(std::uint32_t limit, std::uint32_t range) : limit_(limit), free_count_(range) {
    free_.emplace(0, range);
}

SlotNumbers::Free::iterator SlotNumbers::find(std::uint32_t count) {
    std::size_t searched = 0;
    for (auto at = free_.begin(); at != free_.end() && searched < kSearched; ++at, ++searched) {
        if (at->second >= count) return at;
    }
    return std::prev(free_.end());
}

SlotRun SlotNumbers::cut(Free::iterator from, std::uint32_t count) {
    const SlotRun out{from->first, std::min(from->second, count)};
    const SlotRun rest{out.first + out.count, from->second - out.count};
    free_.erase(from);
    if (rest.count > 0) free_.emplace(rest.first, rest.count);
    free_count_ -= out.count;
    return out;
}

std::optional<std::vector<SlotRun>> SlotNumbers::allocate(std::uint32_t count) {
    if (count > limit_ - in_use_ || count > free_count_ + warm_.size()) return std::nullopt;
    in_use_ += count;
    std::vector<SlotRun> out;
    const auto take_warm = [&] {
        out.push_back({warm_.back(), 1});
        warm_.pop_back();
    };
    if (count == 1 && !warm_.empty()) {
        take_warm();
        return out;
    }
    for (std::uint32_t left = count; left > 0; left -= out.back().count) {
        if (free_.empty()) {
            take_warm();
        } else {
            out.push_back(cut(find(left), left));
        }
    }
    return out;
}

void SlotNumbers::release(std::uint32_t number) {
    --in_use_;
    warm_.push_back(number);
}

std::vector<SlotRun> SlotNumbers::take_cold() {
    const std::size_t wanted = std::max(kWarm, in_use_ / kInUseToWarm);
    if (warm_.size() < 2 * wanted) return {};
    const auto end = warm_.end() - static_cast<std::ptrdiff_t>(wanted);
    std::sort(warm_.begin(), end);
    std::vector<SlotRun> out;
    for (auto at = warm_.begin(); at != end; ++at) {
        if (!out.empty() && out.back().first + out.back().count == *at) {
            ++out.back().count;
        } else {
            out.push_back({*at, 1});
        }
    }
    warm_.erase(warm_.begin(), end);
    return out;
}

void SlotNumbers::put_back(std::span<const SlotRun> cold) {
    for (const SlotRun run : cold) put(run);
}

void SlotNumbers::put(SlotRun run) {
    free_count_ += run.count;
    auto after = free_.lower_bound(run.first);
    if (after != free_.end() && after->first == run.first + run.count) {
        run.count += after->second;
        after = free_.erase(after);
    }
    if (after != free_.begin()) {
        const auto before = std::prev(after);
        if (before->first + before->second == run.first) {
            before->second += run.count;
            return;
        }
    }
    free_.emplace_hint(after, run.first, run.count);
}

}  // namespace rues::vm
