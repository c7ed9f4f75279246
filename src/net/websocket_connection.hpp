#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/socket_connection.hpp"
#include "net/websocket.hpp"
#include "wire/websocket.hpp"

namespace rues::net {

/// A WebSocket after its 101. It has no outgoing queue: bytes that the handler writes and the kernel does not take stay
/// with the handler. Only control frames and small texts wait here, in at most `kControlBytes`, and are sent between
/// messages. Most connections are idle, so rarely used state is allocated on demand (see Rare). Loop thread only.
///
/// A call of the handler into this object never calls the handler back: `settle` does what follows, called by the loop.
class WebSocketConnection final : public SocketConnection, public WebSocket {
public:
    /// Room for the answer to the largest command (16 KiB, api/sessions/commands.hpp) and for texts that a slow client
    /// has not read yet.
    static constexpr std::size_t kControlBytes = 20'480;
    /// The part of these bytes that answers to pings may take. Of further pings only the last is answered
    /// (RFC 6455 5.5.3).
    static constexpr std::size_t kPongBytes = 2'048;

    /// `first` (the 101) is sent before anything else; `input`: bytes that the client sent after its request.
    WebSocketConnection(Loop& loop, Socket socket, base::ClientPtr client, std::unique_ptr<WebSocketHandler> handler,
                        UpgradeOptions options, std::string first, Bytes input);

    void begin() override;
    void drain() override;
    Turn turn() const noexcept override;
    void terminate() override;
    void give_way(const std::string& reason) override;
    base::Client* client() const noexcept override { return client_.get(); }
    std::size_t loop() const noexcept override { return loop_.number(); }
    bool holds(base::Holding holding) const noexcept override;
    void on_deadline(Time now) override;
    void go_on() override;

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
        closed,    ///< the close frame is in the control buffer, or sent
        finished,  ///< nothing more is written; waits for the client's end
        gone,
    };
    /// State that a connection which is silent between whole messages does not need.
    struct Rare {
        std::string control;          ///< bytes that wait for the end of the message being written, or for the kernel
        std::size_t first_bytes = 0;  ///< bytes of `control` that do not count against its limit: the 101
        std::string pong;             ///< frame that answers the latest ping, for which `control` had no room
        std::string close_frame;
        /// What was read but not taken, because the handler paused or the slice of this socket is over.
        Bytes input;
        std::optional<wire::websocket::Reader> reader;  ///< within a message
        std::optional<BudgetShare> upload;              ///< memory of a large message in `reader`
        base::Held message;                             ///< the same in the account of the client
        std::size_t upload_before = 0;                  ///< its bytes at the last ping
    };

    std::shared_ptr<WebSocketConnection> self();
    Rare& rare();
    void forget_rare() noexcept;
    bool control_waits() const noexcept { return rare_ != nullptr && !rare_->control.empty(); }
    bool input_waits() const noexcept { return rare_ != nullptr && !rare_->input.empty(); }
    void read_input();
    void on_readable() override;
    void on_writable() override;
    void wait_for_room();
    void take_messages(ByteView input);
    std::expected<std::optional<wire::websocket::Message>, wire::websocket::Problem> next_message(ByteView& input);
    std::optional<wire::websocket::Problem> charge_upload();
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

    std::unique_ptr<WebSocketHandler> handler_;
    std::unique_ptr<Rare> rare_;
    const std::uint32_t max_message_bytes_;  ///< limit of this connection alone; 0: the limits of all
    Phase phase_ = Phase::open;
    std::uint8_t unanswered_ = 0;  ///< number of unanswered pings
    const bool binary_ : 1;
    bool opened_ : 1 = false;
    bool by_client_ : 1 = false;  ///< the client began the close
    bool broken_ : 1 = false;     ///< the socket does not work any more
    /// A message is half written: the handler must finish it before anything else is sent.
    bool mid_message_ : 1 = false;
    bool blocked_ : 1 = false;    ///< the handler waits for `on_writable`
    bool paused_ : 1 = false;     ///< the handler has paused
    bool uses_lane_ : 1 = false;  ///< the handler allows messages by the lane
    bool corked_ : 1 = false;     ///< more bytes for the control buffer follow at once
    bool settling_ : 1 = false;   ///< a posted `settle` is on its way
    bool heard_ : 1 = false;      ///< bytes have arrived since the last ping
    bool greedy_ : 1 = false;     ///< the last input took its slice, so the next input waits behind the other sockets
};

}  // namespace rues::net
