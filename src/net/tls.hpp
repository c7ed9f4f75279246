#pragma once

#include <filesystem>
#include <memory>

#include "base/error.hpp"

using SSL_CTX = struct ssl_ctx_st;
using BIO_METHOD = struct bio_method_st;

namespace rues::net {

/// A server's certificate and key, and how TLS is spoken with them. Immutable; any thread. A connection keeps the one
/// it began with, so another may take its place while connections are open (`Server::use_tls`).
///
/// TLS 1.2 and 1.3, forward secrecy and authenticated ciphers only. Without renegotiation, compression, session tickets
/// or a session cache: nothing of a connection outlives it, and there is no ticket key to rotate. ALPN: `http/1.1`, or
/// none.
class TlsContext {
public:
    /// Files in PEM: the certificate with its chain behind it, and its key, not encrypted.
    static base::Result<std::shared_ptr<const TlsContext>> load(const std::filesystem::path& certificate,
                                                                const std::filesystem::path& key);

    SSL_CTX* ssl() const noexcept { return ssl_.get(); }
    /// Of a `BIO` whose data is a `Bytes` to which everything written is appended.
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
