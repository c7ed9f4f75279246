// Decoded events on every way that the API has to get events. docs/delivery.md.
#include <numeric>
#include <thread>

#include "crypto/hash.hpp"
#include "drivers/driver.hpp"
#include "unit/api/endpoints/deployed.hpp"

namespace rues::api::test {
namespace {

const std::string kTransfer = base::to_hex(ledger::kTransferContract);
const std::string kMoonlight = "/on/contracts:" + kTransfer + "/moonlight";
const std::string kOdd = "/on/contracts:" + kTransfer + "/odd";
const std::string kRefused = R"({"error":"Invalid input: events can be decoded as json or no"})";

class DecodingTest : public ApiTest {
protected:
    /// Publishes a transfer and, of the same contract, an event that its driver does not know.
    void publish() {
        std::vector<ledger::Event> events;
        events.push_back(ledger::contract_event({ledger::kTransferContract, "moonlight", payload_, {}}, {}));
        events.push_back(ledger::contract_event({ledger::kTransferContract, "odd", base::to_bytes("abc"), {}}, {}));
        auto batch = store_->commit_mempool({{}, {}, events});
        ASSERT_TRUE(batch);
        hub_->appended(std::move(*batch));
    }
    std::string decoded() const {
        return base::json::print(*drivers::driver_of(ledger::kTransferContract)->decode_event("moonlight", payload_));
    }
    struct Opened {
        std::unique_ptr<net::test::Client> client;
        std::string header;  ///< names the session
        wire::Frame next() {
            const auto frame = wire::Frame::parse(base::view(client->read_frame().payload));
            EXPECT_TRUE(frame);
            return frame.value_or(wire::Frame{});
        }
    };
    Opened open(const std::string& path = "/on") {
        Opened out{std::make_unique<net::test::Client>(server_->port()), {}};
        EXPECT_EQ(out.client->open_websocket(path).status, 101U);
        out.header = "Rusk-Session-Id: " + out.client->read_frame().payload + "\r\n";
        return out;
    }
    void expect_decoded(const wire::Frame& frame) {
        EXPECT_EQ(frame.header("Content-Type"), "application/json");
        EXPECT_EQ(frame.header("Rues-Decoded"), "json");
        EXPECT_EQ(base::text(frame.payload), decoded());
    }

