#include <fmt/format.h>

#include "app/cli.hpp"
#include "app/contract_events.hpp"
#include "app/output.hpp"
#include "app/terminal_json.hpp"
#include "app/trace_text.hpp"
#include "app/transaction_input.hpp"
#include "base/json.hpp"
#include "client/simulation.hpp"

namespace rues::app {
namespace {

using base::json::array;
using base::json::object;

struct Simulate {
    NodeOption node;
    std::string transaction;
    bool trace = false;
    bool json = false;
};

object to_json(const client::Simulated& simulated, ContractJson& drivers) {
    array events;
    for (const auto& event : simulated.events) events.push_back(event_json(drivers, event));
    object out{{"gas_spent", simulated.gas_spent}, {"error", nullptr}, {"events", std::move(events)}};
    if (simulated.error) out["error"] = *simulated.error;
    if (simulated.trace) out["trace"] = *simulated.trace;
    return out;
}

void print(const client::Simulated& simulated, bool asked_for_trace, ContractJson& drivers) {
    put_fact("gas spent", std::to_string(simulated.gas_spent));
    put_fact("error", simulated.error.value_or("none"));
    for (const auto& event : simulated.events) put("{}\n", event_line(drivers, event, std::nullopt));
    if (simulated.trace) put("{}", trace_text(*simulated.trace, simulated.error.has_value()));
    if (asked_for_trace && !simulated.trace) put_fact("trace", "none: this node does not tell the calls");
}

int run(const Simulate& options) {
    auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    const auto bytes = read_bytes(options.transaction, "transaction");
    if (!bytes) return complain(kWrongUse, bytes.error().text);
    if (const auto tx = ledger::Transaction::decode(*bytes); !tx)
        return complain(kWrongUse, "not a transaction: " + tx.error().text);
    const auto simulated = client::simulate(*url, *bytes, options.trace ? client::Trace::yes : client::Trace::no);
    if (!simulated) return complain(exit_code_of(simulated.error()), simulated.error().text);
    ContractJson drivers(std::move(*url));
    if (options.json)
        put("{}\n", terminal_json(to_json(*simulated, drivers)));
    else
        print(*simulated, options.trace, drivers);
    return simulated->error ? kExecutedWithError : kDone;
}

}  // namespace

void add_simulate(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<Simulate>();
    auto* command = program.add_subcommand(
        "simulate",
        "Execute a signed transaction on the node's latest state and print gas, error and events; nothing "
        "changes");
    add_node(*command, options->node);
    command->add_option("TRANSACTION", options->transaction, "Hex, @FILE (hex or bytes), or - for the standard input")
        ->required()
        ->type_name("");
    command->add_flag("--trace", options->trace, "Also print the calls of contracts: gas, events and how they ended");
    command->add_flag("--json", options->json, "Print one JSON object");
    command->footer(
        "Example:\n  rues transfer --from 3 --to '#1' --amount 1 --dry-run | rues simulate -\n\nExit codes: 0 it would "
        "succeed, "
        "1 refused or unreachable, 2 wrong use, 3 it would fail");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
