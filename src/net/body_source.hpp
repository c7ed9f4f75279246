#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "base/bytes.hpp"

namespace rues::net {

/// Runs a task soon on a thread that may block. False: it is full and does not take the task. If it takes a task and
/// drops it, the answer ends by `Limits::body_timeout`, because it makes no progress.
using Executor = std::function<bool(std::move_only_function<void()>)>;

/// A part of a body, best about 10 KiB or more: each piece costs a trip to the executor and back. One piece may be in
/// memory on top of `kStreamLowWater`.
struct Piece {
    enum class Then : std::uint8_t {
        more,
        end,
        /// `bytes` are ignored. The connection is broken off, so that the client sees that the body is incomplete;
        /// before the first piece the answer is 500 instead.
        failure,
    };
    base::Bytes bytes;
    Then then = Then::more;
};

/// A body that is made while it is sent (`Responder::stream`). The connection asks for one piece at a time, by a task
/// of the executor, and only while less than `kStreamLowWater` is unsent. So a client that does not read costs these
/// bytes, one piece and no thread.
class BodySource {
public:
    /// Runs on the executor too; if that takes no more tasks, on the thread that releases the body.
    virtual ~BodySource() = default;
    /// Makes the next piece. Called on the executor, never twice at once, and not again after `end` or `failure`. May
    /// block, but must not wait for this client. When nobody wants the piece any more, `gone` requests a stop: return
    /// soon then, with any piece.
    virtual Piece next(const std::stop_token& gone) = 0;
};

/// Unsent bytes below which a stream asks for its next piece.
inline constexpr std::size_t kStreamLowWater = 65'536;

}  // namespace rues::net
