#include "app/cli.hpp"

#include <fmt/format.h>

namespace rues::app {

int complain(ExitCode code, std::string_view text) {
    fmt::print(stderr, "rues: {}\n", text);
    return code;
}

void add_node(CLI::App& command, NodeOption& node) {
    command.add_option("--url", node.url, "The node, http:// or https:// [http://127.0.0.1:8080]")->type_name("URL");
    command.add_option("--ca", node.ca_file, "Certificates to trust, in PEM, in place of the system's")
        ->type_name("FILE");
}

void add_client_commands(CLI::App& program, int& exit_code) {
    add_listen(program, exit_code);
    add_call(program, exit_code);
    add_transfer(program, exit_code);
    add_keys(program, exit_code);
    add_tx(program, exit_code);
    add_replay(program, exit_code);
    add_store(program, exit_code);
    add_archive(program, exit_code);
    add_completion(program, exit_code);
}

}  // namespace rues::app
