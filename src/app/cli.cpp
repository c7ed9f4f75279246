#include "app/cli.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>

#include "app/output.hpp"
#include "app/values.hpp"

namespace rues::app {

int complain(ExitCode code, std::string_view text) {
    put_error(text);
    return code;
}

ExitCode exit_code_of(const Error& error) {
    return error.kind == Error::Kind::invalid ? kWrongUse : kFailed;
}

namespace {

/// CLI11 lists the flags that a flag needs or excludes in the order of their addresses, which each run has anew.
class HelpText final : public CLI::Formatter {
public:
    std::string make_option_opts(const CLI::Option* option) const override {
        return sorted(sorted(CLI::Formatter::make_option_opts(option), "Needs", option->get_needs()), "Excludes",
                      option->get_excludes());
    }

private:
    std::string sorted(std::string text, const std::string& label, const std::set<CLI::Option*>& flags) const {
        std::vector<std::string> names;
        names.reserve(flags.size());
        for (const auto* flag : flags) names.push_back(flag->get_name());
        const auto listed = fmt::format("{}: {}", get_label(label), fmt::join(names, " "));
        const auto at = text.find(listed);
        if (names.empty() || at == std::string::npos) return text;
        std::ranges::sort(names);
        return text.replace(at, listed.size(), fmt::format("{}: {}", get_label(label), fmt::join(names, " ")));
    }
};

constexpr char kUrlVariable[] = "RUES_URL";
constexpr char kLocalNode[] = "http://127.0.0.1:8080";

/// Empty when the variable is not set.
std::string url_of_environment() {
    const char* text = std::getenv(kUrlVariable);
    return text == nullptr ? std::string() : text;
}

}  // namespace

bool NodeOption::is_named() const {
    return url || !url_of_environment().empty();
}

Result<client::Url> NodeOption::parse() const {
    const std::string variable = url ? std::string() : url_of_environment();
    auto parsed = client::Url::parse(url ? *url : variable.empty() ? kLocalNode : variable, ca_file);
    if (!parsed) parsed.error().text.insert(0, variable.empty() ? "--url: " : std::string(kUrlVariable) + ": ");
    return parsed;
}

void add_node(CLI::App& command, NodeOption& node) {
    add_text(command, "--url", node.url, "URL of the node, http:// or https:// [RUES_URL, else http://127.0.0.1:8080]")
        ->type_name("URL");
    command.add_option("--ca", node.ca_file, "PEM file of trusted certificates, instead of the system's")
        ->type_name("FILE");
}

void add_commands(CLI::App& program, int& exit_code) {
    program.formatter(std::make_shared<HelpText>());  // commands that are added take it over
    add_node_command(program, exit_code);
    add_gateway(program, exit_code);
    add_config(program);
    add_docs(program);
    add_listen(program, exit_code);
    add_call(program, exit_code);
    add_legacy(program, exit_code);
    add_transfer(program, exit_code);
    add_shielding(program, exit_code);
    add_deploy(program, exit_code);
    add_contract(program, exit_code);
    add_staking(program, exit_code);
    add_keys(program, exit_code);
    add_account(program, exit_code);
    add_balance(program, exit_code);
    add_history(program, exit_code);
    add_notes(program, exit_code);
    add_block(program, exit_code);
    add_tx(program, exit_code);
    add_simulate(program, exit_code);
    add_top(program, exit_code);
    add_prove(program, exit_code);
    add_crs(program, exit_code);
    add_replay(program, exit_code);
    add_store(program, exit_code);
    add_archive(program, exit_code);
    add_completion(program, exit_code);
    add_help(program, exit_code);
}

}  // namespace rues::app
