#include "gateway/execution.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "chain/given_block.hpp"
#include "chain/stored_state.hpp"

namespace rues::gateway {
namespace {

std::unexpected<Fault> differs(Broken broken, const ledger::Header& header, std::string_view what) {
    return std::unexpected(Fault{broken, fmt::format("block {}: {}", header.height, what)});
}

std::string told(const std::optional<std::string>& error) {
    return error ? fmt::format("`{}`", *error) : std::string("none");
}

/// Compares a transaction, and replaces the text of a failed deployment.
std::expected<void, Fault> compare(const ledger::Header& header, ledger::SpentTransaction& said,
                                   const ledger::SpentTransaction& executed) {
    const auto name = base::to_hex(said.inner.id());
    if (said.gas_spent != executed.gas_spent) {
        return differs(
            Broken::gas_spent, header,
            fmt::format("transaction {} spent {} gas, and not {}", name, executed.gas_spent, said.gas_spent));
    }
    if (!chain::is_same_error(said.error, executed.error)) {
        return differs(
            Broken::error, header,
            fmt::format("the error of transaction {} is {}, and not {}", name, told(executed.error), told(said.error)));
    }
    said.error = executed.error;
    return {};
}

std::expected<void, Fault> compare(BlockAnswer& said, const chain::BlockExecution::Outcome& executed) {
    for (std::size_t i = 0; i < said.transactions.size(); ++i) {
        if (auto same = compare(said.header, said.transactions[i], executed.transactions[i]); !same) return same;
    }
    const auto events = executed.events(said.header.hash);
    const auto [one, other] = std::ranges::mismatch(said.events, events);
    if (one != said.events.end() || other != events.end()) {
        return differs(Broken::events, said.header,
                       fmt::format("event {} of {} is another one, or has another origin",
                                   one - said.events.begin() + 1, events.size()));
    }
    if (executed.commit.state->root() != said.header.state_hash)
        return differs(Broken::state_hash, said.header, "its execution gives another state hash");
    return {};
}

}  // namespace

Execution::Execution(vm::Machine& machine, chain::Queries& queries, At tip) : machine_(machine), queries_(queries) {
    show(std::move(tip), nullptr);
}

std::expected<Execution::Next, Fault> Execution::run(BlockAnswer& block, const State& state,
                                                     const std::function<bool()>& is_over) {
    chain::GivenBlock given{block.header, {}, tip_.chain_id, chain::rewards_in(block.events, block.header.hash)};
    for (const auto& tx : block.transactions) given.transactions.push_back(&tx.inner);
    const auto until = std::chrono::steady_clock::now() + kTime;
    const chain::Ticker::Need ticks(&queries_.ticker());
    chain::TransactionBounds bounds;
    bounds.written_bytes = kWritten;
    bounds.may_stop = [&] { return std::chrono::steady_clock::now() >= until || (is_over && is_over()); };
    auto executed = chain::execute_given(machine_, state, given, std::move(bounds));
    if (!executed) {
        const bool is_refused = executed.error().kind == chain::NotExecuted::Kind::refused;
        return std::unexpected(
            Fault{is_refused ? Broken::executable : Broken::unexecuted, std::move(executed.error().text)});
    }
    if (auto same = compare(block, *executed); !same) return std::unexpected(same.error());
    return Next{block.header.hash, block.header.height, std::move(executed->commit)};
}

std::expected<void, Fault> Execution::check(BlockAnswer& block, const std::function<bool()>& is_over) {
    ready_.clear();
    fork_.reset();
    auto next = run(block, tip_.state, is_over);
    if (!next) return std::unexpected(std::move(next.error()));
    ready_.push_back(std::move(*next));
    return {};
}

std::expected<void, Fault> Execution::check_branch(store::Snapshot& stored, std::uint64_t fork,
                                                   std::span<NewBlock> branch, const std::function<bool()>& is_over) {
    ready_.clear();
    fork_.reset();
    const auto unread = [fork](std::string_view why) {
        return std::unexpected(
            Fault{Broken::unexecuted, fmt::format("the state after block {} cannot be read: {}", fork, why)});
    };
    const auto below = stored.block(fork);
    if (!below) return unread(below.error().text);
    if (!*below) return unread("there is no such block");
    auto state = state_after(stored, (*below)->header);
    if (!state) return unread(state.error().text);
    fork_.emplace((*below)->header.hash, *state);
    for (auto& each : branch) {
        auto next = run(each.block, *state, is_over);
        if (!next) return std::unexpected(std::move(next.error()));
        *state = next->commit.state;
        ready_.push_back(std::move(*next));
    }
    return {};
}

base::Result<store::MemoryChanges> Execution::changes_of(const BlockAnswer& block) {
    const auto found = std::ranges::find(ready_, block.header.hash, &Next::hash);
    if (found != ready_.end()) {
        next_ = std::move(*found);
        ready_.erase(found);
    } else {
        auto copy = block;
        auto next = run(copy, tip_.state, {});
        if (!next) return base::failure(base::Error::Kind::invalid, next.error().text);
        next_ = std::move(*next);
    }
    return chain::memory_changes(next_->commit);
}

base::Result<Execution::State> Execution::state_after(store::Snapshot& stored, const ledger::Header& block) {
    if (auto rewound = stored.rewind_memory(block.height); !rewound) return std::unexpected(rewound.error());
    return chain::read_state(machine_, stored, block.state_hash);
}

base::Result<void> Execution::rewind(store::Snapshot& stored, const ledger::Header& below) {
    auto state = fork_ && fork_->first == below.hash ? base::Result<State>(fork_->second) : state_after(stored, below);
    if (!state) return std::unexpected(state.error());
    next_ =
        Next{below.hash, below.height, {.state = std::move(*state), .pages = {}, .deployed = {}, .resized = {}}, true};
    return {};
}

void Execution::advance() {
    if (!next_) return;
    auto next = *std::exchange(next_, std::nullopt);
    const auto line = next.is_other_line ? nullptr : state_->line();
    show({tip_.chain_id, next.height, next.hash, std::move(next.commit.state)}, line);
}

void Execution::show(At tip, std::shared_ptr<chain::TipState::Line> line) {
    tip_ = std::move(tip);
    auto state = std::make_shared<const chain::TipState>(
        queries_, tip_.state, vm::Environment{tip_.chain_id, tip_.height}, tip_.hash, std::move(line));
    const std::lock_guard lock(mutex_);
    state_.swap(state);  // the old one is released after the lock
}

std::shared_ptr<const chain::TipState> Execution::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

}  // namespace rues::gateway
