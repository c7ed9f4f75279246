#include "api/routes.hpp"
#include "api/sessions/subscribing.hpp"

/// The peers that the settings name. A local chain has none, and the program never asks other nodes for peers
/// (docs/reference/differences.md 17).
namespace rues::api::network {

namespace {

void list(const Context& context, Call call, std::string_view most) {
    const auto amount = base::parse_u64(base::trimmed(most));
    if (!amount) return std::move(call).fail({ErrorCode::invalid_input, "invalid amount"});
    base::json::array out;
    for (const std::string& peer : context.peers) {
        if (out.size() >= *amount) break;
        out.push_back(boost::json::string(peer));
    }
    std::move(call).json(out);
}

}  // namespace

/// Answers with at most as many addresses as the body says. 400 without a number in the body.
void peers(const Context& context, Call call) {
    const base::Bytes body = std::move(call.body);
    list(context, std::move(call), base::text(body));
}

/// Subscribes when the request names a session (no event is ever published there), else answers with the list
/// (docs/reference/differences.md 39).
void peers_or_subscription(const Context& context, Call call) {
    if (call.request.header("rusk-session-id")) return sessions::subscribe(context, std::move(call));
    const auto query = query_in(call.request);
    if (!query) return std::move(call).fail(query.error());
    const base::Bytes body = std::move(call.request.body);
    const auto said = base::trimmed(base::text(body));
    list(context, std::move(call), said.empty() ? wire::find(*query, "count").value_or("") : said);
}

void peers_location(const Context& context, Call call) {
    std::move(call).json(context.peers_location);
}

}  // namespace rues::api::network
