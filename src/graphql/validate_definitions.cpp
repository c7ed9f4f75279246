#include <algorithm>
#include <map>
#include <set>

#include "graphql/validation_context.hpp"

namespace rues::graphql {
namespace {

class Definitions {
public:
    explicit Definitions(ValidationContext& context) : context_(context), document_(context.document) {}

    void run() {
        names();
        cycles();
        used_.assign(document_.fragments.size(), false);
        for (std::size_t i = 0; i < document_.operations.size() && !context_.full(); ++i) {
            const OperationNode& node = document_.operations[i];
            root(node);
            if (!variables(node, context_.operation_uses[i])) {
                context_.add(Rule::Complexity, "Query is too complex.", {node.at});
                return;
            }
            if (node.kind == OperationNode::Kind::subscription) single_field(node);
        }
        for (std::size_t i = 0; i < used_.size(); ++i) {
            const FragmentNode& node = document_.fragments[i];
            if (!used_[i] && context_.fragment(node.name.text) == &node)
                context_.add(Rule::NoUnusedFragments, "Fragment " + quoted(node.name.text) + " is never used",
                             {node.at});
        }
    }

private:
    /// 5.2.1.1, 5.2.2.1, 5.5.1.1
    void names() {
        for_repeated(
            document_.operations, [](const OperationNode& node) { return node.name.text; },
            [&](const OperationNode& first, const OperationNode& again) {
                if (again.name.text.empty()) return;
                context_.add(Rule::UniqueOperationNames,
                             "operation " + std::string(again.name.text) + " is defined twice", {again.at, first.at});
            });
        for_repeated(
            document_.fragments, [](const FragmentNode& node) { return node.name.text; },
            [&](const FragmentNode& first, const FragmentNode& again) {
                context_.add(Rule::UniqueFragmentNames,
                             "fragment " + std::string(again.name.text) + " is defined twice", {again.at, first.at});
            });
        if (document_.operations.size() < 2) return;
        const auto anonymous =
            std::ranges::find_if(document_.operations, [](const auto& node) { return node.name.text.empty(); });
        if (anonymous == document_.operations.end()) return;
        const auto& other =
            anonymous == document_.operations.begin() ? document_.operations[1] : document_.operations[0];
        context_.add(Rule::LoneAnonymousOperation, "document contains multiple operations", {anonymous->at, other.at});
    }

    /// The node reports this problem twice (vectors/rusk-1.7: gql-mutation, gql-subscription).
    void root(const OperationNode& node) {
        if (context_.schema.root(node.kind) != nullptr) return;
        const bool mutation = node.kind == OperationNode::Kind::mutation;
        for (int i = 0; i < 2; ++i)
            context_.add(Rule::KnownOperationTypes,
                         std::string("Schema is not configured for ") + (mutation ? "mutations." : "subscriptions."),
                         {node.at});
    }

    std::span<const SelectionNode* const> spreads(Range range) const {
        return std::span(context_.spreads).subspan(range.first, range.count);
    }

    /// 5.5.2.2. Uses its own stack, because chains of fragments may be as long as the document.
    void cycles() {
        enum : std::uint8_t { kNew, kOpen, kDone };
        std::vector<std::uint8_t> state(document_.fragments.size(), kNew);
        struct Frame {
            std::uint32_t fragment;
            std::uint32_t next;
        };
        std::vector<Frame> stack;
        for (std::uint32_t start = 0; start < state.size(); ++start) {
            if (state[start] != kNew) continue;
            state[start] = kOpen;
            stack.push_back({start, 0});
            while (!stack.empty()) {
                Frame& frame = stack.back();
                const auto inner = spreads(context_.fragment_uses[frame.fragment].spreads);
                if (frame.next == inner.size()) {
                    state[frame.fragment] = kDone;
                    stack.pop_back();
                    continue;
                }
                const SelectionNode& node = *inner[frame.next++];
                const auto found = context_.fragments.find(node.name);
                if (found == context_.fragments.end()) continue;
                if (state[found->second] == kOpen)
                    context_.add(Rule::NoFragmentCycles, "Cannot spread fragment " + quoted(node.name), {node.at});
                if (state[found->second] != kNew) continue;
                state[found->second] = kOpen;
                stack.push_back({found->second, 0});
            }
        }
    }

    /// The fragments an operation reaches, itself first; nullopt: too many steps.
    bool reach(const Uses& from, std::vector<const Uses*>& out) {
        std::vector<bool> seen(document_.fragments.size(), false);
        out.push_back(&from);
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (!context_.spend(1 + out[i]->spreads.count)) return false;
            for (const SelectionNode* node : spreads(out[i]->spreads)) {
                const auto found = context_.fragments.find(node->name);
                if (found == context_.fragments.end() || seen[found->second]) continue;
                seen[found->second] = true;
                used_[found->second] = true;
                out.push_back(&context_.fragment_uses[found->second]);
            }
        }
        return context_.spend(seen.size() / 64);
    }

