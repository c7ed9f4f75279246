#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "app/cli.hpp"
#include "app/input.hpp"
#include "base/encoding.hpp"
#include "client/http.hpp"

namespace rues::app {
namespace {

struct Call {
    NodeOption node;
    std::string path;
    std::string body;
    std::string method = "POST";
    std::vector<std::string> headers;
    bool show_head = false;
};

base::Result<client::Headers> headers_of(const Call& options) {
    client::Headers out;
    for (const auto& line : options.headers) {
        const auto colon = line.find(':');
        if (colon == std::string::npos || colon == 0)
            return base::failure(base::Error::Kind::invalid, fmt::format("`{}` is not `Name: value`", line));
        out.emplace_back(line.substr(0, colon), base::trimmed(std::string_view(line).substr(colon + 1)));
    }
    return out;
}

int run(const Call& options) {
    const auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    const auto headers = headers_of(options);
    if (!headers) return complain(kWrongUse, headers.error().text);
    const auto body = read_argument(options.body);
    if (!body) return complain(kWrongUse, body.error().text);
    const auto answer = client::http(*url, options.method, options.path, *headers, base::view(*body));
    if (!answer)
        return complain(answer.error().kind == Error::Kind::invalid ? kWrongUse : kFailed, answer.error().text);
    if (options.show_head) {
        fmt::print(stderr, "{}\n", answer->status);
        for (const auto& [name, value] : answer->headers) fmt::print(stderr, "{}: {}\n", name, value);
    }
    std::fwrite(answer->body.data(), 1, answer->body.size(), stdout);
    if (::isatty(STDOUT_FILENO) == 1 && !answer->body.empty()) fmt::print("\n");
    if (answer->ok()) return kDone;
    std::fflush(stdout);
    return complain(kFailed, fmt::format("{}: status {}", options.path, answer->status));
}

}  // namespace

void add_call(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<Call>();
    auto* command = program.add_subcommand("call", "Send one request and print the body of the answer");
    add_node(*command, options->node);
    command->add_option("PATH", options->path, "For example /on/node/info")->required()->type_name("");
    command->add_option("BODY", options->body, "Text, @file, or - for input")->type_name("");
    command->add_option("-H,--header", options->headers, "A request header, `Name: value`")->type_name("HEADER");
    command->add_option("-X,--method", options->method, "The method [POST]")->type_name("METHOD");
    command->add_flag("-i,--head", options->show_head, "Show status and headers on the error stream");
    command->footer(
        "Examples:\n  rues call /on/node/info\n  rues call /on/blocks/gas-price\n  rues call -H 'Rusk-Version: 1.7' "
        "/on/transactions/preverify @tx.hex\n\nExit code 1: the status was not 2xx.");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
