#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "base/bytes.hpp"

namespace rues::net {

/// Runs a task soon on a thread that may block; false when it takes no more. A task that it takes and then drops ends
/// the answer by the limit without progress.
using Executor = std::function<bool(std::move_only_function<void()>)>;

/// Part of a body. Best some ten KiB: one costs a hop to the executor and back, and one more than the bound may be in
/// memory.
struct Piece {
    enum class Then : std::uint8_t {
        more,
        end,
        failure,  ///< `bytes` do not count; the connection is broken off, so that the client sees that the body is not
                  ///< whole
    };
    base::Bytes bytes;
    Then then = Then::more;
};

/// A body that is made while it is sent (`Responder::stream`). Asked for one piece at a time, each time by a task of
/// the executor, and only when less than `kStreamLowWater` is unsent: a client that does not read costs that much, one
/// piece and no thread.
class BodySource {
public:
    /// On the executor; it goes there to be destroyed too, as long as that takes tasks.
    virtual ~BodySource() = default;
    /// On the executor. May block, but not wait for this client. `gone` tells that nobody wants the piece any more.
    virtual Piece next(const std::stop_token& gone) = 0;
};

inline constexpr std::size_t kStreamLowWater = 65'536;

}  // namespace rues::net
