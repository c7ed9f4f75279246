#pragma once

#include <span>

#include "api/api.hpp"

namespace rues::api {

using Handler = void (*)(const Context& context, Call call);

/// One row of the table of routes: matching, `Allow` and limits follow from it; nothing else in the program knows a
/// path.
struct Route {
    enum class Entity : std::uint8_t { none, required };
    std::string_view component;
    Entity entity = Entity::none;
    std::string_view topic;   ///< empty: any
    bool subscribes = false;  ///< GET and DELETE
    Handler post = nullptr;
    bool posts = false;       ///< POST exists here, if only for topics that this node does not serve
    bool deprecated = false;  ///< rusk-1.7 1.8
    std::string_view allow;
};

std::span<const Route> routes();
/// The row of a normalised path under `/on/`; null: 404. `target` and `topic` get the parts, still encoded.
const Route* find_route(std::string_view path, std::string_view& entity, std::string_view& topic);

namespace node {
/// What the node is, as JSON text.
std::string info(const chain::Options& options);
void dispatch(const Context& context, Call call);
}  // namespace node
namespace blocks {
void dispatch(const Context& context, Call call);
}
namespace transactions {
void dispatch(const Context& context, Call call);
}
namespace account {
void dispatch(const Context& context, Call call);
}
namespace contracts {
void dispatch(const Context& context, Call call);
}
/// `POST /dev/mine` and `/dev/time`; refuses whatever does not come from this machine's own user (decisions 3).
namespace dev {
bool is_path(std::string_view path);
void dispatch(const Context& context, Call call);
}  // namespace dev

}  // namespace rues::api
