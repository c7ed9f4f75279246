#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "graphql/execution.hpp"

/// Answers that are kept for who asks the same again. Knows no requests and no chain.
namespace rues::api::graphql_http {

/// One state that answers are made of.
struct Moment {
    std::uint64_t height = 0;  ///< of the tip
    std::uint64_t seq = 0;     ///< of the log: grows with whatever happens, also in the mempool
};

struct Answered {
    std::string data;    ///< JSON
    std::string errors;  ///< `"errors":[…]`, or empty
    Moment at;
    bool of_mempool = false;  ///< holds for its `seq` only
    bool keep = true;         ///< not one that was cut short

    explicit Answered(const graphql::Response& response);
    bool holds_at(Moment now) const noexcept { return at.height == now.height && (!of_mempool || at.seq == now.seq); }
    std::string envelope() const;
    /// Names what was answered (RFC 9110 8.8.3): answers that do not differ have the same.
    std::string tag() const;
};
using AnswerPtr = std::shared_ptr<const Answered>;

/// The most recently used answers to one height of the chain. Any thread.
class AnswerCache {
public:
    explicit AnswerCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}
    AnswerPtr find(const std::string& key, Moment now);
    void put(const std::string& key, AnswerPtr answer);
    std::size_t bytes() const;

private:
    struct Entry {
        std::string key;
        AnswerPtr answer;
        std::size_t bytes() const { return 2 * key.size() + answer->data.size() + answer->errors.size() + kOverhead; }
        static constexpr std::size_t kOverhead = 256;
    };
    void drop(std::list<Entry>::iterator entry);
    void move_to(std::uint64_t height);

    const std::size_t max_bytes_;
    mutable std::mutex mutex_;
    std::uint64_t height_ = 0;
    std::list<Entry> entries_;  ///< used last first
    std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
    std::size_t bytes_ = 0;
};

}  // namespace rues::api::graphql_http
