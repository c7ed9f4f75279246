#include <fmt/format.h>

#include "app/cli.hpp"
#include "app/output.hpp"
#include "app/run_node.hpp"
#include "app/setting_flags.hpp"
#include "app/terminal_json.hpp"
#include "app/values.hpp"
#include "client/answer_json.hpp"

/// `rues gateway`: a server before other nodes; `rues gateway status`: what it thinks of them.
namespace rues::app {
namespace {

using base::json::object;
using client::number_in;
using client::text_in;

constexpr char kStatus[] = "/status";

struct StatusOptions {
    NodeOption node;
    bool json = false;
};

int run_gateway(const SettingFlags& given) {
    const auto read = [given] { return load_settings(given.flags, given.config); };
    const auto settings = read();
    if (!settings) return complain(kWrongUse, settings.error());
    if (settings->upstreams.empty()) return complain(kWrongUse, "--upstream: a gateway needs at least one node");
    if (settings->execute && settings->follow_from != 0)
        return complain(kWrongUse, "--from: a gateway that executes begins with the genesis, or with --snapshot");
    if (settings->execute && !settings->cluster.empty())
        return complain(
            kWrongUse,
            "--execute: a machine of a cluster does not execute blocks; leave out one of --execute and --cluster");
    if (!settings->execute && !settings->snapshot.empty())
        return complain(kWrongUse, "--snapshot: only a gateway with --execute begins with one");
    return run_node(*settings, read, Role::gateway);
}

std::string words(const object& from, std::string_view key) {
    return printable(text_in(from, key).value_or(""));
}

void print(const object& status, const object& gateway) {
    const auto* tip = status.if_contains("tip");
    const auto height = tip != nullptr && tip->is_object() ? number_in(tip->get_object(), "height").value_or(0) : 0;
    const auto following = words(gateway, "following");
    put("tip         {}, {} behind\n", height, number_in(gateway, "lag").value_or(0));
    put("position    {}\n", words(status, "position"));
    put("following   {}\n", following.empty() ? "nobody" : following);
    put("blocks      {} proved since the start, {} answers asked again\n", number_in(gateway, "blocks").value_or(0),
        number_in(gateway, "asked_again").value_or(0));
    put("taken back  {} blocks, {} times\n", number_in(gateway, "taken_back").value_or(0),
        number_in(gateway, "reorganisations").value_or(0));
    const auto* executes = gateway.if_contains("executes");
    if (executes != nullptr && executes->is_bool() && executes->get_bool())
        put("executed    every block, up to the tip\n");
    put("\n{:<40}{:<13}{:>10}{:>8}{:>11}{:>7}{:>10}\n", "upstream", "state", "tip", "behind", "ejections", "stale",
        "failures");
    const auto* list = gateway.if_contains("upstreams");
    if (list == nullptr || !list->is_array()) return;
    for (const auto& each : list->get_array()) {
        const auto* row = each.if_object();
        if (row == nullptr) continue;
        const auto number = [row](std::string_view key) { return number_in(*row, key).value_or(0); };
        put("{:<40}{:<13}{:>10}{:>8}{:>11}{:>7}{:>10}\n", words(*row, "url"), words(*row, "state"), number("height"),
            number("behind"), number("ejections"), number("stale"), number("failures"));
        const auto why = words(*row, "why");
        if (!why.empty() && words(*row, "state") != "healthy") put("  {}\n", why);
        if (words(*row, "branch") == "other") put("  it is on another branch\n");
        if (number("back_in_seconds") > 0) put("  asked again in {} s\n", number("back_in_seconds"));
    }
}

void print_cluster(const object& cluster) {
    put("\ncluster     {} {}, {} behind message {} of the stream\n", words(cluster, "role"), words(cluster, "machine"),
        number_in(cluster, "behind").value_or(0), number_in(cluster, "stream_last").value_or(0));
    const auto holder = words(cluster, "lease_holder");
    const auto server = words(cluster, "server");
    put("lease       {}\n", holder.empty() ? "nobody" : holder);
    put("server      {}, {} connections lost\n", server.empty() ? "none" : server,
        number_in(cluster, "connections_lost").value_or(0));
    const auto trouble = words(cluster, "trouble");
    if (!trouble.empty()) put("trouble     {}\n", trouble);
    put("\n{:<40}{:<13}{:>10}{:>12}\n", "machine", "role", "tip", "applied");
    const auto* list = cluster.if_contains("machines");
    if (list == nullptr || !list->is_array()) return;
    for (const auto& each : list->get_array()) {
        const auto* row = each.if_object();
        if (row == nullptr) continue;
        put("{:<40}{:<13}{:>10}{:>12}\n", words(*row, "name"), words(*row, "role"),
            number_in(*row, "height").value_or(0), number_in(*row, "applied").value_or(0));
    }
}

int show(const StatusOptions& options) {
    const auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    const auto answer = client::http(*url, "GET", kStatus, {}, {});
    if (!answer) return complain(exit_code_of(answer.error()), answer.error().text);
    if (!answer->ok()) return complain(kFailed, client::refused(kStatus, *answer).error().text);
    const auto status = client::parse_object(answer->body, kStatus);
    if (!status) return complain(kFailed, status.error().text);
    const auto* gateway = status->if_contains("gateway");
    if (gateway == nullptr || !gateway->is_object())
        return complain(kFailed, fmt::format("{} is not a gateway", url->authority()));
    if (options.json) {
        put("{}\n", terminal_json(*gateway));
    } else {
        print(*status, gateway->get_object());
        const auto* cluster = gateway->get_object().if_contains("cluster");
        if (cluster != nullptr && cluster->is_object()) print_cluster(cluster->get_object());
    }
    return flush_output() ? kDone : kFailed;
}

void add_status(CLI::App& gateway, int& exit_code) {
    auto options = std::make_shared<StatusOptions>();
    auto* command = gateway.add_subcommand("status",
                                           "Show the tip of a running gateway and its nodes: who is followed, "
                                           "who is stale, ejected or unreachable, and why; of a cluster also its "
                                           "machines");
    add_node(*command, options->node);
    command->add_flag("--json", options->json, "Print the object `gateway` of /status");
    command->footer("Examples:\n  rues gateway status\n  rues gateway status --url http://127.0.0.1:9090 --json");
    command->callback([options, &exit_code] { exit_code = show(*options); });
}

}  // namespace

void add_gateway(CLI::App& program, int& exit_code) {
    auto* command = program.add_subcommand(
        "gateway", "Follow other nodes, keep their events, and serve clients in their place (docs/guides/gateway.md)");
    auto given = std::make_shared<SettingFlags>();
    add_settings(*command, Role::gateway, given);
    add_status(*command, exit_code);
    command->footer(
        "Examples:\n  rues gateway --upstream http://127.0.0.1:8080 --listen :9090 --data followed\n  rues gateway "
        "--upstream https://a.example,https://b.example --from 2500000\n  rues gateway --upstream "
        "http://127.0.0.1:8080 --execute --data executed\n  rues gateway --upstream http://127.0.0.1:8080 --cluster "
        "nats://127.0.0.1:4222 --machine a --data a");
    command->callback([command, given, &exit_code] {
        if (command->get_subcommands().empty()) exit_code = run_gateway(*given);
    });
}

}  // namespace rues::app
