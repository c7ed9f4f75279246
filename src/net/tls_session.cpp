#include "net/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>

namespace rues::net {
namespace {

constexpr std::size_t kRecord = SSL3_RT_MAX_PLAIN_LENGTH;
/// Most unsent bytes of answers that TLS itself gives (to key updates) to a client that does not read them.
constexpr std::size_t kMaxUnsent = 65'536;
/// Records that one call of `read` decrypts. If it had no limit, a client that sends one byte in each record could keep
/// a loop busy for as long as 65,536 of them take.
constexpr int kMaxRecords = 64;

}  // namespace

void TlsSession::Free::operator()(SSL* ssl) const noexcept {
    SSL_free(ssl);
}

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, int descriptor)
    : context_(std::move(context)), descriptor_(descriptor), ssl_(SSL_new(context_->ssl())) {
    BIO* const in = BIO_new_socket(descriptor, BIO_NOCLOSE);
    BIO* const out = BIO_new(context_->appending());
    if (ssl_ == nullptr || in == nullptr || out == nullptr) {
        BIO_free(in);
        BIO_free(out);
        ssl_.reset();
        ended_ = failed_ = true;
        return;
    }
    BIO_set_data(out, &out_);
    BIO_set_init(out, 1);
    SSL_set_bio(ssl_.get(), in, out);
    SSL_set_accept_state(ssl_.get());
}

bool TlsSession::handshaking() const noexcept {
    return ssl_ != nullptr && SSL_is_init_finished(ssl_.get()) == 0;
}

bool TlsSession::readable() const noexcept {
    return ended_ || SSL_pending(ssl_.get()) > 0;
}

Transfer TlsSession::read(std::span<std::byte> into) {
    std::size_t bytes = 0;
    for (int i = 0; i < kMaxRecords && !ended_ && bytes < into.size(); ++i) {
        ERR_clear_error();
        std::size_t got = 0;
        const int done = SSL_read_ex(ssl_.get(), into.data() + bytes, into.size() - bytes, &got);
        bytes += got;
        if (done == 1) continue;
        const int error = SSL_get_error(ssl_.get(), done);
        if (error == SSL_ERROR_WANT_READ) break;
        ended_ = true;
        failed_ = failed_ || error != SSL_ERROR_ZERO_RETURN;
    }
    if (flush().closed || unsent() > kMaxUnsent) ended_ = failed_ = true;
    return {bytes, ended_ && bytes == 0};
}

Transfer TlsSession::write(std::span<const base::ByteView> buffers) {
    std::array<std::byte, kRecord> record;  // joins small buffers, because each would be a record
    std::size_t taken = 0;
    std::size_t offset = 0;  // in the first buffer
    for (;;) {
        if (failed_ || flush().closed) return {taken, true};
        if (unsent() > 0 || handshaking()) return {taken, false};
        std::size_t filled = 0;
        while (!buffers.empty() && filled < record.size()) {
            const auto part = buffers.front().subspan(offset);
            const std::size_t size = std::min(part.size(), record.size() - filled);
            std::ranges::copy(part.first(size), record.begin() + static_cast<std::ptrdiff_t>(filled));
            filled += size;
            offset += size;
            if (offset < buffers.front().size()) break;
            buffers = buffers.subspan(1);
            offset = 0;
        }
        if (filled == 0) return {taken, false};
        ERR_clear_error();
        std::size_t made = 0;
        if (SSL_write_ex(ssl_.get(), record.data(), filled, &made) != 1) {
            failed_ = true;
            return {taken, true};
        }
        taken += made;
    }
}

Transfer TlsSession::flush() {
    if (unsent() == 0) return {};
    const std::array buffers{base::ByteView(out_).subspan(sent_)};
    const Transfer done = send(descriptor_, buffers);
    sent_ += done.bytes;
    failed_ = failed_ || done.closed;
    if (sent_ == out_.size()) {
        out_ = {};
        sent_ = 0;
    }
    return done;
}

void TlsSession::finish_writing() {
    if (failed_ || handshaking()) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    flush();
}

}  // namespace rues::net
