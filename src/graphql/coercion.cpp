#include "graphql/coercion.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>

namespace rues::graphql {
namespace {

using Kind = Input::Kind;

/// Reads a number. An integer beyond 64 bits becomes `number`, which no integer type accepts. False when the value is
/// beyond a double.
bool read_number(std::string_view text, bool decimal, Input& to) {
    if (!decimal && std::from_chars(text.data(), text.data() + text.size(), to.integer).ec == std::errc{}) {
        to.kind = Kind::integer;
        return true;
    }
    to.kind = Kind::number;
    return std::from_chars(text.data(), text.data() + text.size(), to.number).ec == std::errc{};
}

}  // namespace

Variables::Variables(const Document& document, const OperationNode& operation, const boost::json::object& given) {
    for (const VariableNode& node : document.variables_of(operation.variables)) {
        const auto found = given.find(node.name.text);
        values_.emplace(node.name.text, Value{&node, found == given.end() ? nullptr : &found->value(),
                                              node.has_default ? &node.default_value : nullptr});
    }
}

Variables::Value Variables::find(std::string_view name) const noexcept {
    const auto found = values_.find(name);
    return found == values_.end() ? Value{} : found->second;
}

bool Coercion::wrong(TypeRef type, std::uint32_t at) {
    problem_.type = type;
    problem_.at = at;
    problem_.path.clear();
    return false;
}

/// Puts a part in front of the path of the problem: the innermost caller adds the last part.
bool Coercion::inside(const std::string& part) {
    problem_.path.insert(0, "." + part);
    return false;
}

bool Coercion::room(std::span<Input>& items, std::size_t count) {
    items = arena_.inputs(count);
    if (items.size() == count) return true;
    problem_.text = "the request has too many values";
    return false;
}

bool Coercion::leaf(Input& to, TypeRef type) {
    const Type& named = *type.named;
    if (named.kind == Type::Kind::scalar) return named.coerce(to, arena_) || wrong(type, to.at);
    if (named.kind != Type::Kind::enumeration || to.kind != Kind::enumerator) return wrong(type, to.at);
    return std::ranges::find(named.values, to.text, &EnumValue::name) != named.values.end() || wrong(type, to.at);
}

bool Coercion::variable(const ValueNode& node, TypeRef type, Input& to) {
    if (variables_ == nullptr) return true;
    const auto value = variables_->find(node.text);
    if (value.definition == nullptr) return wrong(type, node.at);
    if (value.given != nullptr) {
        to.at = node.at;
        return json(*value.given, type, to);
    }
    if (value.literal != nullptr) {
        const bool good = literal(*value.literal, type, to);
        to.at = node.at;
        return good;
    }
    if (value.definition->type.wrapping.is_non_null()) {
        wrong(type, node.at);
        problem_.undefined = value.definition;
        return false;
    }
    to.kind = Kind::null;
    return !type.wrapping.is_non_null() || wrong(type, node.at);
}

bool Coercion::literal(const ValueNode& node, TypeRef type, Input& to) {
    to.at = node.at;
    if (node.kind == ValueNode::Kind::variable) return variable(node, type, to);
    if (node.kind == ValueNode::Kind::null) {
        to.kind = Kind::null;
        return !type.wrapping.is_non_null() || wrong(type, node.at);
    }
    if (type.wrapping.is_list()) {
        const TypeRef item{type.named, type.wrapping.item()};
        to.kind = Kind::list;
        const bool list = node.kind == ValueNode::Kind::list;
        const auto nodes = list ? document_.values_of(node.items) : std::span(&node, 1);
        std::span<Input> items;
        if (!room(items, nodes.size())) return false;
        to.items = items;
        for (std::size_t i = 0; i < nodes.size(); ++i)
            if (!literal(nodes[i], item, items[i])) return list ? inside(std::to_string(i)) : false;
        return true;
    }
    if (type.named->kind == Type::Kind::input_object) return object(node, type, to);
    const bool nested = node.kind == ValueNode::Kind::list || node.kind == ValueNode::Kind::object;
    if (nested && type.named->kind == Type::Kind::enumeration) return wrong(type, node.at);
    return raw(node, to) ? leaf(to, type) : wrong(type, node.at);
}

bool Coercion::raw(const ValueNode& node, Input& to) {
    to.at = node.at;
    to.text = node.text;
    switch (node.kind) {
    case ValueNode::Kind::null:
        to.kind = Kind::null;
        return true;
    case ValueNode::Kind::variable: {
        if (variables_ == nullptr) return true;
        const auto value = variables_->find(node.text);
        if (value.given != nullptr) return raw_json(*value.given, to, 0);
        if (value.literal != nullptr) return raw(*value.literal, to);
        to.kind = Kind::null;
        return true;
    }
    case ValueNode::Kind::integer:
        return read_number(node.text, false, to);
    case ValueNode::Kind::decimal:
        return read_number(node.text, true, to);
    case ValueNode::Kind::boolean:
        to.kind = Kind::boolean;
        to.boolean = node.text == "true";
        return true;
    case ValueNode::Kind::string:
        to.kind = Kind::string;
        return true;
    case ValueNode::Kind::enumerator:
        to.kind = Kind::enumerator;
        return true;
    case ValueNode::Kind::list: {
        to.kind = Kind::list;
        const auto nodes = document_.values_of(node.items);
        std::span<Input> items;
        if (!room(items, nodes.size())) return false;
        to.items = items;
        for (std::size_t i = 0; i < nodes.size(); ++i)
            if (!raw(nodes[i], items[i])) return false;
        return true;
    }
    case ValueNode::Kind::object: {
        to.kind = Kind::object;
        const auto nodes = document_.object_fields_of(node.items);
        std::span<Input> items;
        if (!room(items, nodes.size())) return false;
        to.items = items;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            items[i].key = nodes[i].name.text;
            if (!raw(nodes[i].value, items[i])) return false;
        }
        return true;
    }
    }
    return false;
}

