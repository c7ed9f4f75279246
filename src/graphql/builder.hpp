#pragma once

#include "base/error.hpp"
#include "graphql/resolver.hpp"

/// Declares a schema in C++. Types are named by their text (`"[Block!]!"`), so that they can be used before they are
/// declared; `build` reports declarations that do not fit together.
namespace rues::graphql {

/// Handle of a field that was just declared.
class FieldBuilder {
public:
    FieldBuilder(Type& type, std::size_t field) : type_(&type), field_(field) {}
    FieldBuilder& describe(std::string text);
    FieldBuilder& deprecate(std::string reason);
    /// `default_text` is the default value as SDL writes it after the equals sign.
    FieldBuilder& argument(std::string name, std::string type, std::optional<std::string> default_text = std::nullopt,
                           std::string text = {});

private:
    Field& field() { return type_->fields[field_]; }
    Type* type_;
    std::size_t field_;
};

/// An object type whose values are handed around as `const T*`.
template <typename T>
class ObjectBuilder {
public:
    explicit ObjectBuilder(Type& type) : type_(&type) {}

    /// `read` is one of:
    /// - `value(const T&)`: a member or a function. Its result goes to `Out::value`.
    /// - `void(const T&, Out&)`: writes one value for this object.
    /// - `void(Call&, Parents<T>, Out&)`: writes one value for each object, in order. Fields that read a store use it.
    template <typename F>
    FieldBuilder field(std::string name, std::string type, F read) {
        Resolver resolve;
        if constexpr (std::is_invocable_v<F, Call&, Parents<T>, Out&>) {
            resolve = [read = std::move(read)](Call& call, Out& out) { read(call, call.parents<T>(), out); };
        } else {
            resolve = [read = std::move(read)](Call& call, Out& out) {
                const auto parents = call.parents<T>();
                for (std::size_t i = 0; i < parents.size(); ++i) {
                    if constexpr (std::is_invocable_v<F, const T&, Out&>)
                        std::invoke(read, parents[i], out);
                    else
                        out.value(std::invoke(read, parents[i]));
                }
            };
        }
        type_->fields.push_back({std::move(name), {}, std::move(type), {}, {}, std::nullopt, std::move(resolve)});
        return {*type_, type_->fields.size() - 1};
    }
    ObjectBuilder& implements(std::string interface) {
        type_->declared_interfaces.push_back(std::move(interface));
        return *this;
    }
    const Type& type() const noexcept { return *type_; }

private:
    Type* type_;
};

class SchemaBuilder {
public:
    struct Options {
        /// Int is 64 bits wide, as in the node (docs/reference/graphql.md 1.3); the specification has 32.
        bool wide_integers = false;
    };
    explicit SchemaBuilder(Options options);
    SchemaBuilder() : SchemaBuilder(Options{}) {}

    template <typename T>
    ObjectBuilder<T> object(std::string name, std::string text = {}) {
        return ObjectBuilder<T>(add(Type::Kind::object, std::move(name), std::move(text)));
    }
    /// Without `coerce` every value is accepted as it was written.
    Type& scalar(std::string name, std::string text = {}, ScalarCoercion coerce = {});
    Type& enumeration(std::string name, std::vector<EnumValue> values, std::string text = {});
    Type& input_object(std::string name, std::string text = {});
    static void input(Type& type, std::string name, std::string type_text,
                      std::optional<std::string> default_text = std::nullopt, std::string text = {});
    /// Declare its fields with `interface_field`, and again, with resolvers, in every object that implements it.
    Type& interface(std::string name, std::string text = {});
    static FieldBuilder interface_field(Type& type, std::string name, std::string type_text);
    Type& union_of(std::string name, std::vector<std::string> members, std::string text = {});

    std::string query = "Query";
    std::string mutation;      ///< empty: none
    std::string subscription;  ///< empty: none
    std::string description;   ///< only introspection shows it

    /// Resolves the names of all types and coerces default values. The error names the first declaration that does not
    /// fit.
    base::Result<Schema> build() &&;

private:
    Type& add(Type::Kind kind, std::string name, std::string description);

    std::deque<Type> types_;
};

}  // namespace rues::graphql
