#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "base/client.hpp"

namespace rues::base {

/// A queue that gives each client its turn: the next item is of the client whose items have cost least so far. The cost
/// of an item is known only after it was worked on. So a client is charged the mean cost of its last items when an item
/// is taken, and the difference when it is done. A client that was away begins level with the one whose turn it is, so
/// nobody saves turns up. Items without a client (null) count as those of one more client.
///
/// Not thread-safe: its owner has a lock.
template <typename Item>
class FairQueue {
public:
    using Nanoseconds = std::chrono::nanoseconds;
    /// Assumed cost of the first item of a client.
    static constexpr Nanoseconds kFirstCost{300'000};

    struct Turn {
        ClientPtr client;
        Item item;
        Nanoseconds charged;  ///< for `done`
    };

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }
    /// Number of clients with items here.
    std::size_t clients() const noexcept { return order_.size(); }
    std::size_t size_of(const Client* client) const noexcept {
        const auto found = lines_.find(client);
        return found == lines_.end() ? 0 : found->second.items.size();
    }
    /// Mean cost of the last items of a client.
    Nanoseconds cost_of(const Client* client) const noexcept {
        const auto found = lines_.find(client);
        return found == lines_.end() ? kFirstCost : found->second.cost;
    }

    void push(ClientPtr client, Item item) {
        Client* const key = client.get();
        auto [at, is_new] = lines_.try_emplace(key);
        Line& line = at->second;
        if (is_new) line.client = std::move(client);
        if (line.items.empty()) {
            line.time = std::max(line.time, now_);
            order_.emplace(line.time, key);
        }
        line.items.push_back(std::move(item));
        ++size_;
    }

    /// The client whose turn it is. REQUIRES: not empty.
    Client* next() const noexcept { return order_.begin()->second; }
    /// The first client, in the order of turns, for which `fits` is true. nullopt: none.
    template <typename Fits>
    std::optional<Client*> next_that(Fits fits) const {
        for (const auto& [time, client] : order_) {
            if (fits(client)) return client;
        }
        return std::nullopt;
    }

    /// The first item of `client`. REQUIRES: it has one.
    const Item& front(const Client* client) const noexcept { return lines_.find(client)->second.items.front(); }

    /// Removes the first item of `client` that equals `item`. False: there is none.
    bool remove(Client* client, const Item& item) {
        const auto at = lines_.find(client);
        if (at == lines_.end()) return false;
        Line& line = at->second;
        const auto found = std::ranges::find(line.items, item);
        if (found == line.items.end()) return false;
        line.items.erase(found);
        --size_;
        if (line.items.empty()) order_.erase({line.time, client});
        return true;
    }

    /// Takes the first item of `client`. REQUIRES: it has one.
    Turn take(Client* client) {
        const auto at = lines_.find(client);
        Line& line = at->second;
        order_.erase({line.time, client});
        now_ = std::max(now_, line.time);
        Turn out{line.client, std::move(line.items.front()), line.cost};
        line.items.pop_front();
        --size_;
        line.time += line.cost;
        ++line.under_way;
        if (!line.items.empty()) order_.emplace(line.time, client);
        return out;
    }
    std::optional<Turn> take() {
        if (empty()) return std::nullopt;
        return take(next());
    }

    /// The item of `turn` is done and has cost this much.
    void done(const Client* client, Nanoseconds charged, Nanoseconds cost) {
        const auto at = lines_.find(client);
        if (at == lines_.end()) return;
        Line& line = at->second;
        if (!line.items.empty()) order_.erase({line.time, line.client.get()});
        line.time += cost - charged;
        line.cost += (cost - line.cost) / kMemory;
        --line.under_way;
        if (!line.items.empty()) order_.emplace(line.time, line.client.get());
        if (order_.empty()) now_ = std::max(now_, line.time);  // nobody waits, so nobody is behind
        if (lines_.size() > full_) forget();
    }
    /// Items of the client that were taken and are not done.
    std::size_t under_way(const Client* client) const noexcept {
        const auto found = lines_.find(client);
        return found == lines_.end() ? 0 : found->second.under_way;
    }

    /// Moves all items out.
    std::vector<Item> clear() {
        std::vector<Item> out;
        for (auto& [client, line] : lines_) {
            for (Item& item : line.items) out.push_back(std::move(item));
        }
        lines_.clear();
        order_.clear();
        size_ = 0;
        return out;
    }

private:
    static constexpr std::int64_t kMemory = 4;  ///< items over which the mean goes
    static constexpr std::size_t kFew = 256;
    struct Line {
        ClientPtr client;
        std::deque<Item> items;
        Nanoseconds time{0};  ///< what its items have cost, level with those of others
        Nanoseconds cost = kFirstCost;
        std::size_t under_way = 0;
    };

    /// Drops the lines of clients that have nothing here and owe nothing. So there are at most twice as many as have
    /// items, are being worked for or owe, or `kFew`.
    void forget() {
        std::erase_if(lines_, [this](const auto& entry) {
            const Line& line = entry.second;
            return line.items.empty() && line.under_way == 0 && line.time <= now_;
        });
        full_ = std::max(kFew, 2 * lines_.size());
    }

    std::map<const Client*, Line> lines_;
    std::set<std::pair<Nanoseconds, Client*>> order_;  ///< the clients with items
    std::size_t size_ = 0;
    std::size_t full_ = kFew;
    Nanoseconds now_{0};  ///< the largest time of a turn
};

/// Processor time of this thread, for the cost of what it does.
inline std::chrono::nanoseconds thread_time() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace rues::base
