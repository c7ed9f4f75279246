#include "api/routes.hpp"

namespace rues::api {
namespace {

using enum Route::Entity;

// rusk-1.7 1.2; `Allow` as the node has it, without HEAD where GET subscribes, with OPTIONS (decisions 3, 4). First
// match wins.
constexpr Route kRoutes[] = {
    // component      entity    topic        subscribes  handler                   posts  deprecated  Allow
    {"transactions", none, "propagate", false, &transactions::dispatch, true, false, "POST,OPTIONS"},
    {"transactions", none, "", true, &transactions::dispatch, true, false, "POST,GET,DELETE,OPTIONS"},
    {"transactions", required, "", true, nullptr, false, false, "GET,DELETE,OPTIONS"},
    {"blocks", none, "", true, &blocks::dispatch, true, false, "POST,GET,DELETE,OPTIONS"},
    {"blocks", required, "", true, nullptr, false, false, "GET,DELETE,OPTIONS"},
    {"contracts", required, "", true, &contracts::dispatch, true, false, "POST,GET,DELETE,OPTIONS"},
    {"network", none, "", false, nullptr, true, false, "POST,OPTIONS"},
    {"node", none, "", false, &node::dispatch, true, false, "POST,OPTIONS"},
    {"stats", none, "", false, nullptr, true, false, "POST,OPTIONS"},
    {"account", required, "", false, &account::dispatch, true, true, "POST,OPTIONS"},
    {"blobs", required, "", false, nullptr, true, false, "POST,OPTIONS"},
    {"driver", required, "", false, nullptr, true, false, "POST,OPTIONS"},
    {"contract", required, "status", false, nullptr, true, true, "POST,OPTIONS"},
    {"contract", required, "", false, nullptr, true, false, "POST,OPTIONS"},
    {"contract_owner", required, "", false, nullptr, true, true, "POST,OPTIONS"},
    {"graphql", none, "query", false, nullptr, true, false, "POST,OPTIONS"},
    {"prover", none, "", false, nullptr, true, false, "POST,OPTIONS"},
};

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

const Route* find_route(std::string_view path, std::string_view& entity, std::string_view& topic) {
    constexpr std::string_view kPrefix = "/on/";
    if (!path.starts_with(kPrefix)) return nullptr;
    path.remove_prefix(kPrefix.size());
    const auto slash = path.find('/');
    if (slash == std::string_view::npos) return nullptr;
    const std::string_view target = path.substr(0, slash);
    topic = path.substr(slash + 1);
    if (topic.find('/') != std::string_view::npos) return nullptr;
    const auto colon = target.find(':');
    const bool has_entity = colon != std::string_view::npos;
    entity = has_entity ? target.substr(colon + 1) : std::string_view();
    for (const Route& route : kRoutes) {
        if (route.component != target.substr(0, colon) || (route.entity == required) != has_entity) continue;
        if (route.topic.empty() || route.topic == topic) return &route;
    }
    return nullptr;
}

}  // namespace rues::api
