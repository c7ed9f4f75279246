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

/// Talking to a RUES server (rues or Rusk) from C++: events that survive lost connections, transactions, requests.
/// Blocking; every call ends by its timeout. Link with `rues::client`.
///
///     auto client = rues::Client::connect("http://127.0.0.1:8080");
///     if (!client || !client->subscribe("/on/blocks/accepted")) return 1;
///     while (auto happened = client->next(std::chrono::minutes(1))) {
///         if (auto* event = std::get_if<rues::Event>(&*happened)) std::cout << event->payload_text() << std::endl;
///     }
namespace rues {

/// One event of a subscription.
struct Event {
    std::vector<std::pair<std::string, std::string>> headers;  ///< in the order sent
    std::vector<std::byte> payload;

    /// First value of a header, ignoring the name's case.
    std::optional<std::string_view> header(std::string_view name) const noexcept;
    /// Where it happened: `/on/blocks:<hash>/accepted`.
    std::string_view location() const noexcept { return header("Content-Location").value_or(""); }
    /// Its place in the server's log; nothing from a server without one.
    std::optional<std::string_view> position() const noexcept { return header("Rues-Position"); }
    /// Height of its block; of the tip for an event of the mempool. Nothing from a server that does not say it.
    std::optional<std::uint64_t> height() const noexcept;
    /// True when it happened before the subscription was made.
    bool is_replay() const noexcept;
    std::string_view payload_text() const noexcept;
    /// The payload as JSON; null when it is not JSON, as with events of contracts.
    Json json() const;
};

/// The connection was lost. The client connects again and again, told once.
struct Lost {
    std::string why;
};
/// It is connected again. Unless a `Gap` was told in between, nothing was missed.
struct Resumed {};
/// Events of one subscription may be missing: those after the one position and up to the other. Empty: not known,
/// for example with a Rusk node, which has no positions.
struct Gap {
    std::string path;
    std::string after;
    std::string from;
};
/// The server did not take a subscription again after a loss; nothing more comes for it.
struct Ended {
    std::string path;
    std::string why;
};
/// A subscription was made that no event can match, most likely for a misspelt topic. It stays as it is.
struct Warning {
    std::string path;
    std::string why;
};
using Happening = std::variant<Event, Lost, Resumed, Gap, Ended, Warning>;

struct Answer {
    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<std::byte> body;
};

struct Options {
    /// For each connection and each command to the server.
    std::chrono::milliseconds timeout{10'000};
    /// After so long without a byte the server is asked for a sign; without one within `timeout` the connection counts
    /// as lost, which it is when the other end has vanished without a word.
    std::chrono::milliseconds silence{30'000};
    /// For `https://`: certificates to trust, in PEM, in place of the system's.
    std::string ca_file;
};

/// A session that goes on. After any loss (of the connection, or of the server, restarted or not) it connects again,
/// resumes its session, and delivers what happened in between: each event of a subscription once, in order. Where that
/// cannot be promised a `Gap` says so.
///
/// Threads: an object belongs to one thread at a time; different objects are independent. Callbacks run in the thread
/// that calls `next` or `run`, one after the other; they may subscribe, unsubscribe, propagate and ask, but not call
/// `next` or `run`. While nobody calls these two, nothing is read and nothing is lost: the server keeps the place.
/// It gives up a client that is silent for about a minute, which is one more loss that is made good.
class Client {
public:
    using Callback = std::function<void(const Event&)>;
    using Clock = std::chrono::steady_clock;

    /// Opens the session at `http://host[:port]` or `https://host[:port]`.
    static Result<Client> connect(std::string_view url, Options options = {});
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;
    ~Client();

    /// Events of `path` (`/on/blocks/accepted`) that follow `after`, or follow from now when it is empty. They come
    /// from `next`, or go to `callback` when there is one. An error means that it is not subscribed.
    Result<void> subscribe(std::string_view path, std::string_view after = {});
    Result<void> subscribe(std::string_view path, Callback callback, std::string_view after = {});
    /// Nothing of it is delivered from now on. False: there was no such subscription.
    bool unsubscribe(std::string_view path);

    /// The next thing that happened and is not for callbacks alone; nullopt: nothing in time. While a connection is
    /// being made it may take `Options::timeout` longer.
    std::optional<Happening> next(std::chrono::milliseconds timeout);
    /// Runs callbacks until then. `other` gets what has no callback.
    void run(Clock::time_point until, const std::function<void(const Happening&)>& other);
    /// What to give as `after` to continue here in another process; empty without a connection or from a server
    /// without positions.
    std::string position() const;

    /// Sends a transaction's bytes. `refused`: the node did not take it.
    Result<void> propagate(std::span<const std::byte> transaction);
    /// The same, and waits until `goal` is reached or never will be.
    Result<Outcome> propagate(std::span<const std::byte> transaction, Goal goal,
                              std::chrono::milliseconds timeout = std::chrono::seconds(60));

    /// One request on a connection of its own; every status is an answer.
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
