#include "api/sessions/session.hpp"

#include "api/sessions/commands.hpp"

namespace rues::api {

void Session::on_open(net::WebSocket& socket) {
    socket_ = &socket;
    id_ = context_.hub.open(loop_, *this, std::move(*opening_));
    opening_.reset();
    if (!id_) socket.close(1013, "too many sessions");
}

void Session::on_writable() {
    if (id_) context_.hub.writable(loop_, *id_);
}

void Session::on_text(std::string_view text) {
    if (!id_ || !text.starts_with('{')) return;
    socket_->send_text(commands::run(context_, loop_, *id_, after_ ? std::optional(*after_) : std::nullopt, text).text);
}

void Session::on_drain() {
    if (id_) context_.hub.drain(loop_, *id_);
}

void Session::on_closed(bool by_client) {
    if (id_) context_.hub.closed(loop_, *id_, by_client);
}

}  // namespace rues::api
