#include <fmt/format.h>

#include <algorithm>

#include "app/contract_argument.hpp"
#include "app/output.hpp"
#include "app/shielded_sending.hpp"
#include "app/terminal_json.hpp"
#include "app/values.hpp"
#include "client/contracts.hpp"

/// `rues contract call` and `rues contract query`.
namespace rues::app {
namespace {

using base::json::object;
using base::json::value;

struct Target {
    std::string contract;
    std::string function;
    std::optional<std::string> argument;

    void add_options(CLI::App& command) {
        command.add_option("ID", contract, "The contract: 64 hex digits, or transfer or stake")
            ->required()
            ->type_name("");
        command.add_option("FN", function, "The function")->required()->type_name("");
        add_text(command, "ARG", argument,
                 "JSON when the node has a data driver of the contract, else 0x and hex digits; @FILE, or - for the "
                 "standard input")
            ->type_name("");
    }
};
struct ContractCall {
    SendOptions sending;
    ShieldedOptions shielded;
    Target target;
    std::uint64_t deposit = 0;
};
struct Query {
    NodeOption node;
    Target target;
    bool feeder = false;
    bool json = false;
};

/// The target once it is known that the contract exists, and the argument is bytes.
struct Resolved {
    ledger::ContractId contract{};
    ContractArgument argument;
    base::Bytes bytes;
};

std::expected<Resolved, int> resolve(const Target& target, const client::Url& url, ContractJson& drivers) {
    const auto contract = contract_of(target.contract);
    if (!contract) return std::unexpected(complain(kWrongUse, contract.error().text));
    if (target.function.empty()) return std::unexpected(complain(kWrongUse, "FN: a function has a name"));
    auto argument = read_contract_argument(target.argument);
    if (!argument) return std::unexpected(complain(kWrongUse, argument.error().text));
    if (!is_genesis_contract(*contract)) {
        const auto info = client::contract_info(url, *contract);
        if (!info) return std::unexpected(complain(exit_code_of(info.error()), info.error().text));
        if (!*info)
            return std::unexpected(complain(kFailed, fmt::format("there is no contract {}", base::to_hex(*contract))));
    }
    auto bytes = argument_bytes(*argument, *contract, target.function, drivers);
    if (!bytes) return std::unexpected(complain(exit_code_of(bytes.error()), bytes.error().text));
    return Resolved{*contract, std::move(*argument), std::move(*bytes)};
}

/// A transaction only says `Unknown` for a function that does not exist; a query of it says more.
std::optional<std::string> missing_function(const client::Url& url, const ledger::Call& call,
                                            const std::string& error) {
    if (error != "Unknown") return std::nullopt;
    const auto answer = client::query(url, call.contract, call.fn_name, call.fn_args, false);
    const bool is_missing = !answer && answer.error().text.find("Not found: function") != std::string::npos;
    if (!is_missing) return std::nullopt;
    return fmt::format("the contract has no function `{}`", call.fn_name);
}

int call(const ContractCall& options) {
    const auto sender = Sender::read(options.sending);
    if (!sender) return complain(kWrongUse, sender.error().text);
    ContractJson drivers(sender->url);
    auto target = resolve(options.target, sender->url, drivers);
    if (!target) return target.error();
    const ledger::Call made{target->contract, options.target.function, target->bytes};
    const auto explain = [&](const std::string& error, const ledger::Transaction& tx) {
        return missing_function(sender->url, *tx.call(), error);
    };
    if (options.shielded.is_on) {
        ShieldedDraft draft;
        draft.deposit = options.deposit;
        draft.gas_limit = kShieldedCallGas;
        draft.data = [&](std::uint8_t, const wire::layouts::ReplayToken&) { return ledger::Data(made); };
        draft.explain = explain;
        return send_notes(options.sending, options.shielded, *sender, draft);
    }
    Draft draft;
    draft.body.deposit = options.deposit;
    draft.data = [&](const ledger::Moonlight&) { return ledger::Data(made); };
    draft.explain = explain;
    return send(options.sending, *sender, draft);
}

/// A result: JSON, or the bytes that no driver can decode.
int print(const Query& options, const std::optional<value>& json, base::ByteView bytes) {
    if (!options.json) {
        put("{}\n", json ? terminal_json(*json) : "0x" + base::to_hex(bytes));
    } else {
        put("{}\n", terminal_json(json ? object{{"value", *json}} : object{{"bytes", base::json::hex(bytes)}}));
    }
    return kDone;
}

/// The items of a feeder as JSON; nullopt: no driver decodes them.
Result<std::optional<value>> decoded_items(const client::Url& url, const Resolved& target, const Query& options) {
    // Only a contract with a driver can be asked in JSON. Its argument was encoded from this JSON, or from `null`.
    if (target.argument.bytes) return std::optional<value>();
    const std::string json = target.argument.json.empty() ? "null" : target.argument.json;
    auto items = client::query_items(url, target.contract, options.target.function, json);
    if (!items) {
        if (items.error().kind != Error::Kind::refused) return std::unexpected(items.error());
        return std::optional<value>();
    }
    const bool is_decoded =
        items->empty() || !std::ranges::all_of(*items, [](const value& item) { return item.is_null(); });
    return is_decoded ? std::optional<value>(std::move(*items)) : std::nullopt;
}

int query(const Query& options) {
    const auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    ContractJson drivers(*url);
    const auto target = resolve(options.target, *url, drivers);
    if (!target) return target.error();
    if (options.feeder) {
        const auto items = decoded_items(*url, *target, options);
        if (!items) return complain(exit_code_of(items.error()), items.error().text);
        if (*items) return print(options, *items, {});
    }
    const auto answer = client::query(*url, target->contract, options.target.function, target->bytes, options.feeder);
    if (!answer) {
        const bool is_feeder = answer.error().text.find("Missing feed") != std::string::npos ||
                               answer.error().text.find("rusk-feeder header is missing") != std::string::npos;
        return complain(exit_code_of(answer.error()),
                        answer.error().text + (is_feeder ? "; this function is a feeder, so try --feeder" : ""));
    }
    if (options.feeder) return print(options, std::nullopt, *answer);
    return print(options, drivers.output(target->contract, options.target.function, *answer), *answer);
}

void add_call_command(CLI::App& contract, int& exit_code) {
    auto options = std::make_shared<ContractCall>();
    auto* command =
        contract.add_subcommand("call", "Build, sign and send a call of a contract's function; prints its id");
    options->target.add_options(*command);
    add_sender(*command, options->sending);
    add_amount(*command, "--deposit", options->deposit, "DUSK that the contract may take [0]");
    add_sending(*command, options->sending, fmt::format("{}; with --shielded [{}]", kBySimulation, kShieldedCallGas));
    add_shielded(*command, options->shielded, true);
    add_examples(
        *command,
        "  rues contract call \"$ID\" count --wait\n  rues contract call \"$ID\" echo 0x2a00 --from 1\n  rues contract "
        "call transfer deposit 2500000000 --deposit 2.5\n  rues contract call \"$ID\" count --shielded --wait");
    command->callback([options, &exit_code] { exit_code = call(*options); });
}

void add_query_command(CLI::App& contract, int& exit_code) {
    auto options = std::make_shared<Query>();
    auto* command = contract.add_subcommand(
        "query",
        "Run a contract's function on the node's latest state and print its result, as JSON where the contract "
        "has a data driver, else as hex; nothing changes");
    options->target.add_options(*command);
    add_node(*command, options->node);
    command->add_flag("--feeder", options->feeder, "Print all items that the function feeds");
    command->add_flag("--json", options->json, "Print {\"value\":…}, or {\"bytes\":\"…\"} without a driver");
    command->footer(
        "Examples:\n  rues contract query transfer chain_id\n  rues contract query stake stakes --feeder\n  rues "
        "contract "
        "query \"$ID\" count\n\nExit codes: 0 done, 1 refused or unreachable, 2 wrong use");
    command->callback([options, &exit_code] { exit_code = query(*options); });
}

}  // namespace

void add_contract(CLI::App& program, int& exit_code) {
    auto* command = program.add_subcommand("contract", "Call and query contracts, and their data drivers");
    command->require_subcommand(1);
    add_call_command(*command, exit_code);
    add_query_command(*command, exit_code);
    add_contract_driver(*command, exit_code);
}

}  // namespace rues::app
