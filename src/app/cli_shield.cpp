#include <fmt/format.h>

#include "app/output.hpp"
#include "app/shielded_sending.hpp"
#include "app/values.hpp"
#include "base/random.hpp"
#include "phoenix/withdrawal.hpp"

/// `rues shield` and `rues unshield`: between the balance and the notes of one account, by the function `convert` of
/// the transfer contract (docs/reference/ledger.md 5.3).
namespace rues::app {
namespace {

struct ShieldOptions {
    SendOptions sending;
    ShieldedOptions shielded;
    std::uint64_t amount = 0;  ///< LUX
};

int no_amount() {
    return complain(kWrongUse, "AMOUNT: 0 cannot be converted");
}

ledger::Data conversion(const wire::layouts::Withdraw& withdraw) {
    return ledger::Call{ledger::kTransferContract, "convert", wire::rkyv::archive(withdraw)};
}

int shield(const ShieldOptions& options) {
    if (options.amount == 0) return no_amount();
    const auto sender = Sender::read(options.sending);
    if (!sender) return complain(kWrongUse, sender.error().text);
    crypto::Secret<base::ByteArray<64>> seed;
    if (!base::system_random(*seed)) return complain(kFailed, "the system has no random numbers");
    const auto receiver = sender->accounts.phoenix_key(options.sending.from);
    Draft draft;
    draft.body.deposit = options.amount;
    draft.data = [&](const ledger::Moonlight& body) {
        return conversion(
            phoenix::withdraw_to_note(ledger::kTransferContract, options.amount, receiver, body.nonce, seed).withdraw);
    };
    return send(options.sending, *sender, draft);
}

int unshield(const ShieldOptions& options) {
    if (options.amount == 0) return no_amount();
    const auto sender = Sender::read(options.sending);
    if (!sender) return complain(kWrongUse, sender.error().text);
    ShieldedDraft draft;
    draft.deposit = options.amount;
    draft.gas_limit = kNotesGasLimit;
    draft.data = [&](std::uint8_t, const wire::layouts::ReplayToken& token) {
        return conversion(
            ledger::withdraw_to_account(ledger::kTransferContract, options.amount, sender->key, token).withdraw);
    };
    return send_notes(options.sending, options.shielded, *sender, draft);
}

void add_amount_argument(CLI::App& command, ShieldOptions& options) {
    add_amount(command, "AMOUNT", options.amount, "DUSK with up to 9 decimals, or 250lux")->required()->type_name("");
}

}  // namespace

void add_shielding(CLI::App& program, int& exit_code) {
    auto to_notes = std::make_shared<ShieldOptions>();
    auto* command = program.add_subcommand(
        "shield", "Turn DUSK of an account into a note of the same account's Phoenix address; prints the id");
    add_amount_argument(*command, *to_notes);
    add_sender(*command, to_notes->sending);
    add_sending(*command, to_notes->sending, kBySimulation);
    add_examples(*command, "  rues shield 10 --wait\n  rues shield 250lux --from 1");
    command->callback([to_notes, &exit_code] { exit_code = shield(*to_notes); });

    auto to_account = std::make_shared<ShieldOptions>();
    command = program.add_subcommand("unshield", "Turn notes into DUSK of the same account; prints the id");
    add_amount_argument(*command, *to_account);
    add_sender(*command, to_account->sending);
    add_sending(*command, to_account->sending, fmt::format("[{}]", kNotesGasLimit));
    add_shielded(*command, to_account->shielded, false);
    add_examples(*command, "  rues unshield 2.5 --wait");
    command->callback([to_account, &exit_code] { exit_code = unshield(*to_account); });
}

}  // namespace rues::app
