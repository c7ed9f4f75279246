#include "client/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace rues::client {

Result<Client> Client::connect(Url url, const Patience& patience, bool decodes, const wire::Certainty& certainty) {
    Client client(std::move(url), patience, decodes, certainty);
    auto session =
        Session::open(client.url_, patience, {.session = {}, .after = {}, .decodes = decodes, .certainty = certainty});
    if (!session) return std::unexpected(session.error());
    client.resumption_.opened({}, {session->id(), session->recovered(), session->from()});
    client.session_ = std::move(*session);
    return client;
}

void Client::lose(const std::string& why) {
    session_.reset();
    resumption_.lost(why);
    next_attempt_ = Clock::now() + backoff_.next(std::uniform_real_distribution<double>(0, 1)(random_));
}

void Client::perform(const Resumption::Connect& step) {
    auto session = Session::open(url_, patience_, {step.resume, step.after, decodes_, certainty_});
    if (!session) return lose(session.error().text);
    // The server has closed the earlier connection of this session.
    session_ = std::move(*session);
    resumption_.opened(step, {session_->id(), session_->recovered(), session_->from()});
}

void Client::perform(const Resumption::Subscribe& step) {
    const auto at = session_->subscribe(step.path, patience_.timeout);
    if (at) return resumption_.subscribed(step.path, *at);
    if (at.error().kind != Error::Kind::refused && at.error().kind != Error::Kind::invalid)
        return lose(at.error().text);
    resumption_.refused(step.path, at.error().text);
}

void Client::perform(const Resumption::Unsubscribe& step) {
    const auto done = session_->unsubscribe(step.path, patience_.timeout);
    if (!done) return lose(done.error().text);
    resumption_.unsubscribed(step.path);
}

bool Client::advance(Deadline deadline) {
    if (!session_) {
        std::this_thread::sleep_until(std::min(deadline, next_attempt_));
        if (Clock::now() < next_attempt_) return false;
    }
    std::visit([this](const auto& step) { perform(step); }, resumption_.next());
    return true;
}

void Client::collect_notices() {
    for (auto& one : resumption_.take_notices()) notices_.push_back(std::move(one));
}

Result<void> Client::subscribe(std::string_view path, std::optional<wire::Position> after) {
    switch (resumption_.add(path, after)) {
    case Resumption::Added::ok:
        break;
    case Resumption::Added::not_a_path:
        return failure(Error::Kind::invalid,
                       fmt::format("{}: not an event path (expected /on/<component>/<topic>, where the component is "
                                   "blocks, transactions or contracts:<id>)",
                                   path));
    case Resumption::Added::already_subscribed:
        return failure(Error::Kind::invalid, fmt::format("{}: already subscribed", path));
    }
    const Deadline deadline = Clock::now() + patience_.timeout;
    while (!resumption_.is_made(path)) {
        if (!advance(deadline) || Clock::now() >= deadline) {
            if (resumption_.is_made(path)) break;
            resumption_.remove(path);
            return failure(Error::Kind::timed_out,
                           fmt::format("{}: timed out before the server confirmed the subscription", path));
        }
        collect_notices();
        const auto refused = std::ranges::find_if(notices_, [&](const Notice& one) {
            const auto* ended = std::get_if<Ended>(&one);
            return ended != nullptr && ended->path == path;
        });
        if (refused == notices_.end()) continue;
        std::string why = std::move(std::get<Ended>(*refused).why);
        notices_.erase(refused);
        return failure(Error::Kind::refused, std::move(why));
    }
    return {};
}

bool Client::unsubscribe(std::string_view path) {
    return resumption_.remove(path);
}

std::optional<Client::Happening> Client::next(Deadline deadline) {
    for (;;) {
        collect_notices();
        if (!notices_.empty()) {
            Notice first = std::move(notices_.front());
            notices_.erase(notices_.begin());
            return Happening(std::move(first));
        }
        if (!is_ready()) {
            if (!advance(deadline)) return std::nullopt;
            continue;
        }
        backoff_.reset();
        auto frame = session_->next_event(deadline);
        if (!frame) {
            lose(frame.error().text);
            continue;
        }
        if (!*frame) return std::nullopt;
        const auto at = wire::Uri::of_location((*frame)->header("Content-Location").value_or(""));
        if (!at) continue;  // a component that this version does not know, so nobody has subscribed to it
        const auto position = wire::Position::parse((*frame)->header("Rues-Position").value_or(""));
        auto paths = resumption_.event(*at, position, (*frame)->header("Rues-Replay") == "true");
        if (!paths.empty()) return Happening(Delivery{std::move(**frame), std::move(paths)});
    }
}

}  // namespace rues::client
