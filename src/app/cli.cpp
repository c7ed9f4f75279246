#include "app/cli.hpp"

#include <fmt/format.h>

#include "app/output.hpp"

namespace rues::app {

int complain(ExitCode code, std::string_view text) {
    put_error(text);
    return code;
}

Result<client::Url> NodeOption::parse() const {
    auto parsed = client::Url::parse(url, ca_file);
    if (!parsed) parsed.error().text.insert(0, "--url: ");
    return parsed;
}

void add_node(CLI::App& command, NodeOption& node) {
    command.add_option("--url", node.url, "URL of the node, http:// or https:// [http://127.0.0.1:8080]")
        ->type_name("URL");
    command.add_option("--ca", node.ca_file, "PEM file of trusted certificates, instead of the system's")
        ->type_name("FILE");
}

void add_commands(CLI::App& program, int& exit_code) {
    add_node_command(program, exit_code);
    add_config(program);
    add_docs(program);
    add_listen(program, exit_code);
    add_call(program, exit_code);
    add_transfer(program, exit_code);
    add_keys(program, exit_code);
    add_tx(program, exit_code);
    add_replay(program, exit_code);
    add_store(program, exit_code);
    add_archive(program, exit_code);
    add_completion(program, exit_code);
    add_help(program, exit_code);
}

}  // namespace rues::app
