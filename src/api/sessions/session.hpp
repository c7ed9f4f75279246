#pragma once

#include <optional>

#include "api/api.hpp"
#include "net/websocket.hpp"

namespace rues::api {

/// Connects a WebSocket to its session in `feed`: input goes to commands, events go to the socket. Loop thread only.
class Session final : public net::WebSocketHandler, public feed::Sink {
public:
    /// `context` must outlive the session. `after`: the position for subscriptions that name none themselves.
    Session(const Context& context, std::size_t loop, feed::Opening opening, std::optional<wire::Position> after)
        : context_(context),
          opening_(std::make_unique<feed::Opening>(std::move(opening))),
          after_(after ? std::make_unique<const wire::Position>(*after) : nullptr),
          loop_(static_cast<std::uint32_t>(loop)) {}

    void on_open(net::WebSocket& socket) override;
    void on_writable() override;
    /// Answers commands, which begin with a brace. Any other text is ignored (docs/reference/protocol.md 1.3).
    void on_text(std::string_view text) override;
    void on_drain() override;
    void on_closed(bool by_client) override;

    void send_text(std::string_view text) override { socket_->send_text(text); }
    std::size_t write(std::span<const base::ByteView> buffers, bool ends_message) override {
        return socket_->write(buffers, ends_message);
    }
    void close(std::uint16_t code, std::string_view reason) override { socket_->close(code, reason); }
    static_assert(feed::kNoLane == net::kNoLane);
    std::uint32_t lane() override { return socket_->lane(); }
    void use_lane(bool use) override { socket_->use_lane(use); }
    void stopped_in_lane() override { socket_->stopped_in_lane(); }
    void expect_write() const noexcept override { net::expect_write(socket_); }

private:
    // Most sessions are idle, so rarely used state is allocated on demand.
    net::WebSocket* socket_ = nullptr;
    const Context& context_;
    std::unique_ptr<feed::Opening> opening_;  ///< null once the session is open
    const std::unique_ptr<const wire::Position> after_;
    const std::uint32_t loop_;
    std::optional<wire::SessionId> id_;  ///< nullopt: not open, or refused by the hub
};

}  // namespace rues::api
