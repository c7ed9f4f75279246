#include "app/nearest.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/encoding.hpp"

namespace rues::app {
namespace {

constexpr std::size_t kLongestWord = 64;

std::string plain(std::string_view word) {
    word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
    return base::to_lower_ascii(word);
}

/// The least number of edits between two words: insert, remove or replace a letter, or exchange two neighbours.
std::size_t distance(std::string_view from, std::string_view to) {
    // Row i: from the first i letters of `from` to the first j letters of `to`. Only three rows are needed.
    std::vector<std::size_t> before(to.size() + 1);
    std::vector<std::size_t> above(to.size() + 1);
    std::vector<std::size_t> row(to.size() + 1);
    for (std::size_t j = 0; j <= to.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= from.size(); ++i) {
        before = std::exchange(above, row);
        row[0] = i;
        for (std::size_t j = 1; j <= to.size(); ++j) {
            const std::size_t replaced = above[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
            const bool exchanged = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
            if (exchanged) row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row[to.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known) {
    const std::string wanted = plain(word);
    if (wanted.empty() || wanted.size() > kLongestWord) return std::nullopt;
    const std::size_t most = wanted.size() < 3 ? 0 : 1 + wanted.size() / 5;
    std::optional<std::string> best;
    std::size_t best_distance = most + 1;
    std::vector<std::string> longer;
    for (const auto& each : known) {
        const std::string candidate = plain(each);
        if (wanted.size() > 1 && candidate.starts_with(wanted)) longer.push_back(each);
        const std::size_t slips = distance(wanted, candidate);
        if (slips >= best_distance) continue;
        best_distance = slips;
        best = each;
    }
    if (best_distance > 0 && longer.size() == 1) return longer.front();
    return best;
}

}  // namespace rues::app
