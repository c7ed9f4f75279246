#pragma once

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

/// Who has to vouch for a server. Immutable; any thread.
class Trust {
public:
    /// Certificates in PEM; without a file those that the system trusts.
    static Result<std::shared_ptr<const Trust>> load(const std::string& ca_file);
    SSL_CTX* context() const noexcept { return context_.get(); }

private:
    struct Free {
        void operator()(SSL_CTX* context) const noexcept;
    };
    explicit Trust(SSL_CTX* context) noexcept : context_(context) {}
    std::unique_ptr<SSL_CTX, Free> context_;
};

/// One TLS connection without its socket: what comes in is given to it, what has to go out is asked of it.
class TlsState {
public:
    /// TLS 1.2 or newer; the certificate must be for `host`, a name or an address. nullptr: out of memory, or `host` is
    /// neither.
    static std::unique_ptr<TlsState> create(const Trust& trust, const std::string& host);

    enum class Progress { done, needs_input };
    /// An error says what is wrong with the server's certificate, if it is that.
    Result<Progress> handshake();
    /// Bytes of the application; 0: the peer has ended properly; nullopt: more input is needed.
    Result<std::optional<std::size_t>> read(std::span<std::byte> into);
    Result<void> write(base::ByteView bytes);

    void received(base::ByteView bytes);
    /// What is to be sent, and forgets it.
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
