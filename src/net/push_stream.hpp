#pragma once

#include <cstddef>

#include "base/bytes.hpp"

namespace rues::net {

/// The owner of a stream stops writing above this many bytes unsent; nothing else does.
inline constexpr std::size_t kPushHighWater = 65'536;
/// Having been above the high water, it goes on below this many.
inline constexpr std::size_t kPushLowWater = 16'384;

/// A body that its owner writes as things happen (`Responder::push`), as the owner sees it. Loop thread only.
class PushStream {
public:
    virtual ~PushStream() = default;
    /// Bytes that the kernel has not taken, with head and framing.
    virtual std::size_t unsent() const noexcept = 0;
    /// Queues a copy. What is written in one turn of the loop leaves in one call of the kernel behind it, or as soon as
    /// the high water is passed.
    virtual void write(base::ByteView bytes) = 0;
    /// What was written goes out, then the body's proper end, then the connection ends.
    virtual void end() = 0;
    /// Breaks off, so that the client sees that the body is not whole.
    virtual void close() = 0;
};

/// Who writes such a body. All calls on the loop's thread, never from inside a call of `PushStream`; `on_open` is the
/// first and `on_closed` the last one (neither comes when the connection ends before, and none for HEAD).
class PushHandler {
public:
    virtual ~PushHandler() = default;
    virtual void on_open(PushStream& stream) = 0;
    virtual void on_writable() = 0;  ///< below the low water, having been above the high one
    /// The server stops: the place for last words. A stream that is open behind it is ended.
    virtual void on_drain() {}
    virtual void on_closed() = 0;
};

}  // namespace rues::net
