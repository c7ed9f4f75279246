#include "api/process.hpp"
#include "api/routes.hpp"
#include "wire/version.hpp"

/// Endpoints for operators and load balancers.
namespace rues::api::health {

Result<Answer> alive(const Context&, Exchange&) {
    return base::json::object{{"alive", true}};
}

Result<Answer> ready(const Context& context, Exchange&) {
    const std::string_view why = context.not_ready ? context.not_ready() : std::string_view();
    if (!why.empty()) return fail(ErrorCode::overloaded, std::string(why));
    return base::json::object{{"ready", true}};
}

Result<Answer> status(const Context& context, const Exchange&, const ContractState& state) {
    using base::json::object;
    const auto accounts = state.account_count();
    if (!accounts) return std::unexpected(accounts.error());
    const auto tip = context.view.tip();
    const auto uptime =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - context.begun);
    const bool is_ready = !context.not_ready || context.not_ready().empty();
    return object{
        {"version", context.version},
        {"rusk_version", wire::kRuskVersion},
        {"chain_id", context.view.parameters().chain_id},
        {"ready", is_ready},
        {"setup", context.setup},
        {"tip", object{{"height", tip.height}, {"hash", base::json::hex(tip.hash)}, {"timestamp", tip.timestamp}}},
        {"position", wire::Position{context.store.epoch(), context.store.last_seq()}.to_string()},
        {"accounts", *accounts},
        {"mempool", context.view.mempool_size()},
        {"sessions", context.hub.sessions()},
        {"uptime_seconds", uptime.count()},
        {"memory_bytes", resident_bytes()}};
}

}  // namespace rues::api::health
