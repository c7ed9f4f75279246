#include <fmt/format.h>

#include "app/contract_argument.hpp"
#include "app/input.hpp"
#include "app/module_file.hpp"
#include "app/output.hpp"
#include "app/sending.hpp"
#include "app/values.hpp"
#include "chain/execution.hpp"
#include "chain/limits.hpp"
#include "crypto/hash.hpp"

namespace rues::app {
namespace {

struct DeployOptions {
    SendOptions sending;
    std::string file;
    std::optional<std::string> init;
    std::optional<std::string> owner;  ///< nullopt: the sender
    std::optional<std::uint64_t> nonce;
};

/// A file that cannot be in any transaction is refused before the node is asked.
base::Result<base::Bytes> read_code(const std::string& file) {
    auto code = read_module(file);
    if (!code || code->size() <= chain::kMaxTransactionBytes) return code;
    return base::failure(base::Error::Kind::invalid,
                         fmt::format("{} is too large: it has {} bytes, and a transaction has at most {}", file,
                                     code->size(), chain::kMaxTransactionBytes));
}

base::Result<std::optional<base::Bytes>> read_init(const std::optional<std::string>& given) {
    const auto argument = read_contract_argument(given);
    if (!argument) return base::failure(argument.error().kind, "--init: " + argument.error().text);
    if (argument->bytes || !given) return argument->bytes;
    return base::failure(base::Error::Kind::invalid,
                         "--init: expected 0x and hex digits; a contract has no data driver before it is deployed");
}

int run(const DeployOptions& options) {
    const auto sender = Sender::read(options.sending);
    if (!sender) return complain(kWrongUse, sender.error().text);
    base::Result<crypto::PublicKey> owner = sender->key.public_key();
    if (options.owner) owner = sender->accounts.account(*options.owner);
    if (!owner) return complain(kWrongUse, "--owner: " + owner.error().text);
    auto init = read_init(options.init);
    if (!init) return complain(kWrongUse, init.error().text);
    auto code = read_code(options.file);
    if (!code) return complain(kWrongUse, code.error().text);

    ledger::Deploy deploy;
    deploy.bytecode_hash = crypto::blake3(*code);
    deploy.bytecode = std::move(*code);
    deploy.owner = base::to_bytes(owner->bytes());
    deploy.init_args = std::move(*init);
    Draft draft;
    draft.charge = chain::deploy_charge(deploy);
    // The nonce of a simulation may be another one than that of the transaction, which decides over the contract's id.
    draft.data = [&](const ledger::Moonlight& body) -> ledger::Data {
        deploy.nonce = options.nonce.value_or(body.nonce);
        return deploy;
    };
    return send(options.sending, *sender, draft);
}

}  // namespace

void add_deploy(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<DeployOptions>();
    options->sending.gas_price = chain::kMinDeployPrice;
    auto* command = program.add_subcommand(
        "deploy",
        "Build, sign and send the deployment of a contract; prints the contract's id, then the transaction's");
    command->add_option("FILE", options->file, "The contract's WebAssembly module, or - for the standard input")
        ->required()
        ->type_name("");
    add_sender(*command, options->sending);
    add_text(*command, "--init", options->init, "Argument of `init`: 0x and hex digits, @FILE or -");
    add_text(*command, "--owner", options->owner, "The contract's owner: base58, or #N for an account number [sender]")
        ->type_name("ACCOUNT");
    add_number(*command, "--deploy-nonce", options->nonce, {},
               "Number that makes the contract's id, with code and owner [the transaction's nonce]");
    add_sending(*command, options->sending, kBySimulation);
    add_examples(*command,
                 "  rues deploy counter.wasm --wait\n  rues deploy counter.wasm --init 0x2a00 --owner '#1' --json");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
