#include "phoenix/selection.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "phoenix/transaction.hpp"

namespace rues::phoenix {
namespace {

std::uint64_t sum_of(std::uint64_t a, std::uint64_t b) noexcept {
    constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
    return b > kMost - a ? kMost : a + b;
}

}  // namespace

std::expected<std::vector<std::size_t>, TooLittle> select_notes(std::span<const std::uint64_t> values,
                                                                std::uint64_t needed) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return values[i]; });

    TooLittle too_little;
    std::size_t count = 0;
    std::uint64_t before_last = 0;
    for (const std::size_t i : order) {
        const std::uint64_t sum = sum_of(too_little.all, values[i]);
        if (too_little.notes == 0) {
            ++count;
            before_last = too_little.all;
            if (sum >= needed) too_little.notes = count;
        }
        too_little.all = sum;
        if (count <= kMaxInputs) too_little.most = sum;
    }
    if (too_little.notes == 0 || too_little.notes > kMaxInputs) return std::unexpected(too_little);

    const auto rest = order.begin() + static_cast<std::ptrdiff_t>(count - 1);
    const auto suffices = [&](std::size_t i) { return sum_of(before_last, values[i]) >= needed; };
    const auto end = std::partition_point(rest, order.end(), suffices);
    // Among equal values the first one stands first.
    const auto last = std::find_if(rest, end, [&](std::size_t i) { return values[i] == values[*(end - 1)]; });
    std::vector<std::size_t> out(order.begin(), rest);
    out.push_back(*last);
    std::ranges::sort(out);
    return out;
}

}  // namespace rues::phoenix
