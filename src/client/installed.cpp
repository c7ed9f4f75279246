#include <algorithm>

#include "base/encoding.hpp"
#include "client/session.hpp"
#include "rues/client.hpp"

/// include/rues/client.hpp over the room's own types, so that users meet none of the other rooms' headers.
namespace rues {
std::optional<std::string_view> Event::header(std::string_view name) const noexcept {
    const auto found =
        std::ranges::find_if(headers, [&](const auto& one) { return base::equal_ignoring_case(one.first, name); });
    if (found == headers.end()) return std::nullopt;
    return found->second;
}

std::string_view Event::payload_text() const noexcept {
    return base::text(payload);
}

struct Session::State {
    client::Session session;
};

Session::Session(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::open(std::string_view url, std::chrono::milliseconds timeout) {
    const auto parsed = client::Url::parse(url);
    if (!parsed) return std::unexpected(parsed.error());
    auto session = client::Session::open(*parsed, timeout);
    if (!session) return std::unexpected(session.error());
    return Session(std::make_unique<State>(State{std::move(*session)}));
}

const std::string& Session::id() const noexcept {
    return state_->session.id();
}

Result<void> Session::subscribe(std::string_view path) {
    return state_->session.subscribe(path);
}

Result<void> Session::unsubscribe(std::string_view path) {
    return state_->session.unsubscribe(path);
}

Result<std::optional<Event>> Session::next_event(std::chrono::milliseconds timeout) {
    auto frame = state_->session.next_event(timeout);
    if (!frame) return std::unexpected(frame.error());
    if (!*frame) return std::nullopt;
    return Event{std::move((*frame)->headers), std::move((*frame)->payload)};
}

Result<Answer> request(std::string_view url, std::string_view method, std::string_view path,
                       const std::vector<std::pair<std::string, std::string>>& headers, std::span<const std::byte> body,
                       std::chrono::milliseconds timeout) {
    const auto parsed = client::Url::parse(url);
    if (!parsed) return std::unexpected(parsed.error());
    auto answer = client::http(*parsed, method, path, headers, body, timeout);
    if (!answer) return std::unexpected(answer.error());
    return Answer{answer->status, std::move(answer->headers), std::move(answer->body)};
}

}  // namespace rues
