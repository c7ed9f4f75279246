#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/lru_cache.hpp"
#include "graphql/execution.hpp"

/// Answers that are kept for who asks the same again. Knows no requests and no chain.
namespace rues::api::graphql_http {

/// One state that answers are made of.
struct Moment {
    base::ByteArray<32> tip{};  ///< its hash, since a tip can be taken back and another block have its height
    std::uint64_t seq = 0;      ///< of the log: grows with whatever happens, also in the mempool
};

struct Answered {
    std::string data;    ///< JSON
    std::string errors;  ///< `"errors":[…]`, or empty
    Moment at;
    bool of_mempool = false;  ///< holds for its `seq` only
    bool keep = true;         ///< not one that was cut short

    explicit Answered(const graphql::Response& response);
    bool holds_at(Moment now) const noexcept { return at.tip == now.tip && (!of_mempool || at.seq == now.seq); }
    std::string envelope() const;
    /// Names what was answered (RFC 9110 8.8.3): answers that do not differ have the same.
    std::string tag() const;
};
using AnswerPtr = std::shared_ptr<const Answered>;

/// The most recently used answers at one tip of the chain. Any thread.
class AnswerCache {
public:
    explicit AnswerCache(std::size_t max_bytes) : answers_(max_bytes) {}
    AnswerPtr find(const std::string& key, Moment now);
    void put(const std::string& key, AnswerPtr answer);
    std::size_t bytes() const;

private:
    void move_to(Moment now);

    mutable std::mutex mutex_;
    Moment newest_;
    base::LruCache<std::string, AnswerPtr> answers_;
};

}  // namespace rues::api::graphql_http
