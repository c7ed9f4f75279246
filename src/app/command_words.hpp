#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

/// The words of the command line: names of commands and flags, and the error for an unknown word.
namespace rues::app {

/// The subcommand of this name; nullptr when there is none.
const CLI::App* subcommand(const CLI::App& command, std::string_view name);
/// The names of the program and of all commands down to this one: `rues tx decode`.
std::string full_name(const CLI::App& command);
/// The deepest command that the parsed arguments named.
const CLI::App& parsed_command(const CLI::App& program);
/// The error text for a word that `command` does not know, with the nearest known word.
std::string unknown_word(const CLI::App& command, std::string_view word);

}  // namespace rues::app
