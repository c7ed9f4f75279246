#include <fmt/format.h>

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

struct Options {
    NodeOption node;
    AccountArgument account;
    std::string before;
    std::uint64_t limit = kPage;
    bool json = false;
};

int run(const Options& options) {
    const auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    const auto account = options.account.read();
    if (!account) return complain(kWrongUse, account.error().text);
    const auto page = account_history(*url, *account, options.before, options.limit);
    if (!page) return complain(exit_code_of(page.error()), page.error().text);
    if (options.json) {
        put("{}\n", terminal_json(*page));
        return kDone;
    }
    const auto key = base::to_base58(account->bytes());
    const auto& groups = page->at("transactions").get_array();
    if (groups.empty()) put_error("no transactions in final blocks");
    for (const auto& group : groups) {
        const auto movement = movement_of(group, key);
        if (!movement) return complain(kFailed, "the node's answer cannot be read: a transaction without its parts");
        put("{}\n", printable(line_of(*movement)));
    }
    if (const auto next = client::text_in(*page, "next")) put_error("older ones: --before " + *next);
    return kDone;
}

}  // namespace

void add_history(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<Options>();
    auto* command = program.add_subcommand(
        "history", "Print the transactions of an account in final blocks, newest first, without their gas");
    options->account.add_options(*command);
    add_node(*command, options->node);
    add_number(*command, "--limit", options->limit, {1, kLargestPage}, fmt::format("Lines of a page [{}]", kPage));
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
