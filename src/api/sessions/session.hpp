#pragma once

#include <optional>

#include "api/api.hpp"

namespace rues::api {

/// Joins a WebSocket to the session it carries. Everything on the loop's thread.
class Session final : public net::WebSocketHandler, public feed::Sink {
public:
    /// `context` outlives it. `after`: where subscriptions begin that name no position of their own.
    Session(const Context& context, std::size_t loop, feed::Opening opening, std::optional<wire::Position> after)
        : context_(context),
          opening_(std::make_unique<feed::Opening>(std::move(opening))),
          after_(after ? std::make_unique<const wire::Position>(*after) : nullptr),
          loop_(static_cast<std::uint32_t>(loop)) {}

    void on_open(net::WebSocket& socket) override;
    void on_writable() override;
    /// Commands begin with a brace; all else that clients say means nothing (RP 1.3).
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
    // There are many sessions: what few of them have is kept apart.
    net::WebSocket* socket_ = nullptr;
    const Context& context_;
    std::unique_ptr<feed::Opening> opening_;  ///< until it is open
    const std::unique_ptr<const wire::Position> after_;
    const std::uint32_t loop_;
    std::optional<wire::SessionId> id_;
};

}  // namespace rues::api
