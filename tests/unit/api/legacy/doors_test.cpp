// The paths of the legacy event system on a real server. docs/legacy.md.
#include "base/encoding.hpp"
#include "unit/api/fixture.hpp"
#include "wire/legacy.hpp"

namespace rues::api::legacy {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using wire::legacy::Message;
using wire::legacy::TargetType;

class LegacyDoors : public api::test::ApiTest {
protected:
    LegacyDoors() { legacy_ = true; }

    std::unique_ptr<net::test::Client> open(const std::string& path, const std::string& headers = {}) {
        auto client = std::make_unique<net::test::Client>(server_->port());
        head_ = client->ask("GET " + path +
                            " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
                            headers + "\r\n");
        return client;
    }
    static Message answer(net::test::Client& client, const Message& request) {
        client.send(net::test::client_frame(0x82, base::text(request.encode())));
        return read(client);
    }
    static Message read(net::test::Client& client) {
        const auto frame = client.read_frame();
        EXPECT_EQ(frame.first, 0x82U) << frame.code() << frame.reason();
        auto message = Message::parse(base::view(frame.payload));
        EXPECT_TRUE(message) << (message ? "" : message.error());
        return message.value_or(Message{});
    }
    static std::string header(const Message& message, std::string_view name) {
        return std::string(wire::find_header(message.headers, name).value_or("(none)"));
    }
    static Message of(TargetType type, std::string target, std::string topic, std::string_view data = {},
                      wire::HeaderList headers = {}) {
        return {std::move(headers), {type, std::move(target), std::move(topic), base::to_bytes(data)}};
    }

