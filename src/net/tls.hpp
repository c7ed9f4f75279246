#pragma once

#include <filesystem>
#include <memory>

#include "base/error.hpp"

using SSL_CTX = struct ssl_ctx_st;
using BIO_METHOD = struct bio_method_st;

namespace rues::net {

/// A server's certificate and key, and how TLS is spoken with them. Immutable; any thread. A connection keeps the
/// context that it began with, so the server can change to another one while connections are open (`Server::use_tls`).
///
/// TLS 1.2 and 1.3, only ciphers with forward secrecy and authentication. No renegotiation, compression, session
/// tickets or session cache: nothing of a connection outlives it, and there is no ticket key to rotate. ALPN:
/// `http/1.1`, or none.
class TlsContext {
public:
    /// Loads PEM files: the certificate followed by its chain, and its key, not encrypted. The error, of kind
    /// `invalid`, names the file.
    static base::Result<std::shared_ptr<const TlsContext>> load(const std::filesystem::path& certificate,
                                                                const std::filesystem::path& key);

    SSL_CTX* ssl() const noexcept { return ssl_.get(); }
    /// The method of a `BIO` that appends everything written to it to its data, a `Bytes`.
    const BIO_METHOD* appending() const noexcept { return appending_.get(); }

private:
    struct Free {
        void operator()(SSL_CTX* context) const noexcept;
        void operator()(BIO_METHOD* method) const noexcept;
    };
    TlsContext() = default;

    std::unique_ptr<SSL_CTX, Free> ssl_;
    std::unique_ptr<BIO_METHOD, Free> appending_;
};

}  // namespace rues::net
