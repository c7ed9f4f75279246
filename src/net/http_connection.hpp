#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/answer_writer.hpp"
#include "net/answerable.hpp"
#include "net/body_stream.hpp"
#include "net/request_reader.hpp"
#include "net/socket_connection.hpp"

namespace rues::net {

/// HTTP/1.1 on one socket: one request at a time, the rest of a pipeline waits unparsed. While a request is being
/// handled nothing is read, so a client can have at most one read of the loop's buffer waiting here. Loop thread only.
class HttpConnection final : public SocketConnection, public Answerable {
public:
    HttpConnection(Loop& loop, Socket socket, const Loop::Tcp::endpoint& peer, base::ClientPtr client);

    void begin() override;
    void drain() override;
    void terminate() override;
    void give_way(const std::string& reason) override;
    base::Client* counted_by() const noexcept override { return proxy_ != nullptr ? proxy_.get() : client_.get(); }
    bool holds(base::Holding holding) const noexcept override;
    void on_deadline(Time now) override;
    void go_on() override;

    void answer(std::uint64_t serial, std::optional<Response> response) override;
    void stream(std::uint64_t serial, Response head, std::shared_ptr<BodyStream> body) override;
    void push(std::uint64_t serial, Response head, std::unique_ptr<PushHandler> handler) override;
    void upgrade(std::uint64_t serial, const Headers& extra, std::unique_ptr<WebSocketHandler> handler,
                 UpgradeOptions options) override;
    void watch(std::uint64_t serial) override;
    void watch(std::uint64_t serial, std::move_only_function<void()> on_end) override;

private:
    enum class State : std::uint8_t {
        head,      ///< between requests, or some bytes of a head have arrived
        body,      ///< the head is complete and accepted
        handling,  ///< the handler has the request, or the first piece of a stream is being made
        writing,   ///< the answer is being sent
        /// The last answer is sent. Still reads, so that the answer reaches the client before a reset.
        leaving,
        gone,
    };

    std::shared_ptr<HttpConnection> self();
    void on_readable() override;
    void on_writable() override;
    void read_input();
    void shake_hands();
    void end_step();
    void process();
    bool step();
    bool step_head();
    bool step_body();
    void dispatch();
    void name_client(const Request& request);
    Request take_request();
    bool refuse(const Refusal& refusal);
    void respond(Response response);
    void respond_in_bounds(Response response);
    std::optional<Refusal> hold_unread(std::size_t bytes);
    bool is_last() const noexcept;
    std::optional<Refusal> count_for_client();
    void hand_over(std::shared_ptr<Connection> to);
    void watch_for_reset();
    void end_waiting();
    bool ask_for_piece();
    void take_piece(std::uint64_t serial, Piece piece);
    void give_up_stream(unsigned status, std::string_view text);
    void renew_stream();
    void flush();
    void finish_answer();
    void set_timeout(std::chrono::milliseconds after);

    std::string peer_;
    base::ClientPtr proxy_;  ///< the account of a peer that names its clients; null: the peer is no proxy
    bool loopback_;
    struct Handshake {
        Handshake(std::shared_ptr<Handshakes> all, PeerKey peer, base::ClientPtr client)
            : place(std::move(all), peer), held(std::move(client), base::Holding::handshakes) {}
        Handshakes::Place place;
        base::Held held;
    };
    std::unique_ptr<Handshake> handshake_;  ///< null: the connection has no TLS, or the handshake is over

    State state_ = State::head;
    bool processing_ = false;  ///< `process` is on the stack, or `go_on` will call it
    bool greedy_ = false;      ///< the last input took its slice, so the next input waits behind the other sockets
    RequestReader reader_;
    std::size_t body_progress_ = 0;  ///< bytes since the timeout was set

    // State of the request that is being handled:
    std::uint64_t serial_ = 0;  ///< its number on this connection, from 1
    std::string websocket_key_;
    std::move_only_function<void()> on_end_;  ///< see Responder::watch

    // State of the answer that is being sent:
    AnswerWriter answer_;
    base::Held unread_;  ///< memory of a large answer
    bool awaiting_reset_ = false;
    std::size_t discarded_ = 0;  ///< bytes read while leaving

    struct Stream {
        Response head;  ///< sent with the first piece
        std::shared_ptr<BodyStream> body;
        bool asked;
        Time limit;  ///< without progress, the stream ends at this time
    };
    std::unique_ptr<Stream> stream_;  ///< null after the last piece
};

}  // namespace rues::net