    Answer head_;  ///< of the last upgrade
};

// --- on and off ---

TEST_F(LegacyDoors, without_the_setting_its_paths_are_answered_as_before) {
    end();
    legacy_ = false;
    begin();

    for (const char* path : {"/legacy", "/02/Chain", "/1/ab", "/2/rusk"}) {
        for (const char* method : {"GET", "POST", "PUT"}) {
            EXPECT_EQ(ask(method, path).status, 404U) << method << path;
        }
        EXPECT_EQ(ask("POST", path).body, R"({"error":"Path not found"})");
        EXPECT_EQ(ask("POST", path, {}, std::string(10'000, 'x')).status, 404U);
        open(path);
        EXPECT_EQ(head_.status, 404U) << path;
    }
    const auto document = ask("GET", "/openapi.json").body;
    EXPECT_EQ(document.find("/legacy"), std::string::npos);
    EXPECT_EQ(document.find("{target}"), std::string::npos);
    EXPECT_EQ(ask("GET", "/").body.find("legacy"), std::string::npos);
}

TEST_F(LegacyDoors, the_start_page_and_the_document_say_that_it_is_on) {
    EXPECT_THAT(ask("GET", "/").body, HasSubstr(R"("legacy":"/legacy")"));
    const auto document = ask("GET", "/openapi.json").body;
    EXPECT_THAT(document, HasSubstr(R"("/legacy":{"get")"));
    EXPECT_THAT(document, HasSubstr(R"("/{type}/{target}":{)"));
    EXPECT_THAT(document, HasSubstr("The legacy event system is on"));
}

TEST_F(LegacyDoors, paths_of_two_parts_that_begin_with_no_number_stay_unknown) {
    for (const char* path : {"/x/Chain", "/2x/Chain", "//Chain", "/2/Chain/info", "/2"}) {
        EXPECT_EQ(ask("POST", path, {}, R"({"topic":"info","data":""})").status, 404U) << path;
    }
}

// --- upgrade ---

TEST_F(LegacyDoors, a_request_that_is_no_upgrade_is_refused_as_on_other_sockets) {
    EXPECT_EQ(ask("GET", "/legacy").status, ask("GET", "/on").status);
    EXPECT_EQ(ask("GET", "/legacy").body, ask("GET", "/on").body);
    EXPECT_EQ(ask("POST", "/legacy").status, 404U);
}

TEST_F(LegacyDoors, what_is_wrong_in_the_url_is_told_before_the_upgrade) {
    const auto refused = [this](const std::string& query) {
        open("/legacy?" + query);
        return std::to_string(head_.status) + " " + head_.body;
    };

    EXPECT_EQ(refused("on=/on/nothing/x"), R"(404 {"error":"Path not found"})");
    EXPECT_THAT(refused("after=yesterday"), StartsWith(R"(400 {"error":"Invalid input: a position)"));
    EXPECT_EQ(refused("resume=1"), R"(400 {"error":"Invalid input: unknown parameter resume"})");
    std::string many;
    for (int i = 0; i < 65; ++i) many += "on=/on/blocks/a" + std::to_string(i) + "&";
    EXPECT_THAT(refused(many), StartsWith("400 "));
}

TEST_F(LegacyDoors, the_upgrade_says_whether_events_after_a_position_are_missing) {
    const std::string head = wire::Position{store_->epoch(), store_->last_seq()}.to_string();
    open("/legacy?on=/on/blocks/accepted&after=" + head);
    EXPECT_EQ(head_.status, 101U);
    EXPECT_EQ(head_.headers["rues-recovered"], "true");
    EXPECT_EQ(head_.headers["rues-position"], head);

    open("/legacy?on=/on/blocks/accepted&after=0000000000000001-5");
    EXPECT_EQ(head_.headers["rues-recovered"], "false");
    EXPECT_EQ(head_.headers["rues-position"], head);
}

TEST_F(LegacyDoors, the_worked_example_is_answered) {
    const auto client = open("/legacy");
    client->send(net::test::client_frame(
        0x82, base::text(*base::from_hex("5c0000007b22436f6e74656e742d54797065223a226170706c69636174696f6e"
                                         "2f6f637465742d73747265616d222c225275736b2d56657273696f6e223a2230"
                                         "2e372e30222c22582d526571756573742d4964223a223132626533346566227d"
                                         "02040000007275736b09000000707265766572696679cafe01"))));

    const auto said = read(*client);

    EXPECT_EQ(said.event.target, "rusk");
    EXPECT_EQ(said.event.topic, "preverify");
    EXPECT_EQ(header(said, "Status"), "400; Version error: Mismatched rusk version: requested ^0.7.0 - current 1.7.0");
    EXPECT_EQ(header(said, "X-Request-Id"), "12be34ef");
}

TEST_F(LegacyDoors, debuggers_answer_this_machines_own_user_only) {
    const auto echo = of(TargetType::debugger, "d", "echo", "hi");
    EXPECT_EQ(header(answer(*open("/legacy"), echo), "Status"), "200; OK");
    for (const char* sign : {"Origin: http://localhost\r\n", "X-Forwarded-For: 1.2.3.4\r\n", "Via: 1.1 proxy\r\n",
                             "Sec-Fetch-Site: cross-site\r\n"}) {
        const auto client = open("/legacy", sign);
        EXPECT_EQ(head_.status, 101U) << "pages of other sites may use the socket itself, as /on";
        EXPECT_EQ(header(answer(*client, echo), "Status"), "403; forbidden") << sign;
        EXPECT_EQ(header(answer(*client, of(TargetType::debugger, "d", "status")), "Status"), "403; forbidden");
        EXPECT_EQ(header(answer(*client, of(TargetType::host, "node", "info")), "Status"), "200; OK");
    }
}

TEST_F(LegacyDoors, a_message_above_the_limit_closes_with_1009) {
    const auto client = open("/legacy");
    client->send(net::test::client_frame(0x82, std::string(4'325'377, 'x')));
    EXPECT_EQ(client->read_frame().code(), 1009U);
}

// --- every name is answered as its equivalent ---

TEST_F(LegacyDoors, each_old_name_is_answered_as_its_path_in_rues) {
    const auto client = open("/legacy");
    const std::tuple<const char*, const char*, const char*, const char*> names[] = {
        {"rusk", "preverify", "/on/transactions/preverify", "00"},
        {"rusk", "provisioners", "/on/node/provisioners", ""},
        {"rusk", "crs", "/on/node/crs", ""},
        {"rusk", "prove_execute", "/on/prover/prove", "00"},
        {"prover", "prove_execute", "/on/prover/prove", "00"},
        {"Chain", "gql", "/on/graphql/query", "{ block(height: 0) { header { height } } }"},
        {"Chain", "propagate_tx", "/on/transactions/propagate", "00"},
        {"Chain", "alive_nodes", "/on/network/peers", "10"},
        {"Chain", "info", "/on/node/info", ""},
        {"Chain", "gas", "/on/blocks/gas-price", ""}};
    chain_->start();
    for (const auto& [host, topic, path, data] : names) {
        SCOPED_TRACE(std::string(host) + " " + topic);
        const auto rues = ask("POST", path, {}, data);
        const auto said = answer(*client, of(TargetType::host, host, topic, data));
        EXPECT_THAT(header(said, "Status"), StartsWith(std::to_string(rues.status) + "; "));
        EXPECT_EQ(base::text(said.event.data), rues.body);
    }
}

TEST_F(LegacyDoors, an_internal_error_has_the_id_of_the_log_and_the_clients_own_id) {
    pool_forgets_ = true;
    const auto client = open("/legacy");

    const auto said = answer(*client, of(TargetType::host, "node", "provisioners", {}, {{"x-request-id", "mine"}}));

    EXPECT_EQ(header(said, "Status"), "500; Internal server error");
    EXPECT_EQ(header(said, "X-Request-Id"), "mine");
    EXPECT_THAT(logged(), HasSubstr("request " + header(said, "Rues-Failure-Id") + " failed"));
}

TEST_F(LegacyDoors, a_transaction_that_is_watched_subscribes_the_socket) {
    const auto client = open("/legacy");
    chain_->start();

    const auto said =
        answer(*client, of(TargetType::host, "transactions", "propagate", "0x00", {{"Rues-Watch", "true"}}));

    EXPECT_THAT(header(said, "Status"), StartsWith("400; Invalid input: ")) << "not 424: the socket has a session";
}

// --- the form of Rusk 0.7 to 1.0 over HTTP ---

class LegacyOldHttp : public LegacyDoors {
protected:
    Answer post(const std::string& path, const std::string& body, const std::string& headers = {}) {
        return ask("POST", path, headers, body);
    }
};

TEST_F(LegacyOldHttp, a_type_is_a_decimal_number) {
    const auto rues = ask("POST", "/on/node/info");
    for (const char* path : {"/02/Chain", "/2/Chain", "/0002/Chain"}) {
        const auto said = post(path, R"({"topic":"info","data":""})");
        EXPECT_EQ(said.status, 200U) << path;
        EXPECT_EQ(said.body, rues.body);
        EXPECT_EQ(said.headers.at("content-type"), "application/json");
        EXPECT_EQ(said.headers.at("rusk-version"), "1.7.0");
    }
}

TEST_F(LegacyOldHttp, every_error_is_500_with_its_text) {
    const auto text = [this](const std::string& path, const std::string& body, const std::string& headers = {}) {
        const auto said = post(path, body, headers);
        EXPECT_EQ(said.status, 500U) << path << body;
        EXPECT_EQ(said.headers.at("content-type"), "text/plain; charset=utf-8");
        return said.body;
    };

    EXPECT_EQ(text("/2/Chain", R"({"topic":"nothing","data":""})"), "Unsupported operation");
    EXPECT_EQ(text("/3/echo", R"({"topic":"echo","data":""})"), "Unsupported operation");
    EXPECT_EQ(text("/9/echo", R"({"topic":"echo","data":""})"), "Unsupported operation");
    EXPECT_EQ(text("/99999999999999999999/x", "{}"), "Unsupported operation");
    EXPECT_EQ(text("/2/nobody", R"({"topic":"info","data":""})"), "Path not found");
    EXPECT_EQ(text("/2/Chain", R"({"topic":"info"})"), "the data is not a string");
    EXPECT_NE(text("/2/Chain", "nonsense"), "");
    EXPECT_EQ(text("/1/01", R"({"topic":"root","data":""})"), "Invalid input: Invalid contract bytes");
    EXPECT_EQ(text("/2/Chain", R"({"topic":"info","data":""})", "Rusk-Version: 0.7.0\r\n"),
              "Mismatched rusk version: requested ^0.7.0 - current 1.7.0");
    EXPECT_EQ(text("/2/Chain", std::string(4 << 20, ' ')), "length limit exceeded");
    EXPECT_EQ(text("/2/Chain", R"({"topic":"alive_nodes","data":"10"})"), "Invalid input: invalid amount")
        << "hex is one byte, as it was";
    EXPECT_THAT(text("/2/Chain", R"({"topic":"gql","data":"{ foo }"})"), StartsWith("[{\""));
}

TEST_F(LegacyOldHttp, every_method_is_a_request) {
    EXPECT_EQ(ask("PUT", "/2/Chain", {}, R"({"topic":"info","data":""})").status, 200U);
    EXPECT_EQ(ask("GET", "/2/Chain").status, 500U);
    EXPECT_EQ(ask("DELETE", "/2/Chain").status, 500U);
}

TEST_F(LegacyOldHttp, an_octet_stream_has_topic_and_data_and_is_answered_with_bytes) {
    const std::string binary = "Content-Type: application/octet-stream\r\n";
    const auto said = post("/2/rusk", std::string("\x09\0\0\0preverify\xca\xfe\x01", 16), binary);
    const auto rues = ask("POST", "/on/transactions/preverify", binary, "\xca\xfe\x01");
    EXPECT_EQ(said.status, 500U);
    EXPECT_EQ(R"({"error":")" + said.body + "\"}", rues.body);

    const auto info = post("/2/Chain", std::string("\4\0\0\0info", 8), binary);
    EXPECT_EQ(info.body, ask("POST", "/on/node/info").body);
}

TEST_F(LegacyOldHttp, headers_are_http_headers_and_x_headers_come_back) {
    const auto said =
        post("/2/Chain", R"({"topic":"gql","data":"query($h: Float) { block(height: $h) { header { height } } }"})",
             "X-Request-Id: 12be34ef\r\nRusk-Version: ^1.0\r\nRusk-gqlvar-h: 0\r\nContent-Type: application/json\r\n");

    EXPECT_EQ(said.status, 200U);
    EXPECT_EQ(said.body, R"({"block":{"header":{"height":0}}})");
    EXPECT_EQ(said.headers.at("x-request-id"), "12be34ef");
}

TEST_F(LegacyOldHttp, a_contract_function_takes_bytes_whatever_json_carries_them) {
    const std::string contract = "01" + std::string(62, '0');
    const auto rues =
        ask("POST", "/on/contracts:" + contract + "/chain_id", "Content-Type: application/octet-stream\r\n");
    const auto said = post("/1/" + contract, R"({"topic":"chain_id","data":""})", "Content-Type: application/json\r\n");
    EXPECT_EQ(said.status, 200U) << said.body;
    EXPECT_EQ(said.body, base::to_hex(base::view(rues.body)));
}

TEST_F(LegacyOldHttp, a_socket_on_the_same_path_answers_with_text) {
    const auto client = open("/02/Chain");
    ASSERT_EQ(head_.status, 101U);
    client->send(net::test::client_frame(0x81, R"({"headers":{"X-A":"b"},"event":{"topic":"gas","data":""}})"));
    const auto frame = client->read_frame();
    EXPECT_EQ(frame.first, 0x81U);
    EXPECT_THAT(frame.payload, StartsWith(R"({"headers":{"X-A":"b","Rusk-Version":"1.7.0"},"data":{"average":)"));

    open("/4/Chain");
    EXPECT_EQ(head_.status, 500U);
}

}  // namespace
}  // namespace rues::api::legacy
