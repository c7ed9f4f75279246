#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/routes.hpp"
#include "api/work.hpp"
#include "base/lru_cache.hpp"
#include "client/http.hpp"
#include "gateway/fan_out.hpp"

/// Reads that several clients ask of a node at one tip: they are asked once. docs/decisions/0039.
namespace rues::gateway {

/// An answer of a node that several clients may get.
struct SharedAnswer {
    client::Answer answer;
    api::Place held;  ///< its bytes, of all answers that are held
};
using SharedAnswerPtr = std::shared_ptr<const SharedAnswer>;

/// Whether requests like this one may share an answer: they only read, what they read changes only with the tip, and
/// they have no secret. `path` and `topic` are those of the row in the table of routes.
bool is_shared(std::string_view path, std::string_view topic, const net::Request& request);
/// Equal for requests that get the same answer from a node: all but what only says who asks. Longer ones share nothing.
std::optional<std::string> share_key(const net::Request& request);
inline constexpr std::size_t kMostShareKey = 64 << 10;
/// Larger answers are not kept for later requests.
inline constexpr std::size_t kMostKept = 1 << 20;
/// Whether an answer is for everybody who asked the same: it follows from the request and the state. Not a refusal that
/// is about who asked or how busy the node is, and not one with a cookie or for some readers only.
bool is_for_all(const client::Answer& answer);
/// Memory of a kept answer and its key.
std::size_t size_of(std::string_view key, const SharedAnswer& answer);

/// The answers at the newest tip, and the requests that wait for one. Any thread.
template <typename Waiter>
class SharedAnswers {
public:
    explicit SharedAnswers(std::size_t max_bytes) : kept_(max_bytes) {}

    /// The answer at this tip, if it is kept.
    SharedAnswerPtr find(const base::Hash32& tip, const std::string& key) {
        const std::lock_guard lock(mutex_);
        move_to(tip);
        const auto* found = kept_.find(key);
        return found != nullptr ? *found : nullptr;
    }

    /// Joins the request that asks the same at this tip, and takes `waiter`. False: there is none, so the caller asks
    /// the node and calls `end`; or so many wait for it that the caller asks too. Whichever ends first has the waiters.
    /// `has_gone` says that nobody reads a waiter's answer any more; such waiters make room for others.
    template <typename HasGone>
    bool join(const base::Hash32& tip, const std::string& key, Waiter& waiter, const HasGone& has_gone) {
        const std::lock_guard lock(mutex_);
        const auto [found, is_first] = flights_.try_emplace({tip, key});
        if (is_first) return false;
        auto& waiters = found->second;
        if (waiters.size() >= kMostWaiters) std::erase_if(waiters, has_gone);
        if (waiters.size() >= kMostWaiters) return false;
        waiters.push_back(std::move(waiter));
        return true;
    }

    /// Those that wait for the request that began with `join`. `answer`: kept for later requests at this tip; null: not
    /// kept.
    std::vector<Waiter> end(const base::Hash32& tip, const std::string& key, const SharedAnswerPtr& answer) {
        const std::lock_guard lock(mutex_);
        if (answer && tip == tip_) kept_.put(key, answer, size_of(key, *answer));
        auto flight = flights_.extract({tip, key});
        return flight.empty() ? std::vector<Waiter>() : std::move(flight.mapped());
    }

    std::size_t bytes() const {
        const std::lock_guard lock(mutex_);
        return kept_.bytes();
    }

    static constexpr std::size_t kMostWaiters = 512;

private:
    void move_to(const base::Hash32& tip) {
        if (tip == tip_) return;
        kept_.clear();
        tip_ = tip;
    }

    mutable std::mutex mutex_;
    base::Hash32 tip_{};
    base::LruCache<std::string, SharedAnswerPtr> kept_;
    std::map<std::pair<base::Hash32, std::string>, std::vector<Waiter>> flights_;
};

}  // namespace rues::gateway
