#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rues/error.hpp"

/// Talking to a RUES server (Rusk or rues) from C++: events of a session, and requests. Blocking; every call ends by
/// its timeout. Link with `rues::client`.
///
///     auto session = rues::Session::open("http://127.0.0.1:8080");
///     session->subscribe("/on/blocks/accepted");
///     while (auto event = session->next_event(std::chrono::minutes(1))) {
///         if (*event) std::puts((*event)->payload_text().data());
///     }
namespace rues {

/// One event of a session.
struct Event {
    std::vector<std::pair<std::string, std::string>> headers;  ///< in the order sent
    std::vector<std::byte> payload;

    /// First value of a header, ignoring the name's case.
    std::optional<std::string_view> header(std::string_view name) const noexcept;
    /// Where it happened: `/on/blocks:<hash>/accepted`.
    std::string_view location() const noexcept { return header("Content-Location").value_or(""); }
    /// Its place in the server's log; nothing from a server without one.
    std::optional<std::string_view> position() const noexcept { return header("Rues-Position"); }
    std::string_view payload_text() const noexcept;
};

/// A RUES session. One thread at a time; movable. The connection ends with it.
class Session {
public:
    static Result<Session> open(std::string_view url, std::chrono::milliseconds timeout = std::chrono::seconds(10));
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    const std::string& id() const noexcept;
    Result<void> subscribe(std::string_view path);
    Result<void> unsubscribe(std::string_view path);
    /// nullopt: no event came in time. After an error the session is over.
    Result<std::optional<Event>> next_event(std::chrono::milliseconds timeout);

private:
    struct State;
    explicit Session(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

struct Answer {
    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<std::byte> body;
};

/// One request on a connection of its own; every status is an answer.
Result<Answer> request(std::string_view url, std::string_view method, std::string_view path,
                       const std::vector<std::pair<std::string, std::string>>& headers, std::span<const std::byte> body,
                       std::chrono::milliseconds timeout = std::chrono::seconds(30));

}  // namespace rues
