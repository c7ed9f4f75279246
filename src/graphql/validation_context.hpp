#pragma once

#include <map>

#include "graphql/validation.hpp"

/// The state that the rules of validation share; private to the room.
namespace rues::graphql {

struct VariableUse {
    const ValueNode* value = nullptr;
    std::uint32_t argument = 0;  ///< position of the argument's name
    std::uint32_t owner = 0;     ///< position of the field or directive
    TypeRef location;            ///< type that is expected there; none when it is unknown
    bool location_default = false;
};

/// The variables and spreads in the text of one operation or fragment, without those of the fragments it spreads.
struct Uses {
    Range variables;  ///< in `ValidationContext::variable_uses`
    Range spreads;    ///< in `ValidationContext::spreads`
};

struct ValidationContext {
    const Schema& schema;
    const Document& document;
    const ValidationOptions& options;

    std::vector<Problem> problems;
    std::uint64_t steps = 0;
    std::map<std::string_view, std::uint32_t> fragments;  ///< by name; of a repeated name the first

    /// By index of the selection: the declaration of a field, and its parent type; nullptr where unknown.
    std::vector<const Field*> fields;
    std::vector<const Type*> parents;

    std::vector<VariableUse> variable_uses;
    std::vector<const SelectionNode*> spreads;
    std::vector<Uses> operation_uses;
    std::vector<Uses> fragment_uses;

    void add(Rule rule, std::string message, std::vector<std::uint32_t> at) {
        if (!full()) problems.push_back({rule, std::move(message), std::move(at)});
    }
    bool full() const noexcept { return problems.size() >= options.problems; }
    /// False when the bound is reached.
    bool spend(std::uint64_t count) noexcept { return (steps += count) <= options.steps; }

    const FragmentNode* fragment(std::string_view name) const noexcept {
        const auto found = fragments.find(name);
        return found == fragments.end() ? nullptr : &document.fragments[found->second];
    }
    std::size_t index(const SelectionNode& node) const noexcept {
        return static_cast<std::size_t>(&node - document.selections.data());
    }
};

/// Calls `report` for each item that has the key of an earlier item, with that item and this one.
template <typename Items, typename Key, typename Report>
void for_repeated(const Items& items, Key key, Report report) {
    constexpr std::size_t kFew = 16;
    if (items.size() <= kFew) {
        for (std::size_t i = 1; i < items.size(); ++i)
            for (std::size_t k = 0; k < i; ++k)
                if (key(items[k]) == key(items[i])) {
                    report(items[k], items[i]);
                    break;
                }
        return;
    }
    std::map<std::string_view, std::size_t> seen;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto [at, is_new] = seen.emplace(key(items[i]), i);
        if (!is_new) report(items[at->second], items[i]);
    }
}

/// A name of the document as errors show it, in quotes. A long name is cut, so that an answer cannot be many times its
/// request.
inline std::string quoted(std::string_view text) {
    constexpr std::size_t kMaxShown = 256;
    std::string out = "\"";
    if (text.size() <= kMaxShown) return out.append(text) += '"';
    std::size_t end = kMaxShown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return out.append(text.substr(0, end)) += "\xE2\x80\xA6\"";
}

/// Checks the rules that need one place of the document at a time: fields, arguments, values, directives, spreads
/// (validate_selections.cpp). Fills `fields`, `parents` and the uses.
void validate_selections(ValidationContext& context);
/// Checks operations and fragments as wholes (validate_definitions.cpp). Needs the uses that `validate_selections`
/// filled.
void validate_definitions(ValidationContext& context);
/// 5.3.2 (overlapping_fields.cpp).
void validate_overlapping_fields(ValidationContext& context);

/// ` Did you mean "a", "b"?` after an unknown name, or nothing (docs/reference/graphql.md 7.4).
std::string suggestion(std::string_view wanted, const std::vector<std::string_view>& candidates);

}  // namespace rues::graphql
