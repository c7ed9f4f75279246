#include "api/routes.hpp"

namespace rues::api::stats {

Result<Answer> account_count(const Context& context, const Exchange&, const ContractState& state) {
    const auto accounts = state.account_count(*context.accounts);
    if (!accounts) return std::unexpected(accounts.error());
    return base::json::object{{"public_accounts", *accounts}};
}

/// Counts transfers in final blocks. These cannot contain shielded transfers (docs/reference/differences.md 30).
Result<Answer> tx_count(const Context& context, Exchange&) {
    const auto transfers = context.store.statistics().public_transfers;
    return base::json::object{{"public", transfers}, {"shielded", 0}, {"total", transfers}};
}

}  // namespace rues::api::stats
