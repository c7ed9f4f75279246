#include <fmt/format.h>

#include "app/cli.hpp"
#include "app/contract_events.hpp"
#include "app/contract_json.hpp"
#include "app/ledger_reads.hpp"
#include "app/output.hpp"
#include "app/terminal_json.hpp"
#include "app/transaction_input.hpp"
#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "client/amount.hpp"
#include "phoenix/note.hpp"

/// `rues tx decode` and `rues tx show`.
namespace rues::app {
namespace {

using base::json::array;
using base::json::object;
using base::json::value;
using ledger::Transaction;

struct Decode {
    NodeOption node;
    std::string transaction;
    bool json = false;
};
struct ShowTransaction {
    NodeOption node;
    std::string id;
    bool json = false;
};

/// `0200…/stake {"keys":…}`, with the argument in hex when no driver can decode it.
std::string call_text(const ledger::Call& call, ContractJson& drivers) {
    const auto decoded = drivers.input(call);
    return fmt::format("{}/{} {}", base::to_hex(call.contract), call.fn_name,
                       decoded ? terminal_json(*decoded) : "0x" + base::to_hex(call.fn_args));
}

/// `{"contract","fn_name","argument","bytes"}`; the argument is null when no driver can decode the bytes.
value call_json(const ledger::Call* call, ContractJson& drivers) {
    if (call == nullptr) return nullptr;
    return object{{"contract", base::json::hex(call->contract)},
                  {"fn_name", call->fn_name},
                  {"argument", drivers.input(*call).value_or(nullptr)},
                  {"bytes", base::json::hex(call->fn_args)}};
}

value contract_json(const Transaction& tx) {
    const auto* deploy = tx.deploy();
    return deploy == nullptr ? value(nullptr) : base::json::hex(ledger::contract_id(*deploy));
}

/// The hashes of a blob transaction; null for any other.
value blobs_json(const Transaction& tx) {
    const auto* blobs = tx.blobs();
    if (blobs == nullptr) return nullptr;
    array out;
    for (const auto& blob : blobs->list) out.push_back(base::json::hex(blob.hash));
    return out;
}

std::string full_kind(const Transaction& tx) {
    return fmt::format("{} {}", tx.moonlight() != nullptr ? "moonlight" : "phoenix", kind_of(tx));
}

/// An output of a shielded transaction: its place, and its value if everybody may see it.
std::string output_text(const base::ByteArray<phoenix::kNoteBytes>& bytes) {
    const auto note = phoenix::Note::decode_checked(bytes);
    if (!note) return "0x" + base::to_hex(bytes);
    const auto place = base::to_base58(note->stealth_address.bytes());
    if (note->type == phoenix::NoteType::obfuscated) return "hidden amount to " + place;
    return fmt::format("{} DUSK to {}", client::dusk(base::load_le<std::uint64_t>(note->value_enc.data())), place);
}

/// Prints the public parts of a shielded transaction. Sender and receiver are not among them.
void print_shielded(const ledger::Phoenix& body) {
    for (const auto& nullifier : body.nullifiers) put_fact("nullifier", base::to_hex(nullifier));
    for (const auto& output : body.outputs) put_fact("output", output_text(output));
    put_fact("root", base::to_hex(body.root));
    put_fact("fee at most", client::dusk(body.max_fee) + " DUSK");
    put_fact("refund to", base::to_base58(body.fee_stealth_address));
}

int decode(const Decode& options) {
    std::optional<client::Url> node;
    if (options.node.is_named()) {
        auto url = options.node.parse();
        if (!url) return complain(kWrongUse, url.error().text);
        node = std::move(*url);
    }
    const auto bytes = read_bytes(options.transaction, "transaction");
    if (!bytes) return complain(kWrongUse, bytes.error().text);
    const auto tx = Transaction::decode_historical(*bytes);
    if (!tx) return complain(kFailed, "not a transaction: " + tx.error().text);
    ContractJson drivers(std::move(node));
    if (options.json) {
        const object out{{"id", base::json::hex(tx->id())}, {"kind", full_kind(*tx)},
                         {"transaction", tx->to_json()},    {"call", call_json(tx->call(), drivers)},
                         {"contract", contract_json(*tx)},  {"blobs", blobs_json(*tx)}};
        put("{}\n", terminal_json(out));
        return kDone;
    }
    put("id    {}\n", base::to_hex(tx->id()));
    put("kind  {}\n", full_kind(*tx));
    if (const auto* body = tx->phoenix()) print_shielded(*body);
    put("{}\n", terminal_json(tx->to_json()));
    if (tx->call() != nullptr) put("call  {}\n", printable(call_text(*tx->call(), drivers)));
    if (tx->deploy() != nullptr) put("contract {}\n", base::to_hex(ledger::contract_id(*tx->deploy())));
    if (tx->blobs() != nullptr) {
        for (const auto& blob : tx->blobs()->list)
            put("blob  {}{}\n", base::to_hex(blob.hash), blob.sidecar ? ", with its data" : "");
    }
    return kDone;
}

object to_json(const FoundTransaction& found, ContractJson& drivers) {
    object out{{"id", base::json::hex(found.tx.id())},
               {"kind", full_kind(found.tx)},
               {"block_height", nullptr},
               {"block_hash", nullptr},
               {"gas_spent", nullptr},
               {"error", nullptr},
               {"transaction", found.tx.to_json()},
               {"call", call_json(found.tx.call(), drivers)},
               {"contract", contract_json(found.tx)},
               {"blobs", blobs_json(found.tx)}};
    array events;
    if (const auto& execution = found.execution) {
        out["block_height"] = execution->height;
        out["block_hash"] = execution->block_hash;
        out["gas_spent"] = execution->gas_spent;
        if (execution->error) out["error"] = *execution->error;
        for (const auto& event : execution->events) events.push_back(event_json(drivers, event));
    }
    out["events"] = std::move(events);
    return out;
}

void print_body(const Transaction& tx, ContractJson& drivers) {
    put_fact("kind", full_kind(tx));
    if (const auto* body = tx.phoenix()) print_shielded(*body);
    if (const auto* body = tx.moonlight()) {
        put_fact("from", base::to_base58(body->sender.bytes()));
        if (body->receiver) put_fact("to", base::to_base58(body->receiver->bytes()));
        if (body->value != 0) put_fact("amount", client::dusk(body->value) + " DUSK");
        put_fact("nonce", std::to_string(body->nonce));
    }
    if (tx.deposit() != 0) put_fact("deposit", client::dusk(tx.deposit()) + " DUSK");
    put_fact("gas price", fmt::format("{} LUX", tx.gas_price()));
    if (tx.blobs() != nullptr) {
        for (const auto& blob : tx.blobs()->list) put_fact("blob", base::to_hex(blob.hash));
    } else if (const auto memo = tx.memo()) {
        const auto text = base::text(*memo);
        put_fact("memo", base::is_utf8(text) ? std::string(text) : "0x" + base::to_hex(*memo));
    }
    if (tx.call() != nullptr) put_fact("call", call_text(*tx.call(), drivers));
    if (tx.deploy() != nullptr) put_fact("contract", base::to_hex(ledger::contract_id(*tx.deploy())));
}

void print(const FoundTransaction& found, ContractJson& drivers) {
    put_fact("id", base::to_hex(found.tx.id()));
    const auto limit = found.tx.gas_limit();
    if (const auto& execution = found.execution) {
        put_fact("block", fmt::format("{} {}", execution->height, execution->block_hash));
        put_fact("gas spent", fmt::format("{} of {}", execution->gas_spent, limit));
        put_fact("error", execution->error.value_or("none"));
    } else {
        put_fact("block", "none yet: it is in the mempool");
        put_fact("gas limit", std::to_string(limit));
    }
    print_body(found.tx, drivers);
    if (!found.execution) return;
    for (const auto& event : found.execution->events) put("{}\n", event_line(drivers, event, found.execution->height));
}

int show(const ShowTransaction& options) {
    auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    const auto id = hash_of(options.id);
    if (!id) return complain(kWrongUse, fmt::format("`{}` is not the id of a transaction: 64 hex digits", options.id));
    const auto found = find_transaction(*url, *id);
    if (!found) return complain(exit_code_of(found.error()), found.error().text);
    if (!*found) return complain(kFailed, "no transaction with this id is in the chain or in the mempool");
    ContractJson drivers(std::move(*url));
    if (options.json)
        put("{}\n", terminal_json(to_json(**found, drivers)));
    else
        print(**found, drivers);
    return kDone;
}

void add_decode(CLI::App& tx, int& exit_code) {
    auto options = std::make_shared<Decode>();
    auto* command = tx.add_subcommand(
        "decode",
        "Print id, kind, JSON and decoded call of a transaction of any age. Needs no node; one that is named "
        "decodes calls of contracts with a data driver");
    command->add_option("TRANSACTION", options->transaction, "Hex, @FILE (hex or bytes), or - for the standard input")
        ->required()
        ->type_name("");
    add_node(*command, options->node);
    command->add_flag("--json", options->json, "Print one JSON object");
    command->footer("Example:\n  rues transfer --to '#1' --amount 1 --dry-run | rues tx decode -");
    command->callback([options, &exit_code] { exit_code = decode(*options); });
}

void add_show(CLI::App& tx, int& exit_code) {
    auto options = std::make_shared<ShowTransaction>();
    auto* command = tx.add_subcommand(
        "show", "Print what the node knows of a transaction: block, gas, error, decoded call and events");
    command->add_option("ID", options->id, "Id of the transaction, 64 hex digits")->required()->type_name("");
    add_node(*command, options->node);
    command->add_flag("--json", options->json, "Print one JSON object");
    command->footer(
        "Example:\n  rues tx show \"$(rues transfer --to '#1' --amount 1)\"\n\nExit codes: 0 done, 1 unknown, refused "
        "or "
        "unreachable, 2 wrong use");
    command->callback([options, &exit_code] { exit_code = show(*options); });
}

}  // namespace

void add_tx(CLI::App& program, int& exit_code) {
    auto* command = program.add_subcommand("tx", "Read transactions: those that you have, and those of the chain");
    command->require_subcommand(1);
    add_decode(*command, exit_code);
    add_show(*command, exit_code);
}

}  // namespace rues::app
