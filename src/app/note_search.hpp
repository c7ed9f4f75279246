#pragma once

#include "app/cli.hpp"
#include "app/note_report.hpp"

namespace rues::app {

/// Finds the notes of a key in the chain of a node, opens them and asks which are spent. Shows its progress on a
/// terminal. `state_file`: a `NoteState`, where the scan goes on and which is kept up to date; empty: there is none.
/// The error `invalid` is one of the file.
Result<FoundNotes> find_notes(const client::Url& url, const NoteKeys& keys, const std::string& state_file);

/// The flag that names the file.
CLI::Option* add_state_file(CLI::App& command, std::string& file);

}  // namespace rues::app
