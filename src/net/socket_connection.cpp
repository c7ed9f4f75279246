#include "net/socket_connection.hpp"

namespace rues::net {

std::shared_ptr<SocketConnection> SocketConnection::self() {
    return std::static_pointer_cast<SocketConnection>(shared_from_this());
}

void SocketConnection::wait_readable() {
    if (awaiting_read_) return;
    awaiting_read_ = true;
    socket_.when_readable([self = self()](const boost::system::error_code& error) {
        if (!error) return self->read();
        self->awaiting_read_ = false;
    });
}

void SocketConnection::read() {
    const auto begun = std::chrono::steady_clock::now();
    const auto client = client_;  // an upgrade moves it on
    if (client != nullptr && loop_.must_wait(*client, begun)) return loop_.defer(self(), client);
    loop_.note_client(client.get(), begun);
    awaiting_read_ = false;
    const base::ActingFor scope(client.get());
    on_readable();
    if (client == nullptr) return;
    const auto now = std::chrono::steady_clock::now();
    client->charge(now - begun, now);
}

void SocketConnection::wait_writable() {
    if (awaiting_write_) return;
    awaiting_write_ = true;
    socket_.when_writable([self = self()](const boost::system::error_code& error) {
        self->awaiting_write_ = false;
        if (!error) self->on_writable();
    });
}

}  // namespace rues::net
