#pragma once

#include <memory>
#include <span>

#include "net/descriptor.hpp"
#include "net/tls.hpp"

using SSL = struct ssl_st;

namespace rues::net {

/// The server's side of TLS on one connected, non-blocking descriptor, which it does not own. Loop thread only.
///
/// OpenSSL writes into a buffer here, not to the socket. With a socket it could stop in the middle of a record and then
/// require exactly the same bytes again; a caller that may send something else first cannot promise that. So a record
/// counts as taken once it is made, and it is sent before the next one is made. At most one record waits here, and an
/// idle session owns no buffer.
class TlsSession {
public:
    /// A session for which OpenSSL has no memory starts closed.
    TlsSession(std::shared_ptr<const TlsContext> context, int descriptor);

    bool handshaking() const noexcept;
    /// Also continues the handshake; the bytes of the handshake are sent, or are then `unsent`.
    Transfer read(std::span<std::byte> into);
    /// Whether `read` has something that the kernel does not know about: decrypted bytes, or the end.
    bool readable() const noexcept;
    /// Returns the bytes of plaintext that were taken: none while something is unsent or the handshake is under way.
    Transfer write(std::span<const base::ByteView> buffers);
    std::size_t unsent() const noexcept { return out_.size() - sent_; }
    /// Sends what is unsent. Returns the bytes of ciphertext that were sent.
    Transfer flush();
    /// Tells the other side that nothing follows, if the kernel takes it now.
    void finish_writing();

private:
    struct Free {
        void operator()(SSL* ssl) const noexcept;
    };

    std::shared_ptr<const TlsContext> context_;
    int descriptor_;
    base::Bytes out_;  ///< ciphertext
    std::size_t sent_ = 0;
    bool ended_ = false;              ///< by the other side
    bool failed_ = false;             ///< nothing more can be sent
    std::unique_ptr<SSL, Free> ssl_;  ///< writes to `out_`
};

}  // namespace rues::net
