#include "vm/pages/slot_numbers.hpp"

#include <algorithm>
#include <iterator>

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
    if (const auto warm = take_warm(count)) {
        out.push_back(*warm);
        return out;
    }
    for (std::uint32_t left = count; left > 0; left -= out.back().count)
        out.push_back(free_.empty() ? *take_warm(1) : cut(find(left), left));
    return out;
}

std::optional<SlotRun> SlotNumbers::take_warm(std::uint32_t count) {
    if (warm_.empty() || count > kSearchedWarm) return std::nullopt;
    if (count == 1) {
        const SlotRun out{warm_.back().number, 1};
        warm_.pop_back();
        return out;
    }
    const auto begin = warm_.end() - static_cast<std::ptrdiff_t>(std::min(warm_.size(), kSearchedWarm));
    std::vector<std::uint32_t> sorted;
    std::transform(begin, warm_.end(), std::back_inserter(sorted), [](const Warm& each) { return each.number; });
    std::ranges::sort(sorted);
    std::size_t first = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i > 0 && sorted[i] != sorted[i - 1] + 1) first = i;
        if (i + 1 - first < count) continue;
        const SlotRun out{sorted[first], count};
        const auto is_taken = [out](const Warm& each) {
            return each.number >= out.first && each.number - out.first < out.count;
        };
        warm_.erase(std::remove_if(begin, warm_.end(), is_taken), warm_.end());
        return out;
    }
    return std::nullopt;
}

void SlotNumbers::release(std::uint32_t number, std::uint64_t content) {
    --in_use_;
    warm_.push_back({number, content});
}

bool SlotNumbers::take_again(std::uint32_t first, std::span<const std::uint64_t> contents) {
    if (contents.size() > limit_ - in_use_) return false;
    const auto is_wanted = [&](const Warm& each) {
        return each.number >= first && each.number - first < contents.size() &&
               contents[each.number - first] == each.content;
    };
    if (std::ranges::count_if(warm_, is_wanted) != static_cast<std::ptrdiff_t>(contents.size())) return false;
    std::erase_if(warm_, is_wanted);
    in_use_ += static_cast<std::uint32_t>(contents.size());
    return true;
}

std::vector<SlotRun> SlotNumbers::take_cold() {
    const std::size_t wanted = std::max(kWarm, in_use_ / kInUseToWarm);
    if (warm_.size() < 2 * wanted) return {};
    const auto end = warm_.end() - static_cast<std::ptrdiff_t>(wanted);
    std::ranges::sort(warm_.begin(), end, {}, &Warm::number);
    std::vector<SlotRun> out;
    for (auto at = warm_.begin(); at != end; ++at) {
        if (!out.empty() && out.back().first + out.back().count == at->number) {
            ++out.back().count;
        } else {
            out.push_back({at->number, 1});
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
