#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>
#include <thread>

#include "app/cli.hpp"
#include "app/event_text.hpp"
#include "app/input.hpp"
#include "app/listen_options.hpp"
#include "app/output.hpp"
#include "app/request_body.hpp"
#include "base/encoding.hpp"
#include "client/backoff.hpp"
#include "client/legacy.hpp"

namespace rues::app {
namespace {

using wire::legacy::Message;
using wire::legacy::TargetType;

constexpr std::chrono::seconds kCallTimeout{30};

struct LegacyCall {
    NodeOption node;
    std::string target;
    std::string topic;
    std::string data;
    std::vector<std::string> headers;
    bool show_head = false;
};

/// `host:Chain`, `contract:<id>`, `debugger:echo`; a name may hold further colons.
base::Result<std::pair<TargetType, std::string>> target_of(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, TargetType>, 3> kTypes{
        {{"host", TargetType::host}, {"contract", TargetType::contract}, {"debugger", TargetType::debugger}}};
    const auto colon = text.find(':');
    const auto type = base::to_lower_ascii(text.substr(0, colon));
    const auto found = std::ranges::find(kTypes, type, &std::pair<std::string_view, TargetType>::first);
    if (colon == std::string_view::npos || found == kTypes.end() || colon + 1 == text.size()) {
        return base::failure(
            base::Error::Kind::invalid,
            fmt::format("`{}` is not a target: expected host:NAME, contract:ID or debugger:NAME", text));
    }
    return std::pair(found->second, std::string(text.substr(colon + 1)));
}

/// The path under which `request_body` knows a request whose data is a transaction.
std::string_view path_for(TargetType type, std::string_view topic) {
    constexpr std::array<std::string_view, 4> kOfTransactions{"preverify", "propagate", "propagate_tx", "simulate"};
    const bool is_transaction =
        type == TargetType::host && std::ranges::find(kOfTransactions, topic) != kOfTransactions.end();
    return is_transaction ? "/on/transactions/" : "/legacy";
}

void print_head(const Message& message) {
    for (const auto& [name, value] : message.headers) put_error(fmt::format("{}: {}", name, value));
}

/// Prints the data of an answer, and ends a text with a line end.
void print_data(const client::Headers& asked, const Message& message) {
    const client::Answer answer{.status = 200, .headers = message.headers, .body = message.event.data};
    const auto text = base::text(answer.body);
    write_output(text);
    if (!text.empty() && !text.ends_with('\n') && is_text(asked, answer)) write_output("\n");
}

/// Prints the answer, or every item of a feeder until its end.
int print_answers(client::LegacySession& session, const LegacyCall& options, const client::Headers& asked) {
    const bool is_feeder = std::ranges::any_of(
        asked, [](const auto& header) { return base::equal_ignoring_case(header.first, "Rusk-Feeder"); });
    for (;;) {
        const auto message = session.next(client::Clock::now() + kCallTimeout);
        if (!message) return complain(kFailed, message.error().text);
        if (!*message) return complain(kTimedOut, "no answer in time");
        if (options.show_head) print_head(**message);
        const auto status = client::status_of(**message);
        if (!status) continue;
        const bool is_good = *status >= 200 && *status < 300;
        if (is_good) print_data(asked, **message);
        if (!flush_output()) return kFailed;
        if (!is_good)
            return complain(kFailed, fmt::format("{} {}: status {}", options.target, options.topic,
                                                 *client::header_of(**message, "Status")));
        if (!is_feeder || *status == 204) return kDone;
    }
}

int call(const LegacyCall& options) {
    const auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    auto target = target_of(options.target);
    if (!target) return complain(kWrongUse, target.error().text);
    auto headers = headers_of(options.headers);
    if (!headers) return complain(kWrongUse, headers.error().text);
    const auto given = read_argument(options.data);
    if (!given) return complain(kWrongUse, given.error().text);
    auto& [type, name] = *target;
    auto data = request_body(path_for(type, options.topic), *given, *headers);
    const auto asked = *headers;

    auto session = client::LegacySession::open(*url, {}, {});
    if (!session) return complain(kFailed, session.error().text);
    const Message request{std::move(*headers), {type, std::move(name), options.topic, std::move(data)}};
    if (const auto sent = session->send(request, client::Clock::now() + kCallTimeout); !sent)
        return complain(kFailed, sent.error().text);
    return print_answers(*session, options, asked);
}

/// Listens on one connection after the other, and continues on each where the last one ended.
class Listener {
public:
    Listener(const ListenOptions& options, client::Url url, std::optional<wire::Position> after)
        : options_(options), url_(std::move(url)), after_(after) {}

