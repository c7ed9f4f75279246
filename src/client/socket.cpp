#include "client/socket.hpp"

#include <fmt/format.h>

#include <array>

#include "base/encoding.hpp"
#include "base/random.hpp"

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

}  // namespace

Result<Socket::Opened> Socket::open(const Url& url, std::string_view path, const Patience& patience,
                                    Deadline deadline) {
    const auto nonce = random_bytes<16>();
    if (!nonce) return std::unexpected(nonce.error());
    const std::string key = base::to_base64(*nonce);
    const auto head = request_head(url, "GET", path,
                                   {{"Connection", "Upgrade"},
                                    {"Upgrade", "websocket"},
                                    {"Sec-WebSocket-Version", "13"},
                                    {"Sec-WebSocket-Key", key}});
    if (!head) return std::unexpected(head.error());
    auto stream = Stream::connect(url, deadline);
    if (!stream) return std::unexpected(stream.error());
    if (auto sent = stream->write(base::view(*head), deadline); !sent) return std::unexpected(sent.error());
    base::Bytes rest;
    auto answer = read_head(*stream, rest, deadline);
    if (!answer) return std::unexpected(answer.error());
    if (answer->status != 101 || answer->header("sec-websocket-accept") != websocket::accept_key(key))
        return failure(Error::Kind::refused,
                       fmt::format("the server answered {} {}", answer->status, base::text(rest)));
    return Opened{Socket(std::move(*stream), patience, std::move(rest)), std::move(*answer)};
}

void Socket::heard() {
    asked_ = false;
    silent_until_ = Clock::now() + patience_.silence;
}

Result<void> Socket::ask_for_sign() {
    asked_ = true;
    silent_until_ = Clock::now() + patience_.timeout;
    return send(websocket::Opcode::ping, {}, silent_until_);
}

Result<void> Socket::send(websocket::Opcode opcode, std::string_view payload, Deadline deadline) {
    const auto mask = random_bytes<4>();
    if (!mask) return std::unexpected(mask.error());
    std::string frame;
    websocket::append_masked_frame(frame, opcode, payload, *mask);
    return stream_.write(base::view(frame), deadline);
}

Result<std::optional<websocket::Message>> Socket::next(Deadline deadline) {
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

}  // namespace rues::client
