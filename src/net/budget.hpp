#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace rues::net {

/// A limit of bytes that all connections together hold for one purpose. Any thread.
class Budget {
public:
    explicit Budget(std::size_t bytes) noexcept : left_(bytes) {}
    /// False: not enough is left, and nothing is taken.
    bool take(std::size_t bytes) noexcept {
        std::size_t left = left_.load(std::memory_order_relaxed);
        while (left >= bytes) {
            if (left_.compare_exchange_weak(left, left - bytes, std::memory_order_relaxed)) return true;
        }
        return false;
    }
    void give_back(std::size_t bytes) noexcept { left_.fetch_add(bytes, std::memory_order_relaxed); }

private:
    std::atomic<std::size_t> left_;
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
