#include "api/routes.hpp"

/// Peers, as far as the configuration names them: a local chain has none, and nobody else is ever asked (decisions 17).
namespace rues::api::network {

/// At most as many addresses as the body says, which it must.
void peers(const Context& context, Call call) {
    const auto amount = base::parse_u64(base::trimmed(base::text(call.body)));
    if (!amount) return std::move(call).fail({ErrorCode::invalid_input, "invalid amount"});
    base::json::array out;
    for (const std::string& peer : context.peers) {
        if (out.size() >= *amount) break;
        out.push_back(boost::json::string(peer));
    }
    std::move(call).json(out);
}

void peers_location(const Context& context, Call call) {
    std::move(call).json(context.peers_location);
}

}  // namespace rues::api::network
