#include "app/event_text.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "unit/wire/golden.hpp"

namespace rues::app {
namespace {

wire::Frame event(const char* location, std::string_view payload, const char* type = "application/json") {
    wire::Frame out{{{"Content-Location", location}}, base::to_bytes(payload)};
    if (!payload.empty()) out.headers.emplace_back("Content-Type", type);
    out.headers.emplace_back("Rues-Height", "7");
    return out;
}

constexpr char kAccepted[] = "/on/blocks:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff/accepted";

TEST(EventText, a_line_has_height_topic_entity_and_a_summary) {
    EXPECT_EQ(event_line(event(kAccepted, R"({"header":{"height":7},"transactions":["aa"]})"), false),
              "     7  blocks/accepted          00112233…  1 transaction");
    EXPECT_EQ(event_line(event("/on/transactions:ab/executed", R"({"err":"Unknown","gas_spent":5})"), false),
              "     7  transactions/executed    ab         gas 5, error: Unknown");
    EXPECT_EQ(event_line(event("/on/transactions:ab/removed", ""), false),
              "     7  transactions/removed     ab         ");
}

TEST(EventText, payloads_of_an_unknown_shape_are_shown_as_they_are_and_cut_between_characters) {
    EXPECT_EQ(event_line(event(kAccepted, "[1]"), false), "     7  blocks/accepted          00112233…  [1]");
    EXPECT_TRUE(event_line(event(kAccepted, "not json"), false).ends_with("8 bytes"));
    EXPECT_TRUE(event_line(event("/on/contracts:01/moonlight", "\x01\x02", "application/octet-stream"), false)
                    .ends_with("2 bytes"));
    const std::string umlauts = "\"" + std::string(200, '\xc3') + "\"";  // not UTF-8, so not JSON
    EXPECT_TRUE(event_line(event(kAccepted, umlauts), false).ends_with("202 bytes"));
    std::string list = "[1";
    for (int i = 0; i < 99; ++i) list += ",1";
    const auto line = event_line(event(kAccepted, list + "]"), false);
    EXPECT_TRUE(line.ends_with(list.substr(0, 100) + "…")) << line;
}

// Profile 1 sends 5 lux to itself, with the bytes of the reference (docs/reference/ledger.md 9.2).
TEST(EventText, a_decoded_payload_is_not_cut_early_and_the_reason_against_it_is_told) {
    std::string list = "[0";
    for (int i = 1; i <= 100; ++i) list += "," + std::to_string(i);
    auto decoded = event("/on/contracts:01/signed", list + "]");
    decoded.headers.emplace_back("Rues-Decoded", "json");
    EXPECT_TRUE(event_line(decoded, false).ends_with("99,100]"));
    auto raw = event("/on/contracts:01/signed", "\x01\x02", "application/octet-stream");
    raw.headers.emplace_back("Rues-Decoded", "no; no driver");
    EXPECT_TRUE(event_line(raw, false).ends_with("2 bytes (no driver)"));
}

TEST(EventText, an_event_of_a_genesis_contract_is_shown_as_its_driver_decodes_it) {
    const auto bytes = wire::golden::bytes("z208 z216 P1 0500000000000000 88fdffff00000000 f57f010000000000");
    const std::string contract = "/on/contracts:01" + std::string(62, '0');

    const auto line =
        event_line(event((contract + "/moonlight").c_str(), base::text(bytes), "application/octet-stream"), false);
    const auto other =
        event_line(event((contract + "/unheard_of").c_str(), base::text(bytes), "application/octet-stream"), false);

    EXPECT_TRUE(line.ends_with("0.000000005 DUSK, ocXXBAaf… → itself")) << line;
    EXPECT_TRUE(other.ends_with("648 bytes")) << other;
}

TEST(EventText, long_texts_of_a_decoded_event_are_cut_so_that_the_others_are_seen) {
    const std::string account =
        "ocXXBAafr7xFqQTpC1vfdSYdHMXerbPCED2apyUVpLjkuycsizDxwA6b9D7UW91kG58PFKqm9U9NmY9VSwufUFL5";
    std::string umlauts = "x";
    for (int i = 0; i < 99; ++i) umlauts += "ä";

    const auto line = event_line(event("/on/contracts:aa/signed", R"({"guest":")" + account + R"(","text":")" +
                                                                      umlauts + R"(","list":["hello"]})"),
                                 false);

    EXPECT_TRUE(line.ends_with(R"({"guest":"ocXXBAaf…","text":")" + umlauts.substr(0, 39) + R"(…","list":["hello"]})"))
        << line;
}

