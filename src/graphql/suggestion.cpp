#include <algorithm>
#include <numeric>

#include "graphql/validation_context.hpp"

namespace rues::graphql {
namespace {

/// The edit distance in bytes. REQUIRES: texts of similar, small length.
std::size_t levenshtein(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t k = 0; k < b.size(); ++k) {
            const std::size_t replaced = diagonal + (a[i] == b[k] ? 0 : 1);
            diagonal = row[k + 1];
            row[k + 1] = std::min({row[k] + 1, row[k + 1] + 1, replaced});
        }
    }
    return row.back();
}

}  // namespace

std::string suggestion(std::string_view wanted, const std::vector<std::string_view>& candidates) {
    std::vector<std::pair<std::size_t, std::string_view>> near;
    for (const auto candidate : candidates) {
        const std::size_t below = std::max({wanted.size() / 2, candidate.size() / 2, std::size_t{1}});
        const std::size_t least = std::max(wanted.size(), candidate.size()) - std::min(wanted.size(), candidate.size());
        if (least >= below) continue;  // also keeps long names from being compared
        const std::size_t distance = levenshtein(wanted, candidate);
        if (distance < below) near.emplace_back(distance, candidate);
    }
    std::ranges::stable_sort(near, {}, [](const auto& each) { return each.first; });
    std::string out;
    for (const auto& [distance, name] : near) out += (out.empty() ? " Did you mean " : ", ") + quoted(name);
    return out.empty() ? out : out + "?";
}

}  // namespace rues::graphql
