#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/url.hpp"

/// The command line: the node itself, the commands that talk to a running node, and the commands that need none.
namespace rues::app {

/// The exit codes of the program. They are part of its interface, and `--help` prints them.
enum ExitCode : std::uint8_t {
    kDone = 0,
    kFailed = 1,    ///< the node refused, was unreachable, or could not continue
    kWrongUse = 2,  ///< wrong flags, arguments or input files
    kExecutedWithError = 3,
    kNotExecuted = 4,  ///< removed from the mempool, or dropped
    kTimedOut = 5,
};

inline constexpr char kExitCodes[] =
    "Exit codes: 0 done, 1 refused, unreachable or different, 2 wrong use, 3 executed with an error, 4 removed or "
    "dropped, 5 timed out";

/// Runs the program with these arguments (without its name) and returns its exit code. An unknown word ends it with
/// `kWrongUse` and an error that names the word and the nearest known one.
int run_program(const std::vector<std::string>& arguments);

/// Adds every command of the program. The command that runs sets `exit_code`.
void add_commands(CLI::App& program, int& exit_code);

// Each command has a file of its own.
void add_node_command(CLI::App& program, int& exit_code);
void add_gateway(CLI::App& program, int& exit_code);
void add_config(CLI::App& program);
void add_docs(CLI::App& program);
void add_help(CLI::App& program, int& exit_code);
void add_listen(CLI::App& program, int& exit_code);
void add_call(CLI::App& program, int& exit_code);
void add_crs(CLI::App& program, int& exit_code);
void add_keys(CLI::App& program, int& exit_code);
void add_notes(CLI::App& program, int& exit_code);
void add_legacy(CLI::App& program, int& exit_code);
void add_prove(CLI::App& program, int& exit_code);
void add_shielding(CLI::App& program, int& exit_code);
void add_transfer(CLI::App& program, int& exit_code);
void add_tx(CLI::App& program, int& exit_code);
void add_top(CLI::App& program, int& exit_code);
void add_replay(CLI::App& program, int& exit_code);
void add_store(CLI::App& program, int& exit_code);
void add_archive(CLI::App& program, int& exit_code);
void add_contract(CLI::App& program, int& exit_code);
void add_contract_driver(CLI::App& contract, int& exit_code);
void add_deploy(CLI::App& program, int& exit_code);
void add_staking(CLI::App& program, int& exit_code);
void add_account(CLI::App& program, int& exit_code);
void add_balance(CLI::App& program, int& exit_code);
void add_history(CLI::App& program, int& exit_code);
void add_block(CLI::App& program, int& exit_code);
void add_simulate(CLI::App& program, int& exit_code);
void add_completion(CLI::App& program, int& exit_code);

/// Prints `rues: text` to the error stream and returns `code`.
int complain(ExitCode code, std::string_view text);

/// `kWrongUse` for an error of the user's input, else `kFailed`.
ExitCode exit_code_of(const Error& error);

/// The node that a command talks to: `--url` and `--ca`. Without `--url` the variable RUES_URL names it.
struct NodeOption {
    std::optional<std::string> url;  ///< nullopt: as the variable says, else the local node
    std::string ca_file;             ///< empty: the certificates of the system

    /// The error names the flag or the variable.
    Result<client::Url> parse() const;
    /// False: the user named no node, so `parse` gives the local one.
    bool is_named() const;
};
void add_node(CLI::App& command, NodeOption& node);

/// The completion script of `shell` (bash or zsh), made from the commands and flags of `program`.
std::string completion_script(const CLI::App& program, std::string_view shell);

}  // namespace rues::app
