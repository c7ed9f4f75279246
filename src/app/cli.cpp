#include "app/cli.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>

namespace rues::app {

int complain(ExitCode code, std::string_view text) {
    fmt::print(stderr, "rues: {}\n", text);
    return code;
}

void add_url(CLI::App& command, std::string& url) {
    url = "http://127.0.0.1:8080";
    command.add_option("--url", url, "The node [http://127.0.0.1:8080]")->type_name("URL");
}

base::Result<std::string> read_argument(const std::string& argument) {
    const auto all = [](std::istream& in) { return std::string(std::istreambuf_iterator<char>(in), {}); };
    if (argument == "-") return all(std::cin);
    if (!argument.starts_with('@')) return argument;
    std::ifstream file(argument.substr(1), std::ios::binary);
    std::string text = file ? all(file) : std::string();
    if (!file) return base::failure(base::Error::Kind::io, fmt::format("{} cannot be read", argument.substr(1)));
    return text;
}

void add_client_commands(CLI::App& program, int& exit_code) {
    add_listen(program, exit_code);
    add_call(program, exit_code);
    add_transfer(program, exit_code);
    add_keys(program, exit_code);
    add_tx(program, exit_code);
    add_replay(program, exit_code);
    add_completion(program, exit_code);
}

}  // namespace rues::app