    const base::Bytes payload_ =
        store::samples::moonlight_event(store::samples::party(0), store::samples::party(1), 77);
};

TEST_F(DecodingTest, a_subscription_by_header_or_parameter_gets_decoded_events) {
    auto session = open();
    const auto made = ask("GET", kMoonlight, session.header + "Rues-Decode: json\r\n");
    EXPECT_EQ(made.status, 200U);
    EXPECT_EQ(made.headers.at("rues-decode"), "json");
    EXPECT_EQ(ask("GET", kOdd + "?decode=json", session.header).headers.at("rues-decode"), "json");

    publish();

    expect_decoded(session.next());
    const auto odd = session.next();
    EXPECT_EQ(odd.header("Rues-Decoded"), R"_(no; Unsupported("event odd"))_");
    EXPECT_EQ(odd.header("Content-Type"), "application/octet-stream");
    EXPECT_EQ(base::text(odd.payload), "abc");
}

TEST_F(DecodingTest, without_a_word_about_it_events_come_as_they_are) {
    auto session = open();
    EXPECT_FALSE(ask("GET", kMoonlight, session.header).headers.contains("rues-decode"));

    publish();

    const auto frame = session.next();
    EXPECT_FALSE(frame.header("Rues-Decoded"));
    EXPECT_EQ(frame.payload, payload_);
}

TEST_F(DecodingTest, a_session_that_was_opened_to_decode_does_so_for_requests_and_commands) {
    auto session = open("/on?decode=json");
    EXPECT_EQ(ask("GET", kMoonlight, session.header).headers.at("rues-decode"), "json");
    session.client->send(net::test::client_frame(0x81, R"({"subscribe":[")" + kOdd + R"("],"decode":"no"})"));
    EXPECT_THAT(session.client->read_frame().payload, testing::Not(testing::HasSubstr("decode")));

    publish();

    expect_decoded(session.next());
    EXPECT_FALSE(session.next().header("Rues-Decoded"));
}

TEST_F(DecodingTest, a_command_says_how_its_events_come) {
    auto session = open();
    session.client->send(net::test::client_frame(
        0x81, R"({"decode":"json","subscribe":[")" + kMoonlight + R"(","/on/blocks/accepted"]})"));
    const std::string answer = session.client->read_frame().payload;
    EXPECT_THAT(answer, testing::HasSubstr(R"("decode":"json"},{"on":"/on/blocks/accepted")"));

    publish();

    expect_decoded(session.next());
}

TEST_F(DecodingTest, another_form_than_json_is_refused_everywhere) {
    auto session = open();
    for (const std::string& path : {kMoonlight, "/events?on=" + kMoonlight, "/events/history?on=" + kMoonlight}) {
        const auto by_header = ask("GET", path, session.header + "Rues-Decode: xml\r\n");
        EXPECT_EQ(by_header.status, 400U) << path;
        EXPECT_EQ(by_header.body, kRefused);
        const auto by_parameter = ask("GET", path + (path.contains('?') ? "&" : "?") + "decode=", session.header);
        EXPECT_EQ(by_parameter.status, 400U) << path;
        EXPECT_EQ(by_parameter.body, kRefused);
    }
    net::test::Client client(server_->port());
    const auto upgrade = client.open_websocket("/on?decode=xml");
    EXPECT_EQ(upgrade.status, 400U);
    EXPECT_EQ(upgrade.body, kRefused);
    session.client->send(net::test::client_frame(0x81, R"({"subscribe":[")" + kMoonlight + R"("],"decode":true})"));
    EXPECT_THAT(session.client->read_frame().payload, testing::HasSubstr("events can be decoded as json or no"));
}

TEST_F(DecodingTest, a_stream_of_events_is_decoded) {
    for (const std::string& parameters : {std::string(), "&after=" + wire::Position{store_->epoch(), 0}.to_string()}) {
        net::test::Client client(server_->port());
        client.send("GET /events?decode=json&on=" + kMoonlight + parameters + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        EXPECT_EQ(client.read_answer().status, 200U);
        client.read_until("\n\n");  // hello

        publish();

        const std::string event = client.read_until("\n\n");
        EXPECT_THAT(event, testing::HasSubstr(R"("Rues-Decoded":"json"},"json":)" + decoded()));
    }
}

TEST_F(DecodingTest, a_page_of_history_is_decoded) {
    publish();
    const std::string path = "/events/history?on=" + kMoonlight + "&on=" + kOdd;

    const auto stored = ask("GET", path);
    const auto page = ask("GET", path + "&decode=json");

    EXPECT_EQ(page.status, 200U);
    EXPECT_THAT(page.body, testing::HasSubstr(R"("Rues-Decoded":"json"},"json":)" + decoded() + "}\n"));
    EXPECT_THAT(page.body,
                testing::HasSubstr(R"_("Rues-Decoded":"no; Unsupported(\"event odd\")"},"base64":"YWJj"})_"));
    EXPECT_THAT(stored.body, testing::Not(testing::HasSubstr("Rues-Decoded")));
    EXPECT_EQ(page.headers.at("rues-position"), stored.headers.at("rues-position"));
}

// The page ends early, and the next one goes on: no event is missing.
TEST_F(DecodingTest, a_page_of_history_ends_when_its_decoding_takes_too_long) {
    end();
    decoder_ = [](const auto&, auto, auto) -> std::expected<base::json::value, std::string> {
        std::this_thread::sleep_for(std::chrono::milliseconds(120));
        return base::json::value(1);
    };
    begin();
    for (int i = 0; i < 3; ++i) publish();
    const std::string path = "/events/history?decode=json&on=" + kMoonlight + "&on=" + kOdd;
    std::vector<std::size_t> events;
    std::string after;
    for (bool is_last = false; !is_last;) {
        const auto page = ask("GET", path + after);
        ASSERT_EQ(page.status, 200U);
        events.push_back(static_cast<std::size_t>(std::ranges::count(page.body, '\n')));
        is_last = page.headers.at("rues-position") == page.headers.at("rues-head");
        after = "&after=" + page.headers.at("rues-position");
    }

    EXPECT_GE(events.size(), 3U);
    EXPECT_EQ(std::accumulate(events.begin(), events.end(), std::size_t{0}), 6U);
}

TEST_F(DecodingTest, pages_of_decoded_history_have_places_of_their_own) {
    publish();
    const std::string path = "/events/history?on=" + kMoonlight;
    std::vector<Place> taken;
    for (std::size_t i = 0; i < class_of(Work::decoded_history).most; ++i)
        taken.push_back(*places_.take(Work::decoded_history));

    const auto refused = ask("GET", path + "&decode=json");

    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(refused.body, R"({"error":"too many pages of decoded history are being read"})");
    EXPECT_EQ(ask("GET", path).status, 200U);
    EXPECT_EQ(ask("GET", path + "&decode=no").status, 200U);
}

using DecodedHistoryTest = DeployedTest;

// The pool of the page looks, finds that the driver is not compiled, and gets the page again when it is.
TEST_F(DecodedHistoryTest, a_page_does_not_wait_for_a_compilation_on_its_pool) {
    uploaded(good_);
    ASSERT_TRUE(node_->drivers().must_compile(contract_));
    std::vector<ledger::Event> events;
    for (int i = 0; i < 2; ++i)
        events.push_back(ledger::contract_event({contract_, "echo", base::to_bytes("[1]"), {}}, {}));
    auto batch = store_->commit_mempool({{}, {}, events});
    ASSERT_TRUE(batch);
    hub_->appended(std::move(*batch));
    const std::string path = "/events/history?decode=json&on=/on/contracts:" + base::to_hex(contract_) + "/echo";
    const auto before = queued_.load();

    const auto page = ask("GET", path);

    EXPECT_EQ(page.status, 200U);
    EXPECT_EQ(std::ranges::count(page.body, '\n'), 2);
    EXPECT_THAT(page.body, testing::HasSubstr(R"("Rues-Decoded":"json"},"json":[1]})"));
    EXPECT_EQ(page.headers.at("rues-position"), page.headers.at("rues-head"));
    EXPECT_EQ(queued_.load(), before + 3);
    ask("GET", path);
    EXPECT_EQ(queued_.load(), before + 4) << "now it is compiled";
}

// An event that could not be decoded is not remembered as such when its contract gets a driver.
TEST_F(DecodingTest, an_uploaded_driver_counts_at_once) {
    const auto owner = crypto::account_key(ledger::local_chain_seed(), 0);
    genesis_.owner = owner.public_key();
    genesis_.notes.clear();
    std::atomic<bool> has_driver = false;
    decoder_ = [&](const auto&, auto, auto) -> std::expected<base::json::value, std::string> {
        if (!has_driver) return std::unexpected("no driver");
        return base::json::value("now it has");
    };
    begin_anew();
    publish();
    const std::string path = "/events/history?decode=json&on=" + kOdd;
    EXPECT_THAT(ask("GET", path).body, testing::HasSubstr("no; no driver"));
    has_driver = true;
    ASSERT_THAT(ask("GET", path).body, testing::HasSubstr("no; no driver")) << "a failure is kept for a while";
    const std::string module("\0asm\1\0\0\0", 8);

    const auto uploaded = ask("POST", "/on/contract:" + kTransfer + "/upload_driver",
                              "Content-Type: application/octet-stream\r\nsign: " +
                                  base::to_hex(owner.sign(crypto::sha3_256(base::view(module))).bytes()) + "\r\n",
                              module);

    EXPECT_EQ(uploaded.status, 200U) << uploaded.body;
    EXPECT_THAT(ask("GET", path).body, testing::HasSubstr("now it has"));
    end();
}

}  // namespace
}  // namespace rues::api::test
