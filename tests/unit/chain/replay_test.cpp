#include "chain/replay.hpp"

#include <gtest/gtest.h>

#include "support/recorded.hpp"

namespace rues::chain {
namespace {

ReplayReport replayed(std::uint64_t until) {
    const auto genesis = *ledger::Genesis::parse(ledger::default_genesis());
    auto report = replay(boost::json::parse(recorded::read_file(std::string(RUES_TEST_DATA) + "/rusk-1.7/chain.json")),
                         genesis, until);
    EXPECT_TRUE(report) << report.error();
    return *report;
}

TEST(Replay, the_first_forty_recorded_blocks_come_out_equal_in_everything) {
    const auto report = replayed(40);

    for (const auto& kind : report.kinds) EXPECT_EQ(kind.different, 0U) << kind.name << ": " << kind.first_difference;
    const auto executed = std::ranges::find(report.kinds, std::string("executable"), &ReplayReport::Kind::name);
    ASSERT_NE(executed, report.kinds.end());
    EXPECT_EQ(executed->equal, 159U);
    EXPECT_EQ(report.last_height, 40U);
}

TEST(Replay, a_recording_that_says_something_else_is_caught) {
    auto recorded = boost::json::parse(recorded::read_file(std::string(RUES_TEST_DATA) + "/rusk-1.7/chain.json"));
    auto& block = recorded.as_object()["blocks"].as_array()[8].as_object();
    block["fees"] = block["fees"].to_number<std::uint64_t>() + 1;

    const auto report = replay(recorded, *ledger::Genesis::parse(ledger::default_genesis()), 40);

    ASSERT_TRUE(report) << report.error();
    EXPECT_FALSE(report->all_equal());
}

TEST(Replay, what_is_no_recording_is_refused) {
    const auto genesis = *ledger::Genesis::parse(ledger::default_genesis());

    EXPECT_FALSE(replay(boost::json::parse("{}"), genesis, 1));
    EXPECT_FALSE(replay(boost::json::parse(R"({"blocks":[{},{}]})"), genesis, 1));
    EXPECT_FALSE(replay(boost::json::parse(R"({"blocks":[5]})"), genesis, 1));
}

}  // namespace
}  // namespace rues::chain
