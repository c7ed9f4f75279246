// Messages on a socket, without a server: answers, their headers and errors. docs/legacy.md.
#include "unit/api/legacy/socket_fixture.hpp"

namespace rues::api::legacy {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(LegacySocket, the_server_says_nothing_first) {
    open();
    stage_.work();

    EXPECT_EQ(peer_.received, "");
}

TEST_F(LegacySocket, an_answer_has_the_target_and_topic_of_its_request_and_the_headers_of_the_specification) {
    open();

    const auto said = answer(message({{"X-Request-Id", "12be34ef"}}, TargetType::host, "node", "info"));

    EXPECT_EQ(said.event.target_type, TargetType::host);
    EXPECT_EQ(said.event.target, "node");
    EXPECT_EQ(said.event.topic, "info");
    const wire::HeaderList expected{{"X-Request-Id", "12be34ef"},
                                    {"Content-Type", "application/json"},
                                    {"Content-Length", std::to_string(said.event.data.size())},
                                    {"Rusk-Version", "1.7.0"},
                                    {"Status", "200; OK"}};
    EXPECT_EQ(said.headers, expected);
    EXPECT_EQ(data(said), stage_.context->node_info);
}

// The header example of the specification: docs/reference/protocol.md 9.1.
TEST_F(LegacySocket, the_versions_of_old_clients_are_refused_with_the_recorded_text) {
    open();
    for (const std::string version : {"0.10.2", "0.7.0", "9.9.9"}) {
        const auto said = answer(
            message({{"Content-Type", "application/json"}, {"Rusk-Version", version}, {"X-Request-Id", "12be34ef"}},
                    TargetType::host, "node", "info"));

        EXPECT_EQ(header(said, "Status"),
                  "400; Version error: Mismatched rusk version: requested ^" + version + " - current 1.7.0");
        EXPECT_EQ(header(said, "X-Request-Id"), "12be34ef");
        EXPECT_EQ(header(said, "Rues-Error-Code"), "version_mismatch");
    }
    EXPECT_EQ(header(answer(message({{"rusk-version", "1.7"}}, TargetType::host, "node", "info")), "Status"),
              "200; OK");
}

TEST_F(LegacySocket, a_strict_request_must_name_a_version) {
    open();
    const auto status = [this](wire::HeaderList headers) {
        return header(answer(message(std::move(headers), TargetType::host, "node", "info")), "Status");
    };

    EXPECT_EQ(status({{"Rusk-Version-Strict", "1"}}),
              "400; Version error: Missing Rusk-Version header while Rusk-Version-Strict is set");
    EXPECT_EQ(status({{"rusk-version-STRICT", "1"}, {"Rusk-Version", "1.7"}}), "200; OK");
}

TEST_F(LegacySocket, a_setting_lets_clients_require_any_version) {
    stage_.context->legacy_any_version = true;
    open();

    const auto said = answer(message({{"Rusk-Version", "0.10.2"}}, TargetType::host, "node", "info"));

    EXPECT_EQ(header(said, "Status"), "200; OK");
}

TEST_F(LegacySocket, keys_that_begin_with_x_come_back_byte_for_byte_and_others_do_not) {
    open();
    const wire::HeaderList mine{{"x-Lower", " 1.10 "}, {"X-\"Quote", "\"quoted\\\n"}, {"X-Ünï", "é\t☃"}, {"X-", ""}};
    wire::HeaderList sent = mine;
    sent.emplace_back("Rusk-Unknown", "1");
    sent.emplace_back("Rusk-Session-Id", "not an id");
    sent.emplace_back("Unknown", "2");
    sent.emplace_back("Status", "500; no");
    sent.emplace_back("Content-Encoding", "gzip");

    const auto said = answer(message(sent, TargetType::host, "node", "info"));

    EXPECT_EQ(wire::HeaderList(said.headers.begin(), said.headers.begin() + 4), mine);
    EXPECT_EQ(said.headers.size(), 8U);
    EXPECT_EQ(header(said, "Status"), "200; OK");
}

TEST_F(LegacySocket, a_content_length_must_be_the_length_of_the_data) {
    open();
    const auto status = [this](const std::string& length) {
        return header(answer(message({{"content-LENGTH", length}}, TargetType::host, "network", "peers", "10")),
                      "Status");
    };

    EXPECT_EQ(status("2"), "200; OK");
    EXPECT_EQ(status("3"), "400; Invalid input: Content-Length is 3, but the data has 2 bytes");
    EXPECT_THAT(status("-2"), StartsWith("400; "));
    EXPECT_THAT(status(""), StartsWith("400; "));
    EXPECT_THAT(status("99999999999999999999"), StartsWith("400; "));
}

TEST_F(LegacySocket, unknown_hosts_are_404_and_unknown_topics_501) {
    open();
    const auto status = [this](TargetType type, std::string_view target, std::string_view topic) {
        return header(answer(message({}, type, target, topic)), "Status");
    };

    EXPECT_EQ(status(TargetType::host, "nobody", "info"), "404; Path not found");
    EXPECT_EQ(status(TargetType::host, "", ""), "404; Path not found");
    EXPECT_EQ(status(TargetType::host, "Node", "info"), "404; Path not found");
    EXPECT_EQ(status(TargetType::host, "node/info?", "x"), "404; Path not found");
    EXPECT_EQ(status(TargetType::host, "../status", "x"), "404; Path not found");
    EXPECT_EQ(status(TargetType::host, "node", "nothing"), "501; Unsupported operation");
    EXPECT_EQ(status(TargetType::host, "node", "Info"), "501; Unsupported operation");
    EXPECT_EQ(status(TargetType::host, "rusk", "info"), "501; Unsupported operation");
    EXPECT_EQ(status(TargetType::host, "Chain", "preverify"), "501; Unsupported operation");
    EXPECT_EQ(status(TargetType::host, "rues", "nothing"), "501; Unsupported operation");
    EXPECT_EQ(status(TargetType::contract, "01", "root"), "400; Invalid input: Invalid contract bytes");
    EXPECT_EQ(status(TargetType::debugger, "x", "y"), "501; Unsupported operation");
}

TEST_F(LegacySocket, data_beyond_the_limit_of_its_route_is_413_and_the_socket_stays) {
    open();

    const auto said = answer(message({}, TargetType::host, "node", "info", std::string(65'537, 'a')));

    EXPECT_EQ(header(said, "Status"), "413; length limit exceeded");
    EXPECT_EQ(header(answer(message({}, TargetType::host, "node", "info", std::string(65'536, 'a'))), "Status"),
              "200; OK");
    EXPECT_EQ(peer_.closed, "");
}

TEST_F(LegacySocket, a_frame_whose_headers_can_be_read_is_answered_400_and_any_other_closes_with_1007) {
    const std::string good = R"({"X-Id":"7"})";
    const auto frame = [](std::string_view json, std::string_view rest) {
        base::Writer out;
        out.put(static_cast<std::uint32_t>(json.size())).put(base::view(json)).put(base::view(rest));
        return out.take();
    };
    const std::string_view rests[] = {"",                                               // nothing
                                      std::string_view("\0\1\0\0\0n\1\0\0\0t", 11),     // type 0
                                      std::string_view("\4\1\0\0\0n\1\0\0\0t", 11),     // type 4
                                      std::string_view("\2\2\0\0\0n", 6),               // a name that is cut
                                      std::string_view("\2\1\0\0\0n\2\0\0\0t", 11),     // a topic that is cut
                                      std::string_view("\2\1\4\0\0n", 6),               // a name of 1,025 bytes
                                      std::string_view("\2\1\0\0\0\xff\1\0\0\0t", 11),  // not UTF-8
                                      std::string_view("\2\xff\xff\xff\xffn\1\0\0\0t", 11)};
    open();
    for (const auto rest : rests) {
        const auto said = answer(frame(good, rest));
        EXPECT_THAT(header(said, "Status"), StartsWith("400; Invalid input: "));
        EXPECT_EQ(header(said, "X-Id"), "7");
        EXPECT_EQ(peer_.closed, "");
    }
    EXPECT_EQ(answer(frame(good, rests[1])).event.topic, "t") << "what can be read comes back";

    for (const std::string_view json :
         {"", "[]", "1", "{", R"({"a":1})", R"({"a":null})", "{\"a\":\"\xff\"}", R"({"a":"\ud800"})"}) {
        Peer peer;
        const auto socket = stage_.connect(peer);
        socket->on_binary(frame(json, std::string_view("\2\4\0\0\0node\4\0\0\0info", 17)));
        stage_.work();
        EXPECT_THAT(peer.closed, StartsWith("1007 ")) << json;
        EXPECT_EQ(peer.received, "");
    }
    for (const auto& bytes : {base::Bytes{}, base::to_bytes(std::string_view("\1\0\0", 3)),
                              base::to_bytes(std::string_view("\xff\xff\xff\xff{}", 6)),
                              base::to_bytes(std::string_view("\5\0\0\0{}", 6))}) {
        Peer peer;
        const auto socket = stage_.connect(peer);
        socket->on_binary(bytes);
        EXPECT_THAT(peer.closed, StartsWith("1007 "));
    }
}

TEST_F(LegacySocket, octets_and_text_are_chosen_as_in_rues) {
    open();
    const base::Bytes account(193, std::byte{0});  // no account: the answer is its default state
    const auto ask_account = [&](wire::HeaderList headers, std::string_view argument) {
        return answer(message(std::move(headers), TargetType::contract, kTransfer, "account", argument));
    };
    const auto bytes = ask_account({{"content-type", "application/octet-stream"}}, base::text(account));
    const auto hex = ask_account({}, "0x" + base::to_hex(account));
    const auto accepted = ask_account({{"Accept", "Application/Octet-Stream"}}, "0x" + base::to_hex(account));

    EXPECT_EQ(header(bytes, "Status"), header(hex, "Status"));
    if (header(bytes, "Status") == "200; OK") {
        EXPECT_EQ(header(bytes, "Content-Type"), "application/octet-stream");
        EXPECT_EQ(header(hex, "Content-Type"), "text/plain");
        EXPECT_EQ(data(hex), base::to_hex(bytes.event.data));
        EXPECT_EQ(accepted.event.data, bytes.event.data);
    }
    const auto json = ask_account({{"Content-Type", "application/json"}}, "not JSON");
    EXPECT_THAT(header(json, "Status"), HasSubstr("Invalid JSON"));
}

// --- debugger ---

TEST_F(LegacySocket, a_function_is_answered_with_bytes_to_who_accepts_them_and_in_hex_to_others) {
    open();
    const auto ask_chain_id = [this](wire::HeaderList headers) {
        return answer(message(std::move(headers), TargetType::contract, kTransfer, "chain_id"));
    };

    const auto hex = ask_chain_id({});
    const auto bytes = ask_chain_id({{"ACCEPT", "application/octet-stream"}});

    EXPECT_EQ(header(hex, "Status"), "200; OK");
    EXPECT_EQ(header(hex, "Content-Type"), "text/plain");
    EXPECT_EQ(bytes.event.data.size(), 1U);
    EXPECT_EQ(data(hex), base::to_hex(bytes.event.data));
    EXPECT_EQ(header(bytes, "Content-Type"), "application/octet-stream");
}

TEST_F(LegacySocket, an_empty_answer_has_the_type_that_its_client_accepts) {
    open();
    const auto type = [this](wire::HeaderList headers, std::string_view uri) {
        return header(answer(message(std::move(headers), TargetType::host, "rues", "subscribe", uri)), "Content-Type");
    };

    EXPECT_EQ(type({}, "/on/blocks/accepted"), "text/plain");
    EXPECT_EQ(type({{"Accept", "application/octet-stream"}}, "/on/blocks/reverted"), "application/octet-stream");
}

TEST_F(LegacySocket, an_echo_returns_the_data_whatever_the_headers_say) {
    open();
    const std::string bytes("\0\xff\n0x41", 7);
    const wire::HeaderList odd{{"Content-Type", "application/json"},
                               {"Content-Length", "1"},
                               {"Rusk-Version", "0.7.0"},
                               {"Rusk-Feeder", "1"},
                               {"X-Id", "1"}};

    const auto by_topic = answer(message(odd, TargetType::debugger, "any", "echo", bytes));
    const auto by_name = answer(message({}, TargetType::debugger, "echo", "any", bytes));

    EXPECT_EQ(data(by_topic), bytes);
    EXPECT_EQ(header(by_topic, "Status"), "200; OK");
    EXPECT_EQ(header(by_topic, "Content-Length"), "7");
    EXPECT_EQ(header(by_topic, "X-Id"), "1");
    EXPECT_EQ(by_topic.event.target, "any");
    EXPECT_EQ(data(by_name), bytes);
}

TEST_F(LegacySocket, a_status_has_the_requests_and_subscriptions_of_the_socket) {
    open();
    ask_info("1");
    stage_.work();
    answer(message({}, TargetType::host, "rues", "subscribe", "/on/blocks/accepted"));

    const auto said = answer(message({}, TargetType::debugger, "session", "status"));

    const auto json = boost::json::parse(data(said)).as_object();
    EXPECT_EQ(json.at("requests").at("read").to_number<int>(), 3);
    EXPECT_EQ(json.at("requests").at("in_progress").as_array().size(), 1U) << "this one";
    EXPECT_EQ(boost::json::serialize(json.at("subscriptions")), R"(["/on/blocks/accepted"])");
}

}  // namespace
}  // namespace rues::api::legacy
