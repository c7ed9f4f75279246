// URIs with characters that must be encoded in a path: to the journal and back.
#include "fixture.hpp"

namespace rues::feed::test {
namespace {

const std::vector<wire::Uri> kOdd = {
    uri(contracts, "a/b", "c"),          uri(contracts, "a", "b/c"),        uri(contracts, "a/b:c/d", "e"),
    uri(contracts, "a%2Fb", "c"),        uri(contracts, "100%", "50%25"),   uri(contracts, "\n\"\\", "?#&+ "),
    uri(contracts, std::nullopt, "a/b"), uri(transactions, "é", "removed"), uri(network, std::nullopt, "peers"),
};

std::vector<wire::Uri> uris_of(const Restored& restored) {
    std::vector<wire::Uri> out;
    for (const auto& each : restored.subscriptions) out.push_back(each.uri);
    return out;
}

struct Uris : Feed {
    rues::test::TemporaryFolder folder_;
};

TEST_F(Uris, a_resumed_session_has_the_same_uris) {
    start();
    const auto id = open(socket);
    for (const auto& each : kOdd) EXPECT_EQ(subscribe(id, each), SubscribeResult::ok) << each.to_string();
    EXPECT_EQ(uris_of(take_over(id, 0)), kOdd);
}

TEST_F(Uris, after_a_kill_the_journal_has_the_same_uris) {
    start({}, folder_.path());
    const auto id = open(socket);
    for (const auto& each : kOdd) subscribe(id, each);
    EXPECT_EQ(unsubscribe(id, kOdd.front()), SubscribeResult::ok);
    start({}, folder_.path());
    EXPECT_EQ(uris_of(take_over(id, 0)), std::vector(kOdd.begin() + 1, kOdd.end()));
}

TEST_F(Uris, a_slash_in_an_entity_does_not_make_it_another_subscription) {
    start({}, folder_.path());
    const auto id = open(socket);
    subscribe(id, uri(contracts, kA + "/x", "moved"));
    start({}, folder_.path());
    Opening opening;
    opening.restored = take_over(id, 0);
    Socket next;
    open(next, std::move(opening));
    publish({uri(contracts, kA, "x/moved")});
    EXPECT_TRUE(next.sequence().empty()) << "it never matched that";
}

// docs/reference/protocol.md 2.1: a contract may emit any topic.
TEST_F(Uris, events_with_odd_topics_are_delivered_live_and_from_the_log) {
    start();
    const auto id = open(socket);
    const std::vector<wire::Uri> events = {uri(contracts, kA, "a/b"), uri(contracts, kA, "100%41"),
                                           uri(contracts, kA, "\"q\\uote\n"), uri(contracts, kA, "x:y")};
    for (const auto& each : events) subscribe(id, *wire::Uri::parse(each.to_string()));
    publish(events);
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2, 3, 4}));

    Socket other;
    const auto late = open(other);
    for (const auto& each : events) subscribe_after(late, each, 0);
    EXPECT_EQ(other.sequence(), (Sequence{1, 2, 3, 4}));
}

}  // namespace
}  // namespace rues::feed::test
