#include "api/graphql/service.hpp"
#include "unit/api/graphql/http_fixture.hpp"

/// Answers of GraphQL that are kept, shared or not sent again.
namespace rues::api {
namespace {

using test::GraphqlTest;

TEST_F(GraphqlTest, an_answer_that_did_not_change_is_304) {
    const std::string query = "?query=%7Bblock(height:-1)%7Bheader%7Bheight%7D%7D%7D";
    const auto first = get(query);
    const std::string tag = first.headers.at("etag");

    const auto again = get(query, "If-None-Match: \"x\", W/" + tag + "\r\n");
    EXPECT_EQ(again.status, 304U);
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(again.headers.at("etag"), tag);
    EXPECT_EQ(get(query, "If-None-Match: \"x\"\r\n").status, 200U);
    mine();
    const auto later = get(query, "If-None-Match: " + tag + "\r\n");
    EXPECT_EQ(later.status, 200U);
    EXPECT_NE(later.headers.at("etag"), tag);
}

TEST_F(GraphqlTest, the_same_question_at_the_same_tip_is_computed_once) {
    const std::string query = R"({"query":"{ block(height: -1) { header { height } } }"})";
    EXPECT_EQ(post(query).body, R"({"data":{"block":{"header":{"height":0}}}})");
    const int before = queued_;
    EXPECT_EQ(post(query).body, R"({"data":{"block":{"header":{"height":0}}}})");
    EXPECT_EQ(legacy("{ block(height: -1) { header { height } } }").body, R"({"block":{"header":{"height":0}}})");
    EXPECT_EQ(queued_, before);
    mine();
    EXPECT_EQ(post(query).body, R"({"data":{"block":{"header":{"height":1}}}})");
    EXPECT_GT(queued_, before);
}

TEST_F(GraphqlTest, another_block_at_the_same_height_is_another_tip) {
    const auto hash_of_tip = [&](std::uint64_t timestamp) {
        ledger::Block block;
        block.header.height = 1;
        block.header.timestamp = timestamp;
        block.header.hash = block.header.compute_hash();
        store::BlockCommit commit;
        commit.block = &block;
        commit.events = {ledger::block_accepted(block)};
        EXPECT_TRUE(store_->commit_block(commit));
        return base::to_hex(block.header.hash);
    };
    const std::string query = "{ block(height: -1) { header { hash } } }";
    const std::string query_string = "?query=%7Bblock(height:-1)%7Bheader%7Bhash%7D%7D%7D";
    std::string tag = "none";
    for (std::uint64_t timestamp = 1; timestamp <= 3; ++timestamp) {
        const auto hash = hash_of_tip(timestamp);
        EXPECT_EQ(legacy(query).body, R"({"block":{"header":{"hash":")" + hash + "\"}}}");
        const auto got = get(query_string, "If-None-Match: " + tag + "\r\n");
        EXPECT_EQ(got.status, 200U);
        EXPECT_EQ(got.body, R"({"data":{"block":{"header":{"hash":")" + hash + "\"}}}}");
        tag = got.headers.at("etag");
    }
}

