#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api/stated_tip.hpp"
#include "base/bytes.hpp"
#include "base/lru_cache.hpp"
#include "graphql/execution.hpp"

/// Cached answers to GraphQL queries. Knows no requests and no chain.
namespace rues::api::graphql_http {

/// Names the state of chain and mempool from which an answer was made.
struct Moment {
    base::ByteArray<32> tip{};  ///< hash of the tip, because another block can take the height of a reverted tip
    std::uint64_t seq = 0;      ///< last sequence number of the log, which grows with every change, also of the mempool
};

/// The answer to one question.
struct Answered {
    std::string data;    ///< JSON
    std::string errors;  ///< `"errors":[…]`, or empty
    Moment at;
    std::optional<StatedTip> tip{};  ///< that of the snapshot
    bool of_mempool = false;         ///< the query read the mempool, so the answer holds for its `seq` only
    bool keep = true;                ///< may be cached; false when the query was cancelled

    explicit Answered(const graphql::Response& response);
    /// True when the same question has this answer at `now` too.
    bool holds_at(Moment now) const noexcept { return at.tip == now.tip && (!of_mempool || at.seq == now.seq); }
    /// The whole response: `{"data":…}`, with the errors if there are any.
    std::string envelope() const;
    /// The ETag of the envelope (RFC 9110 8.8.3): equal envelopes have the same tag.
    std::string tag() const;
};
using AnswerPtr = std::shared_ptr<const Answered>;

/// The most recently used answers at one tip of the chain; a new tip empties the cache. Any thread.
class AnswerCache {
public:
    explicit AnswerCache(std::size_t max_bytes) : answers_(max_bytes) {}
    /// The answer to the question with this key if it holds at `now`; else null.
    AnswerPtr find(const std::string& key, Moment now);
    /// Keeps an answer. Drops it instead when it was made at an older tip or is too large for the cache.
    void put(const std::string& key, AnswerPtr answer);
    /// Estimate of the memory in use.
    std::size_t bytes() const;

private:
    void move_to(Moment now);

    mutable std::mutex mutex_;
    Moment newest_;
    base::LruCache<std::string, AnswerPtr> answers_;
};

}  // namespace rues::api::graphql_http
