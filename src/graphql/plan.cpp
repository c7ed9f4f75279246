#include "graphql/plan.hpp"

#include <algorithm>

#include "graphql/validation_context.hpp"

namespace rues::graphql {

Plan::Plan(const Schema& schema, const Document& document, const OperationNode& operation, const Variables& variables)
    : schema_(schema), document_(document), variables_(variables), entered_(document.fragments.size(), 0) {
    for (std::uint32_t i = 0; i < document.fragments.size(); ++i)
        fragments_.emplace(document.fragments[i].name.text, i);
    sources_.push_back(operation.selections);
    add_set(*schema.root(operation.kind), {0, 1});
    for (std::uint32_t i = 0; i < sets_.size(); ++i) build(i);
    running_ = true;
}

std::uint32_t Plan::add_set(const Type& type, Range sources) {
    sets_.push_back({&type, sources, {}});
    return static_cast<std::uint32_t>(sets_.size() - 1);
}

std::uint32_t Plan::child(std::uint32_t field, const Type& type) {
    if (fields_[field].child != kNone) return fields_[field].child;
    const auto type_number = static_cast<std::uint64_t>(
        std::ranges::find(schema_.types, &type, [](const Type& each) { return &each; }) - schema_.types.begin());
    const auto [at, is_new] = abstract_.emplace(std::uint64_t{field} << 32U | type_number, 0);
    if (is_new) {
        const std::uint32_t first = at->second = add_set(type, fields_[field].sources);
        for (std::uint32_t i = first; i < sets_.size(); ++i) build(i);
        return first;
    }
    return at->second;
}

/// The sets of object types below are appended and built later, so nothing recurses.
void Plan::build(std::uint32_t set) {
    const Type& type = *sets_[set].type;
    const Range sources = sets_[set].sources;
    std::vector<Group> groups;
    keys_.clear();
    ++round_;
    for (std::uint32_t i = 0; i < sources.count; ++i) collect(sources_[sources.first + i], type, groups);

    sets_[set].fields = {static_cast<std::uint32_t>(fields_.size()), static_cast<std::uint32_t>(groups.size())};
    for (Group& group : groups) {
        PlannedField& field = group.field;
        if (field.node->has_set) {
            field.sources = {static_cast<std::uint32_t>(sources_.size()), 1};
            sources_.push_back(field.node->selections);
            for (const SelectionNode* node : group.more) sources_.push_back(node->selections);
            field.sources.count += static_cast<std::uint32_t>(group.more.size());
            if (!field.field->type.named->is_abstract()) field.child = add_set(*field.field->type.named, field.sources);
        }
        fields_.push_back(field);
    }
}

/// Recursion is bounded by the depth that `over_limits` allows.
void Plan::collect(Range selections, const Type& type, std::vector<Group>& groups) {
    for (const SelectionNode& node : document_.selections_of(selections)) {
        if (!included(node)) continue;
        if (node.kind == SelectionNode::Kind::field) {
            add(node, type, groups);
            continue;
        }
        std::string_view condition = node.name;
        Range inner = node.selections;
        if (node.kind == SelectionNode::Kind::spread) {
            const std::uint32_t fragment = fragments_.at(node.name);
            if (entered_[fragment] == round_) continue;
            entered_[fragment] = round_;
            condition = document_.fragments[fragment].condition.text;
            inner = document_.fragments[fragment].selections;
        }
        if (condition.empty() || schema_.type(condition)->can_be(type)) collect(inner, type, groups);
    }
}

void Plan::add(const SelectionNode& node, const Type& type, std::vector<Group>& groups) {
    constexpr std::size_t kFew = 16;
    std::size_t at = groups.size();
    if (groups.size() < kFew) {
        for (std::size_t i = 0; i < groups.size() && at == groups.size(); ++i)
            if (groups[i].field.node->key == node.key) at = i;
    } else {
        if (keys_.empty())
            for (std::size_t i = 0; i < groups.size(); ++i)
                keys_.emplace(groups[i].field.node->key, static_cast<std::uint32_t>(i));
        at = keys_.emplace(node.key, static_cast<std::uint32_t>(groups.size())).first->second;
    }
    if (at < groups.size()) {
        if (node.has_set) groups[at].more.push_back(&node);
        return;
    }
    Group& group = groups.emplace_back();
    group.field.node = &node;
    group.field.field = schema_.field(type, node.name);
    coerce_arguments(group.field);
}

void Plan::coerce_arguments(PlannedField& field) {
    const auto& declared = field.field->arguments;
    if (declared.empty()) return;
    const auto inputs = arena_->inputs(declared.size());
    field.arguments = inputs;
    Coercion coercion(document_, &variables_, *arena_);
    const ArgumentNode* failed = nullptr;
    const bool room = inputs.size() == declared.size();
    if (room && coercion.arguments(document_.arguments_of(field.node->arguments), declared, inputs.data(), failed))
        return;

    const auto& problem = coercion.problem();
    ResolverError error;
    if (!room || failed == nullptr) {
        error = {"Query is too complex.", field.node->at};
        if (!running_) problems_.push_back({Rule::Complexity, error.message, {error.at}});
    } else if (problem.undefined != nullptr) {
        error = {"Variable " + std::string(problem.undefined->name.text) + " is not defined.", problem.at};
    } else {
        TypeRef type = problem.type;
        type.wrapping = type.wrapping.nullable();
        error = {"Invalid value for argument " + quoted(std::string(failed->name.text) + problem.path) + ", " +
                     (problem.text.empty() ? "expected type " + quoted(type_text(type)) : problem.text),
                 failed->name.at};
        // The node finds these problems during validation, so it executes nothing.
        if (!running_) problems_.push_back({Rule::ValuesOfCorrectType, error.message, {error.at}});
    }
    field.failure = static_cast<std::uint32_t>(failures_.size());
    failures_.push_back(std::move(error));
}

bool Plan::included(const SelectionNode& node) {
    for (const DirectiveNode& directive : document_.directives_of(node.directives)) {
        const bool skip = directive.name.text == "skip";
        if (!skip && directive.name.text != "include") continue;
        for (const ArgumentNode& argument : document_.arguments_of(directive.arguments)) {
            bool value = false;
            if (!condition(argument, value) || value == skip) return false;
        }
    }
    return true;
}

/// The value of `if`. An optional variable without a value counts as false, as in the node.
bool Plan::condition(const ArgumentNode& argument, bool& value) {
    if (argument.value.kind != ValueNode::Kind::variable) {
        value = argument.value.text == "true";
        return true;
    }
    const auto found = variables_.find(argument.value.text);
    if (found.missing() && !found.definition->type.wrapping.is_non_null()) return true;
    if (found.given != nullptr && found.given->is_bool()) {
        value = found.given->get_bool();
        return true;
    }
    if (found.given == nullptr && found.literal != nullptr && found.literal->kind == ValueNode::Kind::boolean) {
        value = found.literal->text == "true";
        return true;
    }
    if (found.missing())
        problems_.push_back({Rule::ValuesOfCorrectType,
                             "Variable " + std::string(argument.value.text) + " is not defined.",
                             {argument.value.at}});
    else
        problems_.push_back({Rule::ValuesOfCorrectType,
                             "Invalid value for argument \"if\", expected type \"Boolean\"",
                             {argument.name.at}});
    return false;
}

}  // namespace rues::graphql
