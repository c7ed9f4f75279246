#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "graphql/document.hpp"
#include "graphql/input.hpp"

/// The type system (specification 3), declared once with `SchemaBuilder`. SDL, introspection, validation and execution
/// read it.
namespace rues::graphql {

class Call;
class Out;
struct Type;

struct TypeRef {
    const Type* named = nullptr;
    Wrapping wrapping;
    friend bool operator==(TypeRef, TypeRef) = default;
};

struct InputValue {
    std::string name;
    std::string description;
    std::string declared;  ///< text of its type
    TypeRef type;
    std::optional<std::string> default_text;  ///< as it is written in SDL
    Input default_value;                      ///< coerced; absent without one
    std::optional<std::string> deprecation;

    bool required() const noexcept { return type.wrapping.is_non_null() && !default_text; }
};

/// Writes one value for each of the call's parents, in their order.
using Resolver = std::function<void(Call&, Out&)>;

struct Field {
    std::string name;
    std::string description;
    std::string declared;  ///< text of its type
    TypeRef type;
    std::vector<InputValue> arguments;
    std::optional<std::string> deprecation;
    Resolver resolve;

    const InputValue* argument(std::string_view name) const noexcept;
};

struct EnumValue {
    std::string name;
    std::string description;
    std::optional<std::string> deprecation;
};

/// Replaces a value as it was written by its coerced value; false when the value is not allowed.
using ScalarCoercion = std::function<bool(Input&, InputArena&)>;

struct Type {
    enum class Kind : std::uint8_t { scalar, object, interface, union_, enumeration, input_object };
    std::string name;
    std::string description;
    Kind kind = Kind::scalar;
    bool introspection = false;  ///< `__Schema` and the like
    std::uint8_t outputs = 0;    ///< of a scalar: kinds of values it can have (bits of Out::Shape); 0: any
    std::vector<Field> fields;
    std::vector<std::string> declared_interfaces;
    std::vector<std::string> declared_members;
    std::vector<const Type*> interfaces;
    std::vector<const Type*> possible;  ///< objects that an interface or a union can be
    std::vector<EnumValue> values;
    std::vector<InputValue> inputs;
    std::optional<std::string> specified_by;
    ScalarCoercion coerce;

    bool is_composite() const noexcept { return kind == Kind::object || is_abstract(); }
    bool is_abstract() const noexcept { return kind == Kind::interface || kind == Kind::union_; }
    bool is_input() const noexcept { return !is_composite(); }
    const Field* field(std::string_view wanted) const noexcept;
    const InputValue* input(std::string_view wanted) const noexcept;
    /// True when a value of this type can be of the object type `object`.
    bool can_be(const Type& object) const noexcept;
};

struct DirectiveDefinition {
    std::string name;
    std::string description;
    std::vector<std::string> locations;
    std::vector<InputValue> arguments;

    const InputValue* argument(std::string_view name) const noexcept;
    bool may_stand_on(std::string_view location) const noexcept;
};

/// Immutable once built; any thread.
struct Schema {
    std::string description;
    std::deque<Type> types;
    std::vector<DirectiveDefinition> directives;  ///< in byte order
    const Type* query = nullptr;
    const Type* mutation = nullptr;
    const Type* subscription = nullptr;
    std::vector<Field> meta_fields;  ///< `__schema`, `__type`: on the query type only
    Field type_name;                 ///< `__typename`: on every composite type
    std::unordered_map<std::string_view, const Type*> by_name;
    std::shared_ptr<InputArena> defaults;  ///< the memory of default values

    const Type* type(std::string_view name) const noexcept;
    /// Finds a field of `parent`, meta fields included; nullptr when there is none.
    const Field* field(const Type& parent, std::string_view name) const noexcept;
    const DirectiveDefinition* directive(std::string_view name) const noexcept;
    const Type* root(OperationNode::Kind kind) const noexcept;
    /// In byte order of their names.
    std::vector<const Type*> sorted_types() const;

    std::string sdl() const;
};

std::string type_text(TypeRef type);
/// 5.5.2.3, 5.3.2: true when some object type can be both.
bool overlap(const Type& a, const Type& b) noexcept;
/// 5.8.5 AreTypesCompatible, non-null by covariance.
bool is_subtype(TypeRef type, TypeRef of) noexcept;

}  // namespace rues::graphql
