#include <fmt/format.h>

#include "app/cli.hpp"
#include "app/output.hpp"

namespace rues::app {
namespace {

struct Word {
    std::string text;
    std::string help;
};

/// The words that may follow: subcommands, then flags in all their spellings.
std::vector<Word> words_of(const CLI::App& app) {
    std::vector<Word> out;
    for (const auto* sub : app.get_subcommands({})) out.push_back({sub->get_name(), sub->get_description()});
    for (const auto* option : app.get_options()) {
        for (const auto& name : option->get_lnames()) out.push_back({"--" + name, option->get_description()});
        for (const auto& name : option->get_snames()) out.push_back({"-" + name, option->get_description()});
    }
    return out;
}

using Visit = void (*)(std::string& out, const std::string& path, const std::vector<Word>& words);

/// Every command by its path of names, joined with `/`; the path of the program itself is empty.
void visit_all(std::string& out, const CLI::App& app, const std::string& path, Visit visit) {
    visit(out, path, words_of(app));
    for (const auto* sub : app.get_subcommands({}))
        visit_all(out, *sub, path.empty() ? sub->get_name() : path + "/" + sub->get_name(), visit);
}

void bash_case(std::string& out, const std::string& path, const std::vector<Word>& words) {
    std::string list;
    for (const auto& word : words) list += (list.empty() ? "" : " ") + word.text;
    out += fmt::format("        '{}') words='{}' ;;\n", path, list);
}

/// A word and its help for zsh's _describe, where a colon separates the two and a quote ends the string.
std::string zsh_escaped(std::string_view text, bool colons) {
    std::string out;
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            if (c == ':' && colons) out += '\\';
            out += c;
        }
    }
    return out;
}

void zsh_case(std::string& out, const std::string& path, const std::vector<Word>& words) {
    out += fmt::format("        '{}') words_here=(", path);
    for (const auto& word : words)
        out += fmt::format(" '{}:{}'", zsh_escaped(word.text, true), zsh_escaped(word.help, false));
    out += " ) ;;\n";
}

// Words that begin with `-`, and values, are not part of a command's path.
constexpr char kBash[] = R"(# bash completion of rues: source <(rues completion bash)
_rues() {{
    local path='' words='' i word
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${{COMP_WORDS[i]}}
        case "${{path:+$path/}}$word" in
            {}) path="${{path:+$path/}}$word" ;;
        esac
    done
    case "$path" in
{}    esac
    COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _rues rues
)";

constexpr char kZsh[] = R"(#compdef rues
# zsh completion of rues: source <(rues completion zsh)
_rues() {{
    local path_here='' i word
    local -a words_here
    for ((i = 2; i < CURRENT; i++)); do
        word=${{words[i]}}
        case "${{path_here:+$path_here/}}$word" in
            {}) path_here="${{path_here:+$path_here/}}$word" ;;
        esac
    done
    case "$path_here" in
{}    esac
    _describe 'rues' words_here || _files
}}
compdef _rues rues
)";

}  // namespace

std::string completion_script(const CLI::App& program, std::string_view shell) {
    std::string commands;
    visit_all(commands, program, "", [](std::string& out, const std::string& path, const std::vector<Word>&) {
        if (!path.empty()) out += (out.empty() ? "" : "|") + path;
    });
    std::string cases;
    visit_all(cases, program, "", shell == "bash" ? &bash_case : &zsh_case);
    return shell == "bash" ? fmt::format(kBash, commands, cases) : fmt::format(kZsh, commands, cases);
}

void add_completion(CLI::App& program, int& exit_code) {
    auto shell = std::make_shared<std::string>();
    auto* command = program.add_subcommand("completion", "Print the completion script of a shell");
    command->add_option("SHELL", *shell, "bash or zsh")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh"}))
        ->type_name("");
    command->footer("Example:\n  source <(rues completion bash)");
    command->callback([shell, &program, &exit_code] {
        write_output(completion_script(program, *shell));
        exit_code = kDone;
    });
}

}  // namespace rues::app
