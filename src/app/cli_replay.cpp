#include <fmt/format.h>

#include "app/cli.hpp"
#include "app/contract_machine.hpp"
#include "app/input.hpp"
#include "app/output.hpp"
#include "app/values.hpp"
#include "chain/default_state.hpp"
#include "chain/replay.hpp"
#include "ledger/recording.hpp"

namespace rues::app {
namespace {

struct Replay {
    std::string file;
    std::string genesis;
    std::string contracts;
    std::uint64_t until = UINT64_MAX;
    bool contract_log = false;
};

int run(const Replay& options) {
    const auto text = read_argument(options.file == "-" ? options.file : "@" + options.file);
    if (!text) return complain(kWrongUse, text.error().text);
    const auto genesis = load_genesis(options.genesis);
    if (!genesis) return complain(kWrongUse, genesis.error().text);
    const auto contracts = load_contracts(options.contracts);
    if (!contracts) return complain(kWrongUse, contracts.error().text);
    boost::system::error_code problem;
    const auto recorded = boost::json::parse(*text, problem);
    if (problem) return complain(kWrongUse, fmt::format("{} is not JSON: {}", options.file, problem.message()));

    const auto machine = ContractMachine::create({.contract_log = options.contract_log});
    if (!machine) return complain(kWrongUse, machine.error().text);
    const auto report = chain::replay(ledger::joined(recorded), ***machine,
                                      {*genesis, **contracts, chain::default_state()}, options.until);
    if (!report) return complain(kWrongUse, fmt::format("{}: {}", options.file, report.error()));
    for (const auto& kind : report->kinds) {
        put("{:<20} {:>7} equal", kind.name, kind.equal);
        if (kind.different > 0) put(", {} different, first: {}", kind.different, kind.first_difference);
        put("\n");
    }
    for (const auto& one : report->other_deployment_texts) put("other text of a failed deployment, {}\n", one);
    put("executed up to block {}\n", report->last_height);
    return report->all_equal() ? kDone : kFailed;
}

}  // namespace

void add_replay(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<Replay>();
    auto* command =
        program.add_subcommand("replay", "Execute a recorded chain again and print what is equal and what differs");
    command->add_option("FILE", options->file, "A recorded chain, or - for the standard input")
        ->required()
        ->type_name("");
    add_number(*command, "--until", options->until, {}, "The last block [all]")->type_name("HEIGHT");
    command->add_option("--genesis", options->genesis, "Genesis file [the local chain's]")->type_name("FILE");
    command->add_option("--genesis-contracts", options->contracts, "Folder of the genesis contracts [the network's]")
        ->type_name("DIR");
    command->add_flag("--contract-log", options->contract_log, "The chain was made with the setting contract-log");
    command->footer(
        "Example:\n  rues replay tests/data/rusk-1.7/chain.json --until 40\n\nExit codes: 0 all equal, 1 something "
        "differs, 2 the file cannot be read");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
