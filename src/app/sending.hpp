#pragma once

#include <functional>

#include "app/accounts.hpp"
#include "app/cli.hpp"
#include "ledger/transaction.hpp"

/// The common part of all commands that sign and send a transaction: flags, the sender's key and nonce, the gas, the
/// signature, and the outcome that is printed.
namespace rues::app {

/// The flags of such a command.
struct SendOptions {
    NodeOption node;
    KeySource keys;
    std::uint64_t from = 0;
    std::uint64_t gas_limit = 0;  ///< 0: as the command chooses
    std::uint64_t gas_price = 1;
    std::uint64_t nonce = 0;  ///< 0: ask the node
    bool wait = false;
    std::chrono::milliseconds timeout{60'000};
    bool dry_run = false;
    bool json = false;
};
/// Adds the flags that stand before those of the command itself, and those after them. The price in `options` is the
/// default; `gas_limit` says what happens without a limit.
void add_sender(CLI::App& command, SendOptions& options);
void add_sending(CLI::App& command, SendOptions& options, const std::string& gas_limit);
/// `gas_limit` of a command that chooses by simulation.
inline constexpr char kBySimulation[] = "[as a simulation spends, and a fifth]";
/// The footer of such a command: these examples, and the exit codes.
void add_examples(CLI::App& command, const std::string& examples);

/// The account that signs, and the node that gets the transaction.
struct Sender {
    client::Url url;
    Accounts accounts;
    crypto::SecretKey key;

    /// Reads the flags. The error is one of wrong use.
    static base::Result<Sender> read(const SendOptions& options);
};

/// The transaction of a command, as far as the command knows it.
struct Draft {
    ledger::Moonlight body;  ///< receiver, value and deposit; the rest is filled in
    /// Makes the data once the other fields are known. It is called again for each simulation, with the nonce that the
    /// account has at the tip.
    std::function<ledger::Data(const ledger::Moonlight& body)> data;
    std::uint64_t gas_limit = 0;  ///< without --gas-limit; 0: chosen by simulation
    std::uint64_t charge = 0;     ///< gas that a rule sets for it
    /// A better text for an error of the simulation; nullopt: the error itself.
    std::function<std::optional<std::string>(const std::string& error, const ledger::Transaction& tx)> explain;
};

/// Completes, signs and sends the transaction, waits for its outcome if the user wants to, and prints it. Returns the
/// exit code.
int send(const SendOptions& options, const Sender& sender, const Draft& draft);
/// The last part of it: sends a whole transaction, or prints it with --dry-run.
int send(const SendOptions& options, const client::Url& url, const ledger::Transaction& tx);

}  // namespace rues::app
