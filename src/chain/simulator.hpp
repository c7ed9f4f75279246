#pragma once

#include <atomic>

#include "chain/options.hpp"
#include "chain/submission.hpp"
#include "chain/tip_state.hpp"
#include "chain/verifier.hpp"

namespace rues::chain {

/// Answers requests to simulate a transaction: a verify thread decodes it and checks its signature, and runs it unless
/// its contracts may take long. Any thread.
class Simulator {
public:
    /// As `Options::long_work`. False: it is full, and the task was dropped.
    using LongWork = std::function<bool(std::move_only_function<void()>)>;
    using State = std::function<std::shared_ptr<const TipState>()>;
    /// `verifier` outlives it; no job of it may run any more when this is destroyed. `state` gives the tip; any thread
    /// calls it. `long_work`: as `Options::long_work`.
    Simulator(Verifier& verifier, State state, LongWork long_work)
        : verifier_(verifier), state_(std::move(state)), long_work_(std::move(long_work)) {}

    /// As `Submission::simulate`.
    void simulate(Bytes transaction, Traced traced, Wanted wanted, OnSimulated done);
    /// Simulations that have begun.
    std::uint64_t count() const noexcept { return count_; }

private:
    void run(Verifier::Checked checked, Traced traced, Wanted wanted, OnSimulated done);

    Verifier& verifier_;
    const State state_;
    const LongWork long_work_;
    std::atomic<std::uint64_t> count_{0};
};

}  // namespace rues::chain
