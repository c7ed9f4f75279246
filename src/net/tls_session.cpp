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

/// Bytes at the front that are whole records. All of them, when they do not begin like one: OpenSSL says what is wrong.
std::size_t whole_records(base::ByteView bytes) noexcept {
    constexpr std::size_t kHeader = SSL3_RT_HEADER_LENGTH;
    std::size_t at = 0;
    while (at < bytes.size()) {
        const auto type = std::to_integer<unsigned>(bytes[at]);
        if (type < SSL3_RT_CHANGE_CIPHER_SPEC || type > SSL3_RT_APPLICATION_DATA) return bytes.size();
        if (bytes.size() - at < kHeader) return at;
        const std::size_t length =
            std::to_integer<std::size_t>(bytes[at + 3]) << 8 | std::to_integer<std::size_t>(bytes[at + 4]);
        if (bytes.size() - at - kHeader < length) return at;
        at += kHeader + length;
    }
    return at;
}

}  // namespace

struct TlsSession::Core {
    struct FreeSsl {
        void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    };

    std::shared_ptr<const TlsContext> context;
    TlsWire wire;
    bool has_failed = false;
    bool is_done = false;                 ///< the handshake is
    std::unique_ptr<SSL, FreeSsl> ssl{};  ///< uses `wire`; null before the first step

    bool make() {
        ssl.reset(SSL_new(context->ssl()));
        BIO* const bio = BIO_new(context->wire());
        if (ssl == nullptr || bio == nullptr) {
            BIO_free(bio);
            return false;
        }
        BIO_set_data(bio, &wire);
        BIO_set_init(bio, 1);
        SSL_set_bio(ssl.get(), bio, bio);
        SSL_set_accept_state(ssl.get());
        return true;
    }
    void step() {
        if (ssl == nullptr && !make()) {
            has_failed = true;
            return;
        }
        ERR_clear_error();
        const int done = SSL_do_handshake(ssl.get());
        is_done = done == 1;
        has_failed = !is_done && SSL_get_error(ssl.get(), done) != SSL_ERROR_WANT_READ;
        ERR_clear_error();
    }
};

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, int descriptor)
    : core_(std::make_shared<Core>(std::move(context))), descriptor_(descriptor) {}

bool TlsSession::handshaking() const noexcept {
    return handshaking_ && !failed_;
}

Transfer TlsSession::receive() {
    if (stepping_) return {};
    base::Bytes& in = core_->wire.in;
    const std::size_t before = in.size();
    in.resize(kMaxHello);
    const Transfer got = net::receive(descriptor_, std::span(in).subspan(before));
    in.resize(before + got.bytes);
    handshake_bytes_ += got.bytes;
    core_->wire.whole = whole_records(in);
    const bool is_too_much = handshake_bytes_ > kMaxHandshake || (in.size() == kMaxHello && core_->wire.whole == 0);
    ended_ = failed_ = got.closed || is_too_much;
    in.shrink_to_fit();
    return {got.bytes, ended_};
}

std::size_t TlsSession::held_bytes() const noexcept {
    return stepping_ ? 0 : core_->wire.in.size();
}

bool TlsSession::may_step() const noexcept {
    return !stepping_ && core_->wire.whole > 0;
}

std::move_only_function<void()> TlsSession::begin_step() {
    stepping_ = true;
    return [core = core_] { core->step(); };
}

Transfer TlsSession::end_step() {
    stepping_ = false;
    TlsWire& wire = core_->wire;
    if (core_->is_done) {
        handshaking_ = false;
        wire.whole = wire.in.size();  // the client's first data may have come together with the last record
        wire.descriptor = descriptor_;
    }
    const Transfer sent = flush();
    ended_ = failed_ = failed_ || core_->has_failed || sent.closed;
    return {sent.bytes, failed_};
}

bool TlsSession::readable() const noexcept {
    if (handshaking_) return ended_;
    return ended_ || core_->wire.whole > 0 || SSL_pending(core_->ssl.get()) > 0;
}

Transfer TlsSession::read(std::span<std::byte> into) {
    if (handshaking_) return {0, ended_};
    std::size_t bytes = 0;
    for (int i = 0; i < kMaxRecords && !ended_ && bytes < into.size(); ++i) {
        ERR_clear_error();
        std::size_t got = 0;
        const int done = SSL_read_ex(core_->ssl.get(), into.data() + bytes, into.size() - bytes, &got);
        bytes += got;
        if (done == 1) continue;
        const int error = SSL_get_error(core_->ssl.get(), done);
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
        if (unsent() > 0 || handshaking_) return {taken, false};
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
        if (SSL_write_ex(core_->ssl.get(), record.data(), filled, &made) != 1) {
            failed_ = true;
            return {taken, true};
        }
        taken += made;
    }
}

std::size_t TlsSession::unsent() const noexcept {
    return stepping_ ? 0 : core_->wire.out.size() - sent_;
}

Transfer TlsSession::flush() {
    if (unsent() == 0) return {};
    base::Bytes& out = core_->wire.out;
    const std::array buffers{base::ByteView(out).subspan(sent_)};
    const Transfer done = send(descriptor_, buffers);
    sent_ += done.bytes;
    failed_ = failed_ || done.closed;
    if (sent_ == out.size()) {
        out = {};
        sent_ = 0;
    }
    return done;
}

void TlsSession::finish_writing() {
    if (failed_ || handshaking_) return;
    ERR_clear_error();
    SSL_shutdown(core_->ssl.get());
    flush();
}

}  // namespace rues::net
