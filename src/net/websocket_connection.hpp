#pragma once

#include <memory>
#include <string>

#include "net/loop.hpp"
#include "net/server.hpp"
#include "net/socket.hpp"
#include "net/websocket.hpp"

namespace rues::net {

/// A WebSocket after its 101. Owns no outgoing queue: what the handler writes and the kernel does not take stays with
/// the handler; only control frames and small texts wait here, in at most `kControlBytes`, and go out between messages.
/// Loop thread only.
///
/// Calls of the handler into this object never call the handler back: what follows from them is done in `settle`, from
/// the loop.
class WebSocketConnection final : public Connection, public WebSocket {
public:
    static constexpr std::size_t kControlBytes = 4'096;

    /// `first` goes out before anything else (the 101); `input` is what the client sent behind its request.
    WebSocketConnection(Loop& loop, Socket socket, std::unique_ptr<WebSocketHandler> handler, UpgradeOptions options,
                        std::string first, Bytes input);

    void begin() override;
    void drain() override;
    Turn turn() const noexcept override;
    void terminate() override;
    void on_deadline(Time now) override;

    void send_text(std::string_view text) override;
    std::size_t write(std::span<const ByteView> buffers, bool ends_message) override;
    void close(std::uint16_t code, std::string_view reason) override;

private:
    enum class Phase {
        open,
        closing,   ///< a close frame is due as soon as the message being written has ended
        closed,    ///< the close frame is in the control buffer, or out
        finished,  ///< nothing more is written; waits for the client's end
        gone,
    };

    std::shared_ptr<WebSocketConnection> self();
    void wait_readable();
    void wait_writable();
    void on_readable();
    void on_writable();
    void take_messages();
    void take(websocket::Message message);
    void ping();
    Transfer send(std::span<const ByteView> buffers);
    void flush_control();
    void start_closing(std::uint16_t code, std::string_view reason);
    void settle();
    void settle_soon();
    void release_handler();

    Loop& loop_;
    Socket socket_;
    std::unique_ptr<WebSocketHandler> handler_;
    websocket::Reader reader_;
    std::string control_;
    std::size_t first_bytes_;  ///< of `control_` that do not count against its bound: the 101
    std::string pong_;         ///< frame that answers the latest ping, when its turn has not come (RFC 6455 5.5.3)
    std::string close_frame_;
    Phase phase_ = Phase::open;
    bool opened_ = false;
    bool by_client_ = false;    ///< who began the end
    bool broken_ = false;       ///< the socket does not work any more
    bool mid_message_ = false;  ///< the handler has to go on writing before anything else may
    bool blocked_ = false;      ///< the handler waits for `on_writable`
    bool corked_ = false;       ///< more comes for the control buffer
    bool awaiting_write_ = false;
    bool settling_ = false;  ///< a posted `settle` is on its way
    bool heard_ = false;     ///< something came since the last ping
    int unanswered_ = 0;     ///< pings
};

}  // namespace rues::net
