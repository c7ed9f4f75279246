#include <fmt/format.h>
#include <unistd.h>

#include "app/cli.hpp"
#include "app/event_text.hpp"
#include "app/output.hpp"
#include "app/values.hpp"
#include "base/encoding.hpp"
#include "client/client.hpp"

namespace rues::app {
namespace {

struct Listen {
    NodeOption node;
    std::vector<std::string> paths;
    std::string after;
    bool json = false;
    bool raw = false;
    bool decode = false;
    std::uint64_t count = 0;  ///< 0: no limit
};

std::string line_of(const Listen& options, const wire::Frame& frame, bool colours) {
    if (options.json) return event_json(frame);
    if (options.raw) return base::to_hex(frame.encode());
    return event_line(frame, colours);
}

/// Prints one line for people who watch, and for the log of a script that started the command.
void tell(const client::Notice& notice) {
    struct {
        void operator()(const client::Lost& one) const { put_error(one.why + "; connecting again"); }
        void operator()(const client::Resumed&) const { put_error("connected again"); }
        void operator()(const client::Gap& one) const {
            const auto text = [](const auto& position) {
                return position ? position->to_string() : "an unknown position";
            };
            if (one.from) {
                put_error(fmt::format("{}: events may be missing after {} up to {}", one.path, text(one.after),
                                      text(one.from)));
            } else {
                put_error(fmt::format("{}: events may be missing: this server cannot replay earlier events", one.path));
            }
        }
        void operator()(const client::Ended& one) const {
            put_error(fmt::format("{}: no longer subscribed: {}", one.path, one.why));
        }
        void operator()(const client::Warning& one) const {
            put_error(fmt::format("warning: {}: {}", one.path, one.why));
        }
    } print;
    std::visit(print, notice);
}

int run(const Listen& options) {
    constexpr auto kPatience = std::chrono::hours(1);  // for one wait; then it waits again
    auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    std::optional<wire::Position> after;
    if (!options.after.empty()) {
        after = wire::Position::parse(options.after);
        if (!after) return complain(kWrongUse, "--after: expected a position such as 00c0ffee00c0ffee-0");
    }
    const std::string authority = url->authority();
    auto client = client::Client::connect(std::move(*url), {}, options.decode);
    if (!client) return complain(kFailed, client.error().text);
    for (const auto& path : options.paths) {
        if (const auto done = client->subscribe(path, after); !done)
            return complain(done.error().kind == Error::Kind::invalid ? kWrongUse : kFailed, done.error().text);
    }
    put_error("listening at " + authority);
    const bool colours = ::isatty(STDOUT_FILENO) == 1;
    std::size_t subscriptions = options.paths.size();
    for (std::uint64_t printed = 0; options.count == 0 || printed < options.count;) {
        const auto happening = client->next(client::Clock::now() + kPatience);
        if (!happening) continue;
        if (const auto* notice = std::get_if<client::Notice>(&*happening)) {
            tell(*notice);
            if (std::holds_alternative<client::Ended>(*notice) && --subscriptions == 0) return kFailed;
            continue;
        }
        put("{}\n", line_of(options, std::get<client::Client::Delivery>(*happening).frame, colours));
        // The reader of a pipe gets each event at once, and a reader that has gone is noticed at once.
        if (!flush_output()) return kFailed;
        ++printed;
    }
    return kDone;
}

}  // namespace

void add_listen(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<Listen>();
    auto* command = program.add_subcommand(
        "listen", "Print events as they are published, one line each; reconnects and resumes by itself");
    add_node(*command, options->node);
    command->add_option("PATH", options->paths, "Paths of events, such as /on/blocks/accepted")
        ->required()
        ->type_name("");
    command
        ->add_option("--after", options->after, "Start with the stored events after this position of the server's log")
        ->type_name("POSITION");
    auto* json = command->add_flag("--json", options->json, "Print headers and payload as JSON");
    command->add_flag("--raw", options->raw, "Print the bytes of each frame as hex")->excludes(json);
    command->add_flag("--decode", options->decode,
                      "Get events of contracts decoded as JSON, where the server has a data driver that can");
    add_number(*command, "--count", options->count, {1}, "Stop after this number of events");
    command->footer(
        "Examples:\n  rues listen /on/blocks/accepted /on/transactions/executed\n  rues listen --json --count 1 "
        "/on/contracts:0100000000000000000000000000000000000000000000000000000000000000/moonlight\n  rues listen "
        "--decode /on/contracts:"
        "0100000000000000000000000000000000000000000000000000000000000000/moonlight");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
