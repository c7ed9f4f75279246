#include "chain/simulator.hpp"

#include "chain/simulation.hpp"

namespace rues::chain {

void Simulator::simulate(Bytes transaction, Traced traced, Wanted wanted, OnSimulated done) {
    verifier_.add(
        {std::move(transaction), [](const ledger::Transaction&) { return std::nullopt; },
         [this, traced, wanted, done = std::move(done)](std::expected<Verifier::Checked, Rejection> checked) mutable {
             if (!checked) {
                 auto& error = checked.error();
                 if (error.kind == Rejection::Kind::undecodable) error.text = "Invalid transaction: " + error.text;
                 return done(std::unexpected(std::move(error)));
             }
             run(std::move(*checked), traced, std::move(wanted), std::move(done));
         },
         [wanted] { return wanted.is_over(); }});
}

void Simulator::run(Verifier::Checked checked, Traced traced, Wanted wanted, OnSimulated done) {
    ++count_;
    const auto* call = checked.tx.call();
    const bool is_short =
        checked.tx.deploy() == nullptr &&
        (call == nullptr || call->contract == ledger::kTransferContract || call->contract == ledger::kStakeContract);
    if (is_short || !long_work_)
        return done(chain::simulate(*state_(), checked.tx, checked.well_signed, wanted.is_gone, traced));
    // Shared, because an executor that is full drops the task, and the request must still be answered.
    auto answer = std::make_shared<OnSimulated>(std::move(done));
    const bool taken =
        long_work_([tip = state_(), checked = std::move(checked), traced, wanted = std::move(wanted), answer] {
            if (wanted.is_late())
                return (*answer)(std::unexpected(Rejection{Rejection::Kind::full, "too many simulations wait"}));
            (*answer)(chain::simulate(*tip, checked.tx, checked.well_signed, wanted.is_gone, traced));
        });
    if (!taken) (*answer)(std::unexpected(Rejection{Rejection::Kind::full, "too many simulations wait"}));
}

}  // namespace rues::chain
