#include <fmt/format.h>

#include <algorithm>

#include "app/accounts.hpp"
#include "app/cli.hpp"
#include "app/ledger_reads.hpp"
#include "app/movement.hpp"
#include "app/output.hpp"
#include "app/terminal_json.hpp"
#include "app/values.hpp"
#include "client/answer_json.hpp"

namespace rues::app {
namespace {

constexpr std::uint64_t kPage = 25;
constexpr std::uint64_t kLargestPage = 200;

struct HistoryOptions {
    NodeOption node;
    AccountArgument account;
    std::string before;
    std::uint64_t limit = kPage;
    bool json = false;
};

/// Removes the transactions of `others` from `from`.
void remove_all_of(base::json::array& from, const base::json::array& others) {
    const auto id_of = [](const base::json::value& group) {
        return group.is_object() ? client::text_in(group.get_object(), "origin") : std::nullopt;
    };
    const auto gone = std::ranges::remove_if(
        from, [&](const auto& group) { return std::ranges::find(others, id_of(group), id_of) != others.end(); });
    from.erase(gone.begin(), gone.end());
}

/// Prints a line for each transaction. False: one of them cannot be read.
bool print(const base::json::array& groups, std::string_view account, std::string_view remark) {
    for (const auto& group : groups) {
        const auto movement = movement_of(group, account);
        if (!movement) return false;
        put("{}{}\n", printable(line_of(*movement)), remark);
    }
    return true;
}

int run(const HistoryOptions& options) {
    const auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    const auto account = options.account.read();
    if (!account) return complain(kWrongUse, account.error().text);
    // A transaction that becomes final between the two reads is in both answers: then it is taken from the page.
    auto recent = options.before.empty() ? recent_history(*url, *account) : base::json::array();
    if (!recent) return complain(exit_code_of(recent.error()), recent.error().text);
    auto page = account_history(*url, *account, options.before, options.limit);
    if (!page) return complain(exit_code_of(page.error()), page.error().text);
    const auto& groups = page->at("transactions").get_array();
    remove_all_of(*recent, groups);
    if (options.json) {
        (*page)["not_final"] = std::move(*recent);
        put("{}\n", terminal_json(*page));
        return kDone;
    }
    const auto key = base::to_base58(account->bytes());
    if (groups.empty() && recent->empty()) put_error("no transactions");
    if (!print(*recent, key, ", not final") || !print(groups, key, ""))
        return complain(kFailed, "the node's answer cannot be read: a transaction without its parts");
    if (const auto next = client::text_in(*page, "next")) put_error("older ones: --before " + *next);
    return kDone;
}

}  // namespace

void add_history(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<HistoryOptions>();
    auto* command = program.add_subcommand(
        "history", "Print the transactions of an account that are in blocks, newest first, without their gas");
    options->account.add_options(*command);
    add_node(*command, options->node);
    add_number(*command, "--limit", options->limit, {1, kLargestPage},
               fmt::format("Lines of a page, not counting those of blocks that are not final [{}]", kPage));
    command->add_option("--before", options->before, "Go on where the page before ended, which says how")
        ->type_name("TEXT");
    command->add_flag("--json", options->json, "Print the page as one JSON object, with all events");
    command->footer(
        "Examples:\n  rues history '#1'\n  rues history '#1' --limit 2 --before 17-1\n\nExit codes: 0 done, 1 refused "
        "or "
        "unreachable, 2 wrong use");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
