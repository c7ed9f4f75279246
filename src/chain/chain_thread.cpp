#include <fmt/format.h>

#include "base/thread_rank.hpp"
#include "chain/local_chain.hpp"
#include "chain/producer.hpp"
#include "chain/stored_state.hpp"

namespace rues::chain {

void LocalChain::run() {
    base::use_rank(base::ThreadRank::prompt);
    drop_stale();
    while (true) {
        std::deque<Command> commands;
        {
            std::unique_lock lock(commands_mutex_);
            const auto now = clock_.steady();
            const auto until = orders_.empty() ? next_wake(now) : now;
            if (until > now) wake_.wait_for(lock, until - now, [&] { return stopping_ || !commands_.empty(); });
            if (stopping_) return;
            commands.swap(commands_);
            command_bytes_ = 0;
        }
        handle(std::move(commands));
        make_ordered_block();
        if (dead_) continue;
        retry_staged();
        if (due(clock_.steady())) seal_one();
        expire();
    }
}

void LocalChain::drop_stale() {
    if (!stale_.removed.empty()) write(std::exchange(stale_, {}));
}

LocalChain::Time LocalChain::next_wake(Time now) const {
    constexpr auto kIdle = std::chrono::seconds(60);
    auto out = now + kIdle;
    if (dead_) return out;
    out = std::min(out, prequeue_.next_due().value_or(out));
    if (const auto oldest = pool_.oldest()) out = std::min(out, *oldest + options_.mempool_expiry);
    const auto by_time = last_seal_ + options_.block_time;
    switch (options_.mining) {
    case Mining::manual:
        return out;
    case Mining::interval:
        return std::min(out, by_time);
    case Mining::instant:
        break;
    }
    if (finality_.owes()) out = std::min(out, by_time);
    if (const auto first = pool_.oldest_head()) out = std::min(out, *first + options_.eligible_after);
    return out;
}

bool LocalChain::due(Time now) {
    switch (options_.mining) {
    case Mining::manual:
        return false;
    case Mining::interval:
        return now >= last_seal_ + options_.block_time;
    case Mining::instant:
        break;
    }
    const auto first = pool_.oldest_head();
    return (first && *first <= eligible_until()) || (finality_.owes() && now >= last_seal_ + options_.block_time);
}

void LocalChain::handle(std::deque<Command> commands) {
    std::vector<Admit> waiting;
    bool made_one = false;
    for (Command& command : commands) {
        if (auto* one = std::get_if<Admit>(&command)) {
            waiting.push_back(std::move(*one));
            continue;
        }
        admit(std::exchange(waiting, {}));
        if (auto* by = std::get_if<AdvanceTime>(&command)) {
            advance(std::move(*by));
            continue;
        }
        if (auto* order = std::get_if<Reorganise>(&command)) {
            reorganise(std::move(*order));
            continue;
        }
        take_order(std::move(std::get<Mine>(command)));
        // Transactions that came before an order are in its first block, later ones are not. Only the first order gets
        // its block at once: a row of orders must not delay the transactions behind it.
        if (!std::exchange(made_one, true)) make_ordered_block();
    }
    admit(std::move(waiting));
}

void LocalChain::take_order(Mine order) {
    if (mining_ended_) return order.done(stopping());
    if (dead_) return order.done(broken());
    if (order.left == 0) return order.done(tip_.height);
    if (orders_.size() >= kMaxOrders)
        return order.done(
            std::unexpected(Rejection{Rejection::Kind::full, "too many requests for blocks are waiting"}));
    orders_.push_back(std::move(order));
}

/// Makes one block of the order whose turn it is. Orders take turns, so that an order of one block does not wait for
/// one of ten thousand.
void LocalChain::make_ordered_block() {
    if (mining_ended_) {
        for (Mine& order : std::exchange(orders_, {})) order.done(stopping());
    }
    if (orders_.empty()) return;
    Mine order = std::move(orders_.front());
    orders_.pop_front();
    if (!seal_one()) return order.done(broken());
    if (--order.left > 0) {
        orders_.push_back(std::move(order));
    } else {
        order.done(tip_.height);
    }
}

void LocalChain::advance(AdvanceTime by) {
    if (dead_) return by.done(broken());
    const auto ahead = std::max(tip_.timestamp, now_seconds()) + by.seconds - unix_ms() / 1000;
    if (const auto written = store_.commit_clock(ahead); !written) {
        fail(written.error());
        return by.done(broken());
    }
    ahead_seconds_ = ahead;
    by.done(now_seconds());
}

PoolUpdate LocalChain::pool_update(const AdmissionState& state) {
    return {pool_, prequeue_, view_mutex_, options_, state, {tip_.height, unix_ms(), clock_.steady()}};
}

/// Writes changes of the mempool and publishes their events. Returns false when the store failed.
bool LocalChain::write(const store::MempoolCommit& changes) {
    auto batch = store_.commit_mempool(changes);
    if (!batch) {
        fail(batch.error());
        return false;
    }
    published(std::move(*batch));
    return true;
}

/// Writes an update and adds its counters to the statistics. Returns false when the store failed.
bool LocalChain::commit(PoolUpdate& update) {
    if (!update.empty() && !write(update.take())) return false;
    const auto& counted = update.counters();
    const std::lock_guard lock(view_mutex_);
    stats_.admitted += counted.admitted;
    stats_.deferred += counted.deferred;
    stats_.dropped += counted.dropped;
    stats_.removed += counted.removed;
    stats_.staged = prequeue_.size();
    return true;
}

/// Admits all waiting transactions in one commit.
void LocalChain::admit(std::vector<Admit> waiting) {
    if (waiting.empty()) return;
    if (dead_) {
        for (Admit& one : waiting) one.done(broken());
        return;
    }
    const auto state = admission();
    auto update = pool_update(state);
    std::vector<Verdict> verdicts;
    verdicts.reserve(waiting.size());
    for (Admit& one : waiting) {
        verdicts.push_back(
            one.wanted.is_over()
                ? Verdict(std::unexpected(Rejection{Rejection::Kind::full, "too many transactions wait for the chain"}))
                : update.submit(std::move(one.tx)));
    }
    const bool written = commit(update);
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        waiting[i].done(written || !verdicts[i] ? std::move(verdicts[i]) : Verdict(broken()));
    }
}

