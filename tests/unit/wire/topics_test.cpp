#include "wire/topics.hpp"

#include <gtest/gtest.h>

namespace rues::wire {
namespace {

Uri uri(std::string_view text) {
    return Uri::parse(text, nullptr, true).value();
}

// docs/reference/protocol.md 7, docs/reference/rusk-1.7.md 5.
TEST(Topics, a_subscription_to_a_topic_that_nobody_publishes_never_matches) {
    for (const char* path : {"/on/blocks/accepted", "/on/blocks/statechange", "/on/blocks/reverted",
                             "/on/transactions/included", "/on/transactions/executed", "/on/transactions/removed",
                             "/on/transactions/deferred", "/on/transactions:aa/dropped"}) {
        EXPECT_EQ(never_matches(uri(path)), "") << path;
    }
    EXPECT_EQ(never_matches(uri("/on/blocks/acceptd")),
              "blocks publishes no topic `acceptd` (known: accepted, statechange, reverted)");
    EXPECT_EQ(never_matches(uri("/on/transactions:aa/accepted")),
              "transactions publishes no topic `accepted` (known: included, executed, removed, dropped, deferred)");
}

TEST(Topics, contracts_choose_their_own_topics) {
    EXPECT_EQ(never_matches(uri("/on/contracts:aa/Any%20thing")), "");
    EXPECT_EQ(never_matches(uri("/on/contracts/deploy")), "");
}

TEST(Topics, late_subscribers_to_one_entity_get_all_its_events_but_deferred) {
    EXPECT_TRUE(is_terminal(uri("/on/transactions:aa/executed")));
    EXPECT_TRUE(is_terminal(uri("/on/blocks:aa/statechange")));
    EXPECT_FALSE(is_terminal(uri("/on/transactions/executed"))) << "of all transactions";
    EXPECT_FALSE(is_terminal(uri("/on/transactions:aa/deferred"))) << "its outcome is still to come";
    EXPECT_FALSE(is_terminal(uri("/on/contracts:aa/moonlight")));
}

}  // namespace
}  // namespace rues::wire
