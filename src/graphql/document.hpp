#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graphql/error.hpp"

/// A parsed executable document (specification 2). Nodes of one kind lie in one vector of the document, and the
/// children of a node lie side by side, so a range names them. Texts are views into the document's own source.
/// Positions are byte offsets; lines and columns are computed only for errors.
namespace rues::graphql {

struct Range {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

struct Name {
    std::string_view text;
    std::uint32_t at = 0;
};

/// The list and non-null parts of a type: bit i of `non_null` belongs to the i-th list from outside, bit `lists` to the
/// named type within.
struct Wrapping {
    static constexpr std::uint8_t kMaxLists = 30;
    std::uint32_t non_null = 0;
    std::uint8_t lists = 0;

    bool is_list() const noexcept { return lists != 0; }
    bool is_non_null() const noexcept { return (non_null & 1U) != 0; }
    /// REQUIRES: is_list().
    Wrapping item() const noexcept { return {non_null >> 1U, static_cast<std::uint8_t>(lists - 1)}; }
    Wrapping nullable() const noexcept { return {non_null & ~1U, lists}; }
    friend bool operator==(Wrapping, Wrapping) = default;
};
/// With brackets and exclamation marks, as `[Int!]!`.
std::string type_text(std::string_view name, Wrapping wrapping);

struct ValueNode {
    enum class Kind : std::uint8_t { null, variable, integer, decimal, string, boolean, enumerator, list, object };
    Kind kind = Kind::null;
    std::uint32_t at = 0;
    std::string_view
        text;     ///< name without `$`, digits as written, string with its escapes resolved, `true`, enum value
    Range items;  ///< of a list in `values`, of an object in `object_fields`
};

struct ObjectFieldNode {
    Name name;
    ValueNode value;
};

struct ArgumentNode {
    Name name;
    ValueNode value;
};

struct DirectiveNode {
    Name name;  ///< position of its `@`
    Range arguments;
};

struct TypeNode {
    Name name;
    std::uint32_t at = 0;
    Wrapping wrapping;
};

struct VariableNode {
    Name name;  ///< without `$`; position of the `$`
    TypeNode type;
    ValueNode default_value;
    bool has_default = false;
    Range directives;
};

struct SelectionNode {
    enum class Kind : std::uint8_t { field, spread, inline_fragment };
    Kind kind = Kind::field;
    bool has_set = false;   ///< only a field may have none
    std::uint32_t at = 0;   ///< of the alias, the name without alias, or the dots
    std::uint32_t set = 0;  ///< position of the `{`
    std::string_view key;   ///< of a field: its key in the answer
    std::string_view name;  ///< of a field; of a spread's fragment; type condition of an inline fragment, or empty
    Range arguments;
    Range directives;
    Range selections;
};

struct OperationNode {
    enum class Kind : std::uint8_t { query, mutation, subscription };
    Kind kind = Kind::query;
    std::uint32_t at = 0;
    std::uint32_t set = 0;
    Name name;  ///< empty: anonymous
    Range variables;
    Range directives;
    Range selections;
};

struct FragmentNode {
    std::uint32_t at = 0;
    std::uint32_t set = 0;
    Name name;
    Name condition;
    Range directives;
    Range selections;
};

struct Document {
    std::unique_ptr<const std::string> source;
    std::deque<std::string> strings;  ///< values of strings with escapes and of block strings; their `text` points here

    std::vector<OperationNode> operations;
    std::vector<FragmentNode> fragments;
    std::vector<SelectionNode> selections;
    std::vector<VariableNode> variables;
    std::vector<DirectiveNode> directives;
    std::vector<ArgumentNode> arguments;
    std::vector<ValueNode> values;
    std::vector<ObjectFieldNode> object_fields;

    template <typename T>
    static std::span<const T> in(const std::vector<T>& nodes, Range range) noexcept {
        return std::span(nodes).subspan(range.first, range.count);
    }
    std::span<const SelectionNode> selections_of(Range range) const noexcept { return in(selections, range); }
    std::span<const VariableNode> variables_of(Range range) const noexcept { return in(variables, range); }
    std::span<const DirectiveNode> directives_of(Range range) const noexcept { return in(directives, range); }
    std::span<const ArgumentNode> arguments_of(Range range) const noexcept { return in(arguments, range); }
    std::span<const ValueNode> values_of(Range range) const noexcept { return in(values, range); }
    std::span<const ObjectFieldNode> object_fields_of(Range range) const noexcept { return in(object_fields, range); }
};

}  // namespace rues::graphql
