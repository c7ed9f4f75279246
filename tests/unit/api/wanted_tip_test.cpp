#include "api/wanted_tip.hpp"

#include <thread>

#include "unit/api/fixture.hpp"

/// `Rues-Height` and `Rues-Hash` of answers, `Rues-Min-Height` and `Rues-Min-Hash` of requests (docs/delivery.md).
namespace rues::api {
namespace {

using net::test::Client;

constexpr const char* kJson = "Content-Type: application/json\r\n";
const std::string kTransferContract = "01" + std::string(62, '0');
const std::string kRead = "/on/contracts:" + kTransferContract + "/root";

class TipTest : public test::ApiTest {
protected:
    void SetUp() override {
        ApiTest::SetUp();
        chain_->start();
    }
    void begin_with(std::chrono::milliseconds tip_wait) {
        end();
        tip_wait_ = tip_wait;
        begin();
        chain_->start();
    }
    void mine(int blocks = 1) {
        for (; blocks > 0; --blocks) ASSERT_EQ(ask("POST", "/dev/mine").status, 200U);
    }
    std::string tip_hash() const { return base::to_hex(chain_->tip().hash); }
    static std::string height(std::uint64_t number) { return "Rues-Min-Height: " + std::to_string(number) + "\r\n"; }
    static std::string hash(const std::string& hex) { return "Rues-Min-Hash: " + hex + "\r\n"; }
    static std::string post(const std::string& path, const std::string& headers, const std::string& body = {}) {
        return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
               headers + "\r\n" + body;
    }
    std::size_t waits() const { return places_.of(Work::block_wait).taken(); }
    static bool comes(const std::function<bool()>& is_so) {
        const auto until = std::chrono::steady_clock::now() + net::test::kPatience;
        while (!is_so() && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return is_so();
    }
    /// A client whose request waits.
    std::unique_ptr<Client> waiting(const std::string& headers, const std::string& body = {}, unsigned char from = 0) {
        const auto before = waits();
        auto out = std::make_unique<Client>(net::test::Endpoint(server_->port()).from(from));
        out->send(post(kRead, headers, body));
        EXPECT_TRUE(comes([&] { return waits() == before + 1; }));
        return out;
    }
    void expect_tip(const Answer& answer, std::uint64_t at, const std::string& context = {}) {
        ASSERT_TRUE(answer.headers.contains("rues-height")) << context << answer.body;
        EXPECT_EQ(answer.headers.at("rues-height"), std::to_string(at)) << context;
        EXPECT_EQ(answer.headers.at("rues-hash"), tip_hash()) << context;
    }
};

TEST_F(TipTest, answers_of_the_chain_say_the_tip_that_they_were_computed_at) {
    const auto key = crypto::account_key(ledger::local_chain_seed(), 1).public_key();
    const std::string account = base::to_base58(key.bytes());
    const std::string query = R"({"query":"{block(height:-1){header{height}}}"})";
    for (std::uint64_t at = 0; at < 2; ++at) {
        // Twice: what is kept for the tip says it too.
        for (int i = 0; i < 2; ++i) {
            expect_tip(ask("POST", kRead), at, "call ");
            expect_tip(ask("POST", "/on/contracts:" + kTransferContract + "/num_notes", kJson, "null"), at, "JSON ");
            expect_tip(ask("POST", "/on/contracts:" + kTransferContract + "/nothing"), at, "error ");
            expect_tip(ask("POST", "/on/contracts:" + kTransferContract + "/sync", "Rusk-Feeder: 1\r\n",
                           std::string(16, '\0')),
                       at, "feeder ");
            expect_tip(ask("POST", "/on/account:" + account + "/status"), at, "account ");
            expect_tip(ask("POST", "/on/contract:" + kTransferContract + "/status"), at, "contract ");
            expect_tip(ask("POST", "/on/contract:" + kTransferContract + "/metadata"), at, "metadata ");
            expect_tip(ask("POST", "/on/contract_owner:" + kTransferContract + "/x"), at, "owner ");
            expect_tip(ask("POST", "/on/node/provisioners"), at, "provisioners ");
            expect_tip(ask("POST", "/on/stats/account_count"), at, "accounts ");
            expect_tip(ask("GET", "/contracts"), at, "contracts ");
            expect_tip(ask("GET", "/contracts/" + kTransferContract), at, "a contract ");
            expect_tip(ask("GET", "/contracts/" + kTransferContract + "/calls"), at, "calls ");
            expect_tip(ask("GET", "/archive/accounts/" + account), at, "archive ");
            expect_tip(ask("POST", "/on/blobs:" + std::string(64, '0') + "/hash"), at, "blob ");
            expect_tip(ask("POST", "/graphql", kJson, query), at, "GraphQL ");
            expect_tip(ask("POST", "/graphql", kJson, "[" + query + "," + query + "]"), at, "GraphQL list ");
            expect_tip(ask("POST", "/on/graphql/query", "", "{block(height:-1){header{height}}}"), at, "old GraphQL ");
        }
        mine();
    }
}

TEST_F(TipTest, answers_that_do_not_follow_from_the_chain_say_no_tip) {
    for (const auto* path : {"/on/node/info", "/on/network/peers", "/on/blocks/gas-price"})
        EXPECT_FALSE(ask("POST", path).headers.contains("rues-height")) << path;
}

TEST_F(TipTest, a_block_that_is_there_costs_no_wait) {
    mine(2);
    EXPECT_EQ(ask("POST", kRead, height(2)).status, 200U);
    EXPECT_EQ(ask("POST", kRead, height(0) + hash(tip_hash())).status, 200U);
    EXPECT_EQ(ask("GET", "/contracts", height(1)).status, 200U);
    EXPECT_EQ(places_.counts(Work::block_wait).refused.value(), 0U);
}

TEST_F(TipTest, a_request_waits_for_its_block_and_is_answered_at_it) {
    mine();
    const auto client = waiting(height(2));
    EXPECT_FALSE(client->readable());

    mine();

    const auto answer = client->read_answer();
    EXPECT_EQ(answer.status, 200U) << answer.body;
    expect_tip(answer, 2);
    EXPECT_TRUE(comes([&] { return waits() == 0; }));
}

TEST_F(TipTest, a_request_with_both_headers_waits_for_both) {
    mine();
    const auto client = waiting(height(2) + hash(tip_hash()));

    mine();

    expect_tip(client->read_answer(), 2);
}

TEST_F(TipTest, wrong_values_are_400) {
    for (const auto* value : {"", "-1", "1.5", "0x1", "18446744073709551616", "one"}) {
        const auto answer = ask("POST", kRead, std::string("Rues-Min-Height: ") + value + "\r\n");
        EXPECT_EQ(answer.status, 400U) << value;
        EXPECT_EQ(answer.body, R"({"error":"Invalid input: Rues-Min-Height: a height is expected"})") << value;
    }
    for (const auto& value : {std::string(), std::string("ab"), std::string(64, 'g'), std::string(66, 'a')}) {
        const auto answer = ask("GET", "/contracts", hash(value));
        EXPECT_EQ(answer.status, 400U) << value;
        EXPECT_EQ(answer.body, R"({"error":"Invalid input: Rues-Min-Hash: 64 hex digits are expected"})") << value;
    }
}

TEST_F(TipTest, a_block_that_does_not_come_is_given_up_with_503) {
    begin_with(std::chrono::milliseconds(100));
    mine();
    for (const auto& headers : {height(18'446'744'073'709'551'615U), hash(std::string(64, 'a'))}) {
        const auto answer = ask("POST", kRead, headers);
        EXPECT_EQ(answer.status, 503U);
        EXPECT_EQ(answer.headers.at("rues-error-code"), "block_not_reached");
        EXPECT_EQ(answer.headers.at("retry-after"), "1");
        EXPECT_EQ(answer.body, R"({"error":"the wanted block is not there yet: the tip is block 1"})");
    }
    EXPECT_EQ(waits(), 0U);
}

TEST_F(TipTest, a_block_that_was_taken_back_is_412_until_it_is_there_again) {
    mine(2);
    const auto taken = tip_hash();
    ASSERT_EQ(ask("POST", "/dev/reorg", kJson, R"({"depth":1})").status, 200U);

    const auto answer = ask("POST", kRead, hash(taken));

    EXPECT_EQ(answer.status, 412U);
    EXPECT_EQ(answer.headers.at("rues-error-code"), "block_taken_back");
    EXPECT_EQ(answer.body, R"({"error":"the block )" + taken + R"( was taken back"})");
    EXPECT_EQ(waits(), 0U);
}

TEST_F(TipTest, a_block_that_is_taken_back_while_a_request_waits_is_412_in_the_end) {
    begin_with(std::chrono::milliseconds(1'000));
    mine(2);
    const auto taken = tip_hash();
    const auto client = waiting(height(9) + hash(taken));

    ASSERT_EQ(ask("POST", "/dev/reorg", kJson, R"({"depth":1})").status, 200U);

    EXPECT_EQ(client->read_answer().status, 412U);
}

TEST_F(TipTest, a_client_that_leaves_gives_its_place_back) {
    auto client = waiting(height(9));
    client.reset();
    EXPECT_TRUE(comes([&] { return waits() == 0; }));
    EXPECT_EQ(bodies_of_waiting_.taken(), 0U);
}

TEST_F(TipTest, a_client_that_ends_its_side_is_answered_at_once) {
    const auto client = waiting(height(9));
    client->finish();
    EXPECT_EQ(client->read_answer().status, 503U);
    EXPECT_EQ(waits(), 0U);
}

TEST_F(TipTest, a_stopping_server_answers_waiting_requests_at_once) {
    const auto client = waiting(height(9));
    server_->drain(std::chrono::hours(1));
    const auto answer = client->read_answer();
    EXPECT_EQ(answer.status, 503U);
    EXPECT_EQ(answer.headers.at("rues-error-code"), "block_not_reached");
}

TEST_F(TipTest, one_client_has_at_most_its_part_of_the_waiting_requests) {
    std::vector<std::unique_ptr<Client>> clients;
    for (std::size_t i = 0; i < class_of(Work::block_wait).of_one; ++i) clients.push_back(waiting(height(9), {}, 1));
    const auto refused = Client(net::test::Endpoint(server_->port()).from(1)).ask(post(kRead, height(9)));
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.headers.at("rues-error-code"), "client_limit");
    EXPECT_EQ(refused.body, R"({"error":"for your address, too many requests wait for blocks"})");
    clients.push_back(waiting(height(9), {}, 2));
    EXPECT_EQ(ask("POST", kRead, height(0)).status, 200U) << "others are not held up";
}

TEST_F(TipTest, all_clients_together_have_a_bound) {
    std::vector<Place> held;
    while (auto place = places_.take(Work::block_wait)) held.push_back(std::move(*place));
    EXPECT_EQ(held.size(), class_of(Work::block_wait).most);
    const auto refused = ask("POST", kRead, height(9));
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(refused.headers.at("rues-error-code"), "overloaded");
    EXPECT_EQ(places_.counts(Work::block_wait).refused.value(), 1U);
}

TEST_F(TipTest, bodies_of_waiting_requests_have_a_bound) {
    const auto rest = *bodies_of_waiting_.take(bodies_of_waiting_.most() - 1'000);
    auto client = waiting(height(1), std::string(600, 'x'));
    EXPECT_EQ(ask("POST", kRead, height(9), std::string(600, 'x')).status, 503U);
    mine();
    EXPECT_EQ(client->read_answer().headers.at("rues-height"), "1");
    EXPECT_TRUE(comes([&] { return bodies_of_waiting_.taken() == rest.amount(); }));
}

/// A gateway's side of a request, which answers with the height that a node was asked for.
class FakeElsewhere final : public Elsewhere {
public:
    bool takes(const Route&, const Exchange& exchange) const override { return is_mine(exchange); }
    bool needs_node(const Route&, const Exchange& exchange) const override { return is_mine(exchange); }
    bool has_node_at(std::uint64_t height) const override { return node_height >= height; }
    void answer(const Context&, const Route&, Exchange exchange) override { std::move(exchange).text("a node"); }

    std::atomic<std::uint64_t> node_height{0};

private:
    static bool is_mine(const Exchange& exchange) { return exchange.request.path().starts_with("/on/contracts"); }
};

class ElsewhereTest : public TipTest {
protected:
    ElsewhereTest() { elsewhere_ = nodes_; }
    const std::shared_ptr<FakeElsewhere> nodes_ = std::make_shared<FakeElsewhere>();
};

TEST_F(ElsewhereTest, a_request_for_a_node_waits_until_a_node_has_the_block_too) {
    mine();
    const auto client = waiting(height(1));
    EXPECT_EQ(ask("GET", "/contracts", height(1)).status, 200U) << "this one needs no node";

    nodes_->node_height = 1;

    EXPECT_EQ(client->read_answer().body, "a node");
}

TEST_F(ElsewhereTest, a_block_that_no_node_has_is_given_up_with_503) {
    begin_with(std::chrono::milliseconds(100));
    mine();
    for (const auto& headers : {height(1), hash(tip_hash())})
        EXPECT_EQ(ask("POST", kRead, headers).body,
                  R"({"error":"the wanted block is not there yet: no node that answers has it"})");
}

}  // namespace
}  // namespace rues::api
