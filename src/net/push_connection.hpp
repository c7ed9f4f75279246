#pragma once

#include <memory>

#include "net/answer_writer.hpp"
#include "net/push_stream.hpp"
#include "net/socket_connection.hpp"

namespace rues::net {

/// A connection whose last answer is written by its handler. Owns a buffer only while something is unsent. It reads and
/// ignores what the client still sends, to notice its end. Loop thread only.
///
/// A call of the handler into this object never calls the handler back: `settle` does what follows, called by the loop.
class PushConnection final : public SocketConnection, public PushStream {
public:
    /// `answer` has the head. Its `until_sent` is kept until the connection ends.
    PushConnection(Loop& loop, Socket socket, base::ClientPtr client, AnswerWriter answer,
                   std::unique_ptr<PushHandler> handler);

    void begin() override;
    void drain() override;
    Turn turn() const noexcept override;
    void terminate() override;
    void give_way(const std::string& reason) override;
    base::Client* client() const noexcept override { return client_.get(); }
    bool holds(base::Holding holding) const noexcept override;
    void on_deadline(Time now) override;
    void go_on() override { on_readable(); }

    std::size_t unsent() const noexcept override { return answer_.size() + socket_.unsent(); }
    void write(ByteView bytes) override;
    void end() override;
    void close() override;

private:
    enum class Phase : std::uint8_t {
        open,
        ending,    ///< the body is complete; the rest of it is being sent
        leaving,   ///< all of it is sent; still reads, so that it reaches the client before a reset
        breaking,  ///< about to be broken off
        gone,
    };

    std::shared_ptr<PushConnection> self();
    void on_readable() override;
    void on_writable() override;
    void wait_for_room();
    void send();
    void settle();
    void settle_soon();
    void release_handler();

    std::unique_ptr<PushHandler> handler_;
    AnswerWriter answer_;
    base::Held unread_;        ///< what is unsent while the client does not read
    std::size_t ignored_ = 0;  ///< bytes from the client, which are ignored
    Phase phase_ = Phase::open;
    bool opened_ = false;
    bool above_ = false;     ///< the high water was passed; the handler waits for `on_writable`
    bool settling_ = false;  ///< a posted `settle` is on its way
};

}  // namespace rues::net
