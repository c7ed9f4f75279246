#include "resumption_fixture.hpp"

namespace rues::client {
namespace {

TEST(Resumption, begins_with_a_new_session_and_subscribes) {
    Resumption resumption;
    EXPECT_EQ(resumption.add(kAccepted), Added::ok);

    EXPECT_EQ(step<Resumption::Connect>(resumption).resume, "");
    resumption.opened({}, {"s1", {}, {}});
    EXPECT_EQ(step<Resumption::Subscribe>(resumption).path, kAccepted);
    resumption.subscribed(kAccepted, at(10));
    EXPECT_TRUE(listens(resumption));
    EXPECT_TRUE(resumption.take_notices().empty()) << "nothing was lost";
}

TEST(Resumption, a_path_that_cannot_be_subscribed_is_not_added) {
    auto resumption = connected({kAccepted});

    EXPECT_EQ(resumption.add("nonsense"), Added::not_a_path);
    EXPECT_EQ(resumption.add("/on/node/info"), Added::not_a_path);
    EXPECT_EQ(resumption.add(kAccepted), Added::already_subscribed);
    EXPECT_FALSE(resumption.remove(kExecuted)) << "it is not there";
    EXPECT_TRUE(listens(resumption));
}

TEST(Resumption, a_lost_session_is_resumed_after_the_last_event) {
    auto resumption = connected({kAccepted, kExecuted});
    EXPECT_EQ(deliver(resumption, "/on/blocks:bb/accepted", 12).size(), 1U);

    resumption.lost("gone");
    resumption.lost("still gone");
    const auto connect = step<Resumption::Connect>(resumption);
    EXPECT_EQ(connect.resume, "s1");
    EXPECT_EQ(connect.after, at(12)) << "the quiet subscription is there as well";
    resumption.opened(connect, {"s2", true, at(12)});

    EXPECT_TRUE(listens(resumption));
    const auto notices = resumption.take_notices();
    ASSERT_EQ(notices.size(), 2U) << "lost once, resumed once, no gap";
    EXPECT_EQ(std::get<Lost>(notices[0]).why, "gone");
    EXPECT_TRUE(std::holds_alternative<Resumed>(notices[1]));
    resumption.lost("again");
    EXPECT_EQ(step<Resumption::Connect>(resumption).resume, "s2") << "the old id is 424 from then on";
}

TEST(Resumption, without_an_event_it_resumes_where_the_earliest_subscription_began) {
    Resumption resumption;
    resumption.opened({}, {"s1", {}, {}});
    for (const auto& [path, position] : {std::pair(kAccepted, 10U), std::pair(kExecuted, 14U)}) {
        resumption.add(path);
        resumption.subscribed(path, at(position));
    }
    resumption.lost("");

    EXPECT_EQ(step<Resumption::Connect>(resumption).after, at(10));
    resumption.opened(step<Resumption::Connect>(resumption), {"s2", true, at(10)});
    EXPECT_EQ(deliver(resumption, "/on/transactions:aa/executed", 13).size(), 0U) << "before it was subscribed";
    EXPECT_EQ(deliver(resumption, "/on/transactions:aa/executed", 15).size(), 1U);
}

TEST(Resumption, an_event_is_delivered_once_to_each_subscription_that_matches) {
    auto resumption = connected({kExecuted, kOwn});
    EXPECT_EQ(deliver(resumption, "/on/transactions:aa/executed", 11),
              (std::vector<std::string>{std::string(kExecuted), std::string(kOwn)}));
    EXPECT_EQ(deliver(resumption, "/on/transactions:bb/executed", 12), (std::vector{std::string(kExecuted)}));

    for (const auto seq : {10U, 11U, 12U})
        EXPECT_TRUE(deliver(resumption, "/on/transactions:aa/executed", seq).empty()) << seq;
    EXPECT_TRUE(deliver(resumption, "/on/blocks:aa/accepted", 13).empty()) << "it was not subscribed";
}

TEST(Resumption, a_subscription_with_after_resumes_the_own_session_from_there) {
    auto resumption = connected({kExecuted});
    EXPECT_EQ(deliver(resumption, "/on/transactions:aa/executed", 20).size(), 1U);
    EXPECT_EQ(resumption.add(kAccepted, at(3)), Added::ok);
    resumption.subscribed(step<Resumption::Subscribe>(resumption).path, at(20));
    EXPECT_TRUE(deliver(resumption, "/on/blocks:bb/accepted", 21).empty()) << "earlier events come first";

    const auto connect = step<Resumption::Connect>(resumption);
    EXPECT_EQ(connect.resume, "s1");
    EXPECT_EQ(connect.after, at(3));
    resumption.opened(connect, {"s2", true, at(3)});

    EXPECT_TRUE(listens(resumption));
    EXPECT_EQ(deliver(resumption, "/on/blocks:bb/accepted", 4).size(), 1U);
    EXPECT_TRUE(deliver(resumption, "/on/transactions:aa/executed", 5).empty()) << "it has begun at 10";
    EXPECT_TRUE(deliver(resumption, "/on/transactions:aa/executed", 20).empty()) << "delivered before";
    EXPECT_EQ(deliver(resumption, "/on/blocks:bb/accepted", 21).size(), 1U);
    EXPECT_EQ(deliver(resumption, "/on/transactions:aa/executed", 22).size(), 1U);
    EXPECT_TRUE(resumption.take_notices().empty());
}

TEST(Resumption, an_unknown_session_is_made_anew_and_nothing_is_missing) {
    auto resumption = connected({kAccepted});
    resumption.lost("gone");
    resumption.opened(step<Resumption::Connect>(resumption), {"s2", false, at(30)});
    EXPECT_EQ(step<Resumption::Connect>(resumption).resume, "") << "the subscriptions of s2 are unknown";
    resumption.opened({}, {"s3", {}, {}});
    resumption.subscribed(step<Resumption::Subscribe>(resumption).path, at(31));
    const auto connect = step<Resumption::Connect>(resumption);
    EXPECT_EQ(connect.resume, "s3");
    EXPECT_EQ(connect.after, at(10));
    resumption.opened(connect, {"s4", true, at(10)});

    EXPECT_TRUE(listens(resumption));
    EXPECT_EQ(deliver(resumption, "/on/blocks:bb/accepted", 11).size(), 1U);
    EXPECT_TRUE(of_kind<Gap>(resumption.take_notices()).empty());
}

TEST(Resumption, a_pruned_position_is_a_gap_that_is_reported_before_the_next_event) {
    auto resumption = connected({kAccepted});
    resumption.lost("gone");
    resumption.opened(step<Resumption::Connect>(resumption), {"s2", false, at(30)});
    resumption.opened({}, {"s3", {}, {}});
    resumption.subscribed(kAccepted, at(40));
    resumption.opened(step<Resumption::Connect>(resumption), {"s4", false, at(30)});
    resumption.opened(step<Resumption::Connect>(resumption), {"s5", {}, {}});
    resumption.subscribed(kAccepted, at(40));
    const auto connect = step<Resumption::Connect>(resumption);
    EXPECT_EQ(connect.after, at(30)) << "events that are still stored are fetched";
    resumption.opened(connect, {"s6", true, at(30)});

    EXPECT_TRUE(listens(resumption));
    const auto notices = resumption.take_notices();
    const auto gaps = of_kind<Gap>(notices);
    ASSERT_EQ(gaps.size(), 1U);
    EXPECT_EQ(gaps[0].path, kAccepted);
    EXPECT_EQ(gaps[0].after, at(10));
    EXPECT_EQ(gaps[0].from, at(30));
    EXPECT_TRUE(std::holds_alternative<Resumed>(notices.back()));
    EXPECT_EQ(deliver(resumption, "/on/blocks:bb/accepted", 31).size(), 1U);
}

TEST(Resumption, the_log_of_another_chain_begins_with_a_gap_and_with_smaller_numbers) {
    auto resumption = connected({kAccepted});
    deliver(resumption, "/on/blocks:bb/accepted", 5'000);
    resumption.lost("gone");
    const Position other{99, 2};
    resumption.opened(step<Resumption::Connect>(resumption), {"s2", false, other});
    resumption.opened({}, {"s3", {}, {}});
    resumption.subscribed(kAccepted, other);
    resumption.opened(step<Resumption::Connect>(resumption), {"s4", false, other});
    resumption.opened({}, {"s5", {}, {}});
    resumption.subscribed(kAccepted, other);

    EXPECT_TRUE(listens(resumption)) << "it covers all events";
    EXPECT_EQ(of_kind<Gap>(resumption.take_notices()).size(), 1U);
    EXPECT_EQ(resumption.event(*Uri::parse("/on/blocks:bb/accepted"), Position{99, 3}, false).size(), 1U);
}

TEST(Resumption, a_gap_is_reported_only_for_the_subscription_that_has_it) {
    auto resumption = connected({kExecuted});
    deliver(resumption, "/on/transactions:aa/executed", 50);
    resumption.add(kAccepted, at(3));
    resumption.subscribed(kAccepted, at(50));
    resumption.opened(step<Resumption::Connect>(resumption), {"s2", false, at(30)});

    const auto gaps = of_kind<Gap>(resumption.take_notices());
    ASSERT_EQ(gaps.size(), 1U);
    EXPECT_EQ(gaps[0].path, kAccepted);
}

TEST(Resumption, an_unknown_position_is_a_gap_only_for_the_subscription_that_has_it) {
    auto resumption = connected({kExecuted});
    const Position strange{0x0123456789abcdef, 7};
    resumption.add(kAccepted, strange);
    resumption.subscribed(kAccepted, at(50));
    const auto lost = step<Resumption::Connect>(resumption);
    EXPECT_EQ(lost.after, strange);
    resumption.opened(lost, {"s2", false, at(60)});  // events 11 to 60 of `kExecuted` are still on their way
    resumption.opened(step<Resumption::Connect>(resumption), {"s3", {}, {}});
    for (const auto path : {kExecuted, kAccepted}) resumption.subscribed(path, at(61));
    const auto back = step<Resumption::Connect>(resumption);
    EXPECT_EQ(back.after, at(10));
    resumption.opened(back, {"s4", true, at(10)});

    const auto gaps = of_kind<Gap>(resumption.take_notices());
    ASSERT_EQ(gaps.size(), 1U);
    EXPECT_EQ(gaps[0].path, kAccepted);
    EXPECT_EQ(deliver(resumption, "/on/transactions:aa/executed", 11).size(), 1U);
    EXPECT_EQ(deliver(resumption, "/on/blocks:bb/accepted", 59).size(), 0U) << "before its gap ends";
    EXPECT_EQ(deliver(resumption, "/on/blocks:bb/accepted", 61).size(), 1U);
}

TEST(Resumption, without_positions_every_loss_is_a_gap) {
    Resumption resumption;
    resumption.opened({}, {"s1", {}, {}});
    resumption.add(kAccepted);
    resumption.subscribed(kAccepted, std::nullopt);
    EXPECT_TRUE(resumption.take_notices().empty()) << "nothing was missed yet";
    EXPECT_EQ(resumption.event(*Uri::parse("/on/blocks:bb/accepted"), std::nullopt, false).size(), 1U);
    for (int round = 0; round < 3; ++round) {
        resumption.lost("gone");
        EXPECT_EQ(step<Resumption::Connect>(resumption).resume, "");
        resumption.opened({}, {"s2", {}, {}});
        resumption.subscribed(step<Resumption::Subscribe>(resumption).path, std::nullopt);

        const auto gaps = of_kind<Gap>(resumption.take_notices());
        ASSERT_EQ(gaps.size(), 1U) << round;
        EXPECT_FALSE(gaps[0].from);
    }
    resumption.add(kExecuted, at(1));
    resumption.subscribed(kExecuted, std::nullopt);
    EXPECT_EQ(of_kind<Gap>(resumption.take_notices()).size(), 1U) << "it cannot go back either";
}

TEST(Resumption, a_server_that_ignores_resuming_opened_a_new_session) {
    auto resumption = connected({kAccepted});
    resumption.lost("gone");
    resumption.opened(step<Resumption::Connect>(resumption), {"plain", {}, {}});

    EXPECT_EQ(step<Resumption::Subscribe>(resumption).path, kAccepted);
    resumption.subscribed(kAccepted, std::nullopt);
    EXPECT_EQ(of_kind<Gap>(resumption.take_notices()).size(), 1U);
    EXPECT_TRUE(listens(resumption));
}

TEST(Resumption, a_server_with_positions_that_ignores_resuming_is_asked_only_once) {
    auto resumption = connected({kAccepted});
    resumption.lost("gone");
    resumption.opened(step<Resumption::Connect>(resumption), {"s2", {}, {}});
    resumption.subscribed(step<Resumption::Subscribe>(resumption).path, at(15));

    EXPECT_TRUE(listens(resumption));
    const auto gaps = of_kind<Gap>(resumption.take_notices());
    ASSERT_EQ(gaps.size(), 1U);
    EXPECT_EQ(gaps[0].after, at(10));
    EXPECT_EQ(gaps[0].from, at(15));
}

TEST(Resumption, a_server_that_never_recovers_ends_in_a_gap_and_not_in_a_loop) {
    auto resumption = connected({kAccepted});
    resumption.lost("gone");
    unsigned connections = 0;
    for (std::uint64_t head = 100; !listens(resumption) && connections < 100; head += 10) {
        const auto next = resumption.next();
        if (const auto* connect = std::get_if<Resumption::Connect>(&next)) {
            ++connections;
            const bool resumes = !connect->resume.empty();
            resumption.opened(*connect, {"s", resumes ? std::optional(false) : std::nullopt, at(head)});
        } else {
            resumption.subscribed(step<Resumption::Subscribe>(resumption).path, at(head));
        }
    }

    EXPECT_LE(connections, 2 * Resumption::kMaxRebuilds + 1);
    EXPECT_FALSE(of_kind<Gap>(resumption.take_notices()).empty());
}

TEST(Resumption, late_events_are_delivered_once_although_they_are_before_the_subscription) {
    auto resumption = connected({kExecuted, kOwn});

    EXPECT_EQ(deliver(resumption, "/on/transactions:aa/executed", 4, true), (std::vector{std::string(kOwn)}))
        << "the wide subscription was there before";
    EXPECT_TRUE(deliver(resumption, "/on/transactions:aa/executed", 4, true).empty());
    EXPECT_EQ(resumption.position(), at(10)) << "a late event says nothing about the others";
}

TEST(Resumption, late_events_that_may_be_lost_are_requested_again) {
    auto resumption = connected({kOwn});
    resumption.lost("gone");
    resumption.opened(step<Resumption::Connect>(resumption), {"s2", true, at(10)});
    EXPECT_EQ(step<Resumption::Unsubscribe>(resumption).path, kOwn) << "they come only to a new subscription";
    resumption.unsubscribed(kOwn);
    resumption.subscribed(step<Resumption::Subscribe>(resumption).path, at(12));
    EXPECT_TRUE(listens(resumption));
    EXPECT_EQ(deliver(resumption, "/on/transactions:aa/executed", 4, true).size(), 1U);

    resumption.lost("gone");
    resumption.opened(step<Resumption::Connect>(resumption), {"s3", true, at(12)});
    EXPECT_TRUE(listens(resumption)) << "now they have come";
}

TEST(Resumption, an_unsubscribe_without_a_connection_is_sent_after_the_resume) {
    auto resumption = connected({kAccepted, kExecuted});
    resumption.lost("gone");
    EXPECT_TRUE(resumption.remove(kAccepted));
    resumption.opened(step<Resumption::Connect>(resumption), {"s2", true, at(10)});

    EXPECT_TRUE(deliver(resumption, "/on/blocks:bb/accepted", 11).empty());
    EXPECT_EQ(step<Resumption::Unsubscribe>(resumption).path, kAccepted);
    resumption.unsubscribed(kAccepted);
    EXPECT_TRUE(listens(resumption));
}

TEST(Resumption, a_subscription_that_ended_and_is_made_again_is_new) {
    auto resumption = connected({kAccepted});
    EXPECT_TRUE(resumption.remove(kAccepted));
    EXPECT_EQ(resumption.add(kAccepted), Added::ok);
    EXPECT_FALSE(resumption.is_made(kAccepted));
    resumption.unsubscribed(step<Resumption::Unsubscribe>(resumption).path);
    resumption.subscribed(step<Resumption::Subscribe>(resumption).path, at(20));

    EXPECT_TRUE(listens(resumption));
    EXPECT_TRUE(deliver(resumption, "/on/blocks:bb/accepted", 15).empty());
    EXPECT_EQ(deliver(resumption, "/on/blocks:bb/accepted", 21).size(), 1U);
}

TEST(Resumption, a_subscription_that_is_refused_after_a_loss_ends_with_a_notice) {
    auto resumption = connected({kAccepted});
    resumption.lost("gone");
    resumption.opened(step<Resumption::Connect>(resumption), {"s2", false, at(10)});
    resumption.opened({}, {"s3", {}, {}});
    resumption.refused(kAccepted, "403");

    const auto ended = of_kind<Ended>(resumption.take_notices());
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended[0].why, "403");
    EXPECT_TRUE(listens(resumption));
}

}  // namespace
}  // namespace rues::client
