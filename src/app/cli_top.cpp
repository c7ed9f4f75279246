#include <fmt/format.h>

#include <thread>

#include "app/cli.hpp"
#include "app/output.hpp"
#include "app/terminal_json.hpp"
#include "app/values.hpp"
#include "client/answer_json.hpp"

/// `rues top`: what the clients of a node hold and spend.
namespace rues::app {
namespace {

using base::json::object;
using client::number_in;
using client::text_in;

struct TopOptions {
    NodeOption node;
    bool clients = false;
    bool json = false;
    std::uint64_t count = 1;
    std::chrono::milliseconds interval{2'000};
    std::optional<std::string> token;
};

constexpr char kPath[] = "/debug/clients";
constexpr std::size_t kShownRows = 20;

struct Column {
    std::string_view title;
    std::string_view key;
    int width;
};
constexpr Column kColumns[] = {{"sessions", "sessions", 10}, {"subscriptions", "subscriptions", 14},
                               {"journal B", "journal", 12}, {"kept", "kept", 7},
                               {"resumes", "resumes", 9},    {"handshakes", "handshakes", 12},
                               {"uploads B", "uploads", 12}, {"messages B", "messages", 12},
                               {"unread B", "unread", 12}};

void print_rows(const object& answer) {
    put("{:<40}{:>12}{:>10}{:>9}", "client", "spent ms", "debt ms", "conns");
    for (const auto& column : kColumns) put("{:>{}}", column.title, column.width);
    put("{:>9}\n", "refused");
    const auto* const list = answer.if_contains("clients");
    if (list == nullptr || !list->is_array()) return;
    std::size_t rows = 0;
    for (const auto& each : list->get_array()) {
        const auto* const row = each.if_object();
        if (row == nullptr || ++rows > kShownRows) continue;
        const auto number = [row](std::string_view key) { return number_in(*row, key).value_or(0); };
        put("{:<40}{:>12}{:>10}{:>9}", printable(text_in(*row, "client").value_or("unknown")),
            number("spent_us") / 1'000, number("debt_us") / 1'000, number("connections"));
        for (const auto& column : kColumns) put("{:>{}}", number(column.key), column.width);
        put("{:>9}\n", number("refused"));
    }
    if (rows > kShownRows) put("and {} more\n", rows - kShownRows);
}

Result<object> ask(const client::Url& url, const TopOptions& options) {
    client::Headers headers;
    if (options.token) headers.emplace_back("Authorization", "Bearer " + *options.token);
    const auto answer = client::http(url, "GET", kPath, headers, {});
    if (!answer) return std::unexpected(answer.error());
    if (!answer->ok()) return client::refused(kPath, *answer);
    return client::parse_object(answer->body, kPath);
}

int run(const TopOptions& options) {
    const auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    for (std::uint64_t shown = 0; options.count == 0 || shown < options.count; ++shown) {
        if (shown > 0) std::this_thread::sleep_for(options.interval);
        const auto answer = ask(*url, options);
        if (!answer) return complain(exit_code_of(answer.error()), answer.error().text);
        if (shown > 0 && !options.json) put("\n");
        if (options.json) {
            put("{}\n", terminal_json(*answer));
        } else {
            print_rows(*answer);
        }
        if (!flush_output()) return kFailed;
    }
    return kDone;
}

}  // namespace

void add_top(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<TopOptions>();
    auto* command = program.add_subcommand("top", "Show who holds and spends what the node has");
    command->add_flag("--clients", options->clients,
                      "The clients, the one that has spent most time first; shown too when nothing is asked for");
    add_number(*command, "--count", options->count, {}, "How often, 0 for ever [1]");
    add_duration(*command, "--interval", options->interval, "Time between two times [2s]");
    add_text(*command, "--token", options->token, "The node's debug-token, for a node of another machine")
        ->type_name("TEXT");
    add_node(*command, options->node);
    command->add_flag("--json", options->json, "Print one JSON object each time, as /debug/clients has it");
    command->footer(
        "Examples:\n  rues top --clients\n  rues top --clients --count 3 --interval 1s\n\nExit codes: 0 done, 1 "
        "refused "
        "or unreachable, 2 wrong use");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
