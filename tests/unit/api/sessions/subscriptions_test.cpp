// Paths of subscriptions, and requests that name a session. docs/reference/differences.md 37 to 39, docs/delivery.md.
#include "unit/api/fixture.hpp"
#include "wire/path.hpp"

namespace rues::api::test {
namespace {

class SubscriptionsTest : public ApiTest {
protected:
    /// An open session. Its id came as the first message.
    struct Opened {
        std::unique_ptr<net::test::Client> client;
        std::string id;
        std::string header() const { return "Rusk-Session-Id: " + id + "\r\n"; }
    };
    Opened open() {
        Opened out{std::make_unique<net::test::Client>(server_->port()), {}};
        EXPECT_EQ(out.client->open_websocket("/on").status, 101U);
        out.id = out.client->read_frame().payload;
        return out;
    }
    unsigned subscribe(const Opened& session, const std::string& path) {
        return ask("GET", path, session.header()).status;
    }
    /// Reads the head of a stream and its first event.
    std::pair<Answer, std::string> stream(const std::string& path, const std::string& headers = {}) {
        net::test::Client client(server_->port());
        client.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
        auto head = client.read_answer();
        std::string body;
        if (head.status == 200) {
            client.read_until("\r\n");  // the size of the chunk
            body = client.read_until("\n\n");
        }
        return {std::move(head), std::move(body)};
    }
    std::string position(std::uint64_t seq) const { return wire::Position{store_->epoch(), seq}.to_string(); }
};

// --- docs/reference/differences.md 37 ---

TEST_F(SubscriptionsTest, a_contract_subscription_without_an_id_covers_every_contract) {
    const auto session = open();

    EXPECT_EQ(subscribe(session, "/on/contracts/deploy"), 200U);
    EXPECT_EQ(ask("DELETE", "/on/contracts/deploy", session.header()).status, 200U);
    EXPECT_EQ(ask("DELETE", "/on/contracts/deploy", session.header()).status, 404U);
    EXPECT_EQ(ask("GET", "/on/contracts/deploy").status, 424U);
    EXPECT_EQ(ask("GET", "/on/contracts/", session.header()).status, 404U);
}

// The node does not have this path, so other methods are answered as the node answers them.
TEST_F(SubscriptionsTest, other_methods_of_a_contract_path_without_an_id_stay_unknown) {
    for (const char* method : {"POST", "PUT"}) {
        const auto answer = ask(method, "/on/contracts/deploy", "Rusk-Version: 9.0.0\r\n");
        EXPECT_EQ(answer.status, 404U) << method;
        EXPECT_EQ(answer.body, R"({"error":"Path not found"})") << method;
    }
}

// --- docs/reference/differences.md 38 ---

TEST_F(SubscriptionsTest, a_post_that_names_a_session_needs_an_open_one) {
    auto session = open();

    EXPECT_EQ(ask("POST", "/on/node/info", session.header()).status, 200U);
    for (const std::string& id :
         {std::string(), std::string("xyz"), std::string("0123"), std::string(32, '0'), session.id + "00"}) {
        const auto refused = ask("POST", "/on/node/info", "Rusk-Session-Id: " + id + "\r\n");
        EXPECT_EQ(refused.status, 424U) << id;
        EXPECT_EQ(refused.body, R"({"error":"Session ID not provided or invalid"})") << id;
        EXPECT_EQ(refused.headers.at("rues-error-code"), "session_unknown") << id;
    }
    session.client->close();
    for (unsigned status = 200; status == 200;) {  // until the server has noticed
        status = ask("POST", "/on/node/info", session.header()).status;
        ASSERT_TRUE(status == 200 || status == 424);
    }
    EXPECT_EQ(ask("POST", "/on/node/info").status, 200U);
}

TEST_F(SubscriptionsTest, a_post_is_checked_for_version_and_path_before_its_session_and_for_its_topic_after_it) {
    const std::string unknown = "Rusk-Session-Id: xyz\r\n";

    EXPECT_EQ(ask("POST", "/on/node/info", unknown + "Rusk-Version: 9.0.0\r\n").status, 400U);
    EXPECT_EQ(ask("POST", "/on/nowhere/info", unknown).status, 404U);
    EXPECT_EQ(ask("POST", "/on/account:%ff/status", unknown).status, 400U);
    EXPECT_EQ(ask("POST", "/on/node/nothing", unknown).status, 424U);
    EXPECT_EQ(
        ask("POST", "/graphql", unknown + "Content-Type: application/json\r\n", R"({"query":"{__typename}"})").status,
        200U)
        << "not under /on/";
}

// --- docs/reference/differences.md 39 ---

TEST_F(SubscriptionsTest, a_client_that_resumes_too_many_sessions_at_once_gets_429_with_the_setting) {
    end();
    limits_.client_resumes = 1;
    begin();
    auto session = open();
    ASSERT_EQ(subscribe(session, "/on/blocks/accepted"), 200U);
    const auto client = clients_->of(*base::ClientKey::parse("127.0.0.1"), std::chrono::steady_clock::now());
    const std::string path = "/on?resume=" + session.id;
    ASSERT_EQ(client->take(base::Holding::resumes, 1), base::Taken::yes);  // one that is under way

    net::test::Client refused(server_->port());
    const auto answer = refused.open_websocket(path);
    EXPECT_EQ(answer.status, 429U);
    EXPECT_EQ(answer.headers.at("rues-error-code"), "client_limit");
    EXPECT_THAT(answer.body, testing::HasSubstr("(setting client-resumes)"));
    EXPECT_EQ(client->held(base::Holding::resumes), 1U);

    client->give_back(base::Holding::resumes, 1);
    net::test::Client resumed(server_->port());
    ASSERT_EQ(resumed.open_websocket(path).status, 101U);
    resumed.read_frame();  // its id
    EXPECT_THAT(resumed.read_frame().payload, testing::HasSubstr(R"("recovered":true)"));
    EXPECT_EQ(client->held(base::Holding::resumes), 0U) << "a session that is open is not being resumed";
}

TEST_F(SubscriptionsTest, get_lists_the_peers_like_post) {
    using Asked = std::pair<std::string, std::string>;  // path and body
    for (const auto& [path, body] :
         {Asked("/on/network/peers?count=3", ""), Asked("/on/network/peers", "3"), Asked("/on/network/peers", " 3\n"),
          Asked("/on/network/peers?count=x", "3"), Asked("/on/network/peers/", "3")}) {
        const auto answer = ask("GET", path, "", body);
        EXPECT_EQ(answer.status, 200U) << path << body;
        EXPECT_EQ(answer.body, "[]");
        EXPECT_EQ(answer.headers.at("content-type"), "application/json");
    }
    for (const auto& [path, body] :
         {Asked("/on/network/peers", ""), Asked("/on/network/peers?count=", ""),
          Asked("/on/network/peers?count=-1", ""), Asked("/on/network/peers?count=3", "x")}) {
        const auto answer = ask("GET", path, "", body);
        EXPECT_EQ(answer.status, 400U) << path << body;
        EXPECT_EQ(answer.body, R"({"error":"Invalid input: invalid amount"})");
    }
    EXPECT_EQ(ask("POST", "/on/network/peers?count=3").status, 400U) << "as the node";
    EXPECT_EQ(ask("POST", "/on/network/peers", "", "3").status, 200U);
    EXPECT_EQ(ask("GET", "/on/network/peers_location").status, 405U);
}

TEST_F(SubscriptionsTest, get_of_the_peers_with_a_session_is_a_subscription) {
    const auto session = open();

    const auto answer = ask("GET", "/on/network/peers", session.header());
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, "");
    EXPECT_TRUE(answer.headers.contains("rues-position"));
    EXPECT_EQ(ask("DELETE", "/on/network/peers", session.header()).status, 200U);
    EXPECT_EQ(ask("DELETE", "/on/network/peers", session.header()).status, 404U);
    EXPECT_EQ(ask("GET", "/on/network/peers?count=3", "Rusk-Session-Id: xyz\r\n").status, 424U);
}

// --- one URI on every interface ---

TEST_F(SubscriptionsTest, a_path_names_the_same_subscription_on_every_interface) {
    auto session = open();
    const auto command = [&](const std::string& text) {
        session.client->send(net::test::client_frame(0x81, text));
        return session.client->read_frame().payload;
    };
    for (const char* path : {"/on/contracts:a%2Fb/c", "/on/contracts:a/b%2Fc", "/on/contracts:%25/%3F%23%26%2B"}) {
        EXPECT_EQ(subscribe(session, path), 200U) << path;
        EXPECT_THAT(command(std::string(R"({"unsubscribe":[")") + path + "\"]}"),
                    ::testing::HasSubstr(std::string(R"("unsubscribed":[")") + path + "\"]"));
        EXPECT_THAT(command(std::string(R"({"subscribe":[")") + path + "\"]}"),
                    ::testing::HasSubstr(std::string(R"("on":")") + path + "\""))
            << "and the answer names it as a path";
        EXPECT_EQ(ask("DELETE", path, session.header()).status, 200U) << path;
        EXPECT_EQ(stream("/events?on=" + wire::percent_encoded(path)).first.status, 200U) << path;
        EXPECT_EQ(ask("GET", "/events/history?on=" + wire::percent_encoded(path)).status, 200U) << path;
    }
    EXPECT_EQ(ask("GET", "/events/history?on=/on/contracts:a%2Fb/c").status, 404U) << "a query is decoded first";
    EXPECT_EQ(ask("GET", "/events/history?on=/on/blocks/accepted/").status, 200U) << "slashes at the end count nowhere";
    EXPECT_EQ(subscribe(session, "//on/blocks/accepted//"), 200U);
    EXPECT_EQ(ask("DELETE", "/on/blocks/accepted", session.header()).status, 200U);
}

// --- Server-Sent Events ---

TEST_F(SubscriptionsTest, a_stream_must_not_be_buffered_or_compressed) {
    const auto head = stream("/events?on=/on/blocks/accepted").first;

    EXPECT_EQ(head.headers.at("x-accel-buffering"), "no");
    EXPECT_EQ(head.headers.at("cache-control"), "no-store, no-transform");
}

TEST_F(SubscriptionsTest, the_answer_of_a_feeder_must_not_be_buffered_or_compressed) {
    net::test::Client client(server_->port());
    const auto head = client.ask("POST /on/contracts:01" + std::string(62, '0') +
                                 "/sync_accounts HTTP/1.1\r\nHost: x\r\nRusk-Feeder: 1\r\n"
                                 "Content-Type: application/octet-stream\r\nContent-Length: 16\r\n\r\n" +
                                 std::string(16, '\0'));

    EXPECT_EQ(head.headers.at("x-accel-buffering"), "no");
    EXPECT_THAT(head.headers.at("cache-control"), ::testing::HasSubstr("no-transform"));
}

TEST_F(SubscriptionsTest, the_last_event_id_counts_more_than_after) {
    chain_->start();
    ASSERT_EQ(ask("POST", "/dev/mine", "", "3").status, 200U);
    const auto begins = [&](const std::string& parameters, const std::string& headers = {}) {
        const auto [head, event] = stream("/events?on=/on/blocks/accepted" + parameters, headers);
        return head.status == 200 ? event.substr(0, event.find('\n')) : std::to_string(head.status);
    };
    const std::string header = "Last-Event-ID: " + position(3) + "\r\n";

    EXPECT_EQ(begins("&after=" + position(1)), "id: " + position(1));
    EXPECT_EQ(begins("&after=" + position(1), header), "id: " + position(3));
    EXPECT_EQ(begins("&after=" + position(1) + "&lastEventId=" + position(2)), "id: " + position(2));
    EXPECT_EQ(begins("&lastEventId=" + position(2) + "&after=" + position(1)), "id: " + position(2));
    EXPECT_EQ(begins("&lastEventId=" + position(2), header), "id: " + position(3));
    for (const char* name : {"lastEventId", "lastEventID", "Last-Event-ID", "last-event-id", "last_event_id"})
        EXPECT_EQ(begins(std::string("&") + name + "=" + position(2)), "id: " + position(2)) << name;
}

TEST_F(SubscriptionsTest, an_empty_last_event_id_is_ignored_and_a_malformed_one_is_400) {
    EXPECT_EQ(stream("/events?on=/on/blocks/accepted&lastEventId=", "Last-Event-ID: \r\n").first.status, 200U);
    EXPECT_EQ(stream("/events?on=/on/blocks/accepted&lastEventId=7").first.status, 400U);
    EXPECT_EQ(stream("/events?on=/on/blocks/accepted", "Last-Event-ID: 7\r\n").first.status, 400U);
    EXPECT_EQ(ask("GET", "/events/history?on=/on/blocks/accepted&lastEventId=" + position(0)).status, 400U)
        << "a page is not a stream";
}

TEST_F(SubscriptionsTest, a_full_read_pool_does_not_delay_reads_of_the_log_for_sessions) {
    node_->run_chain();
    ASSERT_EQ(ask("POST", "/dev/mine").status, 200U);
    const auto epoch = store_->epoch();
    end();
    begin();  // the events are in the log only, no longer in the tail
    pool_is_full_ = true;

    net::test::Client client(server_->port());
    client.send(net::test::get("/events?on=/on/blocks/accepted&after=" + wire::Position{epoch, 0}.to_string()));

    EXPECT_TRUE(client.read_until("/accepted").ends_with("/accepted"));
}

}  // namespace
}  // namespace rues::api::test
