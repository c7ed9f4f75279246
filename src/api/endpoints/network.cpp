#include "api/routes.hpp"
#include "api/sessions/subscribing.hpp"

/// The peers that the settings name. A local chain has none, and the program never asks other nodes for peers
/// (docs/reference/differences.md 17).
namespace rues::api::network {

namespace {

Result<Answer> list(const Context& context, std::string_view most) {
    const auto amount = base::parse_u64(base::trimmed(most));
    if (!amount) return fail(ErrorCode::invalid_input, "invalid amount");
    base::json::array out;
    for (const std::string& peer : context.peers) {
        if (out.size() >= *amount) break;
        out.push_back(boost::json::string(peer));
    }
    return base::json::value(std::move(out));
}

}  // namespace

/// Answers with at most as many addresses as the body says. 400 without a number in the body.
Result<Answer> peers(const Context& context, Exchange& exchange) {
    return list(context, base::text(exchange.body));
}

/// Subscribes when the request names a session (no event is ever published there), else answers with the list
/// (docs/reference/differences.md 39).
void peers_or_subscription(const Context& context, Exchange exchange) {
    if (exchange.request.header("rusk-session-id")) return sessions::subscribe(context, std::move(exchange));
    const auto query = query_in(exchange.request);
    if (!query) return std::move(exchange).fail(query.error());
    const auto said = base::trimmed(base::text(exchange.request.body));
    auto answer = list(context, said.empty() ? wire::find(*query, "count").value_or("") : said);
    std::move(exchange).answer(std::move(answer), context.read_pool);
}

Result<Answer> peers_location(const Context& context, Exchange&) {
    return base::json::value(context.peers_location);
}

}  // namespace rues::api::network
