#include "client/tls.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <limits>

namespace rues::client {
namespace {

/// Takes the oldest error of this thread's queue and empties the queue.
std::string reason() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
    return text == nullptr ? "the connection was lost" : text;
}

int size_of(std::size_t bytes) {
    return static_cast<int>(std::min<std::size_t>(bytes, std::numeric_limits<int>::max()));
}

}  // namespace

void Trust::Free::operator()(SSL_CTX* context) const noexcept {
    SSL_CTX_free(context);
}

Result<std::shared_ptr<const Trust>> Trust::load(const std::string& ca_file) {
    ERR_clear_error();
    std::shared_ptr<const Trust> out(new Trust(SSL_CTX_new(TLS_client_method())));
    SSL_CTX* const context = out->context();
    const bool loaded = context != nullptr && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                        (ca_file.empty() ? SSL_CTX_set_default_verify_paths(context)
                                         : SSL_CTX_load_verify_file(context, ca_file.c_str())) == 1;
    if (!loaded) return failure(Error::Kind::invalid, fmt::format("no certificates in {}: {}", ca_file, reason()));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    return out;
}

void TlsState::Free::operator()(SSL* ssl) const noexcept {
    SSL_free(ssl);
}

std::unique_ptr<TlsState> TlsState::create(const Trust& trust, const std::string& host) {
    auto out = std::make_unique<TlsState>();
    out->ssl_.reset(SSL_new(trust.context()));
    out->input_ = BIO_new(BIO_s_mem());
    out->output_ = BIO_new(BIO_s_mem());
    SSL* const ssl = out->ssl_.get();
    if (ssl == nullptr || out->input_ == nullptr || out->output_ == nullptr) {
        BIO_free(out->input_);
        BIO_free(out->output_);
        return nullptr;
    }
    SSL_set_bio(ssl, out->input_, out->output_);
    std::array<unsigned char, sizeof(in6_addr)> address;
    const bool is_address =
        inet_pton(AF_INET, host.c_str(), address.data()) == 1 || inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
    // RFC 6066 3: a server name is never an address.
    const bool named = is_address
                           ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1
                           : SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
    if (!named) return nullptr;
    constexpr std::array<unsigned char, 9> kHttp{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_set_alpn_protos(ssl, kHttp.data(), kHttp.size());
    SSL_set_connect_state(ssl);
    return out;
}

Result<TlsState::Progress> TlsState::handshake() {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    if (done == 1) return Progress::done;
    if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ) return Progress::needs_input;
    const long verdict = SSL_get_verify_result(ssl_.get());
    std::string why = reason();
    if (verdict != X509_V_OK)
        why = fmt::format("its certificate is not trusted: {}", X509_verify_cert_error_string(verdict));
    return failure(Error::Kind::unreachable, std::move(why));
}

Result<std::optional<std::size_t>> TlsState::read(std::span<std::byte> into) {
    ERR_clear_error();
    const int got = SSL_read(ssl_.get(), into.data(), size_of(into.size()));
    if (got > 0) return static_cast<std::size_t>(got);
    switch (SSL_get_error(ssl_.get(), got)) {
    case SSL_ERROR_WANT_READ:
        return std::nullopt;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    default:
        return failure(Error::Kind::unreachable, "receiving: " + reason());
    }
}

Result<void> TlsState::write(base::ByteView bytes) {
    while (!bytes.empty()) {
        ERR_clear_error();
        const int written = SSL_write(ssl_.get(), bytes.data(), size_of(bytes.size()));
        if (written <= 0) return failure(Error::Kind::unreachable, "sending: " + reason());
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

void TlsState::received(base::ByteView bytes) {
    // A memory BIO takes all.
    BIO_write(input_, bytes.data(), size_of(bytes.size()));
}

base::Bytes TlsState::take_output() {
    base::Bytes out(BIO_ctrl_pending(output_));
    if (!out.empty()) BIO_read(output_, out.data(), size_of(out.size()));
    return out;
}

}  // namespace rues::client
