#include "gateway/block_answer.hpp"

#include <gtest/gtest.h>

#include "base/json_reading.hpp"
#include "unit/gateway/recorded_blocks.hpp"

namespace rues::gateway {
namespace {

using base::json::array;
using base::json::object;

/// A recorded block as the answer to `blocks_query`.
object answer_of(std::size_t height) {
    const auto& block = test::recording().block(height);
    array transactions;
    for (const auto& tx : block.at("transactions").as_array())
        transactions.push_back(object{{"raw", tx.at("raw")}, {"gasSpent", tx.at("gasSpent")}, {"err", tx.at("err")}});
    const auto header = base::json::print(test::recording().header_json(height).value());
    object out{{"blocks", array{object{{"header", object{{"json", header}}},
                                       {"status", block.at("status")},
                                       {"transactions", std::move(transactions)}}}}};
    array events;
    const auto& recorded = block.at("contractEvents").as_array();
    for (std::size_t i = 0; i < recorded.size(); ++i)
        events.push_back(object{{"source", recorded[i].at("source")},
                                {"topic", recorded[i].at("topic")},
                                {"data", base::json::hex(test::recording().event_data(height, i).value())},
                                {"origin", recorded[i].at("origin")}});
    out["e" + std::to_string(height)] = object{{"json", std::move(events)}};
    return out;
}

TEST(BlockAnswer, an_answer_of_a_node_is_read_and_good) {
    const auto height = test::busy_height();

    auto read = read_blocks(answer_of(height), height);

    ASSERT_TRUE(read) << read.error();
    ASSERT_EQ(read->blocks.size(), 1U);
    EXPECT_TRUE(prove(read->blocks[0], test::parent_of(height)));
    ASSERT_EQ(read->labels.size(), 1U);
    EXPECT_EQ(read->labels[0].label, (ledger::Label{ledger::Label::Kind::final, 1}));
}

TEST(BlockAnswer, an_answer_without_one_of_its_parts_is_refused) {
    const auto height = test::busy_height();
    for (const auto* part : {"header", "status", "transactions"}) {
        auto answer = answer_of(height);
        answer["blocks"].as_array()[0].as_object().erase(part);
        EXPECT_FALSE(read_blocks(answer, height)) << part;
    }
    auto answer = answer_of(height);
    answer.erase("e" + std::to_string(height));
    EXPECT_FALSE(read_blocks(answer, height));
    EXPECT_FALSE(read_blocks({}, height));
}

TEST(BlockAnswer, a_block_of_another_height_is_refused) {
    EXPECT_FALSE(read_blocks(answer_of(test::busy_height()), test::busy_height() + 1));
}

TEST(BlockAnswer, a_null_in_place_of_an_object_is_refused) {
    auto answer = answer_of(test::busy_height());
    answer["blocks"].as_array()[0].as_object()["transactions"] = array{nullptr};
    EXPECT_FALSE(read_blocks(answer, test::busy_height()));
    EXPECT_FALSE(read_labels(object{{"labels", array{nullptr}}}));
}

TEST(BlockAnswer, the_labels_of_older_blocks_are_asked_for_up_to_the_limit_of_a_node) {
    EXPECT_EQ(blocks_query(7, 8, 7),
              "{blocks(range:[7,8]){header{json} status transactions{raw gasSpent err}} "
              "e7:contractEvents(height:7){json} e8:contractEvents(height:8){json}}");
    EXPECT_NE(blocks_query(1'000, 1'000, 10).find("labels:blocks(range:[10,209])"), std::string::npos);
}

}  // namespace
}  // namespace rues::gateway
