#include <fmt/format.h>

#include "app/cli.hpp"
#include "app/input.hpp"
#include "app/output.hpp"
#include "app/request_body.hpp"
#include "base/encoding.hpp"
#include "client/http.hpp"

namespace rues::app {
namespace {

struct CallOptions {
    NodeOption node;
    std::string path;
    std::string body;
    std::string method = "POST";
    std::vector<std::string> headers;
    bool show_head = false;
};

/// The methods that the path takes, from the `Allow` header of a 405 (RFC 9110 10.2.1).
std::string allowed(const client::Answer& answer) {
    const auto allow = answer.header("allow");
    if (answer.status != 405 || !allow) return {};
    const auto first = base::trimmed(allow->substr(0, allow->find(',')));
    return first.empty() ? "" : fmt::format("; the path takes {}, so try -X {}", *allow, first);
}

int run(const CallOptions& options) {
    const auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    const auto chosen = headers_of(options.headers);
    if (!chosen) return complain(kWrongUse, chosen.error().text);
    client::Headers headers = *chosen;
    const auto given = read_argument(options.body);
    if (!given) return complain(kWrongUse, given.error().text);
    const auto body = request_body(options.path, *given, headers);
    const auto answer = client::http(*url, options.method, options.path, headers, body);
    if (!answer)
        return complain(answer.error().kind == Error::Kind::invalid ? kWrongUse : kFailed, answer.error().text);
    if (options.show_head) {
        std::string head = fmt::format("{}\n", answer->status);
        for (const auto& [name, value] : answer->headers) head += fmt::format("{}: {}\n", name, value);
        std::fwrite(head.data(), 1, head.size(), stderr);
    }
    const auto text = base::text(answer->body);
    write_output(text);
    if (!text.empty() && !text.ends_with('\n') && is_text(*chosen, *answer)) write_output("\n");
    flush_output();
    if (answer->ok()) return kDone;
    return complain(kFailed, fmt::format("{}: status {}{}", options.path, answer->status, allowed(*answer)));
}

}  // namespace

void add_call(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<CallOptions>();
    auto* command = program.add_subcommand("call", "Send one request and print the body of the answer");
    add_node(*command, options->node);
    command->add_option("PATH", options->path, "Path of the request, such as /on/node/info")->required()->type_name("");
    command
        ->add_option("BODY", options->body,
                     "Text, @FILE, or - for the standard input. A transaction may be given in hex")
        ->type_name("");
    command->add_option("-H,--header", options->headers, "A request header, `Name: value`")
        ->allow_extra_args(false)  // otherwise it would take the path as another header
        ->type_name("HEADER");
    command->add_option("-X,--method", options->method, "The method [POST]")->type_name("METHOD");
    command->add_flag("-i,--head", options->show_head, "Print status and headers on standard error");
    command->footer(
        "Examples:\n  rues call /on/node/info\n  rues call -X GET /status\n  rues transfer --to '#1' --amount 1 "
        "--dry-run "
        "> tx.hex\n  rues call -H 'Rusk-Version: 1.7' /on/transactions/preverify @tx.hex\n  rues call "
        "/on/transactions/propagate - < tx.hex\n\nExit code 1: the status was not 2xx.");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
