#include "client/session.hpp"

#include <fmt/format.h>

#include <array>

#include "base/encoding.hpp"
#include "base/random.hpp"
#include "wire/session_id.hpp"

namespace rues::client {

namespace websocket = wire::websocket;

namespace {

constexpr std::chrono::seconds kReplyTimeout{10};  // for sending a pong or a close

/// The bytes that a client sends must not be foreseeable for whoever chose their text (RFC 6455 10.3), so without
/// randomness nothing is sent.
template <std::size_t N>
Result<base::ByteArray<N>> random_bytes() {
    base::ByteArray<N> out{};
    if (!base::system_random(out)) return failure(Error::Kind::unreachable, "the system provides no randomness");
    return out;
}

std::string upgrade_path(const Resume& resume) {
    std::string out = "/on";
    if (!resume.session.empty()) out += "?resume=" + resume.session;
    if (resume.after) out += (resume.session.empty() ? "?after=" : "&after=") + resume.after->to_string();
    return out;
}

std::optional<wire::Position> position_in(const Answer& answer) {
    return wire::Position::parse(answer.header("Rues-Position").value_or(""));
}

}  // namespace

Result<Session> Session::open(const Url& url, const Patience& patience, const Resume& resume) {
    const Deadline deadline = Clock::now() + patience.timeout;
    const auto nonce = random_bytes<16>();
    if (!nonce) return std::unexpected(nonce.error());
    const std::string key = base::to_base64(*nonce);
    const auto head = request_head(url, "GET", upgrade_path(resume),
                                   {{"Connection", "Upgrade"},
                                    {"Upgrade", "websocket"},
                                    {"Sec-WebSocket-Version", "13"},
                                    {"Sec-WebSocket-Key", key}});
    if (!head) return std::unexpected(head.error());
    auto stream = Stream::connect(url, deadline);
    if (!stream) return std::unexpected(stream.error());
    if (auto sent = stream->write(base::view(*head), deadline); !sent) return std::unexpected(sent.error());
    base::Bytes rest;
    const auto answer = read_head(*stream, rest, deadline);
    if (!answer) return std::unexpected(answer.error());
    if (answer->status != 101 || answer->header("sec-websocket-accept") != websocket::accept_key(key))
        return failure(Error::Kind::refused, fmt::format("no session: the server answered {}", answer->status));

    Session session(url, std::move(*stream), patience);
    if (const auto recovered = answer->header("Rues-Recovered")) session.recovered_ = *recovered == "true";
    session.from_ = position_in(*answer);
    session.received_ = std::move(rest);
    const auto first = session.next_message(deadline);
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

void Session::heard() {
    asked_ = false;
    silent_until_ = Clock::now() + patience_.silence;
}

Result<void> Session::ask_for_sign() {
    asked_ = true;
    silent_until_ = Clock::now() + patience_.timeout;
    return send(websocket::Opcode::ping, {}, silent_until_);
}

Result<void> Session::send(websocket::Opcode opcode, std::string_view payload, Deadline deadline) {
    const auto mask = random_bytes<4>();
    if (!mask) return std::unexpected(mask.error());
    std::string frame;
    websocket::append_masked_frame(frame, opcode, payload, *mask);
    return stream_.write(base::view(frame), deadline);
}

Result<std::optional<websocket::Message>> Session::next_message(Deadline deadline) {
    for (;;) {
        base::ByteView left = base::ByteView(received_).subspan(taken_);
        auto message = reader_.next(left);
        taken_ = received_.size() - left.size();
        if (!message) {
            return failure(Error::Kind::malformed,
                           fmt::format("the server broke the WebSocket protocol: {}", message.error().reason));
        }
        if (*message) {
            const auto& [kind, payload, code] = **message;
            if (kind == websocket::Opcode::text || kind == websocket::Opcode::binary) return std::move(*message);
            const Deadline until = Clock::now() + kReplyTimeout;
            if (kind == websocket::Opcode::close) {
                (void)send(kind, websocket::close_payload(code, payload), until);
                return failure(Error::Kind::unreachable,
                               fmt::format("the server closed the session: {} {}", code, payload));
            }
            if (kind == websocket::Opcode::ping) {
                if (auto sent = send(websocket::Opcode::pong, payload, until); !sent)
                    return std::unexpected(sent.error());
            }
            continue;
        }
        std::array<std::byte, 65'536> buffer;
        const auto got = stream_.read(buffer, std::min(deadline, silent_until_));
        if (!got && got.error().kind == Error::Kind::timed_out) {
            if (Clock::now() < silent_until_) return std::nullopt;
            if (asked_) return failure(Error::Kind::unreachable, "the server no longer answers");
            if (auto sent = ask_for_sign(); !sent) return std::unexpected(sent.error());
            continue;
        }
        if (!got) return std::unexpected(got.error());
        if (*got == 0) return failure(Error::Kind::unreachable, "the connection was lost");
        heard();
        received_.assign(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*got));
        taken_ = 0;
    }
}

Result<std::optional<wire::Frame>> Session::next_event(Deadline deadline) {
    for (;;) {
        const auto message = next_message(deadline);
        if (!message) return std::unexpected(message.error());
        if (!*message) return std::nullopt;
        if ((*message)->kind != websocket::Opcode::binary) continue;
        auto frame = wire::Frame::parse(base::view((*message)->payload));
        if (!frame) return failure(Error::Kind::malformed, "not an event: " + frame.error());
        return std::optional(std::move(*frame));
    }
}

}  // namespace rues::client
