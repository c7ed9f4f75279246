#include "chain/simulation.hpp"

#include <limits>

#include "chain/contract_calls.hpp"

namespace rues::chain {
namespace {

/// Calls `before_state_transition`, as a block does before its transactions. The stake contract then forgets how the
/// stakes that the tip changed were before, and the gas of a call depends on that. A transfer does not reach that
/// contract.
std::expected<void, Discard> begin_block(vm::Session& session, const ledger::Transaction& tx) {
    if (tx.call() == nullptr && tx.deploy() == nullptr) return {};
    const auto begun = session.call(ledger::kStakeContract, calls::kBeforeStateTransition, {},
                                    std::numeric_limits<std::uint64_t>::max());
    if (!begun) return std::unexpected(Discard{Discard::Kind::stopped, begun.error().text});
    return {};
}

}  // namespace

std::expected<Simulation, Rejection> simulate(const TipState& tip, const ledger::Transaction& tx, bool well_signed,
                                              const IsGone& is_gone, Traced traced) {
    if (tx.gas_limit() > kBlockGasLimit) {
        return std::unexpected(Rejection{Rejection::Kind::refused, "Gas limit is too high."});
    }
    vm::Environment next = tip.environment();
    ++next.height;
    Simulation out;
    out.gas_limit = tx.gas_limit();
    out.tip_height = tip.height();
    out.tip_hash = tip.hash();
    if (traced == Traced::yes) out.trace.emplace();
    std::expected<Executed, Discard> done;
    tip.queries().with_session(
        tip.state(), next, "a simulation",
        [&](vm::Session& session) {
            if (auto begun = begin_block(session, tx); !begun) {
                done = std::unexpected(std::move(begun.error()));
                return;
            }
            done = execute(session, tx, well_signed ? SpendProof::good : SpendProof::bad,
                           out.trace ? &*out.trace : nullptr);
        },
        is_gone);
    // Refused, not `full`: the same transaction would be stopped again.
    if (!done && done.error().kind == Discard::Kind::stopped)
        return std::unexpected(Rejection{Rejection::Kind::refused, std::move(done.error().text)});
    if (!done) {
        out.error = std::move(done.error().text);
        return out;
    }
    if (done->error) out.error = done->error->debug();
    out.gas_spent = done->gas_spent;
    out.events = std::move(done->events);
    return out;
}

}  // namespace rues::chain
