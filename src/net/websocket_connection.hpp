#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/loop.hpp"
#include "net/server.hpp"
#include "net/socket.hpp"
#include "wire/websocket.hpp"

namespace rues::net {

/// A WebSocket after its 101. Owns no outgoing queue: what the handler writes and the kernel does not take stays with
/// the handler; only control frames and small texts wait here, in at most `kControlBytes`, and go out between messages.
/// There are many thousands of them that only sit there, so what these do not have is not a member. Loop thread only.
///
/// Calls of the handler into this object never call the handler back: what follows from them is done in `settle`, from
/// the loop.
class WebSocketConnection final : public Connection, public WebSocket {
public:
    /// The answer to the largest command (16 KiB, api/sessions/commands.hpp) and what a patient client may have left unread.
    static constexpr std::size_t kControlBytes = 20'480;
    /// Of these, what answers to pings may take; of more the last is answered (RFC 6455 5.5.3).
    static constexpr std::size_t kPongBytes = 2'048;

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
    void pause() override { paused_ = true; }
    void resume() override;
    Lane lane() override;
    void use_lane(bool use) override;
    void stopped_in_lane() override;

private:
    enum class Phase : std::uint8_t {
        open,
        closing,   ///< a close frame is due as soon as the message being written has ended
        closed,    ///< the close frame is in the control buffer, or out
        finished,  ///< nothing more is written; waits for the client's end
        gone,
    };
    /// What a session that is silent between whole messages does not have.
    struct Rare {
        std::string control;          ///< waits for the end of the message that is being written, or for the kernel
        std::size_t first_bytes = 0;  ///< of `control` that do not count against its bound: the 101
        std::string pong;             ///< frame that answers the latest ping, for which `control` had no room
        std::string close_frame;
        Bytes input;                                    ///< what was read, but not taken since the handler paused
        std::optional<wire::websocket::Reader> reader;  ///< within a message
    };

    std::shared_ptr<WebSocketConnection> self();
    Rare& rare();
    void forget_rare() noexcept;
    bool control_waits() const noexcept { return rare_ != nullptr && !rare_->control.empty(); }
    void wait_readable();
    void wait_writable();
    void on_readable();
    void on_writable();
    void take_messages(ByteView input);
    std::expected<std::optional<wire::websocket::Message>, wire::websocket::Problem> next_message(ByteView& input);
    void take(const wire::websocket::Message& message);
    void answer_ping(std::string_view payload);
    void ping();
    Transfer send(std::span<const ByteView> buffers);
    void flush_control();
    void start_closing(std::uint16_t code, std::string_view reason);
    void settle();
    void settle_soon();
    void settle_lane();
    void release_handler();

    Loop& loop_;
    Socket socket_;
    std::unique_ptr<WebSocketHandler> handler_;
    std::unique_ptr<Rare> rare_;
    const std::uint32_t max_message_bytes_;  ///< of this one alone; 0: as all have
    Phase phase_ = Phase::open;
    std::uint8_t unanswered_ = 0;  ///< pings
    const bool binary_ : 1;
    bool opened_ : 1 = false;
    bool by_client_ : 1 = false;    ///< who began the end
    bool broken_ : 1 = false;       ///< the socket does not work any more
    bool mid_message_ : 1 = false;  ///< the handler has to go on writing before anything else may
    bool blocked_ : 1 = false;      ///< the handler waits for `on_writable`
    bool paused_ : 1 = false;       ///< by the handler
    bool uses_lane_ : 1 = false;    ///< the same
    bool corked_ : 1 = false;       ///< more comes for the control buffer
    bool awaiting_read_ : 1 = false;
    bool awaiting_write_ : 1 = false;
    bool settling_ : 1 = false;  ///< a posted `settle` is on its way
    bool heard_ : 1 = false;     ///< something came since the last ping
};

}  // namespace rues::net
