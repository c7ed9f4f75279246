#include "graphql/schema.hpp"

#include <algorithm>

namespace rues::graphql {
namespace {

template <typename T>
const T* named(const std::vector<T>& in, std::string_view name) noexcept {
    for (const T& each : in)
        if (each.name == name) return &each;
    return nullptr;
}

}  // namespace

const InputValue* Field::argument(std::string_view wanted) const noexcept {
    return named(arguments, wanted);
}

const InputValue* DirectiveDefinition::argument(std::string_view wanted) const noexcept {
    return named(arguments, wanted);
}

bool DirectiveDefinition::may_stand_on(std::string_view location) const noexcept {
    return std::ranges::find(locations, location) != locations.end();
}

const Field* Type::field(std::string_view wanted) const noexcept {
    return named(fields, wanted);
}

const InputValue* Type::input(std::string_view wanted) const noexcept {
    return named(inputs, wanted);
}

bool Type::can_be(const Type& object) const noexcept {
    return this == &object || std::ranges::find(possible, &object) != possible.end();
}

const Type* Schema::type(std::string_view name) const noexcept {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
}

const Field* Schema::field(const Type& parent, std::string_view name) const noexcept {
    if (name.starts_with("__")) {
        if (name == type_name.name && parent.is_composite()) return &type_name;
        if (&parent == query)
            if (const Field* meta = named(meta_fields, name)) return meta;
    }
    return parent.field(name);
}

const DirectiveDefinition* Schema::directive(std::string_view name) const noexcept {
    return named(directives, name);
}

const Type* Schema::root(OperationNode::Kind kind) const noexcept {
    switch (kind) {
    case OperationNode::Kind::mutation:
        return mutation;
    case OperationNode::Kind::subscription:
        return subscription;
    default:
        return query;
    }
}

std::vector<const Type*> Schema::sorted_types() const {
    std::vector<const Type*> out;
    out.reserve(types.size());
    for (const Type& type : types) out.push_back(&type);
    std::ranges::sort(out, {}, &Type::name);
    return out;
}

std::string type_text(TypeRef type) {
    return type_text(type.named->name, type.wrapping);
}

bool overlap(const Type& a, const Type& b) noexcept {
    if (a.is_abstract()) return std::ranges::any_of(a.possible, [&](const Type* object) { return b.can_be(*object); });
    return b.can_be(a);
}

bool is_subtype(TypeRef type, TypeRef of) noexcept {
    if (type.wrapping.lists != of.wrapping.lists || (of.wrapping.non_null & ~type.wrapping.non_null) != 0) return false;
    return type.named == of.named || (type.named->kind == Type::Kind::object && of.named->can_be(*type.named));
}

}  // namespace rues::graphql
