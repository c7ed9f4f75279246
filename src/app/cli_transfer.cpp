#include <fmt/format.h>

#include "app/accounts.hpp"
#include "app/cli.hpp"
#include "app/duration.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "client/amount.hpp"
#include "client/node.hpp"
#include "client/propagation.hpp"
#include "ledger/transaction.hpp"

namespace rues::app {
namespace {

using base::json::object;

/// Enough for every transfer of the cost table (the dearest, with a full memo, spends 1,897,070); what is not spent is
/// given back.
constexpr std::uint64_t kGasLimit = 5'000'000;

struct Transfer {
    NodeOption node;
    KeySource keys;
    std::string to;
    std::string amount;
    std::uint64_t from = 0;
    std::string memo;
    std::uint64_t gas_limit = kGasLimit;
    std::uint64_t gas_price = 1;
    std::uint64_t nonce = 0;  ///< 0: ask the node
    bool wait = false;
    std::string timeout = "60s";
    bool dry_run = false;
    bool json = false;
};

using base::failure;
constexpr auto kInvalid = base::Error::Kind::invalid;

/// All that needs no node.
base::Result<ledger::Moonlight> fields(const Transfer& options, const crypto::SecretKey& key) {
    const auto amount = client::parse_amount(options.amount);
    if (!amount) return failure(kInvalid, fmt::format("`{}` is not an amount (1.5, or 1500000000lux)", options.amount));
    if (options.memo.size() > ledger::kMaxMemo)
        return failure(kInvalid, fmt::format("a memo has at most {} bytes", ledger::kMaxMemo));
    const auto receiver = options.keys.account(options.to);
    if (!receiver) return std::unexpected(receiver.error());
    ledger::Moonlight body;
    body.sender = key.public_key();
    body.receiver = *receiver;
    body.value = *amount;
    body.gas_limit = options.gas_limit;
    body.gas_price = options.gas_price;
    body.nonce = options.nonce;
    if (!options.memo.empty()) body.data = ledger::Memo{base::to_bytes(options.memo)};
    return body;
}

/// What only the node knows: its chain, and the next nonce unless one was given.
Result<void> ask_node(const client::Url& url, ledger::Moonlight& body) {
    const auto chain = client::chain_id(url);
    if (!chain) return std::unexpected(chain.error());
    body.chain_id = *chain;
    if (body.nonce != 0) return {};
    const auto status = client::account_status(url, body.sender);
    if (!status) return std::unexpected(status.error());
    body.nonce = status->next_nonce;
    return {};
}

int exit_code_of(const Outcome& outcome) {
    switch (outcome.kind) {
    case Outcome::Kind::failed:
        return kExecutedWithError;
    case Outcome::Kind::removed:
    case Outcome::Kind::dropped:
        return kNotExecuted;
    case Outcome::Kind::pending:
        return kTimedOut;
    case Outcome::Kind::included:
    case Outcome::Kind::executed:
    case Outcome::Kind::finalized:
        break;
    }
    return kDone;
}

std::string sentence(const Outcome& outcome) {
    const std::string why = outcome.error ? ": " + *outcome.error : std::string();
    if (outcome.kind == Outcome::Kind::removed) return "removed from the pool without being executed";
    if (outcome.kind == Outcome::Kind::dropped) return "dropped" + why;
    return fmt::format("executed{} in block {}, {} gas spent{}",
                       outcome.kind == Outcome::Kind::failed ? " with an error" : "", outcome.block_height.value_or(0),
                       outcome.gas_spent.value_or(0), why);
}

object to_json(const Outcome& outcome) {
    object out{{"id", outcome.id}, {"outcome", client::name(outcome.kind)}};
    if (outcome.block_height) out["block_height"] = *outcome.block_height;
    if (outcome.gas_spent) out["gas_spent"] = *outcome.gas_spent;
    out["error"] = outcome.error ? base::json::value(boost::json::string(*outcome.error)) : base::json::value(nullptr);
    return out;
}

int run(const Transfer& options) {
    const auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    const auto timeout = parse_duration(options.timeout);
    if (!timeout) return complain(kWrongUse, "--timeout: a duration such as 30s or 2m is expected");
    const auto key = options.keys.secret_key(options.from);
    if (!key) return complain(kWrongUse, key.error().text);
    auto body = fields(options, *key);
    if (!body) return complain(kWrongUse, body.error().text);
    if (const auto asked = ask_node(*url, *body); !asked) return complain(kFailed, asked.error().text);
    const auto tx = ledger::sign(std::move(*body), *key);
    if (options.dry_run) {
        fmt::print("{}\n", base::to_hex(tx.encode(ledger::Envelope::aegis)));
        return kDone;
    }

    const auto bytes = tx.encode(ledger::Envelope::aegis);
    const std::string id = base::to_hex(tx.id());
    if (!options.wait) {
        if (const auto sent = client::propagate(*url, bytes); !sent) return complain(kFailed, sent.error().text);
        fmt::print("{}\n", options.json ? base::json::print(object{{"id", id}}) : id);
        return kDone;
    }
    if (!options.json) fmt::print("{}\n", id);
    std::fflush(stdout);
    const auto outcome = client::propagate(*url, bytes, Goal::executed, *timeout);
    if (!outcome) return complain(kFailed, outcome.error().text);
    if (outcome->kind == Outcome::Kind::pending)
        return complain(kTimedOut, fmt::format("{} has not ended after {}", id, options.timeout));
    fmt::print("{}\n", options.json ? base::json::print(to_json(*outcome)) : sentence(*outcome));
    return exit_code_of(*outcome);
}

}  // namespace

void add_transfer(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<Transfer>();
    auto* command = program.add_subcommand("transfer", "Build, sign and send a Moonlight transfer; prints its id");
    add_node(*command, options->node);
    options->keys.add_options(*command);
    command->add_option("--to", options->to, "Receiver: base58, or #N for an account number")
        ->required()
        ->type_name("ACCOUNT");
    command->add_option("--amount", options->amount, "DUSK with up to 9 decimals, or 250lux")
        ->required()
        ->type_name("AMOUNT");
    command->add_option("--from", options->from, "Number of the sender's account [0]")->type_name("N");
    command->add_option("--memo", options->memo, "Text of at most 512 bytes")->type_name("TEXT");
    command->add_option("--gas-limit", options->gas_limit, "What is not spent comes back [5000000]")->type_name("N");
    command->add_option("--gas-price", options->gas_price, "LUX a unit of gas [1]")->type_name("LUX");
    command->add_option("--nonce", options->nonce, "Instead of the account's next one")->type_name("N");
    command->add_flag("--wait", options->wait, "Follow it to its end");
    command->add_option("--timeout", options->timeout, "How long to wait for the end [60s]")->type_name("DURATION");
    command->add_flag("--dry-run", options->dry_run, "Print the signed transaction as hex and do not send it");
    command->add_flag("--json", options->json, "Print the outcome as JSON");
    command->footer(
        std::string("Examples:\n  rues transfer --to '#1' --amount 1.5 --wait\n  rues transfer --from 1 --to '#0' "
                    "--amount 250lux --memo invoice-7\n\n") +
        kExitCodes);
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
