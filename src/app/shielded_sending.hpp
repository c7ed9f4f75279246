#pragma once

#include "app/proof_source.hpp"
#include "app/sending.hpp"
#include "phoenix/note.hpp"
#include "wire/layouts.hpp"

/// The common part of all commands that spend notes: it finds and chooses the notes, makes the transaction and its
/// proof, and sends it (docs/reference/phoenix-and-plonk.md 4.5, client flow).
namespace rues::app {

/// The flags of such a command, beyond those of every sender.
struct ShieldedOptions {
    bool is_on = false;  ///< the sender pays from notes
    std::string state_file;
    ProverOptions prover;
};
/// Adds `--shielded`, and the flags that need it. Without `is_choice` the command always spends notes, and there is no
/// such flag. Call it after `add_sending`. Returns `--shielded`, or null.
CLI::Option* add_shielded(CLI::App& command, ShieldedOptions& options, bool is_choice);

/// The transaction of a command, as far as the command knows it. Amounts are LUX.
struct ShieldedDraft {
    std::optional<phoenix::PublicKey> receiver;  ///< nullopt: it pays nobody
    std::uint64_t value = 0;
    bool shows_value = false;  ///< a transparent note
    std::uint64_t deposit = 0;
    /// Makes the data once the notes are known. `token`: their nullifiers. Empty: there is no data.
    std::function<ledger::Data(std::uint8_t chain_id, const wire::layouts::ReplayToken& token)> data;
    std::uint64_t gas_limit = 0;  ///< without --gas-limit
    /// As in `Draft`. A transaction with a call is simulated before it is sent, unless there is a --gas-limit.
    std::function<std::optional<std::string>(const std::string& error, const ledger::Transaction& tx)> explain;
};

/// Makes, proves and sends the transaction; what it prints and returns is as of `send`. The sender's key for notes is
/// that of the same account.
int send_notes(const SendOptions& options, const ShieldedOptions& shielded, const Sender& sender,
               const ShieldedDraft& draft);

/// Gas limits without --gas-limit: of a transfer of notes and of a conversion, and of a call of any contract. There is
/// no simulation before the proof, and a proof holds for one limit only. Unspent gas comes back.
inline constexpr std::uint64_t kNotesGasLimit = 50'000'000;
inline constexpr std::uint64_t kShieldedCallGas = 200'000'000;

}  // namespace rues::app