    int run() {
        for (bool was_lost = false;; was_lost = true) {
            auto session = client::LegacySession::open(url_, {}, {options_.paths, after_});
            // Only the first connection decides whether the server takes the paths.
            if (!session && !was_lost) return complain(kFailed, session.error().text);
            if (session) {
                put_error(was_lost ? "connected again" : "listening at " + url_.authority());
                if (was_lost && !after_) put_error("events may be missing: no position is known to continue after");
                if (!after_) after_ = session->from();
                pause_.reset();
                if (const auto code = print_events(*session)) return *code;
            }
            std::this_thread::sleep_for(pause_.next(chance_(random_)));
        }
    }

private:
    /// nullopt: the connection was lost.
    std::optional<int> print_events(client::LegacySession& session) {
        for (;;) {
            const auto message = session.next(client::Clock::now() + std::chrono::hours(1));
            if (!message) {
                put_error(message.error().text + "; connecting again");
                return std::nullopt;
            }
            if (!*message || !is_new(**message)) continue;
            const auto frame = client::as_frame(**message);
            if (!frame) {
                if (client::status_of(**message).value_or(200) >= 400)
                    return complain(kFailed, std::string(*client::header_of(**message, "Status")));
                continue;
            }
            put("{}\n", line_of(**message, *frame));
            if (!flush_output()) return kFailed;
            if (++printed_ == options_.count) return kDone;
        }
    }

    /// False for an event that an earlier connection delivered already. Numbers grow over epochs.
    bool is_new(const Message& message) {
        const auto position = wire::Position::parse(client::header_of(message, "Rues-Position").value_or(""));
        if (!position) return true;
        if (after_ && position->seq <= after_->seq) return client::header_of(message, "Rues-Replay").has_value();
        after_ = position;
        return true;
    }

    std::string line_of(const Message& message, const wire::Frame& frame) const {
        if (options_.json) return event_json(frame);
        if (options_.raw) return base::to_hex(message.encode());
        return event_line(frame, colours_);
    }

    const ListenOptions& options_;
    client::Url url_;
    std::optional<wire::Position> after_;
    client::Backoff pause_;
    std::mt19937 random_{client::jitter_seed()};
    std::uniform_real_distribution<double> chance_{0.0, 1.0};
    bool colours_ = ::isatty(STDOUT_FILENO) == 1;
    std::uint64_t printed_ = 0;
};

int listen(const ListenOptions& options) {
    auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    const auto after = options.position();
    if (!after) return complain(kWrongUse, after.error().text);
    return Listener(options, std::move(*url), *after).run();
}

void add_legacy_call(CLI::App& legacy, int& exit_code) {
    auto options = std::make_shared<LegacyCall>();
    auto* command = legacy.add_subcommand("call", "Send one Message and print the data of its answer");
    add_node(*command, options->node);
    command->add_option("TARGET", options->target, "host:NAME, contract:ID or debugger:NAME")
        ->required()
        ->type_name("");
    command->add_option("TOPIC", options->topic, "Topic of the Message, such as gql")->required()->type_name("");
    command
        ->add_option("DATA", options->data,
                     "Text, @FILE, or - for the standard input. A transaction may be given in hex")
        ->type_name("");
    command->add_option("-H,--header", options->headers, "A header of the Message, `Name: value`")
        ->allow_extra_args(false)
        ->type_name("HEADER");
    command->add_flag("-i,--head", options->show_head, "Print the headers of each answer on standard error");
    command->footer(
        "Examples:\n  rues legacy call host:Chain gql 'query { block(height: 1) { header { hash } } }'\n  rues legacy "
        "call host:node info\n  rues legacy call -H 'Rusk-Feeder: 1' "
        "contract:0200000000000000000000000000000000000000000000000000000000000000 stakes\n\nThe node must run with "
        "--legacy. Exit code 1: the status was not 2xx.");
    command->callback([options, &exit_code] { exit_code = call(*options); });
}

void add_legacy_listen(CLI::App& legacy, int& exit_code) {
    auto options = std::make_shared<ListenOptions>();
    auto* command = legacy.add_subcommand(
        "listen", "Print events that arrive as Messages, one line each; reconnects and continues by itself");
    options->add_to(*command, "Print the bytes of each Message as hex");
    command->footer("Example:\n  rues legacy listen /on/blocks/accepted\n\nThe node must run with --legacy.");
    command->callback([options, &exit_code] { exit_code = listen(*options); });
}

}  // namespace

void add_legacy(CLI::App& program, int& exit_code) {
    auto* legacy = program.add_subcommand("legacy", "Speak the legacy event system: Messages over a WebSocket");
    legacy->require_subcommand(1);
    add_legacy_call(*legacy, exit_code);
    add_legacy_listen(*legacy, exit_code);
}

}  // namespace rues::app
