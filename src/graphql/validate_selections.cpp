#include <algorithm>

#include "graphql/coercion.hpp"
#include "graphql/validation_context.hpp"

namespace rues::graphql {
namespace {

std::string shown(TypeRef type) {
    type.wrapping = type.wrapping.nullable();
    return quoted(type_text(type));
}

class Walk {
public:
    explicit Walk(ValidationContext& context)
        : context_(context), document_(context.document), schema_(context.schema) {}

    void operation(const OperationNode& node) {
        begin();
        static constexpr std::string_view kLocations[] = {"QUERY", "MUTATION", "SUBSCRIPTION"};
        for (const VariableNode& variable : document_.variables_of(node.variables)) this->variable(variable);
        directives(node.directives, kLocations[static_cast<std::size_t>(node.kind)], node.at);
        selections(node.selections, schema_.root(node.kind));
        context_.operation_uses.push_back(end());
    }

    void fragment(const FragmentNode& node) {
        begin();
        directives(node.directives, "FRAGMENT_DEFINITION", node.at);
        const Type* type = condition(node.condition.text, node.name.text, node.at);
        selections(node.selections, type);
        context_.fragment_uses.push_back(end());
    }

private:
    void begin() {
        first_use_ = context_.variable_uses.size();
        first_spread_ = context_.spreads.size();
    }
    Uses end() const {
        const auto range = [](std::size_t first, std::size_t size) {
            return Range{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(size - first)};
        };
        return {range(first_use_, context_.variable_uses.size()), range(first_spread_, context_.spreads.size())};
    }

    /// 5.8.2, and the default value of 5.6.1.
    void variable(const VariableNode& node) {
        directives(node.directives, "VARIABLE_DEFINITION", node.name.at);
        unique_members(node.default_value);
        const Type* type = schema_.type(node.type.name.text);
        if (type == nullptr)
            return context_.add(Rule::KnownTypeNames, "Unknown type " + quoted(node.type.name.text), {node.name.at});
        const TypeRef declared{type, node.type.wrapping};
        if (!type->is_input())
            return context_.add(
                Rule::VariablesAreInputTypes,
                "Variable " + quoted(node.name.text) + " cannot be of non-input type " + quoted(type_text(declared)),
                {node.name.at});
        InputArena arena;
        Input ignored;
        if (node.has_default && !Coercion(document_, nullptr, arena).literal(node.default_value, declared, ignored))
            context_.add(Rule::ValuesOfCorrectType,
                         "Invalid default value for argument: " + quoted(node.name.text) + ", expected type " +
                             quoted(type_text(declared)),
                         {node.name.at});
    }

    /// The type that a type condition names; nullptr when it does not exist or is no object, interface or union. `name`
    /// is the name of the fragment, if it has one.
    const Type* condition(std::string_view text, std::string_view name, std::uint32_t at) {
        const Type* type = schema_.type(text);
        if (type == nullptr) {
            context_.add(Rule::KnownTypeNames, "Unknown type " + quoted(text), {at});
        } else if (!type->is_composite()) {
            context_.add(Rule::FragmentsOnCompositeTypes,
                         "Fragment " + (name.empty() ? "" : quoted(name) + " ") +
                             "cannot condition non composite type " + quoted(text),
                         {at});
            return nullptr;
        }
        return type;
    }

    void selections(Range range, const Type* parent) {
        for (const SelectionNode& node : document_.selections_of(range)) {
            if (context_.full()) return;
            context_.parents[context_.index(node)] = parent;
            switch (node.kind) {
            case SelectionNode::Kind::field:
                field(node, parent);
                break;
            case SelectionNode::Kind::spread:
                spread(node, parent);
                break;
            case SelectionNode::Kind::inline_fragment:
                inline_fragment(node, parent);
                break;
            }
        }
    }

    void field(const SelectionNode& node, const Type* parent) {
        const Field* field = parent == nullptr ? nullptr : schema_.field(*parent, node.name);
        context_.fields[context_.index(node)] = field;
        directives(node.directives, "FIELD", node.at);
        if (field == nullptr) {
            if (parent != nullptr) unknown_field(node, *parent);
            unknown_arguments(node.arguments, node.at);
            return selections(node.selections, nullptr);
        }
        arguments(node.arguments, field->arguments, node.at, [&](const ArgumentNode& each, const std::string& hint) {
            return "Unknown argument " + quoted(each.name.text) + " on field " + quoted(field->name) + " of type " +
                   quoted(parent->name) + "." + hint;
        });
        required(node.arguments, field->arguments, [&](const InputValue& each) {
            // The node names the type of the parent, not that of the argument.
            context_.add(Rule::ProvidedRequiredArguments,
                         "Field " + quoted(field->name) + " argument " + quoted(each.name) + " of type " +
                             quoted(parent->name) + " is required but not provided",
                         {node.at});
        });
        const Type& type = *field->type.named;
        if (type.is_composite() && !node.has_set)
            context_.add(Rule::ScalarLeafs,
                         "Field " + quoted(field->name) + " of type " + quoted(type.name) +
                             " must have a selection of subfields",
                         {node.at});
        if (!type.is_composite() && node.has_set)
            context_.add(Rule::ScalarLeafs,
                         "Field " + quoted(field->name) + " must not have a selection since type " + quoted(type.name) +
                             " has no subfields",
                         {node.at});
        selections(node.selections, &type);
    }

