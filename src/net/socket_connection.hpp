#pragma once

#include "net/loop.hpp"
#include "net/socket.hpp"

namespace rues::net {

/// A connection with its socket. Waits for each direction at most once at a time. Loop thread only.
class SocketConnection : public Connection {
protected:
    SocketConnection(Loop& loop, Socket socket, base::ClientPtr client) noexcept
        : loop_(loop), socket_(std::move(socket)), client_(std::move(client)) {}

    /// The wait keeps the connection alive.
    void wait_readable();
    void wait_writable();
    /// What a wait ends with. It may come after the connection has ended: the kernel had already reported.
    virtual void on_readable() = 0;
    virtual void on_writable() = 0;
    base::Client* client() const noexcept override { return client_.get(); }
    bool awaits_writable() const noexcept { return awaiting_write_; }

private:
    /// Reads, unless the client must wait for its turn. The client pays for the time that this takes.
    void read();
    void continue_reading() override;
    std::shared_ptr<SocketConnection> self();

    // The first members, because `Connection` has room for them behind its last one.
    bool awaiting_read_ = false;
    bool awaiting_write_ = false;

protected:
    Loop& loop_;
    Socket socket_;
    base::ClientPtr client_;  ///< whom this connection serves; null only in tests
};

}  // namespace rues::net
