#include <fmt/format.h>

#include "app/output.hpp"
#include "app/shielded_sending.hpp"
#include "app/stakes.hpp"
#include "app/values.hpp"
#include "client/amount.hpp"
#include "ledger/stake.hpp"

/// `rues stake`, `rues unstake` and `rues withdraw`: the sender's own stake, which the sender's key alone owns.
namespace rues::app {
namespace {

using wire::layouts::StakeData;

struct StakeOptions {
    SendOptions sending;
    ShieldedOptions shielded;
    std::optional<std::uint64_t> amount;  ///< LUX; nullopt: all
};

/// One of the commands that change a stake.
struct Kind {
    const char* name;
    const char* function;  ///< of the stake contract
    /// How much of it there is to take.
    std::uint64_t (*all)(const StakeData& stake);
    const char* what;
};

std::uint64_t staked(const StakeData& stake) {
    return stake.amount ? stake.amount->value + stake.amount->locked : 0;
}

constexpr Kind kUnstake{"unstake", "unstake", &staked, "stake"};
constexpr Kind kWithdraw{"withdraw", "withdraw", [](const StakeData& stake) { return stake.reward; }, "reward"};

ledger::Data call_of(const char* function, base::Bytes argument) {
    return ledger::Call{ledger::kStakeContract, function, std::move(argument)};
}

int stake(const StakeOptions& options) {
    const auto sender = Sender::read(options.sending);
    if (!sender) return complain(kWrongUse, sender.error().text);
    const auto staking = [&](std::uint8_t chain_id) {
        return call_of("stake",
                       wire::rkyv::archive(ledger::stake({sender->key, sender->key}, *options.amount, chain_id)));
    };
    if (options.shielded.is_on) {
        ShieldedDraft draft;
        draft.deposit = *options.amount;
        draft.gas_limit = kShieldedCallGas;
        draft.data = [&](std::uint8_t chain_id, const wire::layouts::ReplayToken&) { return staking(chain_id); };
        return send_notes(options.sending, options.shielded, *sender, draft);
    }
    Draft draft;
    draft.body.deposit = *options.amount;
    draft.data = [&](const ledger::Moonlight& body) { return staking(body.chain_id); };
    return send(options.sending, *sender, draft);
}

/// The amount that the user named, or all. The error says what there is.
Result<std::uint64_t> amount_of(const StakeOptions& options, const Kind& kind, const Sender& sender) {
    const auto stake = stake_of(sender.url, sender.key.public_key());
    if (!stake) return std::unexpected(stake.error());
    const std::uint64_t all = *stake ? kind.all(**stake) : 0;
    if (all == 0) return client::failure(Error::Kind::refused, fmt::format("the account has no {}", kind.what));
    if (options.amount.value_or(all) <= all) return options.amount.value_or(all);
    return client::failure(Error::Kind::refused, fmt::format("the account's {} is {} DUSK, less than {}", kind.what,
                                                             client::dusk(all), client::dusk(*options.amount)));
}

int take(const StakeOptions& options, const Kind& kind) {
    const auto sender = Sender::read(options.sending);
    if (!sender) return complain(kWrongUse, sender.error().text);
    const auto amount = amount_of(options, kind, *sender);
    if (!amount) return complain(exit_code_of(amount.error()), amount.error().text);
    Draft draft;
    draft.data = [&](const ledger::Moonlight& body) {
        const auto withdrawal = ledger::withdraw_to_account(ledger::kStakeContract, *amount, sender->key, body.nonce);
        return call_of(kind.function,
                       wire::rkyv::archive(ledger::stake_withdraw({sender->key, sender->key}, withdrawal)));
    };
    return send(options.sending, *sender, draft);
}

void add_taking(CLI::App& program, const Kind& kind, const std::string& help, const std::string& amount_help,
                const std::string& examples, int& exit_code) {
    auto options = std::make_shared<StakeOptions>();
    auto* command = program.add_subcommand(kind.name, help);
    add_sender(*command, options->sending);
    add_amount(*command, "--amount", options->amount, amount_help);
    add_sending(*command, options->sending, kBySimulation);
    add_examples(*command, examples);
    command->callback([options, &kind, &exit_code] { exit_code = take(*options, kind); });
}

}  // namespace

void add_staking(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<StakeOptions>();
    auto* command = program.add_subcommand("stake", "Stake DUSK of an account, or add to its stake; prints the id");
    add_sender(*command, options->sending);
    add_amount(*command, "--amount", options->amount, "DUSK with up to 9 decimals, or 250lux; a new stake has 1000")
        ->required();
    add_sending(*command, options->sending, fmt::format("{}; with --shielded [{}]", kBySimulation, kShieldedCallGas));
    add_shielded(*command, options->shielded, true);
    add_examples(*command, "  rues stake --amount 1000 --from 1 --wait\n  rues stake --amount 12.5 --from 1 --wait");
    command->callback([options, &exit_code] { exit_code = stake(*options); });

    add_taking(program, kUnstake, "Take an account's stake back, or a part of it; prints the id",
               "DUSK with up to 9 decimals, or 250lux [the whole stake]; 1000 must be left, or nothing",
               "  rues unstake --amount 12.5 --from 1 --wait\n  rues unstake --from 1", exit_code);
    add_taking(program, kWithdraw, "Withdraw an account's reward, or a part of it; prints the id",
               "DUSK with up to 9 decimals, or 250lux [the whole reward]",
               "  rues withdraw --amount 2.5 --wait\n  rues withdraw", exit_code);
}

}  // namespace rues::app
