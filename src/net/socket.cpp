#include "net/socket.hpp"

#include <poll.h>

#include <boost/asio/post.hpp>

namespace rues::net {

Socket::Socket(Stream socket, std::shared_ptr<const TlsContext> tls) : socket_(std::move(socket)) {
    if (tls != nullptr) tls_ = std::make_unique<TlsSession>(std::move(tls), socket_.native_handle());
}

Transfer Socket::read(std::span<std::byte> into) {
    return tls_ != nullptr ? tls_->read(into) : receive(socket_.native_handle(), into);
}

Transfer Socket::write(std::span<const base::ByteView> buffers) {
    return tls_ != nullptr ? tls_->write(buffers) : send(socket_.native_handle(), buffers);
}

Transfer Socket::flush() {
    return tls_ != nullptr ? tls_->flush() : Transfer{};
}

Lane Socket::join(Lanes& lanes) {
    if (seat_.lane() == kNoLane && tls_ == nullptr && socket_.is_open())
        seat_ = LaneSeat(lanes, socket_.native_handle());
    return seat_.lane();
}

void Socket::post(std::move_only_function<void()> task) {
    boost::asio::post(socket_.get_executor(), std::move(task));
}

bool Socket::has_ended() {
    pollfd asked{socket_.native_handle(), POLLRDHUP, 0};
    return ::poll(&asked, 1, 0) == 1 && (asked.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void Socket::finish_writing() {
    if (tls_ != nullptr) tls_->finish_writing();
    boost::system::error_code ignored;
    socket_.shutdown(Stream::shutdown_send, ignored);
}

void Socket::reset() {
    seat_.shut();
    boost::system::error_code ignored;
    socket_.set_option(Stream::linger(true, 0), ignored);
    tls_.reset();
    socket_.close(ignored);
}

void Socket::close() {
    seat_.shut();
    if (tls_ != nullptr && socket_.is_open()) tls_->finish_writing();
    tls_.reset();
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace rues::net
