#include <gmock/gmock.h>

#include "base/encoding.hpp"
#include "base/json_reading.hpp"
#include "unit/api/fixture.hpp"

/// `/dev/reorg`, and what follows it elsewhere (docs/decisions/0032).
namespace rues::api {
namespace {

class ReorgTest : public test::ApiTest {
protected:
    std::string told(const std::string& body) {
        const auto answer = ask("POST", "/dev/reorg", "Content-Type: application/json\r\n", body);
        return std::to_string(answer.status) + " " + answer.body;
    }
    void mine(const std::string& count = "1") { ASSERT_EQ(ask("POST", "/dev/mine", "", count).status, 200U); }
    std::string graphql(const std::string& query) {
        return ask("POST", "/on/graphql/query", "", "query " + query).body;
    }
    std::string history(const std::string& parameters) {
        return ask("GET", "/events/history?on=/on/blocks/accepted" + parameters).body;
    }
    static std::size_t lines(const std::string& text) {
        return static_cast<std::size_t>(std::ranges::count(text, '\n'));
    }
};

TEST_F(ReorgTest, the_answer_says_what_was_taken_back) {
    node_->run_chain();
    mine("3");
    const auto old = chain_->tip().hash;

    const auto answer = told(R"({"depth":2,"replace":[[]]})");

    ASSERT_TRUE(answer.starts_with("200 ")) << answer;
    const auto json = base::json::parse(std::string_view(answer).substr(4)).value().as_object();
    EXPECT_EQ(json.at("height"), 2);
    EXPECT_EQ(json.at("hash"), base::json::hex(chain_->tip().hash));
    const auto& reverted = json.at("reverted").as_array();
    ASSERT_EQ(reverted.size(), 2U);
    EXPECT_EQ(reverted[0].as_object().at("hash"), base::json::hex(old));
    EXPECT_TRUE(json.at("returned").as_array().empty());
    EXPECT_TRUE(json.at("dropped").as_array().empty());
}

TEST_F(ReorgTest, a_malformed_order_is_400_and_says_where) {
    node_->run_chain();
    mine("2");
    const auto before = store_->last_seq();
    const std::string depth = R"(400 {"error":"Invalid input: depth: the number of blocks to take back is expected"})";

    EXPECT_TRUE(told("").starts_with("400 "));
    EXPECT_TRUE(told("[1]").starts_with("400 "));
    EXPECT_EQ(told("{}"), depth);
    EXPECT_EQ(told(R"({"depth":"2"})"), depth);
    EXPECT_EQ(told(R"({"depth":-1})"), depth);
    EXPECT_EQ(told(R"({"depth":1.5})"), depth);
    EXPECT_EQ(told(R"({"depth":0})"), R"(400 {"error":"Invalid input: depth: at least one block must be taken back"})");
    EXPECT_EQ(told(R"({"depth":3})"),
              R"(400 {"error":"Invalid input: depth: the tip is at height 2, and block 0 stays"})");
    EXPECT_EQ(told(R"({"depth":2,"final":false})"),
              R"(400 {"error":"Invalid input: depth: block 1 is final; at most 1 blocks are not"})");
    EXPECT_EQ(told(R"({"depth":1,"final":1})"), R"(400 {"error":"Invalid input: final: true or false is expected"})");
    EXPECT_EQ(told(R"({"depth":1,"blocks":[]})"),
              R"(400 {"error":"Invalid input: only depth, replace and final are known, not blocks"})");
    EXPECT_EQ(told(R"({"depth":1,"replace":{}})"),
              R"(400 {"error":"Invalid input: replace: a list of blocks is expected"})");
    EXPECT_EQ(told(R"({"depth":1,"replace":["00"]})"),
              R"(400 {"error":"Invalid input: replace[0]: a list of transactions is expected"})");
    EXPECT_EQ(told(R"({"depth":1,"replace":[[],["0x"]]})"),
              R"(400 {"error":"Invalid input: replace[1][0]: hex digits are expected"})");
    EXPECT_THAT(told(R"({"depth":1,"replace":[["0102"]]})"),
                ::testing::StartsWith(R"(400 {"error":"Invalid input: replace[0][0]: )"));
    EXPECT_EQ(store_->last_seq(), before);
}

TEST_F(ReorgTest, queries_and_their_caches_follow) {
    node_->run_chain();
    mine("4");
    const std::string hashes = "{ blocks(range: [1, 4]) { header { height hash } } }";
    const std::string pair = "{ lastBlockPair { json } }";
    const std::string status = "{ block(height: 2) { status } }";
    const auto before = graphql(hashes);
    EXPECT_THAT(graphql(status), ::testing::HasSubstr("Final"));

    ASSERT_TRUE(told(R"({"depth":3})").starts_with("200 "));
    const auto shorter = graphql(hashes);
    EXPECT_EQ(graphql("{ block(height: 2) { status } }"), R"({"block":null})");
    mine("3");
    const auto after = graphql(hashes);

    EXPECT_NE(before, after) << "final blocks are kept in memory by their height";
    for (std::uint64_t height = 2; height <= 4; ++height) {
        const auto block = store_->snapshot()->block(height).value();
        EXPECT_THAT(after, ::testing::HasSubstr(base::to_hex(block->header.hash)));
        EXPECT_THAT(shorter, ::testing::Not(::testing::HasSubstr(base::to_hex(block->header.hash))));
    }
    EXPECT_THAT(graphql(pair), ::testing::HasSubstr(base::to_hex(chain_->tip().hash)));
}

TEST_F(ReorgTest, history_waits_for_finality_and_gives_retractions_to_those_who_ask) {
    node_->run_chain();
    mine("3");
    EXPECT_EQ(lines(history("")), 3U);
    EXPECT_EQ(lines(history("&finality=confirmed")), 2U);
    EXPECT_EQ(lines(history("&finality=final")), 2U);

    ASSERT_TRUE(told(R"({"depth":1,"replace":[[],[]]})").starts_with("200 "));

    EXPECT_EQ(lines(history("")), 5U) << "the log keeps the events of the block that was taken back";
    EXPECT_EQ(lines(history("&finality=final")), 3U) << "the block that was taken back was never final";
    EXPECT_EQ(lines(history("&retractions=true")), 6U);
    EXPECT_EQ(lines(history("&finality=final&retractions=true")), 3U);
    EXPECT_THAT(history("&retractions=true"), ::testing::HasSubstr(R"("Rues-Retracted":"true")"));
    EXPECT_EQ(lines(ask("GET", "/events/history?on=/on/blocks/reverted").body), 1U);
    EXPECT_EQ(lines(ask("GET", "/events/history?on=/on/blocks/reverted&finality=final").body), 0U);
}

TEST_F(ReorgTest, a_page_of_final_events_ends_where_finality_ends) {
    node_->run_chain();
    mine("3");
    const auto all = ask("GET", "/events/history?on=/on/blocks/accepted&finality=final");
    EXPECT_EQ(all.headers.at("rues-position"), all.headers.at("rues-head"));
    const auto last = all.headers.at("rues-position");
    mine();

    const auto next = ask("GET", "/events/history?on=/on/blocks/accepted&finality=final&after=" + last);

    EXPECT_EQ(lines(next.body), 1U) << next.body;
}

TEST_F(ReorgTest, another_finality_is_400) {
    EXPECT_EQ(ask("GET", "/events/history?on=/on/blocks/accepted&finality=finalized").status, 400U);
    EXPECT_EQ(ask("GET", "/events/history?on=/on/blocks/accepted&retractions=yes").status, 400U);
    EXPECT_EQ(ask("GET", "/events/history?on=/on/blocks/accepted", "Rues-Finality: tomorrow\r\n").body,
              R"({"error":"Invalid input: a finality is accepted, confirmed or final"})");
}

TEST_F(ReorgTest, the_number_of_accounts_goes_back) {
    node_->run_chain();
    const auto count = [&] { return ask("POST", "/on/stats/account_count").body; };
    ASSERT_EQ(count(), R"({"public_accounts":4})");
    // Profile 1 pays 77 lux to an account that has none yet.
    ledger::Moonlight tx;
    const auto sender = crypto::account_key(ledger::local_chain_seed(), 1);
    tx.sender = sender.public_key();
    tx.receiver = crypto::account_key(ledger::local_chain_seed(), 77).public_key();
    tx.value = 77;
    tx.gas_limit = 10'000'000;
    tx.gas_price = 1;
    tx.nonce = 1;
    const auto raw = ledger::sign(std::move(tx), sender).encode(ledger::Envelope::aegis);
    ASSERT_EQ(told(R"({"depth":1})").substr(0, 3), "400");
    mine();
    ASSERT_TRUE(told(R"({"depth":1,"replace":[[")" + base::to_hex(raw) + R"("]]})").starts_with("200 "));
    EXPECT_EQ(count(), R"({"public_accounts":5})");

    ASSERT_TRUE(told(R"({"depth":1,"replace":[[]]})").starts_with("200 "));

    EXPECT_EQ(count(), R"({"public_accounts":4})");
}

}  // namespace
}  // namespace rues::api
