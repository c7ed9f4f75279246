#include "chain/simulation.hpp"

namespace rues::chain {
namespace {

/// The Debug text of an inner call's error, which the ledger keeps in its Display form (docs/reference/ledger.md 4.2).
std::string debug_text(const std::string& error) {
    return error == "Contract does not exist" ? "DoesNotExist" : error;
}

}  // namespace

std::expected<Simulation, Rejection> simulate(const ledger::Transaction& tx, bool well_signed,
                                              const ledger::StateReader& state, BlockContext context) {
    if (tx.gas_limit() > context.block_gas_limit) {
        return std::unexpected(Rejection{Rejection::Kind::refused, "Gas limit is too high."});
    }
    BlockExecution block(state, std::move(context), gas_cost);
    const auto done = block.add(tx, well_signed);
    if (state.failed()) return std::unexpected(Rejection{Rejection::Kind::failed, kUnreadable});
    if (!done) return Simulation{done.error().text, 0, {}};
    const auto& spent = block.outcome().transactions.front();
    Simulation out;
    if (spent.error) out.error = debug_text(*spent.error);
    out.gas_spent = spent.gas_spent;
    out.events = block.outcome().transaction_events;
    return out;
}

}  // namespace rues::chain
