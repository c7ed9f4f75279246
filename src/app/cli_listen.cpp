#include <fmt/format.h>
#include <unistd.h>

#include "app/event_text.hpp"
#include "app/listen_options.hpp"
#include "app/output.hpp"
#include "base/encoding.hpp"
#include "client/client.hpp"

namespace rues::app {
namespace {

struct Listen : ListenOptions {
    bool decode = false;
    std::string finality = "accepted";
    bool retractions = false;
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
    const auto after = options.position();
    if (!after) return complain(kWrongUse, after.error().text);
    const std::string authority = url->authority();
    auto client = client::Client::connect(
        std::move(*url), {}, options.decode,
        {wire::finality_of(options.finality).value_or(wire::Finality::accepted), options.retractions});
    if (!client) return complain(kFailed, client.error().text);
    for (const auto& path : options.paths) {
        if (const auto done = client->subscribe(path, *after); !done)
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
    options->add_to(*command, "Print the bytes of each frame as hex");
    command->add_flag("--decode", options->decode,
                      "Get events of contracts decoded as JSON, where the server has a data driver that can");
    command
        ->add_option("--finality", options->finality,
                     "Print an event when its block has this state: accepted, confirmed or final")
        ->check(CLI::IsMember({"accepted", "confirmed", "final"}))
        ->type_name("")
        ->capture_default_str();
    command->add_flag("--retractions", options->retractions,
                      "When a block is taken back, print its events again, marked as retracted");
    command->footer(
        "Examples:\n  rues listen /on/blocks/accepted /on/transactions/executed\n  rues listen --json --count 1 "
        "/on/contracts:0100000000000000000000000000000000000000000000000000000000000000/moonlight\n  rues listen "
        "--decode /on/contracts:"
        "0100000000000000000000000000000000000000000000000000000000000000/moonlight");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
