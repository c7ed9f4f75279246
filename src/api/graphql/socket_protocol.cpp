#include "api/graphql/socket_protocol.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/json_reading.hpp"

namespace rues::api::graphql_ws {
namespace {

using boost::json::object;

std::string quoted(std::string_view text) {
    std::string out;
    graphql::append_quoted(out, text);
    return out;
}

std::expected<std::string, std::string> id_in(const object& message) {
    const auto* id = message.if_contains("id");
    if (id == nullptr || !id->is_string() || id->get_string().empty())
        return std::unexpected("a message without a string id");
    if (id->get_string().size() > kMaxId) return std::unexpected(fmt::format("an id of more than {} bytes", kMaxId));
    return std::string(id->get_string());
}

/// Absent, null or an object.
std::expected<const object*, std::string> payload_in(const object& message) {
    const auto* payload = message.if_contains("payload");
    if (payload == nullptr || payload->is_null()) return nullptr;
    if (!payload->is_object()) return std::unexpected("a payload that is not an object");
    return &payload->get_object();
}

std::expected<Message, std::string> subscribe_in(const object& message) {
    auto id = id_in(message);
    if (!id) return std::unexpected(id.error());
    const auto payload = payload_in(message);
    if (!payload) return std::unexpected(payload.error());
    auto question =
        *payload != nullptr && (*payload)->contains("query") ? graphql_http::question_in(**payload) : std::nullopt;
    if (!question) return std::unexpected("a payload that is not a GraphQL request");
    return Subscribe{std::move(*id), std::move(*question)};
}

}  // namespace

std::expected<Message, std::string> parse(std::string_view text) {
    const auto json = base::json::parse(text);
    if (!json || !json->is_object()) return std::unexpected("a message that is not a JSON object");
    const object& message = json->get_object();
    const auto* type = message.if_contains("type");
    if (type == nullptr || !type->is_string()) return std::unexpected("a message without a type");
    const std::string_view kind = type->get_string();
    if (kind == "subscribe") return subscribe_in(message);
    if (kind == "complete") {
        auto id = id_in(message);
        if (!id) return std::unexpected(id.error());
        return Complete{std::move(*id)};
    }
    const auto payload = payload_in(message);
    if (!payload) return std::unexpected(payload.error());
    if (kind == "connection_init") return ConnectionInit{};
    if (kind == "pong") return Pong{};
    if (kind == "ping")
        return Ping{std::string(*payload == nullptr ? "" : base::json::member_text(text, "payload").value_or(""))};
    return std::unexpected(fmt::format("a message of the unknown type {}", kind));
}

std::string connection_ack() {
    return R"({"type":"connection_ack"})";
}

std::string pong(std::string_view payload) {
    return payload.empty() ? R"({"type":"pong"})" : fmt::format(R"({{"type":"pong","payload":{}}})", payload);
}

std::string next(std::string_view id, std::string_view response) {
    return fmt::format(R"({{"id":{},"type":"next","payload":{}}})", quoted(id), response);
}

std::string error(std::string_view id, const std::vector<graphql::Error>& errors) {
    std::string list;
    for (const auto& each : errors) {
        list += list.empty() ? '[' : ',';
        graphql::append_json(list, each);
    }
    return fmt::format(R"({{"id":{},"type":"error","payload":{}]}})", quoted(id), list);
}

std::string complete(std::string_view id) {
    return fmt::format(R"({{"id":{},"type":"complete"}})", quoted(id));
}

bool is_offered(const net::Request& request) {
    for (const auto& [name, value] : request.headers) {
        if (!base::equal_ignoring_case(name, "sec-websocket-protocol")) continue;
        for (std::string_view rest = value; !rest.empty();) {
            const auto one = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(rest.size(), one.size() + 1));
            if (base::trimmed(one) == kSubprotocol) return true;
        }
    }
    return false;
}

}  // namespace rues::api::graphql_ws
