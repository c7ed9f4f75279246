#pragma once

#include "graphql/schema.hpp"

namespace rues::graphql {

/// Rules of specification 5, by the names that graphql-js gave them.
enum class Rule : std::uint8_t {
    UniqueOperationNames,          // 5.2.1.1
    LoneAnonymousOperation,        // 5.2.2.1
    SingleFieldSubscriptions,      // 5.2.3.1
    KnownOperationTypes,           // 3.3.1: the schema has such operations
    FieldsOnCorrectType,           // 5.3.1
    OverlappingFieldsCanBeMerged,  // 5.3.2
    ScalarLeafs,                   // 5.3.3
    KnownArgumentNames,            // 5.4.1
    UniqueArgumentNames,           // 5.4.2
    ProvidedRequiredArguments,     // 5.4.2.1
    UniqueFragmentNames,           // 5.5.1.1
    KnownTypeNames,                // 5.5.1.2
    FragmentsOnCompositeTypes,     // 5.5.1.3
    NoUnusedFragments,             // 5.5.1.4
    KnownFragmentNames,            // 5.5.2.1
    NoFragmentCycles,              // 5.5.2.2
    PossibleFragmentSpreads,       // 5.5.2.3
    ValuesOfCorrectType,           // 5.6.1, 5.6.2, 5.6.4
    UniqueInputFieldNames,         // 5.6.3
    KnownDirectives,               // 5.7.1, 5.7.2
    UniqueDirectivesPerLocation,   // 5.7.3
    UniqueVariableNames,           // 5.8.1
    VariablesAreInputTypes,        // 5.8.2
    NoUndefinedVariables,          // 5.8.3
    NoUnusedVariables,             // 5.8.4
    VariablesInAllowedPosition,    // 5.8.5
    Complexity,                    // ours: a bound was reached
};
std::string_view rule_name(Rule rule) noexcept;

struct Problem {
    Rule rule;
    std::string message;
    std::vector<std::uint32_t> at;  ///< byte offsets, the first decides the order
};

struct ValidationOptions {
    /// 5.8.5. Off as in the node, where a variable may have any type and only its value is checked
    /// (docs/reference/rusk-1.7.md 6.3).
    bool variable_positions = true;
    std::size_t problems = 100;       ///< validation ends after this many
    std::uint64_t steps = 2'000'000;  ///< work of the rules whose cost is not linear
};

/// The problems of a document, with the texts of the node (docs/reference/graphql.md 7.4), in document order. The
/// document's size and `steps` bound the work, so any document may be given; a document that reaches the bound breaks
/// `Complexity`.
std::vector<Problem> validate(const Schema& schema, const Document& document, const ValidationOptions& options = {});

std::vector<Error> to_errors(const Document& document, const std::vector<Problem>& problems);

}  // namespace rues::graphql
