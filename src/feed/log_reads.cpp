#include "feed/log_reads.hpp"

#include <algorithm>

namespace rues::feed {
namespace {

/// After the pool has refused this many clients in a row, it counts as full. A pool that is full refuses everybody; a
/// pool that has work refuses a client that has spent its share, and then another client must get its turn.
constexpr std::size_t kMostRefused = 4;

}  // namespace

std::uint64_t LogReads::add(const LogRead& read) {
    const std::uint64_t number = ++added_;
    waiting_.emplace(number, read);
    turns_.push(read.client, number);
    start();
    return number;
}

void LogReads::remove(std::uint64_t number) {
    const auto found = waiting_.find(number);
    if (found == waiting_.end()) return;
    turns_.remove(found->second.client.get(), number);
    waiting_.erase(found);
}

void LogReads::start() {
    std::vector<const base::Client*> refused;
    while (under_way_ < loop_.limits.catch_up_reads && refused.size() < kMostRefused) {
        const auto client = turns_.next_that(
            [&](const base::Client* each) { return std::ranges::find(refused, each) == refused.end(); });
        if (!client) return;
        if (!start(*client)) refused.push_back(*client);
    }
}

bool LogReads::start(base::Client* client) {
    const std::uint64_t number = turns_.front(client);
    LogRead& read = waiting_.find(number)->second;
    struct Done {
        base::Result<Scan> scan;
        std::chrono::nanoseconds cost;
    };
    auto work = begin_(read);
    const bool is_wanted = static_cast<bool>(work);
    if (is_wanted) {
        const base::ActingFor scope(client);
        const bool is_queued = loop_.on_pool(
            loop_.pool_of_reads(decodes_),
            [work = std::move(work), &store = loop_.shared.store]() mutable {
                const auto begun = base::thread_time();
                auto scan = work(store);
                return Done{std::move(scan), base::thread_time() - begun};
            },
            [this, read, charged = turns_.cost_of(client)](Done done) {
                --under_way_;
                turns_.done(read.client.get(), charged, done.cost);
                arrived_(read, std::move(done.scan));
                start();
            });
        if (!is_queued) return false;
        ++under_way_;
    }
    const auto turn = turns_.take(client);
    if (!is_wanted) turns_.done(client, turn.charged, std::chrono::nanoseconds(0));
    waiting_.erase(number);
    return true;
}

std::vector<LogRead> LogReads::take_older_than(base::SteadyTime time) {
    std::vector<LogRead> out;
    while (!waiting_.empty() && waiting_.begin()->second.asked_at < time) {
        out.push_back(waiting_.begin()->second);
        remove(waiting_.begin()->first);
    }
    return out;
}

}  // namespace rues::feed
