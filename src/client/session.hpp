#pragma once

#include <string>
#include <vector>

#include "client/http.hpp"
#include "client/websocket.hpp"
#include "wire/frame.hpp"

namespace rues::client {

/// A RUES session: a WebSocket at `/on` whose first text message is the session id; subscriptions go over HTTP with
/// that id (RP 1, 3). One thread.
class Session {
public:
    static Result<Session> open(const Url& url, std::chrono::milliseconds timeout = std::chrono::seconds(10));

    const std::string& id() const noexcept { return id_; }
    /// `path` is a RUES path, `/on/blocks/accepted`.
    Result<void> subscribe(std::string_view path) { return command("GET", path); }
    Result<void> unsubscribe(std::string_view path) { return command("DELETE", path); }
    /// The next event; nullopt: none came in time. An error ends the session; a close by the server names its code.
    Result<std::optional<wire::Frame>> next_event(std::chrono::milliseconds timeout);

private:
    Session(Url url, Stream stream) : url_(std::move(url)), stream_(std::move(stream)) {}
    Result<void> command(std::string_view method, std::string_view path);
    Result<std::optional<websocket::Message>> next_message(Deadline deadline);

    Url url_;
    Stream stream_;
    websocket::Reader reader_;
    std::string id_;
};

/// A session that comes back: after a lost connection it opens a new one and subscribes again. Events in between are
/// not delivered. One thread.
class Listener {
public:
    Listener(Url url, std::vector<std::string> paths) : url_(std::move(url)), paths_(std::move(paths)) {}

    /// Opens the first session; its failure is the caller's to judge.
    Result<void> open();
    struct Outcome {
        std::optional<wire::Frame> frame;
        std::string lost;  ///< why the connection was lost, in the call that noticed it
    };
    /// At most one event, by `timeout`. Attempts to connect are 100 ms apart, doubling up to 5 s.
    Outcome next(std::chrono::milliseconds timeout);

private:
    Url url_;
    std::vector<std::string> paths_;
    std::optional<Session> session_;
    std::chrono::milliseconds pause_{100};
    Deadline next_attempt_{};
};

}  // namespace rues::client
