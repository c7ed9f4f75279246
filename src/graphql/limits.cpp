#include "graphql/limits.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace rues::graphql {
namespace {

/// The fields of introspection that lead from a type to a list with types. Three of them in each other repeat the same
/// types many times over, and tools need only one.
constexpr std::array<std::string_view, 4> kLists = {"fields", "interfaces", "possibleTypes", "inputFields"};
constexpr std::uint64_t kMaxLists = 2;

constexpr std::uint64_t kUnbounded = std::uint64_t{1} << 40U;

std::uint64_t saturated(std::uint64_t value) noexcept {
    return std::min(value, kUnbounded);
}

/// Computes the cost of each fragment once, after the fragments that it spreads. A fragment in a cycle is infinitely
/// deep.
class Cost {
public:
    explicit Cost(const Document& document) : document_(document), of_(document.fragments.size()) {
        for (std::uint32_t i = 0; i < of_.size(); ++i) by_name_.emplace(document.fragments[i].name.text, i);
        for (std::uint32_t i = 0; i < of_.size(); ++i) fragment(i);
    }

    struct Sum {
        std::uint64_t depth = 0;  ///< nesting of sets below this one
        std::uint64_t fields = 0;
        std::uint64_t top = 0;    ///< fields that belong to the set itself
        std::uint64_t lists = 0;  ///< nesting of introspection lists
        bool introspects_too_deep = false;
    };

    Sum set(Range range) const {
        Sum out;
        for (const SelectionNode& node : document_.selections_of(range)) {
            const Sum inner = below(node);
            if (node.kind == SelectionNode::Kind::field) {
                out.fields = saturated(out.fields + 1 + inner.fields);
                ++out.top;
            } else {
                out.fields = saturated(out.fields + inner.fields);
                out.top = saturated(out.top + inner.top);
            }
            const bool list =
                node.kind == SelectionNode::Kind::field && std::ranges::find(kLists, node.name) != kLists.end();
            out.lists = std::max(out.lists, saturated(inner.lists + (list ? 1 : 0)));
            const bool introspects =
                node.kind == SelectionNode::Kind::field && (node.name == "__schema" || node.name == "__type");
            if (inner.introspects_too_deep || (introspects && inner.lists > kMaxLists)) out.introspects_too_deep = true;
            if (opens(node)) out.depth = saturated(std::max(out.depth, inner.depth + 1));
        }
        return out;
    }

    /// The position of the first set, in document order, that lies `left` levels deeper. REQUIRES: there is one.
    std::uint32_t deepest(Range range, std::uint32_t set_at, std::uint64_t left) const {
        if (left == 0) {
            return set_at;
        }
        for (const SelectionNode& node : document_.selections_of(range)) {
            if (!opens(node) || below(node).depth + 1 < left) continue;
            if (node.kind != SelectionNode::Kind::spread) return deepest(node.selections, node.set, left - 1);
            const FragmentNode& inner = document_.fragments[by_name_.at(node.name)];
            return deepest(inner.selections, inner.set, left - 1);
        }
        return set_at;
    }

private:
    enum class State : std::uint8_t { unseen, open, known };
    struct Fragment {
        State state = State::unseen;
        Sum sum;
    };

    bool opens(const SelectionNode& node) const {
        return node.kind == SelectionNode::Kind::spread ? by_name_.contains(node.name) : node.has_set;
    }

    Sum below(const SelectionNode& node) const {
        if (node.kind != SelectionNode::Kind::spread) return node.has_set ? set(node.selections) : Sum{};
        const auto found = by_name_.find(node.name);
        if (found == by_name_.end()) return {};
        const Fragment& inner = of_[found->second];
        return inner.state == State::known ? inner.sum : Sum{kUnbounded, kUnbounded, 0, 0, false};
    }

    void spreads(Range range, std::vector<std::uint32_t>& out) const {
        for (const SelectionNode& node : document_.selections_of(range)) {
            if (node.kind != SelectionNode::Kind::spread)
                spreads(node.selections, out);
            else if (const auto found = by_name_.find(node.name); found != by_name_.end())
                out.push_back(found->second);
        }
    }

    /// Uses its own stack, because a chain of fragments may be as long as the document.
    void fragment(std::uint32_t start) {
        struct Frame {
            std::uint32_t fragment;
            std::vector<std::uint32_t> spreads;
        };
        std::vector<Frame> stack;
        const auto open = [&](std::uint32_t i) {
            if (of_[i].state != State::unseen) return;
            of_[i].state = State::open;
            stack.push_back({i, {}});
            spreads(document_.fragments[i].selections, stack.back().spreads);
        };
        open(start);
        while (!stack.empty()) {
            if (!stack.back().spreads.empty()) {
                const std::uint32_t next = stack.back().spreads.back();
                stack.back().spreads.pop_back();
                open(next);
                continue;
            }
            Fragment& done = of_[stack.back().fragment];
            done.sum = set(document_.fragments[stack.back().fragment].selections);
            done.state = State::known;
            stack.pop_back();
        }
    }

    const Document& document_;
    std::map<std::string_view, std::uint32_t> by_name_;
    std::vector<Fragment> of_;
};

}  // namespace

std::optional<Problem> over_limits(const Document& document, const RequestLimits& limits) {
    const Cost cost(document);
    std::uint64_t fields = 0;
    for (const OperationNode& node : document.operations) {
        const auto sum = cost.set(node.selections);
        if (sum.depth > limits.depth)
            return Problem{
                Rule::Complexity,
                "The recursion depth of the query cannot be greater than `" + std::to_string(limits.depth) + "`",
                {cost.deepest(node.selections, node.set, std::uint64_t{limits.depth} + 1)}};
        fields += sum.fields;
        if (fields > limits.fields || sum.introspects_too_deep || sum.top > limits.root_fields)
            return Problem{Rule::Complexity, "Query is too complex.", {node.at}};
    }
    return std::nullopt;
}

}  // namespace rues::graphql
