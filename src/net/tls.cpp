#include "net/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "net/descriptor.hpp"

namespace rues::net {
namespace {

constexpr std::string_view kAlpn = "http/1.1";
/// Ciphers of TLS 1.2. All those of TLS 1.3 are good.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK";
constexpr const char* kGroups = "X25519:P-256:P-384";

int append(BIO* bio, const char* data, int size) {
    if (size <= 0) return 0;
    auto& wire = *static_cast<TlsWire*>(BIO_get_data(bio));
    base::append(wire.out, base::view({data, static_cast<std::size_t>(size)}));
    return size;
}

/// First the bytes that are there, then those of the descriptor.
int take(BIO* bio, char* out, int size) {
    BIO_clear_retry_flags(bio);
    if (size <= 0) return 0;
    auto& wire = *static_cast<TlsWire*>(BIO_get_data(bio));
    const std::span<std::byte> to(reinterpret_cast<std::byte*>(out), static_cast<std::size_t>(size));
    if (wire.whole > 0) {
        const std::size_t bytes = std::min(wire.whole, to.size());
        std::copy_n(wire.in.begin(), bytes, to.begin());
        wire.in.erase(wire.in.begin(), wire.in.begin() + static_cast<std::ptrdiff_t>(bytes));
        wire.whole -= bytes;
        if (wire.in.empty()) wire.in = {};  // an idle connection owns no buffer
        return static_cast<int>(bytes);
    }
    const Transfer got = wire.descriptor < 0 ? Transfer{} : receive(wire.descriptor, to);
    if (got.bytes == 0 && !got.closed) {
        BIO_set_retry_read(bio);
        return -1;
    }
    return static_cast<int>(got.bytes);
}

long control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/// Chooses `http/1.1`, or fails the handshake: a protocol that the client does not offer must not be assumed
/// (RFC 7301 3.2).
int choose_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered, unsigned size,
                void*) {
    std::string_view rest(reinterpret_cast<const char*>(offered), size);
    while (!rest.empty()) {
        const auto length = static_cast<std::size_t>(static_cast<unsigned char>(rest.front()));
        const std::string_view name = rest.substr(1, length);
        if (name == kAlpn) {
            *out = reinterpret_cast<const unsigned char*>(kAlpn.data());
            *out_size = static_cast<unsigned char>(kAlpn.size());
            return SSL_TLSEXT_ERR_OK;
        }
        rest.remove_prefix(std::min(length + 1, rest.size()));
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Without this callback OpenSSL would ask for a password on the terminal.
int no_password(char*, int, int, void*) {
    return 0;
}

std::unexpected<base::Error> failed(const std::filesystem::path& file, std::string_view what) {
    const unsigned long first = ERR_peek_error();
    const char* reason =
        ERR_SYSTEM_ERROR(first) ? ::strerrordesc_np(ERR_GET_REASON(first)) : ERR_reason_error_string(first);
    ERR_clear_error();
    return base::failure(base::Error::Kind::invalid, fmt::format("{}: {} ({})", file.string(), what,
                                                                 reason == nullptr ? "unknown reason" : reason));
}

}  // namespace

void TlsContext::Free::operator()(SSL_CTX* context) const noexcept {
    SSL_CTX_free(context);
}

void TlsContext::Free::operator()(BIO_METHOD* method) const noexcept {
    BIO_meth_free(method);
}

base::Result<std::shared_ptr<const TlsContext>> TlsContext::load(const std::filesystem::path& certificate,
                                                                 const std::filesystem::path& key) {
    ERR_clear_error();
    std::shared_ptr<TlsContext> out(new TlsContext);
    out->ssl_.reset(SSL_CTX_new(TLS_server_method()));
    out->wire_.reset(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "wire"));
    SSL_CTX* const ssl = out->ssl_.get();
    BIO_METHOD* const method = out->wire_.get();
    if (ssl == nullptr || method == nullptr || BIO_meth_set_write(method, &append) != 1 ||
        BIO_meth_set_read(method, &take) != 1 || BIO_meth_set_ctrl(method, &control) != 1 ||
        SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION) != 1 || SSL_CTX_set_cipher_list(ssl, kCiphers) != 1 ||
        SSL_CTX_set1_groups_list(ssl, kGroups) != 1)
        return failed(certificate, "TLS cannot be set up");
    // A body may be a secret, so no decrypted copy of it stays in buffers of OpenSSL.
    SSL_CTX_set_options(ssl,
                        SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_num_tickets(ssl, 0);
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    // Otherwise each idle connection would hold 34 KiB.
    SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
    // Otherwise one call of `read` would go on for as long as a client sends new keys.
    SSL_CTX_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_alpn_select_cb(ssl, &choose_alpn, nullptr);
    SSL_CTX_set_default_passwd_cb(ssl, &no_password);

    if (SSL_CTX_use_certificate_chain_file(ssl, certificate.c_str()) != 1)
        return failed(certificate, "cannot read a PEM certificate");
    if (SSL_CTX_use_PrivateKey_file(ssl, key.c_str(), SSL_FILETYPE_PEM) != 1)
        return failed(key, fmt::format("cannot read an unencrypted PEM key for {}", certificate.string()));
    if (SSL_CTX_check_private_key(ssl) != 1)
        return failed(key, fmt::format("is not the key of {}", certificate.string()));
    return out;
}

}  // namespace rues::net