TEST_F(GraphqlTest, an_answer_about_the_mempool_holds_until_the_mempool_changes) {
    const std::string pool = "{ mempoolTxs { id } }";
    const std::string block = "{ block(height: -1) { fees } }";
    EXPECT_EQ(legacy(pool).body, R"({"mempoolTxs":[]})");
    legacy(block);
    const int before = queued_;
    legacy(pool);
    legacy(block);
    EXPECT_EQ(queued_, before);

    ledger::Moonlight body;
    body.sender = crypto::account_key(ledger::local_chain_seed(), 0).public_key();
    body.value = 1;
    body.gas_limit = 10'000'000;
    body.gas_price = 1;
    body.nonce = 1;
    const auto tx = ledger::sign(std::move(body), crypto::account_key(ledger::local_chain_seed(), 0));
    const std::string raw(base::text(tx.encode(ledger::Envelope::aegis)));
    chain_->start();
    ASSERT_EQ(ask("POST", "/on/transactions/propagate", "Content-Type: application/octet-stream\r\n", raw).status,
              202U);

    EXPECT_EQ(legacy(pool).body, R"({"mempoolTxs":[{"id":")" + base::to_hex(tx.id()) + "\"}]}");
    const int after = queued_;
    legacy(block);
    EXPECT_EQ(queued_, after);
    const auto one = legacy("{ mempoolTx(hash: \"" + base::to_hex(tx.id()) + "\") { raw txType memo gasLimit } }");
    EXPECT_EQ(one.body, R"({"mempoolTx":{"raw":")" + base::to_hex(base::view(raw)) +
                            R"(","txType":"Moonlight","memo":null,"gasLimit":10000000}})");
}

TEST_F(GraphqlTest, equal_questions_at_the_same_time_share_one_computation) {
    pool_waits_ = true;
    const std::string request =
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\n{\"query\":\"{ __typename }\"} ";
    std::vector<std::unique_ptr<net::test::Client>> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(std::make_unique<net::test::Client>(server_->port()));
        clients.back()->send(request);
        wait_for_queued(1);
    }
    ask("GET", "/healthz");  // connections of one loop are read in order
    EXPECT_EQ(queued_, 1);
    work();
    for (auto& client : clients) EXPECT_EQ(client->read_answer().body, R"({"data":{"__typename":"Query"}})");
}

graphql_http::Moment at(unsigned char tip, std::uint64_t seq) {
    return {{std::byte{tip}}, seq};
}

TEST(AnswerCache, another_tip_at_the_same_height_invalidates_all_answers) {
    graphql_http::AnswerCache cache(16'000);
    const auto answer = [](unsigned char tip, std::uint64_t seq) {
        auto out = std::make_shared<graphql_http::Answered>(graphql::Response());
        out->at = at(tip, seq);
        return out;
    };
    cache.put("a", answer(1, 10));
    EXPECT_TRUE(cache.find("a", at(1, 10)));
    EXPECT_FALSE(cache.find("a", at(2, 12)));

    cache.put("a", answer(1, 11));  // made at the old tip, so it is not kept
    EXPECT_FALSE(cache.find("a", at(2, 12)));
    cache.put("a", answer(2, 12));
    EXPECT_FALSE(cache.find("a", at(1, 10))) << "a query that still reads the old tip gets no answer of the new one";
    EXPECT_TRUE(cache.find("a", at(2, 12)));
}

TEST(AnswerCache, a_full_cache_drops_the_least_recently_used_answers) {
    graphql_http::AnswerCache cache(16'000);
    const auto answer = [](std::size_t size) {
        graphql::Response response;
        response.data = std::string(size, 'x');
        auto out = std::make_shared<graphql_http::Answered>(response);
        out->at = at(1, 1);
        return out;
    };
    for (const char* key : {"a", "b", "c", "d"}) cache.put(key, answer(3'500));
    EXPECT_TRUE(cache.find("a", at(1, 1)));
    cache.put("e", answer(3'500));
    EXPECT_TRUE(cache.find("a", at(1, 1)));
    EXPECT_FALSE(cache.find("b", at(1, 1)));
    EXPECT_LE(cache.bytes(), 16'000U);
    cache.put("large", answer(5'000));  // more than a quarter of the cache, so it is not kept
    EXPECT_FALSE(cache.find("large", at(1, 1)));
    EXPECT_TRUE(cache.find("c", at(1, 1)));
    EXPECT_FALSE(cache.find("c", at(2, 2)));
    EXPECT_EQ(cache.bytes(), 0U);
    cache.put("late", answer(10));  // its block is not the tip any more
    EXPECT_EQ(cache.bytes(), 0U);
}

}  // namespace
}  // namespace rues::api
