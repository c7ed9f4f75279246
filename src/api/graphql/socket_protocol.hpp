#pragma once

#include <expected>
#include <string>
#include <variant>

#include "api/graphql/request.hpp"

/// The messages of the subprotocol graphql-transport-ws. Pure.
namespace rues::api::graphql_ws {

inline constexpr std::string_view kSubprotocol = "graphql-transport-ws";
inline constexpr std::size_t kMaxMessage = 65'536;  ///< bytes, since a loop parses it; longer queries go over HTTP
inline constexpr std::size_t kMaxId = 128;          ///< bytes, since every answer repeats it

/// Close codes of the subprotocol.
namespace close_code {
inline constexpr std::uint16_t kBadMessage = 4400;
inline constexpr std::uint16_t kUnauthorized = 4401;
inline constexpr std::uint16_t kWrongSubprotocol = 4406;
inline constexpr std::uint16_t kInitTimeout = 4408;
inline constexpr std::uint16_t kSubscriberExists = 4409;
inline constexpr std::uint16_t kTooManyInits = 4429;
}  // namespace close_code

struct ConnectionInit {};
struct Ping {
    std::string payload;  ///< JSON as the client wrote it, or empty
};
struct Pong {};
struct Subscribe {
    std::string id;
    graphql_http::Question question;
};
struct Complete {
    std::string id;
};
using Message = std::variant<ConnectionInit, Ping, Pong, Subscribe, Complete>;

/// Reads one message of a client. The error says why the text is no message; the socket then closes with 4400.
std::expected<Message, std::string> parse(std::string_view text);

/// @name Messages of the server
/// @{
std::string connection_ack();
std::string pong(std::string_view payload);
/// `response` is the whole GraphQL response as JSON.
std::string next(std::string_view id, std::string_view response);
std::string error(std::string_view id, const std::vector<graphql::Error>& errors);
std::string complete(std::string_view id);
/// @}

/// Whether a client offers the subprotocol.
bool is_offered(const net::Request& request);

}  // namespace rues::api::graphql_ws
