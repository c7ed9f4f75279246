#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

/// The words of the command line: names of commands and flags, and what to say about a word that is none.
namespace rues::app {

/// The subcommand of this name; nullptr: there is none.
const CLI::App* subcommand(const CLI::App& command, std::string_view name);
/// `rues tx decode`.
std::string full_name(const CLI::App& command);
/// The deepest command that the parsed arguments named.
const CLI::App& parsed_command(const CLI::App& program);
/// A sentence about a word that `command` does not know, with the nearest one that it does.
std::string unknown_word(const CLI::App& command, std::string_view word);

}  // namespace rues::app
