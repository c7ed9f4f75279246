#pragma once

#include <optional>

#include "feed/hub.hpp"
#include "net/server.hpp"

namespace rues::api {

/// Joins a WebSocket to the session it carries. Everything on the loop's thread.
class Session final : public net::WebSocketHandler, public feed::Sink {
public:
    Session(feed::Hub& hub, std::size_t loop) : hub_(hub), loop_(loop) {}

    void on_open(net::WebSocket& socket) override;
    void on_writable() override;
    void on_text(std::string_view) override {}  ///< keep-alives of clients; nothing they say means anything (RP 1.3)
    void on_closed(bool by_client) override;

    void send_text(std::string_view text) override { socket_->send_text(text); }
    std::size_t write(std::span<const base::ByteView> buffers, bool ends_message) override {
        return socket_->write(buffers, ends_message);
    }
    void close(std::uint16_t code, std::string_view reason) override { socket_->close(code, reason); }

private:
    feed::Hub& hub_;
    const std::size_t loop_;
    net::WebSocket* socket_ = nullptr;
    std::optional<wire::SessionId> id_;
};

}  // namespace rues::api
