#include <fmt/format.h>

#include "app/output.hpp"
#include "app/sending.hpp"
#include "app/values.hpp"

namespace rues::app {
namespace {

/// Enough for every transfer of the cost table (the dearest, with a full memo, spends 1,897,070). The gas that is not
/// spent is given back.
constexpr std::uint64_t kGasLimit = 5'000'000;

struct Transfer {
    SendOptions sending;
    std::string to;
    std::uint64_t amount = 0;  ///< LUX
    std::string memo;
};

int run(const Transfer& options) {
    const auto sender = Sender::read(options.sending);
    if (!sender) return complain(kWrongUse, sender.error().text);
    if (options.memo.size() > ledger::kMaxMemo)
        return complain(kWrongUse, fmt::format("--memo: a memo has at most {} bytes", ledger::kMaxMemo));
    const auto receiver = sender->accounts.account(options.to);
    if (!receiver) return complain(kWrongUse, "--to: " + receiver.error().text);
    Draft draft;
    draft.body.receiver = *receiver;
    draft.body.value = options.amount;
    draft.data = [&](const ledger::Moonlight&) {
        return options.memo.empty() ? ledger::Data() : ledger::Memo{base::to_bytes(options.memo)};
    };
    draft.gas_limit = kGasLimit;
    return send(options.sending, *sender, draft);
}

}  // namespace

void add_transfer(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<Transfer>();
    auto* command = program.add_subcommand("transfer", "Build, sign and send a Moonlight transfer; prints its id");
    add_sender(*command, options->sending);
    command->add_option("--to", options->to, "Receiver: base58, or #N for an account number")
        ->required()
        ->type_name("ACCOUNT");
    add_amount(*command, "--amount", options->amount, "DUSK with up to 9 decimals, or 250lux")->required();
    command->add_option("--memo", options->memo, "Text of at most 512 bytes")->type_name("TEXT");
    add_sending(*command, options->sending, fmt::format("[{}]", kGasLimit));
    add_examples(*command,
                 "  rues transfer --to '#1' --amount 1.5 --wait\n  rues transfer --from 1 --to '#0' --amount 250lux "
                 "--memo invoice-7\n  rues transfer --to '#1' --amount 1 --dry-run > tx.hex");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
