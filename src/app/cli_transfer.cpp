#include <fmt/format.h>

#include "app/accounts.hpp"
#include "app/cli.hpp"
#include "app/output.hpp"
#include "app/values.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "client/amount.hpp"
#include "client/node.hpp"
#include "client/propagation.hpp"
#include "ledger/transaction.hpp"

namespace rues::app {
namespace {

using base::json::object;

/// Enough for every transfer of the cost table (the dearest, with a full memo, spends 1,897,070). The gas that is not
/// spent is given back.
constexpr std::uint64_t kGasLimit = 5'000'000;

struct Transfer {
    NodeOption node;
    KeySource keys;
    std::string to;
    std::uint64_t amount = 0;  ///< LUX
    std::uint64_t from = 0;
    std::string memo;
    std::uint64_t gas_limit = kGasLimit;
    std::uint64_t gas_price = 1;
    std::uint64_t nonce = 0;  ///< 0: ask the node
    bool wait = false;
    std::chrono::milliseconds timeout{60'000};
    bool dry_run = false;
    bool json = false;
};

using base::failure;
constexpr auto kInvalid = base::Error::Kind::invalid;

/// Fills in every field that can be known without a node.
base::Result<ledger::Moonlight> fields(const Transfer& options, const Accounts& accounts,
                                       const crypto::SecretKey& key) {
    if (options.memo.size() > ledger::kMaxMemo)
        return failure(kInvalid, fmt::format("--memo: a memo has at most {} bytes", ledger::kMaxMemo));
    const auto receiver = accounts.account(options.to);
    if (!receiver) return failure(kInvalid, "--to: " + receiver.error().text);
    ledger::Moonlight body;
    body.sender = key.public_key();
    body.receiver = *receiver;
    body.value = options.amount;
    body.gas_limit = options.gas_limit;
    body.gas_price = options.gas_price;
    body.nonce = options.nonce;
    if (!options.memo.empty()) body.data = ledger::Memo{base::to_bytes(options.memo)};
    return body;
}

/// A node refuses a transaction that may cost more than the account holds, without saying how much is missing.
Result<void> check_funds(const ledger::Moonlight& body, std::uint64_t balance) {
    __extension__ using Wide = unsigned __int128;  // holds (2^64 - 1)^2 + 2^64 - 1
    const Wide needed = Wide{body.gas_limit} * body.gas_price + body.value;
    if (needed <= balance) return {};
    const auto in_dusk = [](Wide lux) {
        return lux > UINT64_MAX ? "more than " + client::dusk(UINT64_MAX)
                                : client::dusk(static_cast<std::uint64_t>(lux));
    };
    return client::failure(
        Error::Kind::refused,
        fmt::format("not enough funds: the account has {} DUSK, and {} DUSK are needed ({} and at most {} for gas)",
                    client::dusk(balance), in_dusk(needed), client::dusk(body.value), in_dusk(needed - body.value)));
}

/// Asks the node for its chain, the next nonce unless one was given, and whether the account can pay.
Result<void> ask_node(const client::Url& url, ledger::Moonlight& body, bool must_pay) {
    const auto chain = client::chain_id(url);
    if (!chain) return std::unexpected(chain.error());
    body.chain_id = *chain;
    if (body.nonce != 0 && !must_pay) return {};
    const auto status = client::account_status(url, body.sender);
    if (!status) return std::unexpected(status.error());
    if (body.nonce == 0) body.nonce = status->next_nonce;
    return must_pay ? check_funds(body, status->balance) : Result<void>();
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
    const std::string other = outcome.replaced_by.empty() ? "" : "; replaced by " + outcome.replaced_by;
    if (outcome.kind == Outcome::Kind::removed) return "removed from the mempool without being executed" + other;
    if (outcome.kind == Outcome::Kind::dropped) return "dropped" + why + other;
    return fmt::format("executed{} in block {}, {} gas spent{}",
                       outcome.kind == Outcome::Kind::failed ? " with an error" : "", outcome.block_height.value_or(0),
                       outcome.gas_spent.value_or(0), why);
}

object to_json(const Outcome& outcome) {
    object out{{"id", outcome.id}, {"outcome", client::name(outcome.kind)}};
    if (outcome.block_height) out["block_height"] = *outcome.block_height;
    if (outcome.gas_spent) out["gas_spent"] = *outcome.gas_spent;
    if (!outcome.replaced_by.empty()) out["replaced_by"] = outcome.replaced_by;
    out["error"] = outcome.error ? base::json::value(boost::json::string(*outcome.error)) : base::json::value(nullptr);
    return out;
}

int run(const Transfer& options) {
    const auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    const auto accounts = Accounts::read(options.keys);
    if (!accounts) return complain(kWrongUse, accounts.error().text);
    const auto key = accounts->secret_key(options.from);
    auto body = fields(options, *accounts, key);
    if (!body) return complain(kWrongUse, body.error().text);
    if (const auto asked = ask_node(*url, *body, !options.dry_run); !asked)
        return complain(kFailed, asked.error().text);
    const auto tx = ledger::sign(std::move(*body), key);
    if (options.dry_run) {
        put("{}\n", base::to_hex(tx.encode(ledger::Envelope::aegis)));
        return kDone;
    }

    const auto bytes = tx.encode(ledger::Envelope::aegis);
    const std::string id = base::to_hex(tx.id());
    if (!options.wait) {
        if (const auto sent = client::propagate(*url, bytes); !sent) return complain(kFailed, sent.error().text);
        put("{}\n", options.json ? base::json::print(object{{"id", id}}) : id);
        return kDone;
    }
    if (!options.json) put("{}\n", id);
    if (!flush_output()) return complain(kFailed, "nothing was sent");
    const auto outcome = client::propagate(*url, bytes, Goal::executed, options.timeout);
    if (!outcome) return complain(kFailed, outcome.error().text);
    if (outcome->kind == Outcome::Kind::pending)
        return complain(kTimedOut, fmt::format("{} has no outcome after {}", id, duration_text(options.timeout)));
    put("{}\n", options.json ? base::json::print(to_json(*outcome)) : sentence(*outcome));
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
    add_amount(*command, "--amount", options->amount, "DUSK with up to 9 decimals, or 250lux")->required();
    add_number(*command, "--from", options->from, {}, "Number of the sender's account [0]");
    command->add_option("--memo", options->memo, "Text of at most 512 bytes")->type_name("TEXT");
    add_number(*command, "--gas-limit", options->gas_limit, {}, "Maximum gas; unspent gas is not paid for [5000000]");
    add_number(*command, "--gas-price", options->gas_price, {}, "Price of a unit of gas [1]")->type_name("LUX");
    add_number(*command, "--nonce", options->nonce, {1}, "Nonce [the account's next one]");
    command->add_flag("--wait", options->wait, "Wait until it is executed, removed or dropped");
    add_duration(*command, "--timeout", options->timeout, "How long --wait waits [60s]");
    command->add_flag("--dry-run", options->dry_run, "Print the signed transaction as hex and do not send it");
    command->add_flag("--json", options->json, "Print the outcome as JSON");
    command->footer(
        std::string("Examples:\n  rues transfer --to '#1' --amount 1.5 --wait\n  rues transfer --from 1 --to '#0' "
                    "--amount 250lux --memo invoice-7\n  rues transfer --to '#1' --amount 1 --dry-run > tx.hex\n\n") +
        kExitCodes);
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
