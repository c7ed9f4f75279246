#include <algorithm>
#include <map>
#include <set>

#include "graphql/validation_context.hpp"

namespace rues::graphql {
namespace {

/// 5.3.2 FieldsInSetCanMerge. Instead of comparing every pair of fields, all fields of one response key are compared
/// with one of them, and their sub-selections are checked together. This is enough, because being the same field with
/// the same arguments, and having the same shape, are equivalences. The check visits the expanded answer, so its work
/// is bounded by the work of execution; `steps` stops it where that is exponential.
class Overlapping {
public:
    explicit Overlapping(ValidationContext& context)
        : context_(context), document_(context.document), entered_(document_.fragments.size(), 0) {
        cyclic_ =
            std::ranges::any_of(context.problems, [](const auto& each) { return each.rule == Rule::NoFragmentCycles; });
    }

    void run() {
        std::vector<bool> reached(document_.fragments.size(), false);
        for (const OperationNode& node : document_.operations) {
            if (!merge_one(node.selections, false, 0)) return too_complex(node.at);
        }
        // Fragments that operations spread were checked with the operations.
        mark_spread(reached);
        for (std::size_t i = 0; i < reached.size(); ++i) {
            const FragmentNode& node = document_.fragments[i];
            if (!reached[i] && !merge_one(node.selections, false, 0)) return too_complex(node.at);
        }
    }

private:
    static constexpr unsigned kMaxDepth = 128;
    static constexpr unsigned kCycleDepth = 8;  ///< where fragments spread themselves, which is an error anyway

    struct Use {
        const SelectionNode* node;
        const Field* field;
        const Type* parent;
    };
    struct Group {
        std::string_view key;
        std::vector<Use> uses;
    };

    void too_complex(std::uint32_t at) { context_.add(Rule::Complexity, "Query is too complex.", {at}); }

    void mark_spread(std::vector<bool>& reached) const {
        for (const SelectionNode* node : context_.spreads) {
            const auto found = context_.fragments.find(node->name);
            if (found != context_.fragments.end()) reached[found->second] = true;
        }
    }

    void collect(Range range, std::vector<Use>& out) {
        for (const SelectionNode& node : document_.selections_of(range)) {
            if (node.kind == SelectionNode::Kind::field) {
                const std::size_t i = context_.index(node);
                out.push_back({&node, context_.fields[i], context_.parents[i]});
            } else if (node.kind == SelectionNode::Kind::inline_fragment) {
                collect(node.selections, out);
            } else if (const auto found = context_.fragments.find(node.name);
                       found != context_.fragments.end() && entered_[found->second] != round_) {
                entered_[found->second] = round_;
                pending_.push_back(document_.fragments[found->second].selections);
            }
        }
    }

    std::vector<Group> grouped(const std::vector<Range>& sets) {
        ++round_;
        std::vector<Use> uses;
        for (const Range set : sets) collect(set, uses);
        while (!pending_.empty()) {
            const Range next = pending_.back();
            pending_.pop_back();
            collect(next, uses);
        }
        std::vector<Group> out;
        constexpr std::size_t kFew = 12;
        std::map<std::string_view, std::size_t> by_key;
        for (const Use& use : uses) {
            const std::size_t at =
                uses.size() <= kFew
                    ? static_cast<std::size_t>(std::ranges::find(out, use.node->key, &Group::key) - out.begin())
                    : by_key.emplace(use.node->key, out.size()).first->second;
            if (at == out.size()) out.push_back({use.node->key, {}});
            out[at].uses.push_back(use);
        }
        return out;
    }

    /// False when the check would take too many steps.
    bool merge(const std::vector<Range>& sets, bool shape_only, unsigned depth) {
        if (context_.full()) return true;
        if (depth > kMaxDepth || (cyclic_ && depth > kCycleDepth)) return cyclic_;
        const auto groups = grouped(sets);
        for (const Group& group : groups) {
            if (!context_.spend(group.uses.size())) return false;
            same_shape(group);
            if (!shape_only && !same_fields(group, depth)) return false;
            if (shape_only && !below(group.uses, true, depth)) return false;
        }
        return true;
    }

    /// True for a set of a few fields with different keys, in which no field can conflict with another. Most sets are
    /// plain.
    bool is_plain(Range set) const {
        constexpr std::uint32_t kFew = 16;
        if (set.count > kFew) return false;
        const auto nodes = document_.selections_of(set);
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (nodes[i].kind != SelectionNode::Kind::field) return false;
            for (std::size_t k = 0; k < i; ++k)
                if (nodes[k].key == nodes[i].key) return false;
        }
        return true;
    }

    bool merge_one(Range set, bool shape_only, unsigned depth) {
        if (depth > kMaxDepth || !is_plain(set)) return merge({set}, shape_only, depth);
        if (!context_.spend(set.count)) return false;
        for (const SelectionNode& node : document_.selections_of(set))
            if (node.has_set && !merge_one(node.selections, shape_only, depth + 1)) return false;
        return true;
    }

