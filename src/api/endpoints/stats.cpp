#include "api/routes.hpp"

namespace rues::api::stats {

void account_count(const Context& context, Exchange exchange) {
    std::move(exchange).json(base::json::object{{"public_accounts", context.store.statistics().accounts}});
}

/// Counts transfers in final blocks. These cannot contain shielded transfers (docs/reference/differences.md 30).
void tx_count(const Context& context, Exchange exchange) {
    const auto transfers = context.store.statistics().public_transfers;
    std::move(exchange).json(base::json::object{{"public", transfers}, {"shielded", 0}, {"total", transfers}});
}

}  // namespace rues::api::stats