TEST(EventText, a_decoded_event_of_another_contract_is_not_shown_as_a_transfer) {
    const std::string payload = R"({"sender":"oA","receiver":"oB","value":"5000000000"})";
    const std::string digits = "01000000" + std::string(56, '0');

    EXPECT_TRUE(event_line(event(("/on/contracts:" + digits + "/moonlight").c_str(), payload), false)
                    .ends_with("5 DUSK, oA → oB"));
    const std::string alike = "/on/contracts:01000000" + std::string(56, '7') + "/moonlight";
    const auto other = event_line(event(alike.c_str(), payload), false);
    EXPECT_TRUE(other.ends_with(payload)) << other;
}

TEST(EventText, a_number_that_json_cannot_express_is_no_json) {
    EXPECT_TRUE(event_line(event(kAccepted, "[1e400]"), false).ends_with("7 bytes"));
}

TEST(EventText, a_call_is_shown_with_its_function_and_a_deployment_with_its_owner) {
    const auto included = [](const std::string& more) {
        return event_line(
            event("/on/transactions:ab/included", R"({"sender":"ocXX","receiver":null,"value":0,)" + more + "}"),
            false);
    };
    const std::string called =
        R"("is_deploy":false,"call":{"contract":"0200000000000000","fn_args":"","fn_name":"get_version"},"memo":null)";

    EXPECT_TRUE(included(called).ends_with("0 DUSK, ocXX → itself, calls get_version of 02000000…"));
    EXPECT_TRUE(included(R"("is_deploy":true,"call":null,"memo":null)").ends_with("→ itself, deploys a contract"));
    EXPECT_TRUE(included(R"("is_deploy":false,"call":null,"memo":null)").ends_with("→ itself"));
    EXPECT_TRUE(event_line(event("/on/contracts:aa/deploy",
                                 R"({"contract":"aa","owner":"0707070707","size":514,"origin":"bb"})"),
                           false)
                    .ends_with("514 bytes of code, owner 07070707…"));
    EXPECT_TRUE(
        event_line(event("/on/contracts:aa/deploy", R"({"contract":"aa"})"), false).ends_with(R"({"contract":"aa"})"));
    EXPECT_TRUE(
        event_line(event("/on/contracts:aa/hello", "\x01", "application/octet-stream"), false).ends_with("1 byte"));
}

TEST(EventText, a_transfer_is_shown_with_its_memo) {
    const auto line_with = [](const std::string& memo) {
        const auto payload = R"({"sender":"ocXX","receiver":null,"value":5,"memo":)" + memo + "}";
        return event_line(event("/on/transactions:ab/included", payload), false);
    };
    EXPECT_TRUE(line_with("null").ends_with("→ itself"));
    EXPECT_TRUE(line_with(R"("")").ends_with("→ itself"));
    EXPECT_TRUE(line_with(R"("6c756e6368")").ends_with("→ itself, “lunch”"));
    EXPECT_TRUE(line_with('"' + base::to_hex(base::to_bytes(std::string(41, 'x'))) + '"')
                    .ends_with("“" + std::string(40, 'x') + "…”"));
    EXPECT_TRUE(line_with(R"("ff")").ends_with("→ itself, memo of 1 byte"));
    EXPECT_TRUE(line_with(R"("1b5b324a")").ends_with("“\\x1b[2J”"));
}

TEST(EventText, text_from_a_contract_does_not_move_the_cursor) {
    const auto line =
        event_line(event("/on/transactions:ab/executed", R"({"err":"\u001b[2J\nfake","gas_spent":5})"), false);
    EXPECT_TRUE(line.ends_with("gas 5, error: \\x1b[2J\\x0afake")) << line;
}

TEST(EventText, a_frame_without_headers_is_still_a_line) {
    EXPECT_TRUE(event_line(wire::Frame{}, false).starts_with("     -  "));
}

TEST(EventText, the_json_form_distinguishes_the_kinds_of_payload) {
    EXPECT_EQ(
        event_json(event("/on/a", R"({"b":1})")),
        R"({"headers":{"Content-Location":"/on/a","Content-Type":"application/json","Rues-Height":"7"},"json":{"b":1}})");
    EXPECT_EQ(event_json(event("/on/a", "")),
              R"({"headers":{"Content-Location":"/on/a","Rues-Height":"7"},"json":null})");
    EXPECT_TRUE(event_json(event("/on/a", "\x01", "application/octet-stream")).ends_with(R"("base64":"AQ=="})"));
}

}  // namespace
}  // namespace rues::app
