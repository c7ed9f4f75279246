#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "rues/error.hpp"
#include "rues/json.hpp"
#include "rues/outcome.hpp"

/// Talks to a RUES server (rues or Rusk) from C++: events that survive lost connections, transactions, requests. Every
/// call blocks, and returns within its timeout. Link with `rues::client`.
///
///     auto client = rues::Client::connect("http://127.0.0.1:8080");
///     if (!client || !client->subscribe("/on/blocks/accepted")) return 1;
///     while (auto happened = client->next(std::chrono::minutes(1))) {
///         if (auto* event = std::get_if<rues::Event>(&*happened)) std::cout << event->payload_text() << std::endl;
///     }
namespace rues {

/// One event of a subscription.
struct Event {
    std::vector<std::pair<std::string, std::string>> headers;  ///< in the order in which the server sent them
    std::vector<std::byte> payload;

    /// The first value of a header; upper and lower case of the name do not matter.
    std::optional<std::string_view> header(std::string_view name) const noexcept;
    /// The URI of the event: `/on/blocks:<hash>/accepted`.
    std::string_view location() const noexcept { return header("Content-Location").value_or(""); }
    /// The event's position in the server's log; nullopt from a server without positions.
    std::optional<std::string_view> position() const noexcept { return header("Rues-Position"); }
    /// The height of the event's block, or of the tip for an event of the mempool. nullopt from a server that does not
    /// send it.
    std::optional<std::uint64_t> height() const noexcept;
    /// True when the event happened before the subscription was made.
    bool is_replay() const noexcept;
    std::string_view payload_text() const noexcept;
    /// The payload as JSON; null when it is not JSON, which is usual for events of contracts, unless they come decoded.
    Json json() const;
    /// With `Options::decode`: why the server did not decode this event; nullopt when it did or need not.
    std::optional<std::string_view> undecoded() const noexcept;
};

/// The connection was lost. The client tries to connect again; this is reported once for each loss.
struct Lost {
    std::string why;
};
/// The client is connected again. It missed nothing, unless it reported a `Gap` in between.
struct Resumed {};
/// Events of one subscription may be missing: those after the position `after`, up to and including `from`. An empty
/// position is unknown, for example with a Rusk node, which has no positions.
struct Gap {
    std::string path;
    std::string after;
    std::string from;
};
/// The server refused to take a subscription again after a loss. No more events come for it.
struct Ended {
    std::string path;
    std::string why;
};
/// A subscription was made that no event can match, most likely because of a misspelt topic. The subscription stays.
struct Warning {
    std::string path;
    std::string why;
};
/// One result of `Client::next`.
using Happening = std::variant<Event, Lost, Resumed, Gap, Ended, Warning>;

/// The answer to `Client::request`.
struct Answer {
    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<std::byte> body;
};

struct Options {
    /// The longest wait for each connection and each command to the server.
    std::chrono::milliseconds timeout{10'000};
    /// After this time without a byte from the server the client sends a ping. If nothing comes within `timeout`, the
    /// connection counts as lost. That finds a server that vanished without closing the connection.
    std::chrono::milliseconds silence{30'000};
    /// A PEM file with the certificates to trust for `https://`; empty: the certificates of the system.
    std::string ca_file{};
    /// True: events of contracts come with a payload of JSON (`Event::json`) where the server has a data driver that
    /// can decode it; see `Event::undecoded`. A server that cannot do this, such as a Rusk node, sends them as they
    /// are.
    bool decode = false;
    /// `confirmed` or `final`: events come when their block has this state, and not at all when it is taken back
    /// before. Empty or `accepted`: at once. A server that does not know this, such as a Rusk node, sends them at once.
    std::string finality{};
    /// True: when a block is taken back whose events were delivered, a copy of each of them comes, with the header
    /// `Rues-Retracted: true`.
    bool retractions = false;
};

/// A session that survives lost connections. After any loss (of the connection, or of the server, restarted or not) it
/// connects again, resumes its session, and delivers the events that happened in between: each event of a subscription
/// once, in order. Where that is not possible it reports a `Gap`.
///
/// Threads: an object belongs to one thread at a time; different objects are independent. Callbacks run in the thread
/// that calls `next` or `run`, one after the other. They may subscribe, unsubscribe, propagate and send requests, but
/// must not call `next` or `run`. While nobody calls these two, the client reads nothing and loses nothing: the server
/// keeps its position. A server drops a client that is silent for about a minute, which is then one more loss that the
/// client recovers from.
class Client {
public:
    using Callback = std::function<void(const Event&)>;
    using Clock = std::chrono::steady_clock;

    /// Opens the session at `http://host[:port]` or `https://host[:port]`, in one attempt. Errors: `invalid` for the
    /// URL or the certificates, else the reason why there is no session.
    static Result<Client> connect(std::string_view url, const Options& options = {});
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;
    ~Client();

    /// Subscribes to `path` (`/on/blocks/accepted`): to the events after the position `after`, or from now on when it
    /// is empty. They come from `next`, or go to `callback` when there is one. After an error there is no subscription:
    /// `invalid` for a bad path or position or a second subscription of a path, `refused` with the server's answer,
    /// `timed_out` when the server did not confirm it within `Options::timeout`.
    Result<void> subscribe(std::string_view path, std::string_view after = {});
    Result<void> subscribe(std::string_view path, Callback callback, std::string_view after = {});
    /// Ends a subscription: none of its events is delivered from now on. The server learns of it in `next`. False:
    /// there was no such subscription.
    bool unsubscribe(std::string_view path);

    /// Waits for the next event without a callback, or the next report; events with a callback are delivered meanwhile.
    /// nullopt: nothing within `timeout`. While the client connects again this may take `Options::timeout` longer.
    std::optional<Happening> next(std::chrono::milliseconds timeout);
    /// Delivers until the time `until`. Events without a callback, and all reports, go to `other`.
    void run(Clock::time_point until, const std::function<void(const Happening&)>& other);
    /// The position to give as `after` to continue here in another process. Empty without a connection, or from a
    /// server without positions.
    std::string position() const;

    /// Sends the bytes of a transaction. Error `refused`: the node did not accept it; the text is the node's.
    Result<void> propagate(std::span<const std::byte> transaction);
    /// Sends the bytes of a transaction and waits until it reaches `goal` or can never reach it. After `timeout` the
    /// outcome is `pending`.
    Result<Outcome> propagate(std::span<const std::byte> transaction, Goal goal,
                              std::chrono::milliseconds timeout = std::chrono::seconds(60));

    /// Sends one request on a connection of its own. Every HTTP status is an answer, not an error.
    Result<Answer> request(std::string_view method, std::string_view path,
                           const std::vector<std::pair<std::string, std::string>>& headers = {},
                           std::span<const std::byte> body = {},
                           std::chrono::milliseconds timeout = std::chrono::seconds(30));

private:
    struct State;
    explicit Client(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

}  // namespace rues
