#include "app/cli.hpp"

#include <fmt/format.h>

namespace rues::app {

int complain(ExitCode code, std::string_view text) {
    fmt::print(stderr, "rues: {}\n", text);
    return code;
}

void add_url(CLI::App& command, std::string& url) {
    url = "http://127.0.0.1:8080";
    command.add_option("--url", url, "The node [http://127.0.0.1:8080]")->type_name("URL");
}

void add_client_commands(CLI::App& program, int& exit_code) {
    add_listen(program, exit_code);
    add_call(program, exit_code);
    add_transfer(program, exit_code);
    add_keys(program, exit_code);
    add_tx(program, exit_code);
    add_replay(program, exit_code);
    add_store(program, exit_code);
    add_completion(program, exit_code);
}

}  // namespace rues::app
