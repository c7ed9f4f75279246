#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "net/websocket.hpp"

namespace rues::api::legacy {

/// The consequences of a frame that was sent.
struct OnceSent {
    std::uint64_t request = 0;           ///< the request whose answer ends with the frame; 0: none
    std::shared_ptr<void> until_sent{};  ///< released
};

/// Frames that one WebSocket has not sent yet, in order. Small frames are joined, large data is never copied. Owns no
/// memory when it is empty. Loop thread only.
class Outbox {
public:
    /// Queues a whole frame: `head`, then `data` if there is any.
    void push(base::Bytes head, base::Bytes data = {}, OnceSent sent = {});
    /// Bytes that are not sent.
    std::size_t size() const noexcept { return size_; }
    /// Writes until the socket takes no more. False: it did not take all bytes. Adds to `sent` what the sent frames
    /// said.
    bool write_to(net::WebSocket& socket, std::vector<OnceSent>& sent);
    void clear() noexcept;

private:
    struct Piece {
        base::Bytes bytes;
        bool ends_frame = true;
        std::vector<OnceSent> sent{};
    };
    /// Up to this size a copy costs less than a buffer of its own.
    static constexpr std::size_t kJoined = 16'384;

    std::deque<Piece> pieces_;
    std::size_t sent_ = 0;  ///< bytes of the first piece that are sent
    std::size_t size_ = 0;
};

}  // namespace rues::api::legacy
