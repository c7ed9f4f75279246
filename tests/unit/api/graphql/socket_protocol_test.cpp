#include "api/graphql/socket_protocol.hpp"

#include <gtest/gtest.h>

namespace rues::api::graphql_ws {
namespace {

// The messages are from the document of the protocol (graphql-transport-ws).
TEST(GraphqlWsProtocol, every_message_type_of_a_client_is_parsed) {
    EXPECT_TRUE(std::holds_alternative<ConnectionInit>(*parse(R"({"type":"connection_init"})")));
    EXPECT_TRUE(std::holds_alternative<ConnectionInit>(*parse(R"({"type":"connection_init","payload":{"token":1}})")));
    EXPECT_TRUE(std::holds_alternative<Pong>(*parse(R"({"type":"pong","payload":null})")));
    EXPECT_EQ(std::get<Ping>(*parse(R"({"type":"ping"})")).payload, "");
    EXPECT_EQ(std::get<Ping>(*parse(R"({"type":"ping","payload":{"a":[1,"b"]}})")).payload, R"({"a":[1,"b"]})");
    EXPECT_EQ(std::get<Complete>(*parse(R"({"id":"x","type":"complete"})")).id, "x");
    const auto subscribe = std::get<Subscribe>(*parse(
        R"({"id":"x","type":"subscribe","payload":{"query":"query A { a }","operationName":"A","variables":{"b":2},"extensions":{}}})"));
    EXPECT_EQ(subscribe.id, "x");
    EXPECT_EQ(subscribe.question.document, "query A { a }");
    EXPECT_EQ(subscribe.question.operation, "A");
    EXPECT_EQ(subscribe.question.variables, (boost::json::object{{"b", 2}}));
    const auto bare =
        std::get<Subscribe>(*parse(R"({"id":"x","type":"subscribe","payload":{"query":"{a}","variables":null}})"));
    EXPECT_FALSE(bare.question.operation);
}

TEST(GraphqlWsProtocol, the_payload_of_a_ping_comes_back_byte_for_byte) {
    for (const std::string payload : {R"({"a":1.0,"b":1E2,"c":-0})", R"({ "a" : 12345678901234567890123 })",
                                      R"({"a":"\u0041","a":[ ]})", R"({"\u0070ayload":0.10})", "{\n}"}) {
        const auto ping = std::get<Ping>(*parse(R"({"payload":1,"type":"ping" , "payload" : )" + payload + " }"));
        EXPECT_EQ(ping.payload, payload);
        EXPECT_EQ(pong(ping.payload), R"({"type":"pong","payload":)" + payload + "}");
    }
    const auto escaped = std::get<Ping>(*parse(R"({"type":"ping","\u0070ayload":{"x":1.50}})"));
    EXPECT_EQ(escaped.payload, R"({"x":1.50})") << "a name may be written with escapes";
}

TEST(GraphqlWsProtocol, a_malformed_message_is_refused_with_a_reason) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "a message that is not a JSON object"},
        {"[]", "a message that is not a JSON object"},
        {R"("ping")", "a message that is not a JSON object"},
        {std::string(100, '['), "a message that is not a JSON object"},
        {R"({"type":"ping","payload":{"a":1e400}})", "a message that is not a JSON object"},
        {R"({"type":"ping","payload":{"a":"\ud800"}})", "a message that is not a JSON object"},
        {"{}", "a message without a type"},
        {R"({"type":7})", "a message without a type"},
        {R"({"type":"start"})", "a message of the unknown type start"},
        {R"({"type":"next","id":"x"})", "a message of the unknown type next"},
        {R"({"type":"ping","payload":7})", "a payload that is not an object"},
        {R"({"type":"connection_init","payload":[]})", "a payload that is not an object"},
        {R"({"type":"complete"})", "a message without a string id"},
        {R"({"type":"complete","id":""})", "a message without a string id"},
        {R"({"type":"complete","id":7})", "a message without a string id"},
        {R"({"type":"complete","id":")" + std::string(129, 'x') + R"("})", "an id of more than 128 bytes"},
        {R"({"type":"subscribe","payload":{"query":"{a}"}})", "a message without a string id"},
        {R"({"type":"subscribe","id":"x"})", "a payload that is not a GraphQL request"},
        {R"({"type":"subscribe","id":"x","payload":{}})", "a payload that is not a GraphQL request"},
        {R"({"type":"subscribe","id":"x","payload":{"query":7}})", "a payload that is not a GraphQL request"},
        {R"({"type":"subscribe","id":"x","payload":{"query":"{a}","variables":[]}})",
         "a payload that is not a GraphQL request"},
        {R"({"type":"subscribe","id":"x","payload":"{a}"})", "a payload that is not an object"},
    };
    for (const auto& [text, why] : cases) {
        const auto parsed = parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error(), why) << text;
    }
}

TEST(GraphqlWsProtocol, messages_of_the_server_have_the_form_of_the_protocol) {
    EXPECT_EQ(connection_ack(), R"({"type":"connection_ack"})");
    EXPECT_EQ(pong(""), R"({"type":"pong"})");
    EXPECT_EQ(pong(R"({"a":1})"), R"({"type":"pong","payload":{"a":1}})");
    EXPECT_EQ(next("a\"b", R"({"data":null})"), R"({"id":"a\"b","type":"next","payload":{"data":null}})");
    EXPECT_EQ(error("x", {graphql::Error{"one", {{1, 2}}, {}}, graphql::Error{"two", {}, {}}}),
              R"({"id":"x","type":"error","payload":[{"message":"one","locations":[{"line":1,"column":2}]},)"
              R"({"message":"two"}]})");
    EXPECT_EQ(complete("x"), R"({"id":"x","type":"complete"})");
}

TEST(GraphqlWsProtocol, the_subprotocol_is_found_anywhere_in_the_offered_list) {
    const auto offered = [](net::Headers headers) {
        net::Request request;
        request.headers = std::move(headers);
        return is_offered(request);
    };
    EXPECT_TRUE(offered({{"Sec-WebSocket-Protocol", "graphql-transport-ws"}}));
    EXPECT_TRUE(offered({{"sec-websocket-protocol", "graphql-ws, graphql-transport-ws"}}));
    EXPECT_TRUE(
        offered({{"Sec-WebSocket-Protocol", "graphql-ws"}, {"Sec-WebSocket-Protocol", "graphql-transport-ws"}}));
    EXPECT_FALSE(offered({{"Sec-WebSocket-Protocol", "graphql-ws"}}));
    EXPECT_FALSE(offered({{"Sec-WebSocket-Protocol", "graphql-transport-ws2"}}));
    EXPECT_FALSE(offered({}));
}

}  // namespace
}  // namespace rues::api::graphql_ws
