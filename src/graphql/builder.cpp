#include "graphql/builder.hpp"

#include <algorithm>

#include "graphql/coercion.hpp"
#include "graphql/introspection.hpp"
#include "graphql/parser.hpp"

namespace rues::graphql {
namespace {

bool narrow_integer(Input& value, InputArena&) {
    return value.kind == Input::Kind::integer && value.integer >= INT32_MIN && value.integer <= INT32_MAX;
}

bool wide_integer(Input& value, InputArena&) {
    return value.kind == Input::Kind::integer;
}

bool floating(Input& value, InputArena&) {
    if (value.kind == Input::Kind::integer) {
        value.number = static_cast<double>(value.integer);
        value.kind = Input::Kind::number;
    }
    return value.kind == Input::Kind::number;
}

bool boolean(Input& value, InputArena&) {
    return value.kind == Input::Kind::boolean;
}

bool string(Input& value, InputArena&) {
    return value.kind == Input::Kind::string;
}

bool id(Input& value, InputArena& arena) {
    if (value.kind == Input::Kind::integer) {
        value.text = arena.text(std::to_string(value.integer));
        value.kind = Input::Kind::string;
    }
    return value.kind == Input::Kind::string;
}

bool as_written(Input&, InputArena&) {
    return true;
}

InputValue input_value(std::string name, std::string type, std::optional<std::string> default_text,
                       std::string description) {
    return {std::move(name), std::move(description), std::move(type), {}, std::move(default_text), {}, std::nullopt};
}

/// Turns the type names in a schema's declarations into references. `problem` keeps the first error.
class Resolution {
public:
    explicit Resolution(Schema& schema) : schema_(schema) {}

    std::string problem;

    const Type* type(const std::string& name, const std::string& where) {
        const Type* found = schema_.type(name);
        if (found == nullptr) say(where + " names the unknown type " + name);
        return found;
    }

    TypeRef reference(const std::string& text, const std::string& where) {
        const auto document = parse("query($v: " + text + ") { v }");
        if (!document || document->variables.size() != 1)
            return say(where + " has an invalid type: " + text), TypeRef{};
        const TypeNode& node = document->variables.front().type;
        return {type(std::string(node.name.text), where), node.wrapping};
    }

    void field(Field& field, const std::string& where) {
        field.type = reference(field.declared, where);
        if (field.type.named != nullptr && field.type.named->kind == Type::Kind::input_object)
            say(where + " must not have an input type");
        for (InputValue& argument : field.arguments) input(argument, where + "(" + argument.name + ":)");
    }

    void input(InputValue& value, const std::string& where) {
        value.type = reference(value.declared, where);
        if (value.type.named != nullptr && !value.type.named->is_input()) say(where + " is not an input type");
    }

    /// Call it when all types are known.
    void default_of(InputValue& value, const std::string& where) {
        if (!value.default_text || !problem.empty()) return;
        sources_.push_back("{ f(v: " + *value.default_text + ") }");
        auto document = parse(sources_.back());
        if (!document || document->arguments.size() != 1) return say(where + " has a default that is not a value");
        documents_.push_back(std::move(*document));
        Coercion coercion(documents_.back(), nullptr, *schema_.defaults);
        if (!coercion.literal(documents_.back().arguments.front().value, value.type, value.default_value))
            return say(where + " has a default of the wrong type");
        own(value.default_value);
    }

private:
    void say(std::string text) {
        if (problem.empty()) problem = std::move(text);
    }
    /// Copies texts into the schema, because the document that holds them is destroyed.
    void own(Input& value) {
        value.text = schema_.defaults->text(value.text);
        value.at = UINT32_MAX;
        const auto items = schema_.defaults->inputs(value.items.size());
        for (std::size_t i = 0; i < items.size(); ++i) {
            items[i] = value.items[i];
            items[i].key = schema_.defaults->text(items[i].key);
            own(items[i]);
        }
        value.items = items;
    }

