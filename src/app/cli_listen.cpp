#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "app/cli.hpp"
#include "app/event_text.hpp"
#include "base/encoding.hpp"
#include "client/session.hpp"

namespace rues::app {
namespace {

struct Listen {
    std::string url;
    std::vector<std::string> paths;
    bool json = false;
    bool raw = false;
    std::uint64_t count = 0;  ///< 0: without end
};

std::string line_of(const Listen& options, const wire::Frame& frame, bool colours) {
    if (options.json) return event_json(frame);
    if (options.raw) return base::to_hex(frame.encode());
    return event_line(frame, colours);
}

int run(const Listen& options) {
    constexpr auto kPatience = std::chrono::hours(1);  // of one look; then it looks again
    const auto url = client::Url::parse(options.url);
    if (!url) return complain(kWrongUse, url.error().text);
    client::Listener listener(*url, options.paths);
    if (const auto opened = listener.open(); !opened)
        return complain(opened.error().kind == Error::Kind::invalid ? kWrongUse : kFailed, opened.error().text);
    fmt::print(stderr, "rues: listening at {}\n", url->authority());
    const bool colours = ::isatty(STDOUT_FILENO) == 1;
    for (std::uint64_t printed = 0; options.count == 0 || printed < options.count;) {
        const auto outcome = listener.next(kPatience);
        if (!outcome.lost.empty())
            fmt::print(stderr, "rues: {}; connecting again, events may be missing\n", outcome.lost);
        if (!outcome.frame) continue;
        fmt::print("{}\n", line_of(options, *outcome.frame, colours));
        // Whoever reads a pipe wants each event when it happens, and is told apart from a reader that has gone.
        if (std::fflush(stdout) != 0) return kFailed;
        ++printed;
    }
    return kDone;
}

}  // namespace

void add_listen(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<Listen>();
    auto* command = program.add_subcommand("listen", "Print events as they happen, one line each; connects again");
    add_url(*command, options->url);
    command->add_option("PATH", options->paths, "For example /on/blocks/accepted")->required()->type_name("");
    auto* json = command->add_flag("--json", options->json, "Headers and payload as JSON");
    command->add_flag("--raw", options->raw, "The frame's bytes as hex")->excludes(json);
    command->add_option("--count", options->count, "End after so many events")->type_name("N");
    command->footer(
        "Examples:\n  rues listen /on/blocks/accepted /on/transactions/executed\n  rues listen --json --count 1 "
        "/on/contracts:0100000000000000000000000000000000000000000000000000000000000000/moonlight");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
