#pragma once

#include <optional>

#include "api/api.hpp"
#include "net/websocket.hpp"

namespace rues::api {

/// Connects a WebSocket to its session in `feed`: input goes to commands, events go to the socket. Loop thread only.
class Session final : public net::WebSocketHandler, public feed::Sink {
public:
    /// `context` must outlive the session. `after`: the position for subscriptions that name none themselves.
    Session(const Context& context, feed::Opening opening, std::optional<wire::Position> after)
        : context_(context), rare_(std::make_unique<Rare>(std::move(opening), after)) {}

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
    void pause() override { socket_->pause(); }
    void resume() override { socket_->resume(); }
    base::Client* client() const noexcept override { return socket_->client(); }
    void expect_write() const noexcept override { net::expect_write(socket_); }

private:
    /// State that an open session does not need, unless it was opened with a position.
    struct Rare {
        std::optional<feed::Opening> opening;  ///< nullopt once the session is open
        std::optional<wire::Position> after;
    };
    bool is_open() const noexcept { return id_ != wire::SessionId{}; }

    net::WebSocket* socket_ = nullptr;
    const Context& context_;
    std::unique_ptr<Rare> rare_;
    /// All zeros: not open, or refused by the hub. An id is a block of a cipher: this one comes once in 2^128.
    wire::SessionId id_{};
};
// With 8 bytes more it takes 16 more from the allocator, for each idle session.
static_assert(sizeof(Session) <= 56);

}  // namespace rues::api