    /// 5.8.1, 5.8.3 to 5.8.5
    bool variables(const OperationNode& node, const Uses& own) {
        std::vector<const Uses*> reached;
        if (!reach(own, reached)) return false;
        const auto declared = document_.variables_of(node.variables);
        for_repeated(
            declared, [](const VariableNode& each) { return each.name.text; },
            [&](const VariableNode&, const VariableNode& again) {
                context_.add(Rule::UniqueVariableNames,
                             "There can only be one variable named " + quoted("$" + std::string(again.name.text)),
                             {again.name.at});
            });
        struct Declared {
            const VariableNode* node;
            bool used = false;
        };
        std::map<std::string_view, Declared> by_name;
        for (const VariableNode& each : declared) by_name.insert_or_assign(each.name.text, Declared{&each});

        const std::string_view name = node.name.text;
        for (const Uses* uses : reached) {
            if (!context_.spend(uses->variables.count)) return false;
            for (const VariableUse& use :
                 std::span(context_.variable_uses).subspan(uses->variables.first, uses->variables.count)) {
                const auto found = by_name.find(use.value->text);
                if (found != by_name.end()) {
                    found->second.used = true;
                    if (context_.options.variable_positions) position(*found->second.node, use);
                } else if (name.empty()) {
                    context_.add(Rule::NoUndefinedVariables,
                                 "Variable " + quoted("$" + std::string(use.value->text)) + " is not defined",
                                 {use.argument});
                } else {
                    context_.add(Rule::NoUndefinedVariables,
                                 "Variable " + quoted("$" + std::string(use.value->text)) +
                                     " is not defined by operation " + quoted(name),
                                 {node.at, use.argument});
                }
            }
        }
        for (const VariableNode& each : declared) {
            if (by_name.at(each.name.text).used) continue;
            context_.add(Rule::NoUnusedVariables,
                         "Variable " + quoted("$" + std::string(each.name.text)) + " is not used" +
                             (name.empty() ? "" : " by operation " + quoted(name)),
                         {each.name.at});
        }
        return true;
    }

    void position(const VariableNode& node, const VariableUse& use) {
        const Type* named = context_.schema.type(node.type.name.text);
        if (use.location.named == nullptr || named == nullptr) return;
        TypeRef wanted = use.location;
        const bool has_default =
            (node.has_default && node.default_value.kind != ValueNode::Kind::null) || use.location_default;
        if (wanted.wrapping.is_non_null() && !node.type.wrapping.is_non_null() && has_default)
            wanted.wrapping = wanted.wrapping.nullable();
        const TypeRef type{named, node.type.wrapping};
        if (is_subtype(type, wanted)) return;
        context_.add(Rule::VariablesInAllowedPosition,
                     "Variable " + quoted(node.name.text) + " of type " + quoted(type_text(type)) +
                         " used in position expecting type " + quoted(type_text(use.location)),
                     {node.name.at, use.owner});
    }

    /// 5.2.3.1. Directives with constant conditions count.
    void single_field(const OperationNode& node) {
        const Type* root = context_.schema.subscription;
        if (root == nullptr) return;
        std::vector<Range> open{node.selections};
        std::set<std::string_view> entered;
        std::vector<const SelectionNode*> fields;
        for (std::size_t i = 0; i < open.size(); ++i) {
            if (!context_.spend(open[i].count)) return;
            for (const SelectionNode& each : document_.selections_of(open[i])) {
                if (left_out(each)) continue;
                std::string_view type = each.name;
                Range inner = each.selections;
                if (each.kind == SelectionNode::Kind::field) {
                    fields.push_back(&each);
                    continue;
                }
                if (each.kind == SelectionNode::Kind::spread) {
                    const FragmentNode* fragment = context_.fragment(each.name);
                    if (fragment == nullptr || !entered.insert(each.name).second) continue;
                    type = fragment->condition.text;
                    inner = fragment->selections;
                }
                const Type* condition = context_.schema.type(type);
                if (type.empty() || (condition != nullptr && condition->can_be(*root))) open.push_back(inner);
            }
        }
        for (const SelectionNode* field : fields) {
            if (field->key != fields.front()->key)
                return context_.add(Rule::SingleFieldSubscriptions, "A subscription must select one field only",
                                    {field->at, node.at});
            if (field->name.starts_with("__"))
                return context_.add(Rule::SingleFieldSubscriptions,
                                    "A subscription must not select an introspection field", {field->at});
        }
    }

    bool left_out(const SelectionNode& node) const {
        for (const DirectiveNode& directive : document_.directives_of(node.directives)) {
            const bool skip = directive.name.text == "skip";
            if (!skip && directive.name.text != "include") continue;
            for (const ArgumentNode& argument : document_.arguments_of(directive.arguments))
                if (argument.name.text == "if" && argument.value.text == (skip ? "true" : "false")) return true;
        }
        return false;
    }

    ValidationContext& context_;
    const Document& document_;
    std::vector<bool> used_;
};

}  // namespace

void validate_definitions(ValidationContext& context) {
    Definitions(context).run();
}

}  // namespace rues::graphql
