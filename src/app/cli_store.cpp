#include <fmt/format.h>

#include "app/cli.hpp"
#include "app/contract_machine.hpp"
#include "app/input.hpp"
#include "app/output.hpp"
#include "app/proving.hpp"
#include "chain/verify_store.hpp"
#include "store/archive_check.hpp"

namespace rues::app {
namespace {

struct Verify {
    std::string data;
    std::string genesis;
    std::string contracts;
};

int verify(const Verify& options) {
    const auto genesis = load_genesis(options.genesis);
    if (!genesis) return complain(kWrongUse, genesis.error().text);
    const auto contracts = load_contracts(options.contracts);
    if (!contracts) return complain(kWrongUse, contracts.error().text);
    const auto store = open_store_of(options.data);
    if (!store) return complain(kWrongUse, store.error().text);
    const auto origin = (*store)->origin();
    if (!origin) return complain(kFailed, origin.error().text);
    const auto keys = keys_of_chain(options.data);
    if (!keys) return complain(kFailed, keys.error().text);
    const auto machine = ContractMachine::create({.contract_log = *origin && (*origin)->contract_log},
                                                 keys->value_or(phoenix::Keys::network));
    if (!machine) return complain(kWrongUse, machine.error().text);
    const auto report = chain::verify_store(**store, ***machine, {*genesis, **contracts});
    if (!report) return complain(kFailed, report.error().text);
    const auto archive = store::check_archive(**store);
    if (!archive) return complain(kFailed, archive.error().text);
    if (archive->wrong > 0) return complain(kFailed, archive->findings.front());
    put("blocks         {} executed again, all equal\n", report->height);
    put("transactions   {}, each executed once in the log\n", report->transactions);
    put("pages          {} of contracts' memory, equal to the result of the blocks\n", report->pages);
    put("blobs          {} kept, proven and complete\n", report->blobs);
    put("log records    {}, without a gap\n", report->log_records);
    put("index entries  {}, none missing, none wrong, none unexpected\n", archive->entries);
    return kDone;
}

}  // namespace

void add_store(CLI::App& program, int& exit_code) {
    auto* command = program.add_subcommand("store", "Check the data folder of a node that is not running");
    command->require_subcommand(1);
    auto options = std::make_shared<Verify>();
    auto* verifies =
        command->add_subcommand("verify", "Execute the chain again from its genesis and compare everything");
    verifies->add_option("--data", options->data, "The node's data folder")->required()->type_name("DIR");
    verifies->add_option("--genesis", options->genesis, "Genesis file [the local chain's]")->type_name("FILE");
    verifies->add_option("--genesis-contracts", options->contracts, "Folder of the genesis contracts [the network's]")
        ->type_name("DIR");
    verifies->footer(
        "Example:\n  rues store verify --data chain\n\nExit codes: 0 no error, 1 an error found (the first one is "
        "printed), 2 the store cannot be opened");
    verifies->callback([options, &exit_code] { exit_code = verify(*options); });
}

}  // namespace rues::app
