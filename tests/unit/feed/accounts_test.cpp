#include "feed/ended.hpp"
#include "fixture.hpp"

/// Sessions in the account of their client, and what happens at its limits.
namespace rues::feed::test {
namespace {

using base::Holding;

struct Accounts : Feed {
    void limit(Holding holding, std::uint64_t of_one, std::uint64_t of_all = 0) {
        limits_.one(holding) = of_one;
        limits_.all(holding) = of_all;
        clients_.use_limits(limits_);
    }
    base::ClientPtr client(std::string_view address) {
        return clients_.of(*base::ClientKey::parse(address), clock.steady());
    }
    /// Opens a session of `client`, subscribes it, and ends it.
    wire::SessionId ended(const base::ClientPtr& client, const wire::Uri& to = kAccepted) {
        Socket on;
        on.account = client;
        const auto id = open(on);
        EXPECT_EQ(subscribe(id, to), SubscribeResult::ok);
        hub->closed(0, id, false);
        return id;
    }
    bool is_kept(const wire::SessionId& id) { return take_over(id, 0).recovered; }

    rues::test::TemporaryFolder folder_;
    base::Clients clients_;
    base::ClientLimits limits_;
    const base::ClientPtr greedy_ = client("192.0.2.1");
    const base::ClientPtr other_ = client("192.0.2.2");
};

TEST_F(Accounts, sessions_subscriptions_and_their_place_in_the_journal_are_counted_until_they_end) {
    start({}, folder_.path());
    socket.account = greedy_;
    const auto id = open(socket);
    subscribe(id, kAccepted);
    const auto of_one = greedy_->held(Holding::journal);
    EXPECT_GT(of_one, kAccepted.to_string().size());
    subscribe(id, kOther);
    EXPECT_EQ(greedy_->held(Holding::sessions), 1U);
    EXPECT_EQ(greedy_->held(Holding::subscriptions), 2U);
    EXPECT_EQ(greedy_->held(Holding::journal), 2 * of_one);

    unsubscribe(id, kOther);
    EXPECT_EQ(greedy_->held(Holding::subscriptions), 1U);
    EXPECT_EQ(greedy_->held(Holding::journal), of_one);

    hub->closed(0, id, true);
    for (const auto each : {Holding::sessions, Holding::subscriptions, Holding::journal, Holding::kept})
        EXPECT_EQ(greedy_->held(each), 0U) << base::row_of(each).name;
}

TEST_F(Accounts, a_kept_session_is_counted_until_it_can_be_resumed_no_more) {
    start({.resume_time = std::chrono::seconds(120)}, folder_.path());
    (void)ended(greedy_);
    EXPECT_EQ(greedy_->held(Holding::kept), 1U);
    EXPECT_GT(greedy_->held(Holding::journal), 0U);
    EXPECT_EQ(greedy_->held(Holding::sessions), 0U);

    clock.advance(std::chrono::seconds(121));
    manual.tick();
    EXPECT_EQ(greedy_->held(Holding::kept), 0U);
    EXPECT_EQ(greedy_->held(Holding::journal), 0U);
}

TEST_F(Accounts, at_its_limit_of_kept_sessions_a_client_loses_its_own_oldest_one) {
    limit(Holding::kept, 2);
    start({}, folder_.path());
    const auto of_other = ended(other_);
    const auto first = ended(greedy_);
    const auto second = ended(greedy_);
    const auto third = ended(greedy_);

    EXPECT_FALSE(is_kept(first));
    EXPECT_TRUE(is_kept(second));
    EXPECT_TRUE(is_kept(third));
    EXPECT_TRUE(is_kept(of_other));
    EXPECT_EQ(greedy_->held(Holding::kept), 2U);
    EXPECT_EQ(greedy_->refused(), 1U);
}

TEST_F(Accounts, when_the_memory_for_kept_sessions_is_full_the_client_with_the_most_gives_way) {
    store::JournaledSession each;
    each.subscriptions.push_back({kAccepted.to_string()});
    start({.resume_bytes = 5 * EndedSessions::bytes_of(each)}, folder_.path());
    const auto of_other = ended(other_);
    const auto first = ended(greedy_);
    const auto second = ended(greedy_);
    const auto third = ended(greedy_);
    const auto fourth = ended(greedy_);
    const auto next_of_other = ended(other_);
    const auto of_nobody = ended(nullptr);

    EXPECT_FALSE(is_kept(first));
    EXPECT_FALSE(is_kept(second));
    for (const auto& id : {of_other, third, fourth, next_of_other, of_nobody}) EXPECT_TRUE(is_kept(id));
}

TEST_F(Accounts, subscriptions_beyond_a_limit_are_refused_and_say_which) {
    limit(Holding::subscriptions, 2, 16);
    start({}, folder_.path());
    socket.account = greedy_;
    const auto id = open(socket);
    EXPECT_EQ(subscribe(id, kAccepted), SubscribeResult::ok);
    EXPECT_EQ(subscribe(id, kOther), SubscribeResult::ok);
    EXPECT_EQ(subscribe(id, kAny), SubscribeResult::too_many_of_client);
    EXPECT_EQ(greedy_->held(Holding::subscriptions), 2U);
    EXPECT_EQ(subscribe(id, kOther), SubscribeResult::ok) << "it is there already";

    limit(Holding::subscriptions, 0, 2);
    EXPECT_EQ(subscribe(id, kAny), SubscribeResult::too_many_of_all);

    limit(Holding::subscriptions, 0);
    limit(Holding::journal, greedy_->held(Holding::journal));
    EXPECT_EQ(subscribe(id, kAny), SubscribeResult::journal_of_client);
    limit(Holding::journal, 0, greedy_->held(Holding::journal));
    EXPECT_EQ(subscribe(id, kAny), SubscribeResult::journal_of_all);
    EXPECT_EQ(greedy_->held(Holding::subscriptions), 2U);

    limit(Holding::journal, 0);
    EXPECT_EQ(subscribe(id, kAny), SubscribeResult::ok);
}

TEST_F(Accounts, a_session_beyond_the_limit_of_its_client_does_not_open_and_others_do) {
    limit(Holding::sessions, 1);
    start();
    Socket second, of_other;
    socket.account = second.account = greedy_;
    of_other.account = other_;
    const auto id = open(socket);
    EXPECT_FALSE(hub->open(0, second, {}));
    EXPECT_TRUE(hub->open(0, of_other, {}));
    hub->closed(0, id, true);
    EXPECT_TRUE(hub->open(0, second, {}));
}

TEST_F(Accounts, the_subscriptions_of_a_resumed_session_count_and_are_never_refused) {
    start({}, folder_.path());
    const auto old = ended(greedy_);
    limit(Holding::subscriptions, 1);
    socket.account = greedy_;
    const auto first = open(socket);
    EXPECT_EQ(subscribe(first, kOther), SubscribeResult::ok);
    Socket second;
    second.account = greedy_;
    Opening opening;
    opening.restored = take_over(old, 0);
    const auto resumed = open(second, std::move(opening));

    EXPECT_EQ(greedy_->held(Holding::subscriptions), 2U);
    EXPECT_EQ(subscribe(resumed, kAny), SubscribeResult::too_many_of_client);
    hub->closed(0, resumed, true);
    hub->closed(0, first, true);
    EXPECT_EQ(greedy_->held(Holding::subscriptions), 0U);
}

TEST_F(Accounts, a_session_that_is_taken_over_gives_back_what_it_held_once) {
    start({}, folder_.path());
    socket.account = greedy_;
    const auto old = open(socket);
    subscribe(old, kAccepted);
    Socket second;
    second.account = other_;
    Opening opening;
    opening.restored = take_over(old, std::nullopt);
    (void)open(second, std::move(opening));
    hub->closed(0, old, false);

    EXPECT_EQ(greedy_->held(Holding::sessions), 0U);
    EXPECT_EQ(greedy_->held(Holding::subscriptions), 0U);
    EXPECT_EQ(greedy_->held(Holding::kept), 1U);
    EXPECT_EQ(other_->held(Holding::sessions), 1U);
    EXPECT_EQ(other_->held(Holding::subscriptions), 1U);
}

}  // namespace
}  // namespace rues::feed::test
