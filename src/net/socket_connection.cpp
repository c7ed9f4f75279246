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
    const auto client = client_;
    if (client != nullptr && loop_.must_wait(*client, begun)) return loop_.defer(self(), client);
    if (client != nullptr && loop_.has_had_part(*client, begun)) {
        awaiting_read_ = false;
        return loop_.put_behind(*this);
    }
    continue_reading();
}

void SocketConnection::continue_reading() {
    const auto begun = std::chrono::steady_clock::now();
    const auto client = client_;  // a request from a proxy puts another client there
    awaiting_read_ = false;
    loop_.note_client(client.get(), begun);
    const base::ActingFor scope(client.get());
    on_readable();
    if (client != nullptr) loop_.pay(*client, begun);
}

/// The client pays for what is written when its socket has room again, and has its turns for it.
void SocketConnection::wait_writable() {
    if (awaiting_write_) return;
    awaiting_write_ = true;
    socket_.when_writable([self = self()](const boost::system::error_code& error) {
        if (error) {
            self->awaiting_write_ = false;
            return;
        }
        self->loop_.in_turn(self->client_, [self] {
            self->awaiting_write_ = false;
            self->on_writable();
        });
    });
}

}  // namespace rues::net
