#include <fmt/format.h>

#include "app/cli.hpp"
#include "app/input.hpp"
#include "app/output.hpp"
#include "base/encoding.hpp"
#include "ledger/transaction.hpp"

namespace rues::app {
namespace {

std::string_view kind_of(const ledger::Transaction& tx) {
    if (tx.call() != nullptr) return "call";
    if (tx.deploy() != nullptr) return "deploy";
    if (tx.blobs() != nullptr) return "blob";
    return tx.memo() ? "memo" : "transfer";
}

int decode(const std::string& argument) {
    const auto text = read_argument(argument);
    if (!text) return complain(kWrongUse, text.error().text);
    std::string_view digits = base::trimmed(*text);
    if (digits.starts_with("0x")) digits.remove_prefix(2);
    // A file may also hold the bytes themselves.
    auto bytes = base::from_hex(digits);
    if (!bytes && (argument == "-" || argument.starts_with('@'))) bytes = base::to_bytes(*text);
    if (!bytes) return complain(kWrongUse, "not hex digits");
    const auto tx = ledger::Transaction::decode_historical(*bytes);
    if (!tx) return complain(kFailed, "not a transaction: " + tx.error().text);
    put("id    {}\n", base::to_hex(tx->id()));
    put("kind  {} {}\n", tx->moonlight() != nullptr ? "moonlight" : "phoenix", kind_of(*tx));
    put("{}\n", base::json::print(tx->to_json()));
    return kDone;
}

}  // namespace

void add_tx(CLI::App& program, int& exit_code) {
    auto* command = program.add_subcommand("tx", "Read transactions without a node");
    command->require_subcommand(1);
    auto argument = std::make_shared<std::string>();
    auto* reads = command->add_subcommand("decode", "Print id, kind and JSON of a transaction of any age");
    reads->add_option("TRANSACTION", *argument, "Hex, @FILE (hex or bytes), or - for the standard input")
        ->required()
        ->type_name("");
    reads->footer("Example:\n  rues transfer --to '#1' --amount 1 --dry-run | rues tx decode -");
    reads->callback([argument, &exit_code] { exit_code = decode(*argument); });
}

}  // namespace rues::app