void LocalChain::retry_staged() {
    const auto due = prequeue_.next_due();
    if (dead_ || !due || *due > clock_.steady()) return;
    const auto state = admission();
    auto update = pool_update(state);
    update.retry();
    commit(update);
}

bool LocalChain::seal_one() {
    return seal_block(pool_.eligible(eligible_until()), true);
}

/// Makes the next block of these candidates. Unless `is_bounded`, it takes all the time that they need.
bool LocalChain::seal_block(std::vector<const Mempool::Entry*> candidates, bool is_bounded) {
    if (dead_) return false;
    const auto step =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(options_.block_time).count());
    const auto earliest = std::max(least_timestamp_, tip_.timestamp + (options_.mining == Mining::interval ? step : 0));
    auto begun = clock_.steady();  // of the transaction that is executed
    const auto until = begun + kGenerationTimeout;
    const Ticker::Need ticks(candidates.empty() || !is_bounded ? nullptr : &queries_.ticker());
    SealInput input{machine_,
                    state_->state(),
                    tip_,
                    pool_,
                    std::move(candidates),
                    std::max(earliest, now_seconds()),
                    options_,
                    generator_,
                    finality_.changes(tip_.height + 1)};
    if (is_bounded) {
        input.enough = [&] {
            begun = clock_.steady();
            return begun >= until;
        };
        input.too_long = [&] { return clock_.steady() >= begun + kTransactionTime; };
    }
    input.contract_log = lines_of_contracts();
    auto made = seal(input);
    if (!made) {
        fail(made.error());
        return false;
    }
    Sealed& sealed = *made;
    sealed.commit.block = &sealed.block;
    sealed.commit.memory = memory_changes(sealed.machine);
    auto batch = store_.commit_block(sealed.commit);
    if (!batch) {
        fail(batch.error());
        return false;
    }
    auto state = std::make_shared<const TipState>(queries_, std::move(sealed.machine.state),
                                                  vm::Environment{options_.chain_id, sealed.block.header.height},
                                                  sealed.block.header.hash, state_->line());
    {
        const std::lock_guard lock(view_mutex_);
        state_.swap(state);  // the old one is released after the lock
        for (const auto& id : sealed.commit.unpooled) pool_.erase(id);
        tip_ = sealed.block.header;
        stats_.dropped += sealed.discarded;
    }
    last_seal_ = clock_.steady();
    finality_.accepted({tip_.height, tip_.hash, sealed.commit.label.kind, !sealed.block.transactions.empty()});
    log_(base::LogLevel::debug,
         fmt::format("block {} with {} transactions", tip_.height, sealed.block.transactions.size()));
    published(std::move(*batch));
    return true;
}

void LocalChain::expire() {
    const auto oldest = pool_.oldest();
    const auto until = clock_.steady() - options_.mempool_expiry;
    if (dead_ || !oldest || *oldest > until) return;
    const auto state = admission();
    auto update = pool_update(state);
    update.expire(until);
    commit(update);
}

void LocalChain::fail(const base::Error& error) {
    if (dead_.exchange(true)) return;
    log_(base::LogLevel::error, "the chain stopped: " + error.text);
    on_fatal_(error.text);
}

}  // namespace rues::chain
