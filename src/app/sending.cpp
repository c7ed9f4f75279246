#include "app/sending.hpp"

#include <fmt/format.h>

#include "app/gas_limit.hpp"
#include "app/output.hpp"
#include "app/terminal_json.hpp"
#include "app/values.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "chain/limits.hpp"
#include "client/amount.hpp"
#include "client/node.hpp"
#include "client/propagation.hpp"

namespace rues::app {
namespace {

using base::json::object;
using ledger::Moonlight;
using ledger::Transaction;

__extension__ using Wide = unsigned __int128;  // holds (2^64 - 1)^2 + 2^65

/// A node refuses a transaction that may cost more than the account holds, without saying how much is missing.
Result<void> check_funds(const Moonlight& body, std::uint64_t balance) {
    const Wide moved = Wide{body.value} + body.deposit;
    const Wide needed = Wide{body.gas_limit} * body.gas_price + moved;
    if (needed <= balance) return {};
    const auto in_dusk = [](Wide lux) {
        return lux > UINT64_MAX ? "more than " + client::dusk(UINT64_MAX)
                                : client::dusk(static_cast<std::uint64_t>(lux));
    };
    return client::failure(
        Error::Kind::refused,
        fmt::format("not enough funds: the account has {} DUSK, and {} DUSK are needed ({} and at most {} for gas)",
                    client::dusk(balance), in_dusk(needed), in_dusk(moved), in_dusk(needed - moved)));
}

/// No node takes a transaction that is larger (docs/reference/ledger.md 3.2 #1, #2).
Result<void> check_size(const Transaction& tx) {
    if (tx.size() > chain::kMaxTransactionBytes) {
        return client::failure(Error::Kind::invalid,
                               fmt::format("the transaction has {} bytes, and the network takes at most {}", tx.size(),
                                           chain::kMaxTransactionBytes));
    }
    if (tx.archived_size() > chain::kMaxArchived) {
        return client::failure(Error::Kind::invalid,
                               fmt::format("the argument is too long: with it the transaction has {} bytes for the "
                                           "contract, and the network takes at most {}",
                                           tx.archived_size(), chain::kMaxArchived));
    }
    return {};
}

Transaction signed_with(Moonlight body, const Draft& draft, const crypto::SecretKey& key) {
    body.data = draft.data(body);
    return ledger::sign(std::move(body), key);
}

/// Simulates the draft with this gas limit. Only the next nonce of the tip's state can be simulated, whatever waits in
/// the mempool, so the simulated transaction has that one.
Result<client::Simulated> simulate(const Sender& sender, const Draft& draft, Moonlight body, std::uint64_t limit) {
    constexpr int kTries = 3;  // a block between the two requests makes the nonce old
    body.gas_limit = limit;
    for (int tries = 1;; ++tries) {
        const auto status = client::account_status(sender.url, body.sender);
        if (!status) return std::unexpected(status.error());
        body.nonce = status->nonce + 1;
        const auto tx = signed_with(body, draft, sender.key);
        auto simulated = client::simulate(sender.url, tx.encode(ledger::Envelope::aegis));
        const bool is_late =
            simulated && simulated->error && simulated->error->find("Already used nonce") != std::string::npos;
        if (!is_late || tries == kTries) return simulated;
    }
}

/// Chooses the gas limit of `body`. A transaction that fails in its simulation would cost its whole limit, so it is not
/// sent.
Result<void> simulate_gas(const SendOptions& options, const Sender& sender, const Draft& draft, Moonlight& body,
                          std::uint64_t balance) {
    body.gas_limit = draft.charge;
    if (auto paid = check_funds(body, balance); !paid) return paid;
    const std::uint64_t left = balance - body.value - body.deposit;
    GasBounds bounds;
    bounds.charge = draft.charge;
    bounds.most = std::min(chain::kBlockGasLimit, left / std::max<std::uint64_t>(body.gas_price, 1));
    const auto too_poor = [&] {
        return client::failure(
            Error::Kind::refused,
            fmt::format("not enough funds: the account has {} DUSK, and the {} that are left for gas are too little",
                        client::dusk(balance), client::dusk(left)));
    };
    if (bounds.most == 0) return too_poor();
    const auto chosen =
        choose_gas_limit(bounds, [&](std::uint64_t limit) { return simulate(sender, draft, body, limit); });
    if (!chosen) return std::unexpected(chosen.error());
    const bool has_no_gas = chosen->error && chosen->error->find("OutOfGas") != std::string::npos;
    if (has_no_gas && bounds.most < chain::kBlockGasLimit) return too_poor();
    body.gas_limit = chosen->limit;
    if (!chosen->error) return {};
    std::optional<std::string> better;
    if (draft.explain) better = draft.explain(*chosen->error, signed_with(body, draft, sender.key));
    const auto why = better ? *better : "the simulation fails: " + *chosen->error;
    if (options.dry_run) {
        put_error(fmt::format("warning: {}; the gas limit is {}", why, chosen->limit));
        return {};
    }
    return client::failure(Error::Kind::refused, why + "; nothing was sent (--gas-limit sends it all the same)");
}

/// Asks the node for its chain, the next nonce unless one was given, and whether the account can pay.
Result<void> complete(const SendOptions& options, const Sender& sender, const Draft& draft, Moonlight& body) {
    body.sender = sender.key.public_key();
    body.gas_price = options.gas_price;
    body.nonce = options.nonce;
    const auto chain = client::chain_id(sender.url);
    if (!chain) return std::unexpected(chain.error());
    body.chain_id = *chain;
    body.gas_limit = options.gas_limit != 0 ? options.gas_limit : draft.gas_limit;
    if (body.nonce != 0 && options.dry_run && body.gas_limit != 0) return {};
    const auto status = client::account_status(sender.url, body.sender);
    if (!status) return std::unexpected(status.error());
    if (body.nonce == 0) body.nonce = status->next_nonce;
    if (body.gas_limit == 0) {
        // A transaction that is too large is not simulated either.
        if (auto fits = check_size(signed_with(body, draft, sender.key)); !fits) return fits;
        if (auto done = simulate_gas(options, sender, draft, body, status->balance); !done) return done;
    }
    return options.dry_run ? Result<void>() : check_funds(body, status->balance);
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

/// The ids that a command prints: of the transaction, and of the contract that it deploys.
object ids_json(const Transaction& tx) {
    object out{{"id", base::to_hex(tx.id())}};
    if (const auto* deploy = tx.deploy()) out["contract"] = base::to_hex(ledger::contract_id(*deploy));
    return out;
}

std::string ids_text(const Transaction& tx) {
    const std::string id = base::to_hex(tx.id());
    if (const auto* deploy = tx.deploy())
        return fmt::format("{}\ntransaction {}\n", base::to_hex(ledger::contract_id(*deploy)), id);
    return id + "\n";
}

object to_json(const Transaction& tx, const Outcome& outcome) {
    object out = ids_json(tx);
    out["outcome"] = client::name(outcome.kind);
    if (outcome.block_height) out["block_height"] = *outcome.block_height;
    if (outcome.gas_spent) out["gas_spent"] = *outcome.gas_spent;
    if (!outcome.replaced_by.empty()) out["replaced_by"] = outcome.replaced_by;
    out["error"] = outcome.error ? base::json::value(boost::json::string(*outcome.error)) : base::json::value(nullptr);
    return out;
}

/// A refused transaction is not in the mempool. After any other error nobody knows, so the user needs its id.
int not_sent(const Transaction& tx, const Error& error) {
    if (tx.phoenix() != nullptr) {
        const auto says = [&](std::string_view part) { return error.text.find(part) != std::string::npos; };
        if (says("spendId exists in the mempool"))
            return complain(kFailed, error.text +
                                         "; a transaction in the mempool spends the same note: wait for the "
                                         "next block, or replace it by a higher --gas-price");
        if (says("Nullifiers already spent"))
            return complain(kFailed, error.text + "; another transaction has just spent the same note: try again");
    }
    const bool is_certain = error.kind == Error::Kind::refused || error.kind == Error::Kind::invalid;
    return complain(kFailed, is_certain ? error.text
                                        : fmt::format("{}; transaction {} may have arrived all the same", error.text,
                                                      base::to_hex(tx.id())));
}

int propagate(const SendOptions& options, const client::Url& url, const Transaction& tx) {
    const auto bytes = tx.encode(ledger::Envelope::aegis);
    if (!options.wait) {
        if (const auto sent = client::propagate(url, bytes); !sent) return not_sent(tx, sent.error());
        write_output(options.json ? terminal_json(ids_json(tx)) + "\n" : ids_text(tx));
        return kDone;
    }
    if (!options.json) write_output(ids_text(tx));
    if (!flush_output()) return complain(kFailed, "nothing was sent");
    const auto outcome = client::propagate(url, bytes, Goal::executed, options.timeout);
    if (!outcome) return not_sent(tx, outcome.error());
    const bool is_pending = outcome->kind == Outcome::Kind::pending;
    if (options.json) {
        put("{}\n", terminal_json(to_json(tx, *outcome)));
    } else if (!is_pending) {
        put("{}\n", printable(sentence(*outcome)));
    }
    if (!is_pending) return exit_code_of(*outcome);
    return complain(kTimedOut,
                    fmt::format("{} has no outcome after {}", base::to_hex(tx.id()), duration_text(options.timeout)));
}

}  // namespace

void add_sender(CLI::App& command, SendOptions& options) {
    add_node(command, options.node);
    options.keys.add_options(command);
}

void add_sending(CLI::App& command, SendOptions& options, const std::string& gas_limit) {
    add_number(command, "--from", options.from, {}, "Number of the sender's account [0]");
    add_number(command, "--gas-limit", options.gas_limit, {1}, "Maximum gas; unspent gas is not paid for " + gas_limit);
    add_number(command, "--gas-price", options.gas_price, {},
               fmt::format("Price of a unit of gas [{}]", options.gas_price))
        ->type_name("LUX");
    add_number(command, "--nonce", options.nonce, {1}, "Nonce [the account's next one]");
    command.add_flag("--wait", options.wait, "Wait until it is executed, removed or dropped");
    add_duration(command, "--timeout", options.timeout, "How long --wait waits [60s]");
    command.add_flag("--dry-run", options.dry_run, "Print the signed transaction as hex and do not send it");
    command.add_flag("--json", options.json, "Print the outcome as JSON");
}

void add_examples(CLI::App& command, const std::string& examples) {
    command.footer("Examples:\n" + examples + "\n\n" + kExitCodes);
}

base::Result<Sender> Sender::read(const SendOptions& options) {
    auto url = options.node.parse();
    if (!url) return base::failure(base::Error::Kind::invalid, url.error().text);
    auto accounts = Accounts::read(options.keys);
    if (!accounts) return std::unexpected(accounts.error());
    const auto key = accounts->secret_key(options.from);
    return Sender{std::move(*url), *accounts, key};
}

int send(const SendOptions& options, const Sender& sender, const Draft& draft) {
    Moonlight body = draft.body;
    if (const auto done = complete(options, sender, draft, body); !done)
        return complain(exit_code_of(done.error()), done.error().text);
    return send(options, sender.url, signed_with(std::move(body), draft, sender.key));
}

int send(const SendOptions& options, const client::Url& url, const Transaction& tx) {
    if (const auto fits = check_size(tx); !fits) return complain(kWrongUse, fits.error().text);
    if (!options.dry_run) return propagate(options, url, tx);
    const std::string hex = base::to_hex(tx.encode(ledger::Envelope::aegis));
    if (options.json) {
        object out = ids_json(tx);
        out["transaction"] = hex;
        put("{}\n", terminal_json(out));
    } else {
        put("{}\n", hex);
    }
    return kDone;
}

}  // namespace rues::app
