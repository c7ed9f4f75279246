#pragma once

#include <functional>
#include <memory>
#include <span>

#include "net/descriptor.hpp"
#include "net/tls.hpp"

using SSL = struct ssl_st;

namespace rues::net {

/// The server's side of TLS on one connected, non-blocking descriptor, which it does not own. Loop thread only; only a
/// step of the handshake runs elsewhere, and meanwhile the session neither reads nor writes.
///
/// OpenSSL writes into a buffer here, not to the socket. With a socket it could stop in the middle of a record and then
/// require exactly the same bytes again; a caller that may send something else first cannot promise that. So a record
/// counts as taken once it is made, and it is sent before the next one is made. At most one record waits here, and an
/// idle session owns no buffer.
///
/// A handshake signs with the private key, which takes milliseconds. So it goes on in steps that any thread may run:
/// `receive` until `may_step`, then `begin_step`, the returned task, `end_step`; and again while it is `handshaking`.
/// OpenSSL's object, some 40 KiB during a handshake, is made by the first step. Until then a client costs the bytes
/// that it has sent.
class TlsSession {
public:
    /// Most received bytes of a client's part of the handshake that wait here. A first message has 300 to 2,000 bytes.
    static constexpr std::size_t kMaxHello = 8'192;
    /// Most bytes of a client in the whole handshake.
    static constexpr std::size_t kMaxHandshake = 65'536;

    TlsSession(std::shared_ptr<const TlsContext> context, int descriptor);

    bool handshaking() const noexcept;
    /// @name The handshake. REQUIRES: `handshaking`.
    /// @{
    /// Receives what has arrived. Closed: the other side has ended, or sends more than a handshake needs.
    Transfer receive();
    /// Bytes received that no step has taken.
    std::size_t held_bytes() const noexcept;
    /// Whether a whole record has been received, or bytes that begin none.
    bool may_step() const noexcept;
    /// The next step. The task does all that the received records make possible. It may run on any thread, and after
    /// the session is destroyed; it does not touch the descriptor.
    std::move_only_function<void()> begin_step();
    /// Call it when the task has ended; then `flush`. Closed: the handshake has failed; the bytes that tell the other
    /// side are sent if the kernel takes them.
    Transfer end_step();
    /// @}

    Transfer read(std::span<std::byte> into);
    /// Whether `read` has something that the kernel does not know about: decrypted bytes, or the end.
    bool readable() const noexcept;
    /// Returns the bytes of plaintext that were taken: none while something is unsent or the handshake is under way.
    Transfer write(std::span<const base::ByteView> buffers);
    std::size_t unsent() const noexcept;
    /// Sends what is unsent. Returns the bytes of ciphertext that were sent.
    Transfer flush();
    /// Tells the other side that nothing follows, if the kernel takes it now.
    void finish_writing();

private:
    /// What a step works on. Shared with the task of a step.
    struct Core;

    std::shared_ptr<Core> core_;
    int descriptor_;
    std::size_t sent_ = 0;             ///< bytes of `TlsWire::out` that were sent
    std::size_t handshake_bytes_ = 0;  ///< bytes received in the handshake
    bool stepping_ = false;            ///< a step is under way: `core_` belongs to it
    bool handshaking_ = true;
    bool ended_ = false;   ///< by the other side
    bool failed_ = false;  ///< nothing more can be sent
};

}  // namespace rues::net
