#pragma once

#include <filesystem>
#include <memory>

#include "base/bytes.hpp"
#include "base/error.hpp"

using SSL_CTX = struct ssl_ctx_st;
using BIO_METHOD = struct bio_method_st;

namespace rues::net {

/// Ciphertext between OpenSSL and a descriptor. One thread at a time.
struct TlsWire {
    base::Bytes out;        ///< what OpenSSL has written
    base::Bytes in;         ///< what was received, but OpenSSL has not read
    std::size_t whole = 0;  ///< bytes of `in` that OpenSSL may read
    int descriptor = -1;    ///< read from when `in` is empty; -1: there is nothing more at the moment
};

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
    /// The method of a `BIO` whose data is a `TlsWire`.
    const BIO_METHOD* wire() const noexcept { return wire_.get(); }

private:
    struct Free {
        void operator()(SSL_CTX* context) const noexcept;
        void operator()(BIO_METHOD* method) const noexcept;
    };
    TlsContext() = default;

    std::unique_ptr<SSL_CTX, Free> ssl_;
    std::unique_ptr<BIO_METHOD, Free> wire_;
};

}  // namespace rues::net
