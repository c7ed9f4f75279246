#include "fixture.hpp"

/// Order, limits and error texts of queries for blocks and transactions (docs/reference/graphql.md 3, 7.5).
namespace rues::query::test {
namespace {

using boost::json::value;

std::vector<std::uint64_t> heights(const std::string& field) {
    std::vector<std::uint64_t> out;
    const auto answer = data_of("{ x: " + field + " { header { height } } }");
    for (const auto& block : answer.at("x").as_array())
        out.push_back(block.at("header").at("height").to_number<std::uint64_t>());
    return out;
}

std::vector<std::string> ids(const std::string& field) {
    std::vector<std::string> out;
    const auto answer = data_of("{ x: " + field + " { id } }");
    for (const auto& tx : answer.at("x").as_array()) out.emplace_back(tx.at("id").as_string());
    return out;
}

/// Ids of the transactions of recorded blocks, in the order of the blocks.
std::vector<std::string> recorded_ids(std::size_t first, std::size_t last, bool newest_first = false) {
    std::vector<std::string> out;
    for (std::size_t i = first; i <= last; ++i) {
        const auto& block = chain().at("blocks").as_array()[newest_first ? first + last - i : i];
        for (const auto& tx : block.at("transactions").as_array()) out.emplace_back(tx.at("id").as_string());
    }
    return out;
}

std::string hash_of(std::size_t height) {
    return std::string(chain().at("blocks").as_array()[height].at("header").at("hash").as_string());
}

TEST(Blocks, the_last_blocks_come_newest_first_and_stop_at_the_genesis) {
    EXPECT_EQ(heights("blocks(last: 3)"), (std::vector<std::uint64_t>{407, 406, 405}));
    EXPECT_EQ(heights("blocks(last: 200)").size(), 200U);
}

TEST(Blocks, a_range_is_inclusive_ascending_and_ends_at_the_tip) {
    EXPECT_EQ(heights("blocks(range: [0, 2])"), (std::vector<std::uint64_t>{0, 1, 2}));
    EXPECT_EQ(heights("blocks(range: [406, 500])"), (std::vector<std::uint64_t>{406, 407}));
    EXPECT_TRUE(heights("blocks(range: [408, 409])").empty());
    EXPECT_EQ(heights("blocks(range: [10, 209])").size(), 200U);
    EXPECT_EQ(heights("blocks(range: [9223372036854775806, 9223372036854775807])").size(), 0U);
}

TEST(Blocks, a_height_is_truncated_and_a_negative_height_is_the_tip) {
    const auto height = [](const std::string& given) {
        const auto answer = data_of("{ block(height: " + given + ") { header { height } } }");
        const auto& block = answer.at("block");
        return block.is_null() ? -1 : block.at("header").at("height").to_number<int>();
    };
    EXPECT_EQ(height("7"), 7);
    EXPECT_EQ(height("7.9"), 7);
    EXPECT_EQ(height("-0.1"), 407);
    EXPECT_EQ(height("-1e300"), 407);
    EXPECT_EQ(height("408"), -1);
    EXPECT_EQ(height("1e300"), -1);
    EXPECT_EQ(height("18446744073709551616"), -1);
}

TEST(Blocks, a_hash_in_upper_or_lower_case_finds_only_its_block) {
    std::string capitals = hash_of(5);
    for (char& c : capitals) c = static_cast<char>(std::toupper(c));
    for (const auto& hash : {hash_of(5), capitals})
        EXPECT_EQ(
            data_of("{ block(hash: \"" + hash + "\") { header { height } } }").at("block").at("header").at("height"),
            5);
    for (const auto& hash : {std::string("00"), std::string(), std::string(64, '0'), std::string(66, '0')})
        EXPECT_TRUE(data_of("{ block(hash: \"" + hash + "\") { fees } }").at("block").is_null()) << hash;
}

TEST(Blocks, the_last_pair_is_the_tip_and_the_last_final_block) {
    const auto answer = data_of("{ lastBlockPair { json } }");
    const boost::json::value expected{{"last_block", {407, hash_of(407)}},
                                      {"last_finalized_block", {406, hash_of(406)}}};
    EXPECT_EQ(answer.at("lastBlockPair").at("json"), expected);
}

TEST(Blocks, check_block_compares_a_height_and_a_hash) {
    const auto check = [](std::uint64_t height, const std::string& hash, const char* more) {
        return data_of("{ checkBlock(height: " + std::to_string(height) + ", hash: \"" + hash + "\"" + more + ") }")
            .at("checkBlock")
            .as_bool();
    };
    std::string capitals = hash_of(5);
    for (char& c : capitals) c = static_cast<char>(std::toupper(c));
    const char* final = ", onlyFinalized: true";

    EXPECT_TRUE(check(5, hash_of(5), ""));
    EXPECT_TRUE(check(5, capitals, ", onlyFinalized: null"));
    EXPECT_FALSE(check(6, hash_of(5), ""));
    EXPECT_FALSE(check(5, "", ""));
    EXPECT_FALSE(check(9'999, hash_of(5), ""));
    EXPECT_TRUE(check(5, hash_of(5), final));
    EXPECT_FALSE(check(5, capitals, final));  // with onlyFinalized the hash is compared as text
    EXPECT_FALSE(check(5, "zz", final));
    EXPECT_FALSE(check(407, hash_of(407), final));
    EXPECT_TRUE(check(407, hash_of(407), ", onlyFinalized: false"));
    EXPECT_FALSE(check(0, "00", final));
}

TEST(Transactions, the_last_transactions_come_newest_block_first_and_in_block_order) {
    auto expected = recorded_ids(0, 407, true);
    expected.resize(200);
    EXPECT_EQ(ids("transactions(last: 200)"), expected);
    expected.resize(3);
    EXPECT_EQ(ids("transactions(last: 3)"), expected);
}

TEST(Transactions, transactions_of_blocks_come_in_the_order_of_the_blocks) {
    EXPECT_EQ(ids("blockTxs(range: [1, 50])"), recorded_ids(1, 50));
    EXPECT_EQ(ids("blockTxs(last: 200)"), recorded_ids(208, 407, true));
}

TEST(Transactions, a_transaction_without_a_call_counts_as_a_call_of_the_transfer_contract) {
    const std::string stake = "02" + std::string(62, '0');
    const std::string transfer = "01" + std::string(62, '0');
    std::vector<std::string> staking;
    std::vector<std::string> transferring;
    for (std::size_t height = 41; height <= 240; ++height)
        for (const auto& tx : chain().at("blocks").as_array()[height].at("transactions").as_array()) {
            const auto& call = tx.at("callData");
            const std::string target = call.is_null() ? transfer : std::string(call.at("contractId").as_string());
            if (target == stake) staking.emplace_back(tx.at("id").as_string());
            if (target == transfer) transferring.emplace_back(tx.at("id").as_string());
        }
    ASSERT_FALSE(staking.empty());
    EXPECT_EQ(ids("blockTxs(range: [41, 240], contract: \"" + stake + "\")"), staking);
    EXPECT_EQ(ids("blockTxs(range: [41, 240], contract: \"" + transfer + "\")"), transferring);
}

TEST(Transactions, fifty_aliases_are_answered_in_the_order_of_the_query) {
    const auto known = recorded_ids(1, 100);
    std::string document = "query {";
    for (std::size_t i = 0; i < 50; ++i)
        document += " tx" + std::to_string(i) + ": tx(hash: \"" + known[i] + "\") { id blockHeight }";
    const auto answer = data_of(document + "}");
    std::size_t at = 0;
    for (const auto& pair : answer.as_object()) {
        EXPECT_EQ(pair.key(), "tx" + std::to_string(at));
        EXPECT_EQ(pair.value().at("id").as_string(), known[at++]);
    }
    EXPECT_EQ(at, 50U);
    EXPECT_TRUE(data_of("{ tx(hash: \"00\") { id } }").at("tx").is_null());
}

struct Wrong {
    const char* document;
    const char* message;
    int column;
};
class Refusals : public testing::TestWithParam<Wrong> {};

TEST_P(Refusals, an_error_has_the_text_and_location_of_the_node) {
    const auto& [document, message, column] = GetParam();
    const auto answer = boost::json::parse(ask(document).envelope());
    ASSERT_TRUE(answer.as_object().contains("errors")) << document;
    const auto& error = answer.at("errors").at(0);
    EXPECT_EQ(error.at("message"), message) << document;
    EXPECT_EQ(error.at("locations").at(0), value({{"line", 1}, {"column", column}})) << document;
}

INSTANTIATE_TEST_SUITE_P(
    Blocks, Refusals,
    testing::Values(Wrong{"{ block { fees } }", "Specify heigth or hash", 3},
                    Wrong{"{ block(height: 1, hash: \"00\") { fees } }", "Specify heigth or hash", 3},
                    Wrong{"{ block(height: null, hash: null) { fees } }", "Specify heigth or hash", 3},
                    Wrong{"{ block(hash: \"zz\") { fees } }", "Invalid character 'z' at position 0", 3},
                    Wrong{"{ block(hash: \"abg0\") { fees } }", "Invalid character 'g' at position 2", 3},
                    Wrong{"{ block(hash: \"abc\") { fees } }", "Odd number of digits", 3},
                    Wrong{"{ block(hash: \"0'\") { fees } }", "Invalid character '\\'' at position 1", 3},
                    Wrong{"{ blocks { fees } }", "", 3}, Wrong{"{ blocks(last: 1, range: [0, 1]) { fees } }", "", 3},
                    Wrong{"{ blocks(last: 0) { fees } }", "count must be positive", 3},
                    Wrong{"{ blocks(last: 201) { fees } }", "count too large (max 200)", 3},
                    Wrong{"{ blocks(last: -1) { fees } }", "Failed to parse \"Int\": Invalid number", 16},
                    Wrong{"{ blocks(range: [2, 1]) { fees } }", "Invalid range", 3},
                    Wrong{"{ blocks(range: [0, 200]) { fees } }", "range too large (max 200 blocks)", 3},
                    Wrong{"{ blocks(range: [1]) { fees } }",
                          "Failed to parse \"[Int!]\": Expected input type \"[Int; 2]\", found [Int; 1].", 17},
                    Wrong{"{ blocks(range: [1, 2, 3]) { fees } }",
                          "Failed to parse \"[Int!]\": Expected input type \"[Int; 2]\", found [Int; 3].", 17},
                    Wrong{"{ blocks(range: [1, -1]) { fees } }",
                          "Failed to parse \"Int\": Invalid number (occurred while parsing \"[Int!]\")", 17},
                    Wrong{"{ checkBlock(height: -1, hash: \"\") }", "Failed to parse \"Int\": Invalid number", 22},
                    Wrong{"{ checkBlock(height: 1, hash: \"0\") }", "Odd number of digits", 3}));

INSTANTIATE_TEST_SUITE_P(
    Transactions, Refusals,
    testing::Values(Wrong{"{ tx(hash: \"0g\") { id } }", "Invalid character 'g' at position 1", 3},
                    Wrong{"{ transactions(last: 201) { id } }", "last too large (max 200)", 3},
                    Wrong{"{ transactions(last: 0) { id } }", "count must be positive", 3},
                    Wrong{"{ a: transactions(last: -1) { id } }", "Failed to parse \"Int\": Invalid number", 25},
                    Wrong{"{ blockTxs { id } }", "", 3},
                    Wrong{"{ blockTxs(last: 201) { id } }", "count too large (max 200)", 3},
                    Wrong{"{ blockTxs(last: 1, contract: \"x\") { id } }", "Odd number of digits", 3},
                    Wrong{"{ blockTxs(last: 1, contract: \"00\") { id } }", "Invalid contract id length", 3},
                    Wrong{"{ mempoolTx(hash: \"00\") { id } }", "could not convert slice to array", 3},
                    Wrong{"{ mempoolTx(hash: \"0\") { id } }", "Odd number of digits", 3},
                    Wrong{"{ contractEvents { json } }", "Specify height or hash", 3},
                    Wrong{"{ contractEvents(height: 1, hash: \"00\") { json } }", "Specify height or hash", 3},
                    Wrong{"{ contractEvents(hash: \"xx\") { json } }", "Invalid character 'x' at position 0", 3}));

}  // namespace
}  // namespace rues::query::test
