#include "api/routes.hpp"

namespace rues::api::stats {

Result<Answer> account_count(const Context&, const Exchange&, const ContractState& state) {
    const auto accounts = state.account_count();
    if (!accounts) return std::unexpected(accounts.error());
    return base::json::object{{"public_accounts", *accounts}};
}

/// Counts transfers in final blocks (docs/reference/protocol.md 8.2).
Result<Answer> tx_count(const Context& context, Exchange&) {
    const auto counted = context.store.statistics();
    return base::json::object{{"public", counted.public_transfers},
                              {"shielded", counted.shielded_transfers},
                              {"total", counted.public_transfers + counted.shielded_transfers}};
}

}  // namespace rues::api::stats
