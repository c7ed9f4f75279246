#pragma once

#include <map>
#include <memory>
#include <unordered_map>

#include "graphql/coercion.hpp"
#include "graphql/resolver.hpp"
#include "graphql/validation.hpp"

namespace rues::graphql {

/// The plan of one operation with its variables: fields are collected and merged (specification 6.3.2), arguments
/// coerced. It holds views into the document and the variables.
class Plan {
public:
    static constexpr std::uint32_t kNone = UINT32_MAX;

    struct PlannedField {
        const SelectionNode* node = nullptr;  ///< its first selection
        const Field* field = nullptr;
        std::span<const Input> arguments;
        std::uint32_t failure = kNone;  ///< in `failures`: the reason why it cannot be resolved
        Range sources;                  ///< selection sets that are merged below it, in `sources_`
        std::uint32_t child = kNone;    ///< the set below it, when its type is an object type
    };
    struct Set {
        const Type* type = nullptr;
        Range sources;
        Range fields;
    };

    /// REQUIRES: the document is valid. Problems found in values of variables are in `problems`.
    Plan(const Schema& schema, const Document& document, const OperationNode& operation, const Variables& variables);

    const Set& set(std::uint32_t i) const noexcept { return sets_[i]; }
    const PlannedField& field(std::uint32_t i) const noexcept { return fields_[i]; }
    const ResolverError& failure(std::uint32_t i) const noexcept { return failures_[i]; }
    const std::vector<Problem>& problems() const noexcept { return problems_; }
    /// The set of the fields that an object of `type` has below `field`. Where the type of `field` is abstract, the
    /// first call for `type` makes the set.
    std::uint32_t child(std::uint32_t field, const Type& type);

private:
    struct Group {
        PlannedField field;
        std::vector<const SelectionNode*> more;  ///< its further selections
    };

    std::uint32_t add_set(const Type& type, Range sources);
    void build(std::uint32_t set);
    void collect(Range selections, const Type& type, std::vector<Group>& groups);
    void add(const SelectionNode& node, const Type& type, std::vector<Group>& groups);
    bool included(const SelectionNode& node);
    bool condition(const ArgumentNode& argument, bool& value);
    void coerce_arguments(PlannedField& field);

    const Schema& schema_;
    const Document& document_;
    const Variables& variables_;
    std::unique_ptr<InputArena> arena_ = std::make_unique<InputArena>();
    std::map<std::string_view, std::uint32_t> fragments_;
    std::vector<std::uint32_t> entered_;              ///< by fragment: the last round that entered it
    std::uint32_t round_ = 0;                         ///< number of the set being built
    std::map<std::string_view, std::uint32_t> keys_;  ///< of the set being built, when it is large
    std::vector<Set> sets_;
    std::vector<PlannedField> fields_;
    std::vector<Range> sources_;
    std::vector<ResolverError> failures_;
    std::vector<Problem> problems_;
    std::unordered_map<std::uint64_t, std::uint32_t> abstract_;  ///< by field and type
    bool running_ = false;
};

}  // namespace rues::graphql
