#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace rues::net {

/// A limit of bytes that all connections together hold for one purpose. Any thread.
class Budget {
public:
    explicit Budget(std::size_t bytes) noexcept : limit_(bytes) {}
    /// Replaces the limit. What is held stays, also beyond a smaller one.
    void use_limit(std::size_t bytes) noexcept { limit_.store(bytes, std::memory_order_relaxed); }
    /// False: not enough is left, and nothing is taken.
    bool take(std::size_t bytes) noexcept {
        const std::size_t limit = limit_.load(std::memory_order_relaxed);
        std::size_t held = held_.load(std::memory_order_relaxed);
        while (held <= limit && bytes <= limit - held) {
            if (held_.compare_exchange_weak(held, held + bytes, std::memory_order_relaxed)) return true;
        }
        return false;
    }
    void give_back(std::size_t bytes) noexcept { held_.fetch_sub(bytes, std::memory_order_relaxed); }

private:
    std::atomic<std::size_t> limit_;
    std::atomic<std::size_t> held_{0};
};

/// The bytes of a budget that one connection holds. The destructor gives them back.
class BudgetShare {
public:
    explicit BudgetShare(std::shared_ptr<Budget> budget) noexcept : budget_(std::move(budget)) {}
    BudgetShare(const BudgetShare&) = delete;
    BudgetShare& operator=(const BudgetShare&) = delete;
    ~BudgetShare() { clear(); }

    /// Grows the share to `bytes`. REQUIRES: no less than now. False: the budget has not enough left, and nothing
    /// changes.
    bool grow_to(std::size_t bytes) noexcept {
        if (!budget_->take(bytes - held_)) return false;
        held_ = bytes;
        return true;
    }
    void clear() noexcept {
        if (held_ > 0) budget_->give_back(held_);
        held_ = 0;
    }

private:
    std::shared_ptr<Budget> budget_;
    std::size_t held_ = 0;
};

}  // namespace rues::net