    void unknown_field(const SelectionNode& node, const Type& parent) {
        std::vector<std::string_view> candidates;
        candidates.reserve(parent.fields.size());
        for (const Field& each : parent.fields) candidates.push_back(each.name);
        if (&parent == schema_.query)
            for (const Field& each : schema_.meta_fields) candidates.push_back(each.name);
        context_.add(Rule::FieldsOnCorrectType,
                     "Unknown field " + quoted(node.name) + " on type " + quoted(parent.name) + "." +
                         suggestion(node.name, candidates),
                     {node.at});
    }

    /// 5.5.2.1, 5.5.2.3
    void spread(const SelectionNode& node, const Type* parent) {
        directives(node.directives, "FRAGMENT_SPREAD", node.at);
        context_.spreads.push_back(&node);
        const FragmentNode* fragment = context_.fragment(node.name);
        if (fragment == nullptr)
            return context_.add(Rule::KnownFragmentNames, "Unknown fragment: " + quoted(node.name), {node.at});
        possible(node, parent, schema_.type(fragment->condition.text));
    }

    void inline_fragment(const SelectionNode& node, const Type* parent) {
        directives(node.directives, "INLINE_FRAGMENT", node.at);
        if (!node.name.empty()) {
            const Type* type = condition(node.name, {}, node.at);
            possible(node, parent, type);
            parent = type;
        }
        selections(node.selections, parent);
    }

    void possible(const SelectionNode& node, const Type* parent, const Type* type) {
        if (parent == nullptr || type == nullptr || !parent->is_composite() || !type->is_composite() ||
            overlap(*parent, *type))
            return;
        const bool named = node.kind == SelectionNode::Kind::spread;
        context_.add(Rule::PossibleFragmentSpreads,
                     "Fragment " + (named ? quoted(node.name) + " " : "") +
                         "cannot be spread here as objects of type " + quoted(parent->name) + " can never be of type " +
                         quoted(type->name),
                     {node.at});
    }

    /// 5.7
    void directives(Range range, std::string_view location, std::uint32_t owner) {
        const auto nodes = document_.directives_of(range);
        for (const DirectiveNode& node : nodes) {
            const DirectiveDefinition* definition = schema_.directive(node.name.text);
            if (definition == nullptr) {
                context_.add(Rule::KnownDirectives, "Unknown directive " + quoted(node.name.text), {node.name.at});
                unknown_arguments(node.arguments, owner);
                continue;
            }
            if (!definition->may_stand_on(location))
                context_.add(Rule::KnownDirectives,
                             "Directive " + quoted(node.name.text) + " may not be used on " + quoted(location),
                             {node.name.at});
            arguments(node.arguments, definition->arguments, owner,
                      [&](const ArgumentNode& each, const std::string& hint) {
                          return "Unknown argument " + quoted(each.name.text) + " on directive " +
                                 quoted(definition->name) + "." + hint;
                      });
            required(node.arguments, definition->arguments, [&](const InputValue& each) {
                context_.add(Rule::ProvidedRequiredArguments,
                             "Directive " + quoted("@" + definition->name) + " argument " + quoted(each.name) +
                                 " of type " + quoted(type_text(each.type)) + " is required but not provided",
                             {node.name.at});
            });
        }
        for_repeated(
            nodes, [](const DirectiveNode& node) { return node.name.text; },
            [&](const DirectiveNode&, const DirectiveNode& again) {
                if (schema_.directive(again.name.text) != nullptr)
                    context_.add(Rule::UniqueDirectivesPerLocation, "Duplicate directive " + quoted(again.name.text),
                                 {again.name.at});
            });
    }