/// 3.10, 5.6.2 to 5.6.4. Another rule (UniqueInputFieldNames) reports a repeated member.
bool Coercion::object(const ValueNode& node, TypeRef type, Input& to) {
    if (node.kind != ValueNode::Kind::object) return wrong(type, node.at);
    const Type& named = *type.named;
    std::span<Input> items;
    if (!room(items, named.inputs.size())) return false;
    to.kind = Kind::object;
    to.items = items;
    for (const ObjectFieldNode& field : document_.object_fields_of(node.items)) {
        const InputValue* input = named.input(field.name.text);
        if (input == nullptr) {
            wrong(type, field.name.at);
            problem_.text = "Unknown field \"" + std::string(field.name.text) + "\" of type \"" + named.name + "\"";
            return false;
        }
        Input& item = items[static_cast<std::size_t>(input - named.inputs.data())];
        const bool variable = variables_ != nullptr && field.value.kind == ValueNode::Kind::variable;
        if (variable && !input->required() && variables_->find(field.value.text).missing()) continue;
        if (!literal(field.value, input->type, item)) return inside(input->name);
        if (item.kind == Kind::absent) item.kind = Kind::null;  // a variable, which has no value while only checking
    }
    return missing_members(named, items, to);
}

bool Coercion::missing_members(const Type& type, std::span<Input> items, const Input& to) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        const InputValue& input = type.inputs[i];
        items[i].key = input.name;
        if (items[i].kind != Kind::absent) continue;
        if (input.required()) return wrong(input.type, to.at), inside(input.name);
        if (!input.default_text) continue;
        items[i] = input.default_value;
        items[i].key = input.name;
        items[i].at = to.at;
    }
    return true;
}

bool Coercion::json(const boost::json::value& value, TypeRef type, Input& to) {
    if (value.is_null()) {
        to.kind = Kind::null;
        return !type.wrapping.is_non_null() || wrong(type, to.at);
    }
    if (type.wrapping.is_list()) {
        const TypeRef item{type.named, type.wrapping.item()};
        to.kind = Kind::list;
        const boost::json::array* list = value.if_array();
        std::span<Input> items;
        if (!room(items, list == nullptr ? 1 : list->size())) return false;
        to.items = items;
        for (std::size_t i = 0; i < items.size(); ++i) {
            items[i].at = to.at;
            if (!json(list == nullptr ? value : (*list)[i], item, items[i]))
                return list == nullptr ? false : inside(std::to_string(i));
        }
        return true;
    }
    if (type.named->kind == Type::Kind::input_object) {
        const auto* object = value.if_object();
        return object != nullptr ? json_object(*object, type, to) : wrong(type, to.at);
    }
    if (type.named->kind == Type::Kind::enumeration) {
        if (!value.is_string()) return wrong(type, to.at);
        to.kind = Kind::enumerator;
        to.text = value.get_string();
        return leaf(to, type);
    }
    return raw_json(value, to, 0) ? leaf(to, type) : wrong(type, to.at);
}

