#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "api/api.hpp"
#include "api/graphql/answers.hpp"
#include "api/graphql/request.hpp"
#include "query/read_cache.hpp"

namespace rues::api::graphql_http {

/// The exchange of one client that waits for an answer, and the form of that answer.
struct Reply {
    enum class Form : std::uint8_t { bare, envelope };
    Exchange exchange;
    Form form = Form::envelope;
    bool response_type = false;  ///< content type `application/graphql-response+json`
    bool conditional = false;    ///< has an ETag; 304 for a client that sends this tag
};

/// Answers questions from snapshots of the store. A cached answer is sent from the loop. Any other answer is computed
/// on the query pool, once for all clients that ask the same question meanwhile. Any thread.
class Service {
public:
    struct Limits {
        std::size_t cache_bytes = 16 << 20;          ///< memory for cached answers
        std::size_t read_bytes = 16 << 20;           ///< memory for blocks and transactions that were decoded
        std::chrono::milliseconds deadline{10'000};  ///< from `Exchange::arrived`, so it includes the wait for the pool
        std::size_t waiting = 1'024;                 ///< clients of one computation; the next client starts another
        std::size_t large_bytes = 256 << 20;         ///< all answers above `small_bytes` that are being sent: 503
        std::size_t small_bytes = 256 << 10;
    };
    Service();
    explicit Service(Limits limits);

    const std::string& sdl() const noexcept { return sdl_; }
    /// The schema of the WebSocket, which has subscriptions (docs/reference/differences.md 29).
    const graphql::Schema& subscription_schema() const noexcept { return subscription_schema_; }
    std::chrono::milliseconds deadline() const noexcept { return limits_.deadline; }
    const Limits& limits() const noexcept { return limits_; }
    /// Memory in use of `Limits::cache_bytes` and of `Limits::read_bytes`.
    std::pair<std::size_t, std::size_t> cached_bytes() const {
        const std::lock_guard lock(reads_mutex_);
        return {cache_.bytes(), reads_->bytes()};
    }

    /// From now on no query runs beyond `latest`: it is cancelled then, so that a server that stops has answered all of
    /// them.
    void finish_by(std::chrono::steady_clock::time_point latest) noexcept { latest_ = latest; }

    /// Answers one question, at once or later. On the exchange's loop. 503 when the query pool is full.
    void ask(const Context& context, Question question, Reply reply);
    /// Answers all questions from one snapshot before it returns. On the query pool.
    void ask_all(const Context& context, const Questions& questions, Reply reply);

private:
    struct Flight;
    using Time = std::chrono::steady_clock::time_point;

    bool is_past(Time deadline) const noexcept {
        return std::chrono::steady_clock::now() >= std::min(deadline, latest_.load(std::memory_order_relaxed));
    }
    std::optional<base::ByteArray<32>> tip_at(std::uint64_t seq, const store::Store& store);
    bool join(const std::string& key, std::uint64_t seq, Reply& reply);
    void run(const Context& context, const std::string& key, const std::shared_ptr<Flight>& flight);
    std::shared_ptr<query::ReadCache> reads_of(std::uint64_t generation);
    /// `reads`: null when nothing may be kept.
    AnswerPtr compute(const Question& question, const store::Snapshot& snapshot, query::ReadCache* reads, Moment at,
                      const std::function<bool()>& cancelled, std::size_t max_bytes);
    std::vector<Reply> end(const std::string& key, const std::shared_ptr<Flight>& flight);
    void send(Reply reply, const AnswerPtr& answer);
    void send_text(Reply reply, std::string_view text);

    const Limits limits_;
    const graphql::Schema schema_;
    const graphql::Schema subscription_schema_;
    const std::string sdl_;
    std::atomic<Time> latest_ = Time::max();
    AnswerCache cache_;
    mutable std::mutex reads_mutex_;  ///< of the next two
    std::shared_ptr<query::ReadCache> reads_;
    std::uint64_t reads_generation_ = 0;
    std::mutex mutex_;
    std::optional<Moment> last_tip_;  ///< the tip when the log ended at `seq`
    std::map<std::string, std::shared_ptr<Flight>> flights_;
    std::shared_ptr<std::atomic<std::size_t>> large_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace rues::api::graphql_http
