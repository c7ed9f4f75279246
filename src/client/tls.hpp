#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "client/failure.hpp"

using SSL_CTX = struct ssl_ctx_st;
using SSL = struct ssl_st;
using BIO = struct bio_st;

namespace rues::client {

/// The certificates that a server's certificate must be signed by. Immutable; any thread.
class Trust {
public:
    /// Loads certificates in PEM; an empty name loads the ones that the system trusts.
    static Result<std::shared_ptr<const Trust>> load(const std::string& ca_file);
    SSL_CTX* context() const noexcept { return context_.get(); }

private:
    struct Free {
        void operator()(SSL_CTX* context) const noexcept;
    };
    explicit Trust(SSL_CTX* context) noexcept : context_(context) {}
    std::unique_ptr<SSL_CTX, Free> context_;
};

/// One TLS connection without its socket: the caller passes the bytes that arrive and sends the bytes of `take_output`.
class TlsState {
public:
    /// TLS 1.2 or newer; the certificate must be for `host`, a name or an address. nullptr: out of memory, or `host` is
    /// neither a name nor an address.
    static std::unique_ptr<TlsState> create(const Trust& trust, const std::string& host);

    enum class Progress : std::uint8_t { done, needs_input };
    /// Continues the handshake. The error says what is wrong with the server's certificate, if that is the cause.
    Result<Progress> handshake();
    /// Reads decrypted bytes; 0: the peer ended the connection properly; nullopt: more input is needed.
    Result<std::optional<std::size_t>> read(std::span<std::byte> into);
    /// Encrypts bytes into the output.
    Result<void> write(base::ByteView bytes);

    /// Takes bytes that arrived from the peer.
    void received(base::ByteView bytes);
    /// Moves out the bytes that must be sent to the peer.
    base::Bytes take_output();

private:
    struct Free {
        void operator()(SSL* ssl) const noexcept;
    };
    std::unique_ptr<SSL, Free> ssl_;
    BIO* input_ = nullptr;   ///< owned by `ssl_`
    BIO* output_ = nullptr;  ///< owned by `ssl_`
};

}  // namespace rues::client