    bool below(const std::vector<Use>& uses, bool shape_only, unsigned depth) {
        if (uses.size() == 1) {
            const SelectionNode& node = *uses.front().node;
            return !node.has_set || merge_one(node.selections, shape_only, depth + 1);
        }
        std::vector<Range> sets;
        for (const Use& use : uses)
            if (use.node->has_set) sets.push_back(use.node->selections);
        return sets.empty() || merge(sets, shape_only, depth + 1);
    }

    /// Fields of different object types never meet in one object. A field of any other type may meet all of them.
    bool same_fields(const Group& group, unsigned depth) {
        if (group.uses.size() == 1) return below(group.uses, false, depth);
        std::vector<Use> anywhere;
        std::vector<std::pair<const Type*, std::vector<Use>>> objects;
        for (const Use& use : group.uses) {
            if (use.parent == nullptr || use.parent->kind != Type::Kind::object) {
                anywhere.push_back(use);
                continue;
            }
            auto found = std::ranges::find(objects, use.parent, [](const auto& each) { return each.first; });
            if (found == objects.end()) found = objects.insert(objects.end(), {use.parent, {}});
            found->second.push_back(use);
        }
        if (objects.size() > 1 && !below(group.uses, true, depth)) return false;
        if (objects.empty()) objects.push_back({nullptr, {}});
        for (auto& [type, uses] : objects) {
            if (!context_.spend(anywhere.size())) return false;
            uses.insert(uses.begin(), anywhere.begin(), anywhere.end());
            for (std::size_t i = 1; i < uses.size(); ++i) compare(group.key, uses.front(), uses[i]);
            if (!below(uses, false, depth)) return false;
        }
        return true;
    }

    void compare(std::string_view key, const Use& first, const Use& other) {
        const std::string begin = "Fields " + quoted(key) + " conflict because ";
        if (first.node->name != other.node->name)
            conflict(begin + quoted(first.node->name) + " and " + quoted(other.node->name) + " are different fields.",
                     first, other);
        else if (!same_arguments(*first.node, *other.node))
            conflict(begin + "they have differing arguments.", first, other);
    }

    /// SameResponseShape. Another rule reports unknown fields.
    void same_shape(const Group& group) {
        const Use* first = nullptr;
        for (const Use& use : group.uses) {
            if (use.field == nullptr) continue;
            if (first == nullptr) {
                first = &use;
                continue;
            }
            const TypeRef a = first->field->type;
            const TypeRef b = use.field->type;
            const bool leafs = !a.named->is_composite() || !b.named->is_composite();
            if (a.wrapping == b.wrapping && (!leafs || a.named == b.named)) continue;
            conflict("Fields " + quoted(group.key) + " conflict because they return the conflicting types " +
                         quoted(type_text(a)) + " and " + quoted(type_text(b)) + ".",
                     *first, use);
        }
    }

    void conflict(std::string message, const Use& first, const Use& other) {
        const auto [earlier, later] = std::minmax(first.node->at, other.node->at);
        if (!told_.insert({earlier, later}).second) return;
        context_.add(Rule::OverlappingFieldsCanBeMerged,
                     std::move(message) + " Use different aliases on the fields to fetch both if this was intentional.",
                     {earlier, later});
    }

    bool same_arguments(const SelectionNode& a, const SelectionNode& b) {
        return same_members(document_.arguments_of(a.arguments), document_.arguments_of(b.arguments));
    }

    /// Compares members in any order. Members with the same name, which another rule refuses, are compared by their
    /// place.
    template <typename Node>
    bool same_members(std::span<const Node> left, std::span<const Node> right) {
        if (left.size() != right.size()) return false;
        for (std::size_t i = 0; i < left.size(); ++i) {
            const Node* other = &right[i];
            if (other->name.text != left[i].name.text) {
                if (!context_.spend(right.size())) return false;
                const auto found =
                    std::ranges::find(right, left[i].name.text, [](const Node& node) { return node.name.text; });
                if (found == right.end()) return false;
                other = &*found;
            }
            if (!same_value(left[i].value, other->value)) return false;
        }
        return true;
    }

    bool same_value(const ValueNode& a, const ValueNode& b) {
        if (a.kind != b.kind || a.text != b.text || a.items.count != b.items.count || !context_.spend(1)) return false;
        if (a.kind == ValueNode::Kind::list)
            return std::ranges::equal(document_.values_of(a.items), document_.values_of(b.items),
                                      [&](const ValueNode& x, const ValueNode& y) { return same_value(x, y); });
        if (a.kind == ValueNode::Kind::object)
            return same_members(document_.object_fields_of(a.items), document_.object_fields_of(b.items));
        return true;
    }

    ValidationContext& context_;
    const Document& document_;
    std::vector<std::uint32_t> entered_;  ///< by fragment: the last collection that entered it
    std::uint32_t round_ = 0;
    std::vector<Range> pending_;
    bool cyclic_ = false;
    std::set<std::pair<std::uint32_t, std::uint32_t>> told_;
};

}  // namespace

void validate_overlapping_fields(ValidationContext& context) {
    Overlapping(context).run();
}

}  // namespace rues::graphql
