#include "feed/tail.hpp"

#include <algorithm>
#include <numeric>

namespace rues::feed {
namespace {

std::size_t size_of(const store::LogBatch& batch) {
    return std::accumulate(batch->begin(), batch->end(), std::size_t{0},
                           [](std::size_t sum, const store::LogRecord& record) { return sum + record.message.size(); });
}

}  // namespace

void Tail::append(store::LogBatch batch) {
    const std::lock_guard lock(mutex_);
    head_ = batch->back().seq;
    bytes_ += size_of(batch);
    batches_.push_back(std::move(batch));
    while (bytes_ > max_bytes_ && batches_.size() > 1) {
        bytes_ -= size_of(batches_.front());
        batches_.pop_front();
    }
}

std::uint64_t Tail::head() const {
    const std::lock_guard lock(mutex_);
    return head_;
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
