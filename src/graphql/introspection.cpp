#include "graphql/introspection.hpp"

#include "graphql/builder.hpp"

namespace rues::graphql {
namespace {

std::optional<std::string_view> text_or_null(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

std::string_view kind_of(const TypeRef& type) {
    if (type.wrapping.is_non_null()) return "NON_NULL";
    if (type.wrapping.is_list()) return "LIST";
    switch (type.named->kind) {
    case Type::Kind::scalar:
        return "SCALAR";
    case Type::Kind::object:
        return "OBJECT";
    case Type::Kind::interface:
        return "INTERFACE";
    case Type::Kind::union_:
        return "UNION";
    case Type::Kind::enumeration:
        return "ENUM";
    default:
        return "INPUT_OBJECT";
    }
}

bool is_plain(const TypeRef& type) {
    return type.wrapping == Wrapping{};
}

bool is_plain(const TypeRef& type, Type::Kind kind) {
    return is_plain(type) && type.named->kind == kind;
}

/// Makes the lists of types for all parents at once, so that one allocation keeps them.
template <typename List>
void type_lists(Call& call, Parents<TypeRef> parents, Out& out, List list) {
    std::vector<std::optional<std::vector<TypeRef>>> lists;
    lists.reserve(parents.size());
    for (std::size_t i = 0; i < parents.size(); ++i) {
        const std::vector<const Type*>* types = list(parents[i]);
        auto& made = lists.emplace_back();
        if (types == nullptr) continue;
        made.emplace();
        for (const Type* type : *types) made->push_back({type, {}});
    }
    for (const auto& each : call.keep(std::move(lists))) {
        if (!each) {
            out.null();
            continue;
        }
        out.begin_list();
        for (const TypeRef& type : *each) out.object(&type);
        out.end_list();
    }
}

/// The members of types; deprecated members only when the query asks for them. `members` returns nullptr for a type
/// that has no such members.
template <typename Parent, typename Members>
auto member_lists(Members members) {
    return [members](Call& call, Parents<Parent> parents, Out& out) {
        const bool deprecated = call.arguments[0].boolean;
        for (std::size_t i = 0; i < parents.size(); ++i) {
            const auto* list = members(parents[i]);
            if (list == nullptr) {
                out.null();
                continue;
            }
            out.begin_list();
            for (const auto& member : *list)
                if (deprecated || !member.deprecation) out.object(&member);
            out.end_list();
        }
    };
}

template <typename T>
void add_deprecation(ObjectBuilder<T>& type) {
    type.field("isDeprecated", "Boolean!", [](const T& v) { return v.deprecation.has_value(); });
    type.field("deprecationReason", "String", [](const T& v) { return v.deprecation; });
}

template <typename T>
void add_name(ObjectBuilder<T>& type) {
    type.field("name", "String!", &T::name);
    type.field("description", "String", [](const T& v) { return text_or_null(v.description); });
}

constexpr auto kDeprecated = "includeDeprecated";

void add_schema_type(SchemaBuilder& to) {
    auto type = to.object<Schema>("__Schema", "The types and directives of a server, and where its operations start.");
    type.field("description", "String!", &Schema::description);
    type.field("types", "[__Type!]!", [](Call& call, Parents<Schema> parents, Out& out) {
        for (std::size_t i = 0; i < parents.size(); ++i) {
            std::vector<TypeRef> types;
            for (const Type* each : parents[i].sorted_types()) types.push_back({each, {}});
            out.begin_list();
            for (const TypeRef& each : call.keep(std::move(types))) out.object(&each);
            out.end_list();
        }
    });
    const auto root = [&](std::string name, std::string declared, const Type* Schema::* member) {
        type.field(std::move(name), std::move(declared), [member](Call& call, Parents<Schema> parents, Out& out) {
            for (std::size_t i = 0; i < parents.size(); ++i) {
                const Type* found = parents[i].*member;
                if (found == nullptr)
                    out.null();
                else
                    out.object(&call.keep(TypeRef{found, {}}));
            }
        });
    };
    root("queryType", "__Type!", &Schema::query);
    root("mutationType", "__Type", &Schema::mutation);
    root("subscriptionType", "__Type", &Schema::subscription);
    type.field("directives", "[__Directive!]!", [](const Schema& schema, Out& out) {
        out.begin_list();
        for (const auto& each : schema.directives) out.object(&each);
        out.end_list();
    });
}

void add_type_type(SchemaBuilder& to) {
    auto type = to.object<TypeRef>("__Type", "A type: named, or a list or non-null of another one.");
    type.field("kind", "__TypeKind!", kind_of);
    type.field("name", "String", [](const TypeRef& v) {
        return is_plain(v) ? std::optional<std::string_view>(v.named->name) : std::nullopt;
    });
    type.field("description", "String",
               [](const TypeRef& v) { return is_plain(v) ? text_or_null(v.named->description) : std::nullopt; });
    type.field("fields", "[__Field!]", member_lists<TypeRef>([](const TypeRef& v) {
                   return is_plain(v, Type::Kind::object) || is_plain(v, Type::Kind::interface) ? &v.named->fields
                                                                                                : nullptr;
               }))
        .argument(kDeprecated, "Boolean!", "false");
    type.field("interfaces", "[__Type!]", [](Call& call, Parents<TypeRef> parents, Out& out) {
        type_lists(call, parents, out, [](const TypeRef& v) {
            return is_plain(v, Type::Kind::object) || is_plain(v, Type::Kind::interface) ? &v.named->interfaces
                                                                                         : nullptr;
        });
    });
    type.field("possibleTypes", "[__Type!]", [](Call& call, Parents<TypeRef> parents, Out& out) {
        type_lists(call, parents, out, [](const TypeRef& v) {
            return is_plain(v) && v.named->is_abstract() ? &v.named->possible : nullptr;
        });
    });
    type.field("enumValues", "[__EnumValue!]", member_lists<TypeRef>([](const TypeRef& v) {
                   return is_plain(v, Type::Kind::enumeration) ? &v.named->values : nullptr;
               }))
        .argument(kDeprecated, "Boolean!", "false");
    type.field("inputFields", "[__InputValue!]", member_lists<TypeRef>([](const TypeRef& v) {
                   return is_plain(v, Type::Kind::input_object) ? &v.named->inputs : nullptr;
               }))
        .argument(kDeprecated, "Boolean!", "false");
    type.field("ofType", "__Type", [](Call& call, Parents<TypeRef> parents, Out& out) {
        std::vector<TypeRef> inner;
        inner.reserve(parents.size());
        for (std::size_t i = 0; i < parents.size(); ++i) {
            const TypeRef& v = parents[i];
            if (v.wrapping.is_non_null())
                inner.push_back({v.named, v.wrapping.nullable()});
            else if (v.wrapping.is_list())
                inner.push_back({v.named, v.wrapping.item()});
            else
                inner.push_back({});
        }
        for (const TypeRef& v : call.keep(std::move(inner))) out.value(v.named != nullptr ? &v : nullptr);
    });
    type.field("specifiedByURL", "String",
               [](const TypeRef& v) { return is_plain(v) ? v.named->specified_by : std::nullopt; });
    type.field("isOneOf", "Boolean", [](const TypeRef& v) {
        return is_plain(v, Type::Kind::input_object) ? std::optional(false) : std::nullopt;
    });
}

void add_members(SchemaBuilder& to) {
    auto field = to.object<Field>("__Field", "A field of an object or an interface.");
    add_name(field);
    field.field("args", "[__InputValue!]!", member_lists<Field>([](const Field& v) { return &v.arguments; }))
        .argument(kDeprecated, "Boolean!", "false");
    field.field("type", "__Type!", [](const Field& v) { return &v.type; });
    add_deprecation(field);

    auto input = to.object<InputValue>("__InputValue", "An argument, or a member of an input object.");
    add_name(input);
    input.field("type", "__Type!", [](const InputValue& v) { return &v.type; });
    input.field("defaultValue", "String", &InputValue::default_text);
    add_deprecation(input);

    auto value = to.object<EnumValue>("__EnumValue", "One of the values of an enum.");
    add_name(value);
    add_deprecation(value);

    auto directive = to.object<DirectiveDefinition>("__Directive", "A directive, and where it may stand.");
    add_name(directive);
    directive.field("locations", "[__DirectiveLocation!]!", &DirectiveDefinition::locations);
    directive
        .field("args", "[__InputValue!]!",
               member_lists<DirectiveDefinition>([](const DirectiveDefinition& v) { return &v.arguments; }))
        .argument(kDeprecated, "Boolean!", "false");
    directive.field("isRepeatable", "Boolean!", [](const DirectiveDefinition&) { return false; });
}

std::vector<EnumValue> values(std::initializer_list<const char*> names) {
    std::vector<EnumValue> out;
    for (const char* name : names) out.push_back({name, {}, std::nullopt});
    return out;
}

}  // namespace

void add_introspection(SchemaBuilder& to, Schema& schema) {
    add_schema_type(to);
    add_type_type(to);
    add_members(to);
    to.enumeration("__TypeKind",
                   values({"SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT", "LIST", "NON_NULL"}));
    to.enumeration("__DirectiveLocation",
                   values({"QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD",
                           "INLINE_FRAGMENT", "VARIABLE_DEFINITION", "SCHEMA", "SCALAR", "OBJECT", "FIELD_DEFINITION",
                           "ARGUMENT_DEFINITION", "INTERFACE", "UNION", "ENUM", "ENUM_VALUE", "INPUT_OBJECT",
                           "INPUT_FIELD_DEFINITION"}));

    Field all{"__schema", "The schema of this server.", "__Schema!", {}, {}, std::nullopt, {}};
    all.resolve = [](Call& call, Out& out) {
        for (std::size_t i = 0; i < call.size(); ++i) out.object(&call.schema());
    };
    Field one{"__type", "A type of this server, by name.", "__Type", {}, {}, std::nullopt, {}};
    one.arguments.push_back({"name", {}, "String!", {}, std::nullopt, {}, std::nullopt});
    one.resolve = [](Call& call, Out& out) {
        const Type* found = call.schema().type(call.arguments[0].text);
        const TypeRef& type = call.keep(TypeRef{found, {}});
        for (std::size_t i = 0; i < call.size(); ++i) out.value(found != nullptr ? &type : nullptr);
    };
    schema.meta_fields.push_back(std::move(all));
    schema.meta_fields.push_back(std::move(one));
}

}  // namespace rues::graphql
