#include "app/movement.hpp"

#include <gtest/gtest.h>

namespace rues::app {
namespace {

constexpr std::string_view kTransfer = "0100000000000000000000000000000000000000000000000000000000000000";

std::string event(std::string_view topic, std::string_view data, std::string_view target = kTransfer) {
    return R"({"data":)" + std::string(data) + R"(,"target":")" + std::string(target) + R"(","topic":")" +
           std::string(topic) + R"("})";
}
std::string group(const std::string& events) {
    return R"({"block_height":7,"events":[)" + events + R"(],"origin":"ab"})";
}
std::string line(const std::string& text, std::string_view account) {
    const auto movement = movement_of(boost::json::parse(text), account);
    return movement ? line_of(*movement) : "unreadable";
}

TEST(Movement, a_transfer_is_seen_from_both_sides) {
    const auto paid = group(event("moonlight", R"({"sender":"A","receiver":"B","value":"1500000000"})"));
    EXPECT_EQ(line(paid, "A"), "       7  ab  -1.5 DUSK to B, transfer");
    EXPECT_EQ(line(paid, "B"), "       7  ab  +1.5 DUSK from A, transfer");
}

TEST(Movement, a_transfer_to_oneself_changes_nothing) {
    const auto itself = group(event("moonlight", R"({"sender":"A","receiver":null,"value":"5"})"));
    EXPECT_EQ(line(itself, "A"), "       7  ab  0 DUSK, transfer");
}

TEST(Movement, a_stake_is_a_deposit_and_its_events_are_named_once) {
    const auto staked =
        group(event("deposit", R"({"sender":"A","receiver":"02","value":"1000000000000"})") + "," +
              event("stake", R"({"value":"1000000000000"})", "02") + "," + event("stake", "\"00ff\"", "02") + "," +
              event("moonlight", R"({"sender":"A","receiver":null,"value":"0"})"));
    EXPECT_EQ(line(staked, "A"), "       7  ab  -1000 DUSK, deposit, stake, transfer");
}

TEST(Movement, a_withdrawal_names_its_receiver_as_moonlight) {
    const auto back = group(event("withdraw", R"({"sender":"02","receiver":{"Moonlight":"A"},"value":"250"})"));
    EXPECT_EQ(line(back, "A"), "       7  ab  +0.00000025 DUSK, withdraw");
}

TEST(Movement, amounts_that_do_not_fit_are_at_their_largest) {
    const auto huge = event("mint", R"({"receiver":"A","value":"18446744073709551615"})");
    EXPECT_EQ(movement_of(boost::json::parse(group(huge + "," + huge)), "A")->in, UINT64_MAX);
}

TEST(Movement, anything_else_is_no_group) {
    for (const auto* text :
         {"1", "[]", "{}", R"({"block_height":7,"origin":"ab"})", R"({"block_height":-1,"origin":"ab","events":[]})",
          R"({"block_height":7,"origin":1,"events":[]})", R"({"block_height":7,"origin":"ab","events":[1]})"})
        EXPECT_EQ(line(text, "A"), "unreadable") << text;
}

}  // namespace
}  // namespace rues::app
