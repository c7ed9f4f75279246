#include "feed/log_reads.hpp"

namespace rues::feed {

std::uint64_t LogReads::add(const LogRead& read) {
    const std::uint64_t number = ++added_;
    waiting_.emplace(number, read);
    start();
    return number;
}

void LogReads::start() {
    while (!waiting_.empty() && under_way_ < loop_.limits.catch_up_reads) {
        const auto next = waiting_.begin();
        LogRead& read = next->second;
        if (auto work = begin_(read)) {
            const bool is_queued = loop_.on_pool(
                loop_.pool_of_reads(decodes_),
                [work = std::move(work), &store = loop_.shared.store]() mutable { return work(store); },
                [this, read](base::Result<Scan> scan) {
                    --under_way_;
                    arrived_(read, std::move(scan));
                    start();
                });
            if (!is_queued) return;
            ++under_way_;
        }
        waiting_.erase(next);
    }
}

std::vector<LogRead> LogReads::take_older_than(base::SteadyTime time) {
    std::vector<LogRead> out;
    while (!waiting_.empty() && waiting_.begin()->second.asked_at < time) {  // they are in the order of their times
        out.push_back(waiting_.begin()->second);
        waiting_.erase(waiting_.begin());
    }
    return out;
}

}  // namespace rues::feed
