#include "client/propagation.hpp"

#include "base/encoding.hpp"
#include "unit/client/scripted_session.hpp"

namespace rues::client {
namespace {

using rues::test::server_frame;
using test::accept_upgrade;
using test::kId;
using test::Peer;
using test::ScriptedServer;

constexpr std::chrono::seconds kPatience{10};
constexpr std::string_view kPositions = R"({"position":"0000000000000001-5"})";

/// The transfer of docs/reference/ledger.md 14.1.
constexpr std::string_view kTxId = "47268c27fa611d615cc17861412f5ee7961e5727530ff1933a01b9b0eea2a44c";
base::Bytes transfer() {
    return *base::from_hex(
        "01ec00000000000000008750919e713c45c08ada51c56baaeae98ae8e26935934c5857a0a864e8b9e3c3ace18ed77ae0b064"
        "cab369a8bf90bc72027573b53831e7a84ada02473015f50410ec66d987073c8928d6bbd4f2c309c8b57e8cf7dc8e37253f86"
        "6ade47fcb33c0186210986871b1690b405458ace24bc6e68253a4ad97326f535568614f1c6d2e3f1c719f51906452e74446b"
        "d508af8bee014707cba8e4ef8e712aecdffd72f0c1a226164f434883fc6b666a2b61e4e4af5cb75dd6e551a28ada83477aab"
        "c75aa64d0000000000000000000000000000000065cd1d00000000010000000000000000010000000000000000b73f5622e8"
        "968c8a8cc8584e8a455ceb531628dc69fbd499f37fa0dbdfb42676b9bad378aaf5b950e650bbfcd9c39a4c");
}

std::string event(std::string_view topic, std::string_view payload, bool late = false) {
    wire::Frame out{{{"Content-Location", "/on/transactions:" + std::string(kTxId) + "/" + std::string(topic)}},
                    base::to_bytes(payload)};
    if (late) out.headers.emplace_back("Rues-Replay", "true");
    return server_frame(0x82, base::text(out.encode()));
}

/// Sends one answer. The request goes to `asked`: its first line and the header that matters here.
ScriptedServer::Script answer(std::string status, std::string body, std::vector<std::string>* asked) {
    return [=](Peer& peer) {
        const std::string head = peer.read_until("\r\n\r\n");
        std::string line = head.substr(0, head.find(" HTTP/"));
        if (const auto wait = head.find("Rues-Wait: "); wait != std::string::npos)
            line += " " + head.substr(wait, head.find("\r\n", head.find("Rues-Wait-Seconds")) - wait);
        asked->push_back(line);
        peer.send("HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    };
}
ScriptedServer::Script session(std::string bytes) {
    return [=](Peer& peer) {
        accept_upgrade(peer);
        peer.send(server_frame(0x81, kId) + bytes);
    };
}

/// Runs `propagate` against a server that answers in this order.
struct Ran {
    Ran(std::vector<ScriptedServer::Script> scripts, Goal goal, std::chrono::milliseconds timeout = kPatience)
        : server(std::move(scripts)), outcome(propagate(server.url(), transfer(), goal, timeout)) {}
    ScriptedServer server;
    Result<Outcome> outcome;
};

TEST(Propagate, a_server_with_positions_is_asked_to_wait) {
    std::vector<std::string> asked;
    const Ran ran({answer("200 OK", std::string(kPositions), &asked),
                   answer("200 OK",
                          R"({"id":"ab","outcome":"failed","error":"Panic: no","block_height":12,"block_hash":"cd",)"
                          R"("gas_spent":7,"position":"0000000000000001-9","replaced_by":null})",
                          &asked)},
                  Goal::finalized);

    ASSERT_TRUE(ran.outcome) << ran.outcome.error().text;
    EXPECT_EQ(ran.outcome->kind, Outcome::Kind::failed);
    EXPECT_EQ(ran.outcome->error, "Panic: no");
    EXPECT_EQ(ran.outcome->block_height, 12U);
    EXPECT_EQ(ran.outcome->block_hash, "cd");
    EXPECT_EQ(ran.outcome->gas_spent, 7U);
    EXPECT_EQ(ran.outcome->replaced_by, "");
    EXPECT_EQ(asked,
              (std::vector<std::string>{
                  "GET /status", "POST /on/transactions/propagate Rues-Wait: finalized\r\nRues-Wait-Seconds: 10"}));
}

TEST(Propagate, a_refusal_of_the_node_is_refused_with_its_text) {
    for (const auto* kind : {kPositions.data(), "{}"}) {
        std::vector<std::string> asked;
        std::vector<ScriptedServer::Script> scripts{answer("200 OK", kind, &asked)};
        if (kind != kPositions) {
            scripts.push_back(session(""));
            for (int i = 0; i < 3; ++i) scripts.push_back(answer("200 OK", "", &asked));
        }
        scripts.push_back(answer("400 Bad Request", R"({"error":"Invalid nonce"})", &asked));
        const Ran ran(std::move(scripts), Goal::executed);

        ASSERT_FALSE(ran.outcome);
        EXPECT_EQ(ran.outcome.error().kind, Error::Kind::refused);
        EXPECT_EQ(ran.outcome.error().text, "Invalid nonce");
    }
}

TEST(Propagate, a_client_subscribes_at_a_plain_node_before_it_sends_the_transaction) {
    std::vector<std::string> asked;
    const Ran ran({answer("404 Not Found", "", &asked),
                   session(event("included", "{}") +
                           event("executed", R"({"err":null,"block_height":3,"gas_spent":9})") + event("removed", "")),
                   answer("200 OK", "", &asked), answer("200 OK", "", &asked), answer("200 OK", "", &asked),
                   answer("202 Accepted", "", &asked)},
                  Goal::executed);

    ASSERT_TRUE(ran.outcome) << ran.outcome.error().text;
    EXPECT_EQ(ran.outcome->id, kTxId);
    EXPECT_EQ(ran.outcome->kind, Outcome::Kind::executed);
    EXPECT_EQ(ran.outcome->block_height, 3U);
    EXPECT_EQ(ran.outcome->gas_spent, 9U);
    EXPECT_EQ(asked.back(), "POST /on/transactions/propagate");
    EXPECT_EQ(asked[1], "GET /on/transactions:" + std::string(kTxId) + "/executed");
}

TEST(Propagate, the_event_of_a_replaced_transaction_names_the_one_that_took_its_place) {
    wire::Frame removed{
        {{"Content-Location", "/on/transactions:" + std::string(kTxId) + "/removed"}, {"Rues-Replaced-By", "cd"}}, {}};
    std::vector<std::string> asked;
    const Ran ran({answer("404 Not Found", "", &asked), session(server_frame(0x82, base::text(removed.encode()))),
                   answer("200 OK", "", &asked), answer("200 OK", "", &asked), answer("200 OK", "", &asked),
                   answer("202 Accepted", "", &asked)},
                  Goal::executed);

    ASSERT_TRUE(ran.outcome) << ran.outcome.error().text;
    EXPECT_EQ(ran.outcome->kind, Outcome::Kind::removed);
    EXPECT_EQ(ran.outcome->replaced_by, "cd");
}

TEST(Propagate, a_plain_node_gets_no_transaction_whose_finality_is_the_goal) {
    std::vector<std::string> asked;
    const Ran ran({answer("404 Not Found", "", &asked)}, Goal::finalized);

    ASSERT_FALSE(ran.outcome);
    EXPECT_EQ(ran.outcome.error().kind, Error::Kind::refused);
    EXPECT_EQ(asked.size(), 1U);
}

TEST(Propagate, after_a_broken_wait_the_events_decide_and_a_late_executed_wins_over_removed) {
    std::vector<std::string> asked;
    const Ran ran({answer("200 OK", std::string(kPositions), &asked), [](Peer& peer) { peer.read_until("\r\n\r\n"); },
                   session(event("removed", "", true) +
                           event("executed", R"({"err":null,"block_height":4,"gas_spent":1})", true)),
                   answer("200 OK\r\nRues-Position: 0000000000000001-5", "", &asked),
                   answer("200 OK\r\nRues-Position: 0000000000000001-5", "", &asked),
                   answer("200 OK\r\nRues-Position: 0000000000000001-5", "", &asked)},
                  Goal::executed);

    ASSERT_TRUE(ran.outcome) << ran.outcome.error().text;
    EXPECT_EQ(ran.outcome->kind, Outcome::Kind::executed);
    EXPECT_EQ(ran.outcome->block_height, 4U);
}

TEST(Propagate, without_an_end_within_the_timeout_it_is_pending) {
    std::vector<std::string> asked;
    const Ran ran({answer("404 Not Found", "", &asked), session(""), answer("200 OK", "", &asked),
                   answer("200 OK", "", &asked), answer("200 OK", "", &asked), answer("202 Accepted", "", &asked)},
                  Goal::executed, std::chrono::milliseconds(40));

    ASSERT_TRUE(ran.outcome) << ran.outcome.error().text;
    EXPECT_EQ(ran.outcome->kind, Outcome::Kind::pending);
}

TEST(Propagate, a_transaction_that_the_node_took_is_pending_when_no_connection_succeeds_any_more) {
    constexpr int kAttempts = 32;  // more than there are pauses within the timeout
    std::vector<std::string> asked;
    std::vector<ScriptedServer::Script> scripts{answer("200 OK", std::string(kPositions), &asked),
                                                answer("202 Accepted", "", &asked)};
    for (int i = 0; i < kAttempts; ++i) scripts.emplace_back([](Peer&) {});
    const Ran ran(std::move(scripts), Goal::executed, std::chrono::milliseconds(1'000));

    ASSERT_TRUE(ran.outcome) << ran.outcome.error().text;
    EXPECT_EQ(ran.outcome->kind, Outcome::Kind::pending);
    EXPECT_EQ(ran.outcome->id, kTxId);
}

TEST(Propagate, bytes_that_are_not_a_transaction_are_not_sent) {
    const Url nobody{"127.0.0.1", 1, nullptr};
    const auto outcome = propagate(nobody, base::view("x"), Goal::executed, kPatience);

    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Error::Kind::invalid);
}

}  // namespace
}  // namespace rues::client
