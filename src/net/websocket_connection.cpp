#include "net/websocket_connection.hpp"

#include <array>

namespace rues::net {
namespace {

constexpr int kMaxUnansweredPings = 2;
/// How long the end of a message being written, and then the client's end, are waited for.
constexpr std::chrono::milliseconds kCloseTimeout{5'000};

}  // namespace

using websocket::Opcode;
namespace close_code = websocket::close_code;

WebSocketConnection::WebSocketConnection(Loop& loop, Socket socket, std::unique_ptr<WebSocketHandler> handler,
                                         UpgradeOptions options, std::string first, Bytes input)
    : loop_(loop),
      socket_(std::move(socket)),
      handler_(std::move(handler)),
      reader_(options.max_message_bytes > 0 ? options.max_message_bytes : loop.limits().max_frame_bytes,
              options.max_message_bytes > 0 ? options.max_message_bytes : loop.limits().max_message_bytes,
              options.binary),
      control_(std::move(first)),
      first_bytes_(control_.size()) {
    reader_.append(input);
}

std::shared_ptr<WebSocketConnection> WebSocketConnection::self() {
    return std::static_pointer_cast<WebSocketConnection>(shared_from_this());
}

void WebSocketConnection::begin() {
    if (phase_ == Phase::gone) return;
    opened_ = true;
    if (phase_ == Phase::open) deadline_ = std::chrono::steady_clock::now() + loop_.limits().ping_interval;
    corked_ = true;  // the 101 and what the handler says first leave in one packet
    handler_->on_open(*this);
    corked_ = false;
    flush_control();
    if (blocked_) wait_writable();
    if (loop_.draining()) drain();
    take_messages();
    settle();
    if (phase_ != Phase::gone) wait_readable();
}

void WebSocketConnection::drain() {
    if (phase_ != Phase::open || !opened_) return;  // `begin` sees that the loop drains
    handler_->on_drain();
    close(close_code::kRestart, "Service restart");
}

Connection::Turn WebSocketConnection::turn() const noexcept {
    return blocked_ ? Turn::late : Turn::in_turn;
}

void WebSocketConnection::terminate() {
    if (phase_ == Phase::gone) return;
    phase_ = Phase::gone;
    deadline_ = kNever;
    socket_.close();
    const auto kept = shared_from_this();
    release_handler();
    loop_.remove(*this);
}

void WebSocketConnection::release_handler() {
    const auto handler = std::move(handler_);
    if (handler != nullptr && opened_) handler->on_closed(by_client_);
}

void WebSocketConnection::on_deadline(Time now) {
    if (phase_ != Phase::open) return terminate();
    if (heard_) unanswered_ = 0;
    heard_ = false;
    if (unanswered_ == kMaxUnansweredPings) return terminate();
    deadline_ = now + loop_.limits().ping_interval;
    ping();
    settle();
}

void WebSocketConnection::ping() {
    // A ping behind unsent bytes would measure the client's appetite, not whether it lives.
    if (mid_message_ || blocked_ || !control_.empty() || socket_.unsent() > 0) return;
    websocket::append_frame(control_, Opcode::ping, {});
    ++unanswered_;
    flush_control();
}

void WebSocketConnection::wait_readable() {
    socket_.when_readable([self = self()](const boost::system::error_code& error) {
        if (!error && self->phase_ != Phase::gone) self->on_readable();
    });
}

void WebSocketConnection::on_readable() {
    const auto [bytes, closed] = socket_.read(loop_.scratch());
    heard_ = heard_ || bytes > 0;
    if (closed) return terminate();
    if (socket_.unsent() > 0) wait_writable();
    if (phase_ == Phase::open) {
        reader_.append(ByteView(loop_.scratch()).first(bytes));
        take_messages();
        settle();
    }
    if (phase_ != Phase::gone) wait_readable();
}

void WebSocketConnection::take_messages() {
    while (phase_ == Phase::open && !broken_) {
        auto message = reader_.next();
        if (!message) return start_closing(message.error().close_code, message.error().reason);
        if (!*message) break;
        take(std::move(**message));
    }
    flush_control();
}

void WebSocketConnection::take(websocket::Message message) {
    switch (message.kind) {
    case Opcode::text:
        return handler_->on_text(message.payload);
    case Opcode::ping:
        pong_.clear();
        return websocket::append_frame(pong_, Opcode::pong, message.payload);
    case Opcode::close:
        by_client_ = phase_ == Phase::open;
        return start_closing(message.close_code, message.payload);  // decision 6: echoed
    case Opcode::binary:
        return handler_->on_binary(base::view(message.payload));
    case Opcode::pong:
    case Opcode::continuation:
        return;
    }
}

void WebSocketConnection::send_text(std::string_view text) {
    if (phase_ != Phase::open || broken_) return;
    constexpr std::size_t kLargestHeader = 10;
    if (control_.size() + kLargestHeader + text.size() > kControlBytes + first_bytes_)
        return close(close_code::kPolicy, "Control buffer overflow");
    websocket::append_frame(control_, Opcode::text, text);
    if (!corked_) flush_control();
}

Transfer WebSocketConnection::send(std::span<const ByteView> buffers) {
    const Transfer done = socket_.write(buffers);
    if (socket_.unsent() > 0) wait_writable();  // taken, but not out
    return done;
}

void WebSocketConnection::flush_control() {
    while (!broken_ && !mid_message_) {
        if (control_.empty()) std::swap(control_, pong_);
        if (control_.empty()) return;
        const std::array buffers{base::view(control_)};
        const auto [bytes, closed] = send(buffers);
        if (closed) {
            broken_ = true;
            return settle_soon();
        }
        if (bytes < control_.size()) {
            control_.erase(0, bytes);
            return wait_writable();
        }
        first_bytes_ = 0;
        control_ = std::string{};  // a silent session owns no buffer
    }
}

std::size_t WebSocketConnection::write(std::span<const ByteView> buffers, bool ends_message) {
    std::size_t given = 0;
    for (const ByteView buffer : buffers) given += buffer.size();
    if (broken_ || phase_ >= Phase::closed || (phase_ == Phase::closing && !mid_message_)) return 0;
    if (!mid_message_) {
        if (!corked_) flush_control();
        if (!control_.empty()) {
            blocked_ = given > 0;
            if (!corked_) wait_writable();
            return 0;
        }
    }
    std::size_t taken = 0;
    if (given > 0) {
        const auto [bytes, closed] = send(buffers);
        if (closed) {
            broken_ = true;
            settle_soon();
            return 0;
        }
        taken = bytes;
    }
    if (taken == given) {
        if (given > 0 || ends_message) mid_message_ = !ends_message;
        if (!mid_message_) {
            flush_control();
            if (phase_ == Phase::closing) settle_soon();
        }
    } else {
        mid_message_ = mid_message_ || taken > 0;
        blocked_ = true;
        wait_writable();
    }
    return taken;
}

void WebSocketConnection::wait_writable() {
    if (awaiting_write_) return;
    awaiting_write_ = true;
    socket_.when_writable([self = self()](const boost::system::error_code& error) {
        self->awaiting_write_ = false;
        if (!error && self->phase_ != Phase::gone) self->on_writable();
    });
}

void WebSocketConnection::on_writable() {
    broken_ = broken_ || socket_.flush().closed;
    if (!broken_ && socket_.unsent() > 0) return wait_writable();
    flush_control();
    if (blocked_ && !broken_ && handler_ != nullptr && (mid_message_ || control_.empty())) {
        blocked_ = false;
        if (phase_ == Phase::open || mid_message_) handler_->on_writable();
    }
    settle();
}

void WebSocketConnection::close(std::uint16_t code, std::string_view reason) {
    start_closing(code, reason);
}

void WebSocketConnection::start_closing(std::uint16_t code, std::string_view reason) {
    if (phase_ != Phase::open) return;
    phase_ = Phase::closing;
    deadline_ = std::chrono::steady_clock::now() + kCloseTimeout;
    websocket::append_close(close_frame_, code, reason);
    settle_soon();
}

void WebSocketConnection::settle_soon() {
    if (settling_) return;
    settling_ = true;
    loop_.post([self = self()] {
        self->settling_ = false;
        self->settle();
    });
}

void WebSocketConnection::settle() {
    if (phase_ == Phase::gone) return;
    if (broken_) return terminate();
    if (phase_ == Phase::closing && !mid_message_ && opened_) {
        phase_ = Phase::closed;
        pong_.clear();
        control_ += close_frame_;
        release_handler();
        flush_control();
        if (broken_) return terminate();
    }
    if (phase_ == Phase::closed && control_.empty() && socket_.unsent() == 0) {
        phase_ = Phase::finished;
        socket_.finish_writing();
    }
}

}  // namespace rues::net
