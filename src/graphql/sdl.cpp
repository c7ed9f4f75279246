#include <algorithm>
#include <array>

#include "graphql/schema.hpp"

/// The schema as text, in the form the node prints it (docs/reference/rusk-1.7.md 6.4): types and directives in byte
/// order of their names, members in order of declaration, tabs, descriptions as block strings on lines of their own.
namespace rues::graphql {
namespace {

constexpr std::array<std::string_view, 5> kBuiltinScalars = {"Boolean", "Float", "ID", "Int", "String"};

void print_description(std::string& out, std::string_view text, std::string_view indent) {
    if (text.empty()) return;
    const auto line = [&](std::string_view content) {
        out += indent;
        out += content;
        out += '\n';
    };
    line("\"\"\"");
    for (std::size_t from = 0;;) {
        const std::size_t end = text.find('\n', from);
        std::string escaped(text.substr(from, end == std::string_view::npos ? end : end - from));
        for (std::size_t at = 0; (at = escaped.find("\"\"\"", at)) != std::string::npos; at += 4)
            escaped.insert(at, 1, '\\');
        line(escaped);
        if (end == std::string_view::npos) break;
        from = end + 1;
    }
    line("\"\"\"");
}

void print_deprecation(std::string& out, const std::optional<std::string>& reason) {
    if (!reason) return;
    out += " @deprecated(reason: ";
    append_quoted(out, *reason);
    out += ')';
}

void print_input(std::string& out, const InputValue& value) {
    out += value.name + ": " + type_text(value.type);
    if (value.default_text) out += " = " + *value.default_text;
    print_deprecation(out, value.deprecation);
}

/// Prints the arguments on one line, unless one of them has a description.
void print_arguments(std::string& out, const std::vector<InputValue>& arguments, std::string_view indent) {
    if (arguments.empty()) return;
    const bool described = std::ranges::any_of(arguments, [](const auto& each) { return !each.description.empty(); });
    out += '(';
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (described) {
            out += '\n';
            print_description(out, arguments[i].description, std::string(indent) + '\t');
            out += std::string(indent) + '\t';
        } else if (i != 0) {
            out += ", ";
        }
        print_input(out, arguments[i]);
    }
    if (described) out += '\n' + std::string(indent);
    out += ')';
}

void print_names(std::string& out, std::string_view before, std::string_view between,
                 const std::vector<const Type*>& types) {
    for (std::size_t i = 0; i < types.size(); ++i) {
        out += i == 0 ? before : between;
        out += types[i]->name;
    }
}

void print_members(std::string& out, const Type& type) {
    out += " {\n";
    for (const Field& field : type.fields) {
        print_description(out, field.description, "\t");
        out += '\t' + field.name;
        print_arguments(out, field.arguments, "\t");
        out += ": " + type_text(field.type);
        print_deprecation(out, field.deprecation);
        out += '\n';
    }
    for (const InputValue& input : type.inputs) {
        print_description(out, input.description, "\t");
        out += '\t';
        print_input(out, input);
        out += '\n';
    }
    for (const EnumValue& value : type.values) {
        print_description(out, value.description, "\t");
        out += '\t' + value.name;
        print_deprecation(out, value.deprecation);
        out += '\n';
    }
    out += "}\n\n";
}

void print_type(std::string& out, const Type& type) {
    print_description(out, type.description, "");
    switch (type.kind) {
    case Type::Kind::scalar:
        out += "scalar " + type.name;
        if (type.specified_by) {
            out += " @specifiedBy(url: ";
            append_quoted(out, *type.specified_by);
            out += ')';
        }
        out += "\n\n";
        return;
    case Type::Kind::union_:
        out += "union " + type.name;
        print_names(out, " = ", " | ", type.possible);
        out += "\n\n";
        return;
    case Type::Kind::object:
        out += "type ";
        break;
    case Type::Kind::interface:
        out += "interface ";
        break;
    case Type::Kind::enumeration:
        out += "enum ";
        break;
    case Type::Kind::input_object:
        out += "input ";
        break;
    }
    out += type.name;
    print_names(out, " implements ", " & ", type.interfaces);
    print_members(out, type);
}

}  // namespace

std::string Schema::sdl() const {
    std::string out;
    for (const Type* type : sorted_types()) {
        if (type->introspection || std::ranges::find(kBuiltinScalars, type->name) != kBuiltinScalars.end()) continue;
        print_type(out, *type);
    }
    for (const auto& each : directives) {
        if (each.name != "include" && each.name != "skip") continue;  // type system directives need no definition
        print_description(out, each.description, "");
        out += "directive @" + each.name;
        print_arguments(out, each.arguments, "");
        out += " on ";
        for (std::size_t i = 0; i < each.locations.size(); ++i) out += (i == 0 ? "" : " | ") + each.locations[i];
        out += '\n';
    }
    out += "schema {\n";
    const auto root = [&](std::string_view operation, const Type* type) {
        if (type != nullptr) out += '\t' + std::string(operation) + ": " + type->name + '\n';
    };
    root("query", query);
    root("mutation", mutation);
    root("subscription", subscription);
    return out + "}\n";
}

}  // namespace rues::graphql