bool Coercion::json_object(const boost::json::object& value, TypeRef type, Input& to) {
    const Type& named = *type.named;
    std::span<Input> items;
    if (!room(items, named.inputs.size())) return false;
    to.kind = Kind::object;
    to.items = items;
    for (const auto& member : value) {
        const InputValue* input = named.input(member.key());
        if (input == nullptr) {
            wrong(type, to.at);
            problem_.text = "Unknown field \"" + std::string(member.key()) + "\" of type \"" + named.name + "\"";
            return false;
        }
        Input& item = items[static_cast<std::size_t>(input - named.inputs.data())];
        item.at = to.at;
        if (!json(member.value(), input->type, item)) return inside(input->name);
    }
    return missing_members(named, items, to);
}

/// Values deeper than 64 are refused; the parser of the request's JSON has a bound of its own.
bool Coercion::raw_json(const boost::json::value& value, Input& to, unsigned depth) {
    if (depth > 64) return false;
    switch (value.kind()) {
    case boost::json::kind::null:
        to.kind = Kind::null;
        return true;
    case boost::json::kind::bool_:
        to.kind = Kind::boolean;
        to.boolean = value.get_bool();
        return true;
    case boost::json::kind::int64:
        to.kind = Kind::integer;
        to.integer = value.get_int64();
        return true;
    case boost::json::kind::uint64:
        to.kind = value.get_uint64() > INT64_MAX ? Kind::number : Kind::integer;
        if (to.kind == Kind::integer)
            to.integer = static_cast<std::int64_t>(value.get_uint64());
        else
            to.number = static_cast<double>(value.get_uint64());
        return true;
    case boost::json::kind::double_:
        to.kind = Kind::number;
        to.number = value.get_double();
        return std::isfinite(to.number);
    case boost::json::kind::string:
        to.kind = Kind::string;
        to.text = value.get_string();
        return true;
    case boost::json::kind::array: {
        const auto& list = value.get_array();
        std::span<Input> items;
        if (!room(items, list.size())) return false;
        to.kind = Kind::list;
        to.items = items;
        for (std::size_t i = 0; i < items.size(); ++i) {
            items[i].at = to.at;
            if (!raw_json(list[i], items[i], depth + 1)) return false;
        }
        return true;
    }
    case boost::json::kind::object: {
        const auto& object = value.get_object();
        std::span<Input> items;
        if (!room(items, object.size())) return false;
        to.kind = Kind::object;
        to.items = items;
        std::size_t i = 0;
        for (const auto& member : object) {
            items[i].at = to.at;
            items[i].key = member.key();
            if (!raw_json(member.value(), items[i], depth + 1)) return false;
            ++i;
        }
        return true;
    }
    }
    return false;
}

bool Coercion::arguments(std::span<const ArgumentNode> given, const std::vector<InputValue>& declared, Input* to,
                         const ArgumentNode*& failed) {
    for (std::size_t i = 0; i < declared.size(); ++i) {
        const auto found = std::ranges::find(given, declared[i].name, [](const auto& each) { return each.name.text; });
        failed = found == given.end() ? nullptr : &*found;
        const bool unset =
            failed == nullptr || (failed->value.kind == ValueNode::Kind::variable && variables_ != nullptr &&
                                  declared[i].default_text && variables_->find(failed->value.text).missing());
        if (unset) {
            if (declared[i].default_text) to[i] = declared[i].default_value;
        } else if (!literal(failed->value, declared[i].type, to[i])) {
            return false;
        }
    }
    return true;
}

}  // namespace rues::graphql
