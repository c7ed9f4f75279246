#include "feed/tail.hpp"

#include <algorithm>

namespace rues::feed {

void Tail::append(store::LogBatch batch) {
    const std::lock_guard lock(mutex_);
    if (batch->front().seq != head_ + 1) {
        batches_.clear();
        bytes_ = 0;
    }
    head_ = batch->back().seq;
    bytes_ += batch->message_bytes();
    batches_.push_back(std::move(batch));
    while (bytes_ > max_bytes_ && batches_.size() > 1) {
        bytes_ -= batches_.front()->message_bytes();
        batches_.pop_front();
    }
}

std::uint64_t Tail::head() const {
    const std::lock_guard lock(mutex_);
    return head_;
}

std::size_t Tail::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

store::LogBatch Tail::find(std::uint64_t seq) const {
    const std::lock_guard lock(mutex_);
    const auto after =
        std::ranges::upper_bound(batches_, seq, {}, [](const auto& batch) { return batch->front().seq; });
    if (after == batches_.begin()) return nullptr;
    const auto& batch = *std::prev(after);
    return seq <= batch->back().seq ? batch : nullptr;
}

}  // namespace rues::feed
