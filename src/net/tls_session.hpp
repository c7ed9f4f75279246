#pragma once

#include <memory>
#include <span>

#include "net/descriptor.hpp"
#include "net/tls.hpp"

using SSL = struct ssl_st;

namespace rues::net {

/// The server's side of TLS on one connected, non-blocking descriptor, which it does not own. Loop thread only.
///
/// OpenSSL writes into a buffer of ours instead of the socket: it could otherwise stop in the middle of a record and
/// want exactly the same bytes again, which a caller that may send something else first cannot promise. So a record
/// once made counts as taken, and is sent before the next is made: at most one waits here, and an idle session owns
/// none of the buffers.
class TlsSession {
public:
    /// A session without memory for it is closed from the begin.
    TlsSession(std::shared_ptr<const TlsContext> context, int descriptor);

    bool handshaking() const noexcept;
    /// Goes on with the handshake too; what that has to say is sent or `unsent`.
    Transfer read(std::span<std::byte> into);
    /// Whether `read` has something without the kernel having it: decrypted bytes, or the end.
    bool readable() const noexcept;
    /// `bytes` of plaintext are taken. Nothing while something is unsent or the handshake goes on.
    Transfer write(std::span<const base::ByteView> buffers);
    std::size_t unsent() const noexcept { return out_.size() - sent_; }
    /// `bytes` of ciphertext were sent.
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
    bool failed_ = false;             ///< nothing more can be said
    std::unique_ptr<SSL, Free> ssl_;  ///< writes to `out_`
};

}  // namespace rues::net