    /// 5.4.1, 5.4.2, 5.6.1
    template <typename Unknown>
    void arguments(Range range, const std::vector<InputValue>& declared, std::uint32_t owner, Unknown unknown) {
        if (range.count == 0) return;
        for (const ArgumentNode& node : document_.arguments_of(range)) {
            if (context_.full()) return;
            const auto found = std::ranges::find(declared, node.name.text, &InputValue::name);
            if (found == declared.end()) {
                std::vector<std::string_view> candidates;
                candidates.reserve(declared.size());
                for (const InputValue& each : declared) candidates.push_back(each.name);
                context_.add(Rule::KnownArgumentNames, unknown(node, suggestion(node.name.text, candidates)),
                             {node.name.at});
            } else {
                value(node, found->type);
            }
            const TypeRef type = found == declared.end() ? TypeRef{} : found->type;
            uses(node.value, node.name.at, owner, type, found != declared.end() && found->default_text.has_value());
            unique_members(node.value);
        }
        unique_arguments(range);
    }

    void unknown_arguments(Range range, std::uint32_t owner) {
        for (const ArgumentNode& node : document_.arguments_of(range)) {
            uses(node.value, node.name.at, owner, {}, false);
            unique_members(node.value);
        }
        unique_arguments(range);
    }

    void unique_arguments(Range range) {
        for_repeated(
            document_.arguments_of(range), [](const ArgumentNode& node) { return node.name.text; },
            [&](const ArgumentNode&, const ArgumentNode& again) {
                context_.add(Rule::UniqueArgumentNames,
                             "There can only be one argument named " + quoted(again.name.text), {again.name.at});
            });
    }

    /// 5.4.2.1
    template <typename Report>
    void required(Range range, const std::vector<InputValue>& declared, Report report) {
        const auto given = document_.arguments_of(range);
        for (const InputValue& each : declared)
            if (each.required() &&
                std::ranges::find(given, each.name, [](const auto& node) { return node.name.text; }) == given.end())
                report(each);
    }

    void value(const ArgumentNode& node, TypeRef type) {
        InputArena arena;
        Input ignored;
        Coercion coercion(document_, nullptr, arena);
        if (coercion.literal(node.value, type, ignored)) return;
        const auto& problem = coercion.problem();
        const std::string name = quoted(std::string(node.name.text) + problem.path);
        context_.add(Rule::ValuesOfCorrectType,
                     "Invalid value for argument " + name + ", " +
                         (problem.text.empty() ? "expected type " + shown(problem.type) : problem.text),
                     {node.name.at});
    }

    /// 5.6.3, in every object that is part of the value.
    void unique_members(const ValueNode& node) {
        if (node.kind == ValueNode::Kind::list)
            for (const ValueNode& item : document_.values_of(node.items)) unique_members(item);
        if (node.kind != ValueNode::Kind::object) return;
        const auto fields = document_.object_fields_of(node.items);
        for (const ObjectFieldNode& field : fields) unique_members(field.value);
        for_repeated(
            fields, [](const ObjectFieldNode& field) { return field.name.text; },
            [&](const ObjectFieldNode&, const ObjectFieldNode& again) {
                context_.add(Rule::UniqueInputFieldNames,
                             "There can only be one input field named " + quoted(again.name.text), {again.name.at});
            });
    }

    /// Records the variables in a value, with the type that each place expects.
    void uses(const ValueNode& node, std::uint32_t argument, std::uint32_t owner, TypeRef type, bool has_default) {
        if (node.kind == ValueNode::Kind::variable) {
            context_.variable_uses.push_back({&node, argument, owner, type, has_default});
        } else if (node.kind == ValueNode::Kind::list) {
            if (type.named != nullptr && type.wrapping.is_list())
                type.wrapping = type.wrapping.item();
            else
                type.wrapping = type.wrapping.nullable();
            for (const ValueNode& item : document_.values_of(node.items)) uses(item, argument, owner, type, false);
        } else if (node.kind == ValueNode::Kind::object) {
            const bool known = type.named != nullptr && type.named->kind == Type::Kind::input_object;
            for (const ObjectFieldNode& field : document_.object_fields_of(node.items)) {
                const InputValue* input = known ? type.named->input(field.name.text) : nullptr;
                uses(field.value, argument, owner, input == nullptr ? TypeRef{} : input->type,
                     input != nullptr && input->default_text.has_value());
            }
        }
    }

    ValidationContext& context_;
    const Document& document_;
    const Schema& schema_;
    std::size_t first_use_ = 0;
    std::size_t first_spread_ = 0;
};

}  // namespace

void validate_selections(ValidationContext& context) {
    Walk walk(context);
    for (const OperationNode& node : context.document.operations) walk.operation(node);
    for (const FragmentNode& node : context.document.fragments) walk.fragment(node);
}

}  // namespace rues::graphql
