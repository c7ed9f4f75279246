#include "net/push_connection.hpp"

namespace rues::net {
namespace {

/// Bytes that a client may send while this connection, which answers nothing more, ignores them.
constexpr std::size_t kMaxIgnored = 65'536;

}  // namespace

PushConnection::PushConnection(Loop& loop, Socket socket, base::ClientPtr client, AnswerWriter answer,
                               std::unique_ptr<PushHandler> handler)
    : SocketConnection(loop, std::move(socket), std::move(client)),
      handler_(std::move(handler)),
      answer_(std::move(answer)),
      unread_(client_, base::Holding::unread) {}

std::shared_ptr<PushConnection> PushConnection::self() {
    return std::static_pointer_cast<PushConnection>(shared_from_this());
}

void PushConnection::begin() {
    if (phase_ == Phase::gone) return;
    opened_ = true;
    handler_->on_open(*this);
    if (loop_.draining()) drain();
    settle();
    if (phase_ != Phase::gone) wait_readable();
}

void PushConnection::drain() {
    if (phase_ != Phase::open || !opened_) return;  // `begin` sees that the loop drains
    handler_->on_drain();
    end();
}

Connection::Turn PushConnection::turn() const noexcept {
    return unsent() > 0 ? Turn::late : Turn::in_turn;
}

void PushConnection::terminate() {
    if (phase_ == Phase::gone) return;
    if (answer_.ends_with_connection() && phase_ != Phase::leaving) socket_.reset();
    phase_ = Phase::gone;
    deadline_ = kNever;
    socket_.close();
    const auto kept = shared_from_this();
    loop_.release_soon(answer_.take_until_sent());
    release_handler();
    loop_.remove(*this);
}

/// Tells the reason to a client that reads. One that does not read would have to take its unsent bytes first, so it is
/// not told.
void PushConnection::give_way(const std::string& reason) {
    if (phase_ != Phase::open || !opened_ || unsent() > 0) return terminate();
    handler_->on_give_way(reason);
    end();
}

bool PushConnection::holds(base::Holding holding) const noexcept {
    using enum base::Holding;
    if (holding == unread) return unread_.amount() > 0;
    return holding == sessions || holding == subscriptions;
}

void PushConnection::release_handler() {
    const auto handler = std::move(handler_);
    if (handler != nullptr && opened_) handler->on_closed();
}

void PushConnection::on_deadline(Time) {
    terminate();
}

void PushConnection::on_readable() {
    if (phase_ == Phase::gone) return;
    const auto [bytes, closed] = socket_.read(loop_.scratch());
    ignored_ += bytes;
    if (closed || ignored_ > kMaxIgnored) return terminate();
    if (socket_.unsent() > 0) wait_for_room();
    wait_readable();
}

void PushConnection::on_writable() {
    settle();
}

void PushConnection::wait_for_room() {
    if (deadline_ == kNever) deadline_ = Loop::coarse_now() + loop_.limits().body_timeout;
    wait_writable();
}

void PushConnection::write(ByteView bytes) {
    if (phase_ != Phase::open || bytes.empty()) return;
    answer_.write_part(bytes);
    if (!above_ && unsent() > kPushHighWater) {
        send();
        above_ = unsent() > kPushHighWater;
    }
    settle_soon();
}

void PushConnection::end() {
    if (phase_ != Phase::open) return;
    phase_ = Phase::ending;
    answer_.write_end();
    settle_soon();
}

void PushConnection::close() {
    if (phase_ != Phase::open) return;
    phase_ = Phase::breaking;
    settle_soon();
}

/// Sends as much as the kernel takes; the rest waits until it takes more.
void PushConnection::send() {
    const auto [bytes, closed] = answer_.send_to(socket_);
    if (closed) {
        phase_ = Phase::breaking;
        return;
    }
    if (bytes > 0) deadline_ = kNever;  // that is progress
    if (unread_.resize(unsent()) != base::Taken::yes) {
        phase_ = Phase::breaking;
        return;
    }
    if (unsent() > 0) wait_for_room();
}

void PushConnection::settle_soon() {
    if (settling_) return;
    settling_ = true;
    loop_.post([self = self()] {
        self->settling_ = false;
        self->settle();
    });
}

void PushConnection::settle() {
    if ((phase_ == Phase::open || phase_ == Phase::ending) && !awaits_writable()) send();
    if (phase_ == Phase::gone) return;
    if (phase_ == Phase::breaking) return terminate();
    if (phase_ == Phase::open && above_ && unsent() < kPushLowWater) {
        above_ = false;
        return handler_->on_writable();
    }
    if (phase_ != Phase::ending) return;
    release_handler();
    if (unsent() > 0) return;
    phase_ = Phase::leaving;
    socket_.finish_writing();
    deadline_ = Loop::coarse_now() + kLeaveTimeout;
}

}  // namespace rues::net