    Schema& schema_;
    std::deque<std::string> sources_;
    std::deque<Document> documents_;
};

void link_abstract(Schema& schema, Resolution& resolution) {
    for (Type& type : schema.types) {
        for (const auto& name : type.declared_interfaces) {
            const Type* found = resolution.type(name, type.name);
            if (found == nullptr) return;
            type.interfaces.push_back(found);
            schema
                .types[static_cast<std::size_t>(std::ranges::find(schema.types, name, &Type::name) -
                                                schema.types.begin())]
                .possible.push_back(&type);
        }
        for (const auto& name : type.declared_members)
            if (const Type* found = resolution.type(name, type.name)) type.possible.push_back(found);
    }
}

std::vector<DirectiveDefinition> standard_directives() {
    const auto condition = [] { return std::vector{input_value("if", "Boolean!", std::nullopt, {})}; };
    const std::vector<std::string> selections{"FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"};
    std::vector<DirectiveDefinition> out;
    out.push_back({"deprecated",
                   "Marks an element of a GraphQL schema as no longer supported.",
                   {"FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INPUT_FIELD_DEFINITION", "ENUM_VALUE"},
                   {input_value("reason", "String", "\"No longer supported\"", {})}});
    out.push_back({"include",
                   "Directs the executor to include this field or fragment only when the `if` argument is true.",
                   selections, condition()});
    out.push_back(
        {"oneOf", "Of an input object, exactly one field must be given and not be null.", {"INPUT_OBJECT"}, {}});
    out.push_back({"skip", "Directs the executor to skip this field or fragment when the `if` argument is true.",
                   selections, condition()});
    out.push_back({"specifiedBy",
                   "Names the specification of a custom scalar.",
                   {"SCALAR"},
                   {input_value("url", "String!", std::nullopt, {})}});
    return out;
}

}  // namespace

FieldBuilder& FieldBuilder::describe(std::string text) {
    field().description = std::move(text);
    return *this;
}

FieldBuilder& FieldBuilder::deprecate(std::string reason) {
    field().deprecation = std::move(reason);
    return *this;
}

FieldBuilder& FieldBuilder::argument(std::string name, std::string type, std::optional<std::string> default_text,
                                     std::string text) {
    field().arguments.push_back(
        input_value(std::move(name), std::move(type), std::move(default_text), std::move(text)));
    return *this;
}

SchemaBuilder::SchemaBuilder(Options options) {
    const auto builtin = [&](std::string name, ScalarCoercion coerce, unsigned outputs) {
        scalar(std::move(name), {}, std::move(coerce)).outputs = static_cast<std::uint8_t>(outputs);
    };
    builtin("Boolean", boolean, Out::kBoolean);
    builtin("Float", floating, Out::kNumber | Out::kInteger);
    builtin("ID", id, Out::kString | Out::kInteger);
    builtin("Int", options.wide_integers ? wide_integer : narrow_integer, Out::kInteger);
    builtin("String", string, Out::kString);
}

Type& SchemaBuilder::add(Type::Kind kind, std::string name, std::string text) {
    Type& out = types_.emplace_back();
    out.kind = kind;
    out.name = std::move(name);
    out.description = std::move(text);
    return out;
}

Type& SchemaBuilder::scalar(std::string name, std::string text, ScalarCoercion coerce) {
    Type& out = add(Type::Kind::scalar, std::move(name), std::move(text));
    out.coerce = coerce ? std::move(coerce) : as_written;
    return out;
}

Type& SchemaBuilder::enumeration(std::string name, std::vector<EnumValue> values, std::string text) {
    Type& out = add(Type::Kind::enumeration, std::move(name), std::move(text));
    out.values = std::move(values);
    return out;
}

Type& SchemaBuilder::input_object(std::string name, std::string text) {
    return add(Type::Kind::input_object, std::move(name), std::move(text));
}

void SchemaBuilder::input(Type& type, std::string name, std::string type_text, std::optional<std::string> default_text,
                          std::string text) {
    type.inputs.push_back(input_value(std::move(name), std::move(type_text), std::move(default_text), std::move(text)));
}

Type& SchemaBuilder::interface(std::string name, std::string text) {
    return add(Type::Kind::interface, std::move(name), std::move(text));
}

FieldBuilder SchemaBuilder::interface_field(Type& type, std::string name, std::string type_text) {
    type.fields.push_back({std::move(name), {}, std::move(type_text), {}, {}, std::nullopt, {}});
    return {type, type.fields.size() - 1};
}

Type& SchemaBuilder::union_of(std::string name, std::vector<std::string> members, std::string text) {
    Type& out = add(Type::Kind::union_, std::move(name), std::move(text));
    out.declared_members = std::move(members);
    return out;
}

base::Result<Schema> SchemaBuilder::build() && {
    Schema out;
    out.description = std::move(description);
    out.defaults = std::make_shared<InputArena>();
    out.directives = standard_directives();
    out.type_name = {"__typename", "The name of the object's type.", "String!", {}, {}, std::nullopt, {}};
    add_introspection(*this, out);
    out.types = std::move(types_);
    for (Type& type : out.types) type.introspection = type.name.starts_with("__");
    for (const Type& type : out.types) {
        if (!out.by_name.emplace(type.name, &type).second)
            return base::failure(base::Error::Kind::invalid, "the type " + type.name + " is declared twice");
    }

    Resolution resolution(out);
    const auto root = [&](const std::string& name) {
        return name.empty() ? nullptr : resolution.type(name, "the schema");
    };
    out.query = root(query);
    out.mutation = root(mutation);
    out.subscription = root(subscription);
    for (Type& type : out.types) {
        for (Field& field : type.fields) resolution.field(field, type.name + "." + field.name);
        for (InputValue& input : type.inputs) resolution.input(input, type.name + "." + input.name);
    }
    for (Field& field : out.meta_fields) resolution.field(field, field.name);
    resolution.field(out.type_name, out.type_name.name);
    for (auto& directive : out.directives)
        for (InputValue& argument : directive.arguments) resolution.input(argument, "@" + directive.name);
    link_abstract(out, resolution);

    const auto defaults = [&](std::vector<InputValue>& values, const std::string& where) {
        for (InputValue& value : values) resolution.default_of(value, where + "." + value.name);
    };
    // Members of input objects come first: the default of an argument may be an object that leaves members out.
    for (Type& type : out.types) defaults(type.inputs, type.name);
    for (Type& type : out.types)
        for (Field& field : type.fields) defaults(field.arguments, type.name + "." + field.name);
    for (Field& field : out.meta_fields) defaults(field.arguments, field.name);
    if (!resolution.problem.empty()) return base::failure(base::Error::Kind::invalid, resolution.problem);
    return out;
}

}  // namespace rues::graphql
