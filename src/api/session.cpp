#include "api/session.hpp"

namespace rues::api {

void Session::on_open(net::WebSocket& socket) {
    socket_ = &socket;
    id_ = hub_.open(loop_, *this);
    if (!id_) socket.close(1013, "too many sessions");
}

void Session::on_writable() {
    if (id_) hub_.writable(loop_, *id_);
}

void Session::on_closed(bool) {
    if (id_) hub_.closed(loop_, *id_);
}

}  // namespace rues::api
