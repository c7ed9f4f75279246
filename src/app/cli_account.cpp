#include <fmt/format.h>

#include "app/accounts.hpp"
#include "app/cli.hpp"
#include "app/output.hpp"
#include "app/stakes.hpp"
#include "base/json.hpp"
#include "client/amount.hpp"
#include "client/node.hpp"

/// `rues account` and `rues balance`.
namespace rues::app {
namespace {

using base::json::object;
using wire::layouts::StakeData;

struct AccountOptions {
    NodeOption node;
    AccountArgument account;
    bool json = false;
};

/// The account that both commands ask for, and the node that they ask.
struct Read {
    client::Url url;
    crypto::PublicKey account;
    client::AccountStatus status;
};
std::expected<Read, int> read(const AccountOptions& options) {
    auto url = options.node.parse();
    if (!url) return std::unexpected(complain(kWrongUse, url.error().text));
    const auto account = options.account.read();
    if (!account) return std::unexpected(complain(kWrongUse, account.error().text));
    const auto status = client::account_status(*url, *account);
    if (!status) return std::unexpected(complain(exit_code_of(status.error()), status.error().text));
    return Read{std::move(*url), *account, *status};
}

base::json::value to_json(const std::optional<StakeData>& stake) {
    if (!stake) return nullptr;
    object out{{"value", stake->amount ? stake->amount->value : 0},
               {"locked", stake->amount ? stake->amount->locked : 0},
               {"eligibility", stake->amount ? base::json::value(stake->amount->eligibility) : nullptr},
               {"reward", stake->reward},
               {"faults", stake->faults},
               {"hard_faults", stake->hard_faults}};
    return out;
}

void print(const StakeData& stake) {
    if (stake.amount) {
        const auto locked =
            stake.amount->locked == 0 ? "" : fmt::format(" and {} locked", client::dusk(stake.amount->locked));
        put_fact("stake", fmt::format("{} DUSK{}, eligible from block {}", client::dusk(stake.amount->value), locked,
                                      stake.amount->eligibility));
    } else {
        put_fact("stake", "none");
    }
    put_fact("reward", client::dusk(stake.reward) + " DUSK");
    if (stake.faults != 0 || stake.hard_faults != 0)
        put_fact("faults", fmt::format("{}, and {} hard ones", stake.faults, stake.hard_faults));
}

int show_account(const AccountOptions& options) {
    const auto found = read(options);
    if (!found) return found.error();
    const auto stake = stake_of(found->url, found->account);
    if (!stake) return complain(exit_code_of(stake.error()), stake.error().text);
    const auto key = base::to_base58(found->account.bytes());
    const auto& status = found->status;
    if (options.json) {
        const object out{{"account", key},
                         {"balance", status.balance},
                         {"nonce", status.nonce},
                         {"next_nonce", status.next_nonce},
                         {"stake", to_json(*stake)}};
        put("{}\n", base::json::print(out));
        return kDone;
    }
    put_fact("account", key);
    put_fact("balance", client::dusk(status.balance) + " DUSK");
    const bool waits = status.next_nonce != status.nonce + 1;
    put_fact("nonce", waits ? fmt::format("{}; the next one is {}, with the mempool", status.nonce, status.next_nonce)
                            : std::to_string(status.nonce));
    if (*stake)
        print(**stake);
    else
        put_fact("stake", "none");
    return kDone;
}

int show_balance(const AccountOptions& options) {
    const auto found = read(options);
    if (!found) return found.error();
    const auto& balance = found->status.balance;
    if (options.json) {
        const object out{{"account", base::to_base58(found->account.bytes())}, {"balance", balance}};
        put("{}\n", base::json::print(out));
    } else {
        put("{} DUSK\n", client::dusk(balance));
    }
    return kDone;
}

void add(CLI::App& program, const std::string& name, const std::string& help, const std::string& examples,
         int (*show)(const AccountOptions&), int& exit_code) {
    auto options = std::make_shared<AccountOptions>();
    auto* command = program.add_subcommand(name, help);
    options->account.add_options(*command);
    add_node(*command, options->node);
    command->add_flag("--json", options->json, "Print one JSON object, with amounts in LUX");
    command->footer("Examples:\n" + examples + "\n\nExit codes: 0 done, 1 refused or unreachable, 2 wrong use");
    command->callback([options, show, &exit_code] { exit_code = show(*options); });
}

}  // namespace

void add_account(CLI::App& program, int& exit_code) {
    add(program, "account", "Print balance, nonce and stake of an account",
        "  rues account\n  rues account '#1' --json", &show_account, exit_code);
}

void add_balance(CLI::App& program, int& exit_code) {
    add(program, "balance", "Print the balance of an account",
        "  rues balance '#1'\n  rues balance --phrase-file phrase.txt", &show_balance, exit_code);
}

}  // namespace rues::app
