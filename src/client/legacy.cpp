#include "client/legacy.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "wire/path.hpp"

namespace rues::client {

namespace websocket = wire::websocket;

namespace {

std::string upgrade_path(const LegacySession::Begin& begin) {
    std::string out = "/legacy";
    char separator = '?';
    for (const auto& path : begin.paths) {
        out += fmt::format("{}on={}", separator, wire::percent_encoded(path));
        separator = '&';
    }
    if (begin.after) out += fmt::format("{}after={}", separator, begin.after->to_string());
    return out;
}

}  // namespace

Result<LegacySession> LegacySession::open(const Url& url, const Patience& patience, const Begin& begin) {
    auto opened = Socket::open(url, upgrade_path(begin), patience, Clock::now() + patience.timeout);
    if (!opened) return std::unexpected(opened.error());
    LegacySession session(std::move(opened->socket));
    session.from_ = wire::Position::parse(opened->answer.header("Rues-Position").value_or(""));
    return session;
}

Result<void> LegacySession::send(const wire::legacy::Message& message, Deadline deadline) {
    return socket_.send(websocket::Opcode::binary, base::text(message.encode()), deadline);
}

Result<std::optional<wire::legacy::Message>> LegacySession::next(Deadline deadline) {
    for (;;) {
        const auto got = socket_.next(deadline);
        if (!got) return std::unexpected(got.error());
        if (!*got) return std::nullopt;
        if ((*got)->kind != websocket::Opcode::binary) continue;
        auto message = wire::legacy::Message::parse(base::view((*got)->payload));
        if (!message) return failure(Error::Kind::malformed, "not a Message: " + message.error());
        return std::optional(std::move(*message));
    }
}

std::optional<std::string_view> header_of(const wire::legacy::Message& message, std::string_view name) noexcept {
    for (const auto& [key, value] : message.headers) {
        if (base::equal_ignoring_case(key, name)) return value;
    }
    return std::nullopt;
}

std::optional<unsigned> status_of(const wire::legacy::Message& message) noexcept {
    const auto text = header_of(message, "Status").value_or("");
    const auto code = base::parse_u64(text.substr(0, text.find(';')));
    if (!code || *code < 100 || *code > 599) return std::nullopt;
    return static_cast<unsigned>(*code);
}

std::optional<wire::Frame> as_frame(const wire::legacy::Message& message) {
    if (header_of(message, "Status")) return std::nullopt;
    const auto& [type, target, topic, data] = message.event;
    const bool is_contract = type == wire::legacy::TargetType::contract;
    const auto entity = is_contract ? std::optional<std::string_view>(target) : header_of(message, "Rues-Entity");
    std::string location = fmt::format("/on/{}", is_contract ? "contracts" : target);
    if (entity) location += fmt::format(":{}", *entity);
    location += fmt::format("/{}", topic);
    wire::Frame out{{{"Content-Location", std::move(location)}}, data};
    out.headers.insert(out.headers.end(), message.headers.begin(), message.headers.end());
    return out;
}

}  // namespace rues::client
