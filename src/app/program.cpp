#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "app/cli.hpp"
#include "app/command_words.hpp"
#include "app/output.hpp"
#include "rues/version.hpp"

namespace rues::app {
namespace {

/// CLI11 takes the word after `--flag=` as the flag's value. The user means an empty value, so it becomes a word of its
/// own. The result is in reverse order, as CLI11 expects it.
std::vector<std::string> prepared(const std::vector<std::string>& arguments) {
    std::vector<std::string> out;
    bool flags_end = false;
    for (const auto& word : arguments) {
        flags_end = flags_end || word == "--";
        if (!flags_end && word.starts_with("--") && word.find('=') == word.size() - 1) {
            out.push_back(word.substr(0, word.size() - 1));
            out.emplace_back();
        } else {
            out.push_back(word);
        }
    }
    std::ranges::reverse(out);
    return out;
}

/// Refuses a value behind `=` for flags that take none: `--json=0` would switch the flag off without a warning.
void refuse_values_of_switches(CLI::App& command) {
    for (auto* option : command.get_options()) {
        if (option->get_items_expected_max() == 0) option->disable_flag_override();
    }
    for (auto* sub : command.get_subcommands({})) refuse_values_of_switches(*sub);
}

int refuse(const CLI::App& program, std::string_view why) {
    complain(kWrongUse, why);
    return complain(kWrongUse, fmt::format("`{} --help` shows its arguments", full_name(parsed_command(program))));
}

/// Handles an early end of parsing: the user asked for help or the version, or something is wrong.
int ended_early(const CLI::App& program, const CLI::ParseError& error) {
    const CLI::App& command = parsed_command(program);
    const auto unknown = program.remaining(true);
    if (error.get_exit_code() != 0) {
        // An unknown word is the reason why others are missing, so it is reported first. A wrong value is reported as
        // it is.
        const bool wrong_value = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ValidationError);
        const bool has_unknown = !unknown.empty() && !wrong_value;
        return refuse(program, has_unknown ? unknown_word(command, unknown.front()) : std::string(error.what()));
    }
    const bool no_command = !command.get_subcommands({}).empty() && !unknown.empty() && !unknown[0].starts_with('-');
    if (no_command) return refuse(program, unknown_word(command, unknown.front()));
    std::ostringstream asked_for;
    program.exit(error, asked_for, asked_for);
    write_output(asked_for.str());
    return kDone;
}

}  // namespace

int run_program(const std::vector<std::string>& arguments) {
    int exit_code = kDone;
    CLI::App program("rues: a local Dusk chain and event server", "rues");
    program.require_subcommand(1);
    program.set_version_flag("-V,--version", fmt::format("rues {}", kVersion));
    program.footer(
        "Examples:\n  rues node\n  rues listen /on/blocks/accepted\n  rues transfer --to '#1' --amount 1.5 --wait\n  "
        "rues help transfer");
    add_commands(program, exit_code);
    refuse_values_of_switches(program);
    try {
        program.parse(prepared(arguments));
    } catch (const CLI::ParseError& error) {
        return ended_early(program, error);
    }
    return exit_code;
}

}  // namespace rues::app
