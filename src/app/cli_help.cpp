#include <fmt/format.h>

#include "app/cli.hpp"
#include "app/command_words.hpp"
#include "app/licences.hpp"
#include "app/output.hpp"
#include "rues/version.hpp"

namespace rues::app {
namespace {

int help(const CLI::App& program, const std::vector<std::string>& words) {
    const CLI::App* command = &program;
    for (const auto& word : words) {
        const auto* next = subcommand(*command, word);
        if (next == nullptr) return complain(kWrongUse, unknown_word(*command, word));
        command = next;
    }
    // App::help() would print the help of the command that was parsed, which is this one.
    write_output(command->get_formatter()->make_help(command, full_name(*command), CLI::AppFormatMode::Normal));
    return kDone;
}

}  // namespace

void add_help(CLI::App& program, int& exit_code) {
    auto* version = program.add_subcommand("version", "Print the version, as --version does");
    auto with_licences = std::make_shared<bool>(false);
    version->add_flag("--licenses", *with_licences, "Also print the licences of what the program contains");
    version->callback([with_licences] {
        if (*with_licences)
            write_output(licences());
        else
            put("rues {}\n", kVersion);
    });

    auto words = std::make_shared<std::vector<std::string>>();
    auto* command = program.add_subcommand("help", "Print the help of a command, as its --help does");
    command->add_option("COMMAND", *words, "The command, with its subcommand if it has one")->type_name("");
    command->footer("Examples:\n  rues help transfer\n  rues help tx decode");
    command->callback([&program, words, &exit_code] { exit_code = help(program, *words); });
}

}  // namespace rues::app
