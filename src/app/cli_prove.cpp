#include <fmt/format.h>

#include "app/output.hpp"
#include "app/proof_source.hpp"
#include "app/terminal_json.hpp"
#include "app/transaction_input.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "crypto/secret.hpp"
#include "phoenix/circuits/transaction.hpp"

namespace rues::app {
namespace {

struct ProveOptions {
    NodeOption node;
    ProverOptions prover;
    std::string file;
    bool json = false;
};

int run(const ProveOptions& options) {
    const auto source = proof_source(options.prover, options.node);
    if (!source) return complain(kWrongUse, source.error().text);
    auto circuit = read_bytes(options.file == "-" ? options.file : "@" + options.file, "circuit");
    if (!circuit) return complain(kWrongUse, circuit.error().text);
    if (const auto read = phoenix::TransactionWitness::decode(*circuit); !read)
        return complain(kWrongUse,
                        fmt::format("{} is not the circuit of a transaction: {}", options.file, read.error().text));
    const auto proof = make_proof(*source, *circuit);
    crypto::wipe(*circuit);
    if (!proof) return complain(exit_code_of(proof.error()), proof.error().text);
    const std::string hex = base::to_hex(*proof);
    put("{}\n", options.json ? terminal_json(base::json::object{{"proof", hex}}) : hex);
    return kDone;
}

}  // namespace

void add_prove(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<ProveOptions>();
    auto* command = program.add_subcommand(
        "prove", "Make the proof of a Phoenix transaction's circuit and print it as hex: by the node, or here");
    command
        ->add_option("FILE", options->file,
                     "The circuit as wallets post it to a prover, as hex digits or bytes; - for the standard input")
        ->required()
        ->type_name("");
    add_node(*command, options->node);
    add_prover(*command, options->prover, false);
    command->add_flag("--json", options->json, "Print {\"proof\":\"…\"}");
    command->footer(
        "Example:\n  rues prove circuit.hex\n\nExit codes: 0 done, 1 "
        "refused, unreachable, or no proof of it exists, 2 wrong use");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
