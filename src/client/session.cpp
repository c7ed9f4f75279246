#include "client/session.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "wire/session_id.hpp"

namespace rues::client {

namespace websocket = wire::websocket;

namespace {

std::string upgrade_path(const Resume& resume) {
    std::string query;
    const auto add = [&query](std::string_view name, std::string_view value) {
        query += fmt::format("{}{}={}", query.empty() ? '?' : '&', name, value);
    };
    if (!resume.session.empty()) add("resume", resume.session);
    if (resume.after) add("after", resume.after->to_string());
    if (resume.decodes) add("decode", "json");
    if (resume.certainty.finality != wire::Finality::accepted)
        add("finality", wire::to_text(resume.certainty.finality));
    if (resume.certainty.retractions) add("retractions", "true");
    return "/on" + query;
}

std::optional<wire::Position> position_in(const Answer& answer) {
    return wire::Position::parse(answer.header("Rues-Position").value_or(""));
}

}  // namespace

Result<Session> Session::open(const Url& url, const Patience& patience, const Resume& resume) {
    const Deadline deadline = Clock::now() + patience.timeout;
    auto opened = Socket::open(url, upgrade_path(resume), patience, deadline);
    if (!opened) {
        if (opened.error().kind == Error::Kind::refused) opened.error().text.insert(0, "no session: ");
        return std::unexpected(opened.error());
    }
    Session session(url, std::move(opened->socket));
    if (const auto recovered = opened->answer.header("Rues-Recovered")) session.recovered_ = *recovered == "true";
    session.from_ = position_in(opened->answer);
    const auto first = session.socket_.next(deadline);
    if (!first) return std::unexpected(first.error());
    if (!*first) return failure(Error::Kind::timed_out, "no session: no id within the timeout");
    const std::string_view id = (*first)->payload;
    if ((*first)->kind != websocket::Opcode::text || !wire::parse_session_id(id))
        return failure(Error::Kind::malformed, "no session: the first message is not a session id");
    session.id_ = base::trimmed(id);
    return session;
}

Result<Answer> Session::command(std::string_view method, std::string_view path, std::chrono::milliseconds timeout) {
    return http(url_, method, path, {{"Rusk-Session-Id", id_}}, {}, timeout);
}

Result<std::optional<wire::Position>> Session::subscribe(std::string_view path, std::chrono::milliseconds timeout) {
    const auto answer = command("GET", path, timeout);
    if (!answer) return std::unexpected(answer.error());
    if (answer->ok()) return position_in(*answer);
    // 424: the session has ended meanwhile. 429 and 5xx are temporary.
    const bool passes = answer->status == 424 || answer->status == 429 || answer->status >= 500;
    return failure(passes ? Error::Kind::unreachable : Error::Kind::refused,
                   fmt::format("{}: status {} {}", path, answer->status, base::text(answer->body)));
}

Result<void> Session::unsubscribe(std::string_view path, std::chrono::milliseconds timeout) {
    const auto answer = command("DELETE", path, timeout);
    if (!answer) return std::unexpected(answer.error());
    if (answer->ok() || answer->status == 404) return {};
    return failure(Error::Kind::unreachable,
                   fmt::format("{}: status {} {}", path, answer->status, base::text(answer->body)));
}

Result<std::optional<wire::Frame>> Session::next_event(Deadline deadline) {
    for (;;) {
        const auto message = socket_.next(deadline);
        if (!message) return std::unexpected(message.error());
        if (!*message) return std::nullopt;
        if ((*message)->kind != websocket::Opcode::binary) continue;
        auto frame = wire::Frame::parse(base::view((*message)->payload));
        if (!frame) return failure(Error::Kind::malformed, "not an event: " + frame.error());
        return std::optional(std::move(*frame));
    }
}

}  // namespace rues::client
