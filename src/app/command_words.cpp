#include "app/command_words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/nearest.hpp"

namespace rues::app {
namespace {

std::vector<std::string> commands_of(const CLI::App& command) {
    std::vector<std::string> out;
    for (const auto* sub : command.get_subcommands({})) out.push_back(sub->get_name());
    return out;
}

std::vector<std::string> flags_of(const CLI::App& command) {
    std::vector<std::string> out;
    for (const auto* option : command.get_options()) {
        for (const auto& name : option->get_lnames()) out.push_back("--" + name);
        for (const auto& name : option->get_snames()) out.push_back("-" + name);
    }
    return out;
}

}  // namespace

const CLI::App* subcommand(const CLI::App& command, std::string_view name) {
    const auto all = command.get_subcommands({});
    const auto found = std::ranges::find_if(all, [&](const auto* each) { return each->get_name() == name; });
    return found == all.end() ? nullptr : *found;
}

std::string full_name(const CLI::App& command) {
    const auto* parent = command.get_parent();
    return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

const CLI::App& parsed_command(const CLI::App& program) {
    const CLI::App* command = &program;
    while (!command->get_subcommands().empty()) command = command->get_subcommands().back();
    return *command;
}

std::string unknown_word(const CLI::App& command, std::string_view word) {
    const bool is_flag = word.size() > 1 && word.starts_with('-');
    if (is_flag) word = word.substr(0, word.find('='));
    const auto known = is_flag ? flags_of(command) : commands_of(command);
    // The flag exists, but it stood before the command's name
    if (is_flag && std::ranges::find(known, word) != known.end())
        return fmt::format("{} must come after `{}`", word, full_name(command));
    if (known.empty()) return fmt::format("`{}` does not take the argument `{}`", full_name(command), word);
    const auto meant = nearest(word, known);
    return fmt::format("`{}` has no {} `{}`{}", full_name(command), is_flag ? "flag" : "command", word,
                       meant ? fmt::format("; did you mean `{}`?", *meant) : "");
}

}  // namespace rues::app
