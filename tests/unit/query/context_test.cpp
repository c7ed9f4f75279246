#include <algorithm>

#include "crypto/keys.hpp"
#include "fixture.hpp"
#include "ledger/genesis.hpp"
#include "unit/store/fixture.hpp"

/// The reads of one request: they come from one snapshot, read each object once, and stay within the limits.
namespace rues::query::test {
namespace {

/// A chain that grows between queries.
class Growing : public store::StoreTest {
protected:
    Growing() { run(*store_, 8); }  // four blocks including the genesis, and transaction 4 in the mempool
    std::string ask(const store::Snapshot& at, const std::string& document) {
        return test::ask(at, document).envelope();
    }

    std::unique_ptr<store::Store> store_ = open();
};

TEST_F(Growing, an_answer_with_its_mempool_comes_from_one_moment) {
    const auto at = store_->snapshot();
    const auto id = base::to_hex(store::samples::transaction(4).id());
    const std::string document = "{ block(height: -1) { header { height } } mempoolTxs { id } tx(hash: \"" + id +
                                 "\") { id } lastBlockPair { json } }";
    const auto before = ask(*at, document);
    EXPECT_TRUE(before.contains("{\"height\":3}") && before.contains("[{\"id\":\"" + id + "\"}]")) << before;

    run(*store_, 3);

    EXPECT_EQ(ask(*at, document), before);
    const auto after = ask(*store_->snapshot(), document);
    EXPECT_TRUE(after.contains("{\"height\":5}") || after.contains("{\"height\":4}")) << after;
    EXPECT_TRUE(after.contains("\"tx\":{\"id\":\"" + id + "\"}")) << after;
}

TEST_F(Growing, the_context_knows_whether_the_mempool_was_read) {
    const auto at = store_->snapshot();
    const auto looks = [&](const char* document) {
        Context context(*at);
        answer(node_schema(), {document, std::nullopt, {}}, context, {});
        return context.has_read_mempool();
    };
    EXPECT_TRUE(looks("{ mempoolTxs { id } }"));
    EXPECT_TRUE(
        looks("{ mempoolTx(hash: \""
              "0000000000000000000000000000000000000000000000000000000000000000"
              "\") { id } }"));
    EXPECT_FALSE(looks("{ block(height: -1) { transactions { id } } transactions(last: 9) { id } }"));
    EXPECT_FALSE(looks("query($no: Boolean = false) { mempoolTxs @include(if: $no) { id } }"));
}

TEST_F(Growing, a_failed_read_is_known_to_the_snapshot) {
    store_.reset();
    const auto id = store::samples::transaction(2).id();
    write_raw("transactions", std::string(base::text(id)), "short");
    store_ = open();
    const auto at = store_->snapshot();
    EXPECT_FALSE(test::ask(*at, "{ block(height: 1) { transactions { id } } }").errors.size());
    EXPECT_FALSE(at->failed());
    EXPECT_FALSE(test::ask(*at, "{ blocks(last: 3) { transactions { id } } }").errors.empty());
    EXPECT_TRUE(at->failed());
}

TEST_F(Growing, the_mempool_is_sorted_by_gas_price_then_by_larger_id) {
    store::MempoolCommit commit;
    const auto key = crypto::account_key(ledger::local_chain_seed(), 0);
    std::vector<std::pair<std::uint64_t, std::string>> expected;
    for (std::uint64_t nonce = 1; nonce <= 6; ++nonce) {
        ledger::Moonlight body;
        body.sender = key.public_key();
        body.gas_price = nonce % 3 + 1;
        body.nonce = nonce;
        const auto tx = ledger::sign(std::move(body), key);
        commit.added.push_back({tx.id(), tx.encode(ledger::Envelope::boreas), nonce});
        expected.emplace_back(nonce % 3 + 1, base::to_hex(tx.id()));
    }
    ASSERT_TRUE(store_->commit_mempool(commit));
    expected.emplace_back(0, base::to_hex(store::samples::transaction(4).id()));
    std::ranges::sort(expected, std::greater());

    const auto answer = boost::json::parse(test::ask(*store_->snapshot(), "{ mempoolTxs { id } }").data);
    const auto& told = answer.at("mempoolTxs").as_array();
    ASSERT_EQ(told.size(), expected.size());
    for (std::size_t i = 0; i < told.size(); ++i) EXPECT_EQ(told[i].at("id").as_string(), expected[i].second) << i;
}

std::string first_error(const graphql::Response& answer) {
    return answer.errors.empty() ? "" : answer.errors.front().message;
}

/// Requests at three heights of one chain share a cache, in different orders.
TEST(ReadCaches, a_cache_answers_nothing_from_another_moment) {
    recorded::ChainStore growing(chain(), 30);
    std::vector<std::unique_ptr<store::Snapshot>> moments;
    for (const std::size_t height : {30U, 45U, 46U}) {
        growing.grow_to(height);
        moments.push_back(growing->snapshot());
    }
    std::string document =
        "{ blocks(last: 20) { status header { height } fees transactions { id err } } transactions(last: 30) "
        "{ id blockHeight } block(height: 45) { status } lastBlockPair { json }";
    for (std::size_t height = 28; height <= 46; ++height)
        for (const auto& tx : chain().at("blocks").as_array()[height].at("transactions").as_array()) {
            const std::string id(tx.at("id").as_string());
            document += " t" + id + ": tx(hash: \"" + id + "\") { blockHash gasSpent }";
        }
    document += " }";
    std::vector<std::string> expected;
    for (const auto& at : moments) expected.push_back(test::ask(*at, document).envelope());
    ASSERT_NE(expected[0], expected[1]);
    ASSERT_NE(expected[1], expected[2]);
    for (const std::size_t bytes : {1'000UL, 50'000UL, 10'000'000UL}) {
        ReadCache cache(bytes);
        for (const std::size_t i : {2U, 0U, 1U, 2U, 1U, 0U, 0U, 2U})
            EXPECT_EQ(test::ask(*moments[i], document, engine_options(), &cache).envelope(), expected[i]) << bytes;
    }
}

TEST_F(Growing, a_transaction_that_is_executed_again_has_its_new_result) {
    ReadCache cache(1 << 20);
    const auto tx = store::samples::transaction(900);
    const std::string document = "{ tx(hash: \"" + base::to_hex(tx.id()) + "\") { gasSpent blockHeight } }";
    for (const std::uint64_t gas : {11U, 22U}) {
        ledger::Block block;
        // The second block replaces the first.
        block.header.height = store_->snapshot()->height() + (gas == 11 ? 1 : 0);
        block.header.timestamp = gas;
        block.header.hash = block.header.compute_hash();
        block.transactions.push_back({tx, block.header.height, gas, std::nullopt});
        store::BlockCommit commit;
        commit.block = &block;
        ASSERT_TRUE(store_->commit_block(commit));
        for (int again = 0; again < 2; ++again) {
            const auto at = store_->snapshot();
            EXPECT_TRUE(test::ask(*at, document, engine_options(), &cache)
                            .envelope()
                            .contains("\"gasSpent\":" + std::to_string(gas)));
        }
    }
}

TEST(Limits, rows_are_counted_wherever_they_are_read) {
    auto options = engine_options();
    options.limits.execution.rows = 60;
    const auto at = store()->snapshot();
    const std::string account =
        "oCqYsUMRqpRn2kSabH52Gt6FQCwH5JXj5MtRdYVtjMSJ73AFvdbPf98p3gz98fQwNy9ZBiDem6m9BivzURKFSKLYWP3N9JahSPZs9PnZ996P18"
        "r"
        "TGAjQTNFsxtbrKx79yWu";
    const auto refused = [&](const std::string& document) { return first_error(ask(*at, document, options)); };
    EXPECT_EQ(refused("{ blocks(last: 60) { header { height } } }"), "");
    for (const std::string& document :
         {std::string("{ blocks(last: 61) { header { height } } }"),
          std::string("{ a: blocks(last: 40) { fees } b: blocks(range: [0, 40]) { fees } }"),
          std::string("{ blocks(range: [10, 60]) { transactions { id } } }"),
          std::string("{ transactions(last: 100) { id } }"), std::string("{ blockTxs(range: [5, 50]) { id } }"),
          "{ fullMoonlightHistory(address: \"" + account + "\") { json } }",
          "{ moonlightHistory(sender: \"" + account + "\") { json } }",
          std::string("{ finalizedEvents(contractId: \""
                      "0200000000000000000000000000000000000000000000000000000000000000"
                      "\", limit: 61) { json } }")})
        EXPECT_EQ(refused(document), "Query is too complex.") << document;
    EXPECT_EQ(refused("{ moonlightHistory(sender: \"" + account + "\", maxCount: 5) { json } }"), "");
}

TEST(Limits, a_cancelled_request_stops_while_it_reads) {
    const auto at = store()->snapshot();
    for (const int calls : {0, 1, 5}) {
        Context context(*at);
        int left = calls;
        const auto answer = query::answer(
            node_schema(),
            {"{ blocks(last: 200) { fees transactions { id tx { json } } } transactions(last: 200) { raw } }",
             std::nullopt,
             {}},
            context, [&] { return left-- <= 0; });
        EXPECT_EQ(first_error(answer), "The request was cancelled.") << calls;
        EXPECT_EQ(answer.data, "null");
    }
}

}  // namespace
}  // namespace rues::query::test
