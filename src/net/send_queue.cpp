#include "net/send_queue.hpp"

#include <array>

namespace rues::net {

bool SendQueue::joins(std::size_t bytes) const noexcept {
    if (bytes > kSmall || buffers_.empty()) return false;
    const Bytes& last = buffers_.back().own;
    return !last.empty() && last.size() <= kSmall;
}

void SendQueue::push(Bytes bytes) {
    if (bytes.empty()) return;
    if (joins(bytes.size())) return push(ByteView(bytes));
    size_ += bytes.size();
    buffers_.push_back({std::move(bytes), {}});
}

void SendQueue::push(ByteView bytes) {
    if (bytes.empty()) return;
    size_ += bytes.size();
    if (joins(bytes.size())) return base::append(buffers_.back().own, bytes);
    buffers_.push_back({base::to_bytes(bytes), {}});
}

void SendQueue::push(SharedBytes bytes) {
    if (bytes.bytes.size() <= kSmall) return push(bytes.bytes);
    size_ += bytes.bytes.size();
    buffers_.push_back({{}, std::move(bytes)});
}

Transfer SendQueue::write_to(Socket& socket) {
    if (empty()) return socket.flush();
    std::array<ByteView, kMaxBuffers> views;
    std::size_t count = 0;
    for (const Buffer& buffer : buffers_) {
        if (count == views.size()) break;
        views[count] = buffer.view().subspan(count == 0 ? sent_ : 0);
        ++count;
    }
    const auto result = socket.write(std::span(views).first(count));
    size_ -= result.bytes;
    if (size_ == 0) {
        clear();
        return result;
    }
    sent_ += result.bytes;
    auto unsent = buffers_.begin();
    for (; sent_ >= unsent->view().size(); ++unsent) sent_ -= unsent->view().size();
    buffers_.erase(buffers_.begin(), unsent);
    return result;
}

void SendQueue::clear() noexcept {
    buffers_ = {};
    sent_ = 0;
    size_ = 0;
}

}  // namespace rues::net
