#include "net/socket_connection.hpp"

namespace rues::net {

std::shared_ptr<SocketConnection> SocketConnection::self() {
    return std::static_pointer_cast<SocketConnection>(shared_from_this());
}

void SocketConnection::wait_readable() {
    if (awaiting_read_) return;
    awaiting_read_ = true;
    socket_.when_readable([self = self()](const boost::system::error_code& error) {
        self->awaiting_read_ = false;
        if (!error) self->on_readable();
    });
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
