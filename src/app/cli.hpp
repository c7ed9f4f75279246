#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "client/url.hpp"

/// The client commands: what people and scripts tell a running node, or work out without one.
namespace rues::app {

/// What the program ends with; part of its interface, and printed by `--help`.
enum ExitCode : int {
    kDone = 0,
    kFailed = 1,    ///< the node refused, could not be reached, or could not go on
    kWrongUse = 2,  ///< flags, arguments or input files
    kExecutedWithError = 3,
    kNotExecuted = 4,  ///< removed from the pool, or dropped
    kTimedOut = 5,
};

inline constexpr char kExitCodes[] =
    "Exit codes: 0 done, 1 refused, unreachable or different, 2 wrong use, 3 executed with an error, 4 removed or "
    "dropped, 5 not ended in time";

/// Adds every client command; the one that runs sets `exit_code`.
void add_client_commands(CLI::App& program, int& exit_code);

// One file each.
void add_listen(CLI::App& program, int& exit_code);
void add_call(CLI::App& program, int& exit_code);
void add_keys(CLI::App& program, int& exit_code);
void add_transfer(CLI::App& program, int& exit_code);
void add_tx(CLI::App& program, int& exit_code);
void add_replay(CLI::App& program, int& exit_code);
void add_store(CLI::App& program, int& exit_code);
void add_archive(CLI::App& program, int& exit_code);
void add_completion(CLI::App& program, int& exit_code);

/// Prints `rues: text` to the error stream and gives the code back.
int complain(ExitCode code, std::string_view text);

/// The node that a command talks to: `--url` and `--ca`.
struct NodeOption {
    std::string url = "http://127.0.0.1:8080";
    std::string ca_file;  ///< empty: what the system trusts

    Result<client::Url> parse() const { return client::Url::parse(url, ca_file); }
};
void add_node(CLI::App& command, NodeOption& node);

/// The completion script of `shell` (bash or zsh), made from the commands and flags of `program`.
std::string completion_script(const CLI::App& program, std::string_view shell);

}  // namespace rues::app
