#include "graphql/validation.hpp"

#include <algorithm>

#include "graphql/validation_context.hpp"

namespace rues::graphql {

std::string_view rule_name(Rule rule) noexcept {
    switch (rule) {
#define RUES_RULE(name) \
    case Rule::name:    \
        return #name
        RUES_RULE(UniqueOperationNames);
        RUES_RULE(LoneAnonymousOperation);
        RUES_RULE(SingleFieldSubscriptions);
        RUES_RULE(KnownOperationTypes);
        RUES_RULE(FieldsOnCorrectType);
        RUES_RULE(OverlappingFieldsCanBeMerged);
        RUES_RULE(ScalarLeafs);
        RUES_RULE(KnownArgumentNames);
        RUES_RULE(UniqueArgumentNames);
        RUES_RULE(ProvidedRequiredArguments);
        RUES_RULE(UniqueFragmentNames);
        RUES_RULE(KnownTypeNames);
        RUES_RULE(FragmentsOnCompositeTypes);
        RUES_RULE(NoUnusedFragments);
        RUES_RULE(KnownFragmentNames);
        RUES_RULE(NoFragmentCycles);
        RUES_RULE(PossibleFragmentSpreads);
        RUES_RULE(ValuesOfCorrectType);
        RUES_RULE(UniqueInputFieldNames);
        RUES_RULE(KnownDirectives);
        RUES_RULE(UniqueDirectivesPerLocation);
        RUES_RULE(UniqueVariableNames);
        RUES_RULE(VariablesAreInputTypes);
        RUES_RULE(NoUndefinedVariables);
        RUES_RULE(NoUnusedVariables);
        RUES_RULE(VariablesInAllowedPosition);
        RUES_RULE(Complexity);
#undef RUES_RULE
    }
    return "";
}

std::vector<Problem> validate(const Schema& schema, const Document& document, const ValidationOptions& options) {
    ValidationContext context{schema, document, options, {}, 0, {}, {}, {}, {}, {}, {}, {}};
    for (std::uint32_t i = 0; i < document.fragments.size(); ++i)
        context.fragments.emplace(document.fragments[i].name.text, i);
    context.fields.resize(document.selections.size());
    context.parents.resize(document.selections.size());
    validate_selections(context);
    // The other checks need the notes of the first one, which ends early when there are enough problems.
    if (!context.full()) {
        validate_definitions(context);
        validate_overlapping_fields(context);
    }
    std::ranges::stable_sort(context.problems, {}, [](const Problem& each) { return each.at.front(); });
    return std::move(context.problems);
}

std::vector<Error> to_errors(const Document& document, const std::vector<Problem>& problems) {
    Locator locate(*document.source);
    std::vector<Error> out;
    for (const Problem& problem : problems) {
        Error& error = out.emplace_back();
        error.message = problem.message;
        for (const std::uint32_t at : problem.at) error.locations.push_back(locate(at));
    }
    return out;
}

}  // namespace rues::graphql
