#include "api/legacy/outbox.hpp"

#include <array>

namespace rues::api::legacy {
namespace {

constexpr std::size_t kBuffers = 64;  // in one write

}  // namespace

void Outbox::push(base::Bytes head, base::Bytes data, OnceSent sent) {
    size_ += head.size() + data.size();
    if (data.size() < kJoined) {
        base::append(head, data);
        data = {};
    }
    const bool is_whole = data.empty();
    // Not to the first piece while it is being sent: its buffer would move, and the sent part would stay in memory.
    const bool joins = is_whole && pieces_.size() > (sent_ > 0 ? 1U : 0U) && pieces_.back().ends_frame &&
                       pieces_.back().bytes.size() + head.size() <= kJoined;
    if (joins) {
        base::append(pieces_.back().bytes, head);
    } else {
        pieces_.push_back({std::move(head), is_whole});
        if (!is_whole) pieces_.push_back({std::move(data), true});
    }
    if (sent.request != 0 || sent.until_sent) pieces_.back().sent.push_back(std::move(sent));
}

bool Outbox::write_to(net::WebSocket& socket, std::vector<OnceSent>& sent) {
    while (!pieces_.empty()) {
        std::array<base::ByteView, kBuffers> buffers;
        std::size_t count = 0;
        std::size_t given = 0;
        for (; count < kBuffers && count < pieces_.size(); ++count) {
            buffers[count] = base::ByteView(pieces_[count].bytes).subspan(count == 0 ? sent_ : 0);
            given += buffers[count].size();
        }
        const std::size_t taken =
            socket.write(std::span<const base::ByteView>(buffers).first(count), pieces_[count - 1].ends_frame);
        size_ -= taken;
        sent_ += taken;
        while (!pieces_.empty() && sent_ >= pieces_.front().bytes.size()) {
            sent_ -= pieces_.front().bytes.size();
            for (auto& one : pieces_.front().sent) sent.push_back(std::move(one));
            pieces_.pop_front();
        }
        if (taken < given) return false;
    }
    pieces_ = {};  // an idle socket has no buffer
    return true;
}

void Outbox::clear() noexcept {
    pieces_ = {};
    sent_ = size_ = 0;
}

}  // namespace rues::api::legacy
