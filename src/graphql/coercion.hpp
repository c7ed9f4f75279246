#pragma once

#include <boost/json/object.hpp>
#include <map>

#include "graphql/schema.hpp"

/// Coercion of input values (specification 3, "Input Coercion", and 6.4.1).
namespace rues::graphql {

/// The values of an operation's variables. As in the node, a value is coerced where it is used, to the type that is
/// expected there.
class Variables {
public:
    Variables(const Document& document, const OperationNode& operation, const boost::json::object& given);

    struct Value {
        const VariableNode* definition = nullptr;   ///< nullptr: not declared
        const boost::json::value* given = nullptr;  ///< the value in the request
        const ValueNode* literal = nullptr;         ///< otherwise its default value
        bool missing() const noexcept { return given == nullptr && literal == nullptr; }
    };
    Value find(std::string_view name) const noexcept;

private:
    std::map<std::string_view, Value> values_;
};

/// Coerces values of one document. Without variables it only checks: every variable counts as valid.
class Coercion {
public:
    Coercion(const Document& document, const Variables* variables, InputArena& arena)
        : document_(document), variables_(variables), arena_(arena) {}

    struct Problem {
        const VariableNode* undefined = nullptr;  ///< a required variable without a value; `at` is its use
        std::uint32_t at = 0;
        std::string path;  ///< the wrong part of the value, such as `.0.name`
        TypeRef type;      ///< the type that was expected there
        std::string text;  ///< the problem, when it is not the type
    };

    bool literal(const ValueNode& node, TypeRef type, Input& to);
    bool json(const boost::json::value& value, TypeRef type, Input& to);
    /// 6.4.1: writes one value for each declared argument to `to`. False when a value is wrong; `failed` is then its
    /// argument.
    bool arguments(std::span<const ArgumentNode> given, const std::vector<InputValue>& declared, Input* to,
                   const ArgumentNode*& failed);
    Problem& problem() noexcept { return problem_; }

private:
    bool wrong(TypeRef type, std::uint32_t at);
    bool inside(const std::string& part);
    bool variable(const ValueNode& node, TypeRef type, Input& to);
    bool room(std::span<Input>& items, std::size_t count);
    bool leaf(Input& to, TypeRef type);
    bool object(const ValueNode& node, TypeRef type, Input& to);
    bool json_object(const boost::json::object& value, TypeRef type, Input& to);
    bool missing_members(const Type& type, std::span<Input> items, const Input& to);
    bool raw(const ValueNode& node, Input& to);
    bool raw_json(const boost::json::value& value, Input& to, unsigned depth);

    const Document& document_;
    const Variables* variables_;
    InputArena& arena_;
    Problem problem_;
};

}  // namespace rues::graphql
