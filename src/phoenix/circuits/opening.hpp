#pragma once

#include <optional>

#include "phoenix/circuits/transaction.hpp"
#include "wire/note_layouts.hpp"

/// The paths to notes, as the transfer contract's `opening` answers them (docs/reference/ledger.md 8.5). Pure.
namespace rues::phoenix {

/// nullopt when a scalar is not canonical, or when a position is no child.
std::optional<CircuitOpening> opening_of(const wire::layouts::NoteOpening& archived) noexcept;

/// True when the path leads from `note`, at its place in the tree, to the root of the opening.
bool leads_to_root(const CircuitOpening& opening, const Note& note) noexcept;

}  // namespace rues::phoenix
