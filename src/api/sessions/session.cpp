#include "api/sessions/session.hpp"

#include "api/sessions/commands.hpp"
#include "api/sessions/subscribing.hpp"

namespace rues::api {

void Session::on_open(net::WebSocket& socket) {
    socket_ = &socket;
    id_ = context_.hub.open(socket.loop(), *this, std::move(*rare_->opening)).value_or(wire::SessionId{});
    rare_->opening.reset();
    if (!rare_->after) rare_.reset();
    if (is_open()) return;
    const NoSession why = no_session(socket.client());
    socket.close(why.close_code, why.reason);
}

void Session::on_writable() {
    if (is_open()) context_.hub.writable(socket_->loop(), id_);
}

void Session::on_text(std::string_view text) {
    if (!is_open() || !text.starts_with('{')) return;
    const auto after = rare_ != nullptr ? rare_->after : std::nullopt;
    socket_->send_text(commands::run(context_, socket_->loop(), id_, after, text).text);
}

void Session::on_drain() {
    if (is_open()) context_.hub.drain(socket_->loop(), id_);
}

void Session::on_closed(bool by_client) {
    if (is_open()) context_.hub.closed(socket_->loop(), id_, by_client);
}

}  // namespace rues::api
