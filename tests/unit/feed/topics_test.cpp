// Entities that an attacker chose, so that a hash without a key puts all of them into one bucket.
#include "feed/topics.hpp"

#include <chrono>

#include "fakes.hpp"

namespace rues::feed::test {
namespace {

/// 2^14 different texts with the same FNV-1a hash (64 bit). Both parts lead from the initial state of the hash to the
/// same state, whose lower 40 bits are those of the initial state again, so the parts can be repeated in any order.
std::vector<std::string> entities_of_one_hash() {
    std::vector<std::string> out{""};
    for (int part = 0; part < 14; ++part) {
        std::vector<std::string> longer;
        for (const auto& begin : out) {
            for (const char* end : {"HGqhpn5T1", "YuPMxlpFe"}) longer.push_back(begin + end);
        }
        out = std::move(longer);
    }
    return out;
}

/// An index with one subscription for each entity.
struct Index {
    explicit Index(const std::vector<std::string>& entities) : subscriptions(entities.size()) {
        for (std::size_t i = 0; i < entities.size(); ++i)
            topics.add(topics.of(uri(wire::Component::contracts, entities[i], "moved")), subscriptions[i]);
    }
    /// Time that 20 look-ups of an event of `entity` take: the least of five rounds.
    std::chrono::nanoseconds look_up(const std::string& entity) {
        const auto at = uri(wire::Component::contracts, entity, "moved");
        const auto bytes = message(1, at);
        const store::LogRecord record{1, {at.component, wire::text_hash(at.topic), wire::text_hash(entity), 0}, bytes};
        std::vector<Topic*> matching;
        auto least = std::chrono::nanoseconds::max();  // other processes use the processor too
        for (int round = 0; round < 5; ++round) {
            const auto begin = std::chrono::steady_clock::now();
            for (int i = 0; i < 20; ++i) topics.matching(record, matching);
            least = std::min<std::chrono::nanoseconds>(least, std::chrono::steady_clock::now() - begin);
        }
        EXPECT_EQ(matching.size(), 1U);
        return least;
    }

    std::vector<Subscription> subscriptions;
    Topics topics{*base::array_from_hex<16>("000102030405060708090a0b0c0d0e0f")};
};

TEST(TopicUri, differs_from_the_uri_of_another_entity_and_does_not_match_its_events) {
    const std::vector<std::optional<std::string>> entities = {std::nullopt, std::string(64, 'a'), std::string(64, 'b'),
                                                              "a text"};
    for (const auto& own : entities) {
        const wire::Uri of{wire::Component::contracts, own, "moved"};
        const TopicUri topic(of);
        EXPECT_EQ(topic.whole(), of);
        for (const auto& other : entities) {
            const wire::Uri at{wire::Component::contracts, other, "moved"};
            EXPECT_EQ(topic == at, own == other);
            const wire::Location event{at.component, other, at.topic};
            EXPECT_EQ(topic.matches(event), !own || own == other);
        }
    }
}

TEST(Topics, entities_that_an_attacker_chose_cost_an_event_no_more_than_others) {
    const auto chosen = entities_of_one_hash();
    ASSERT_EQ(chosen.size(), 16'384U);
    ASSERT_EQ(wire::text_hash(chosen.front()), wire::text_hash(chosen.back()));
    std::vector<std::string> others;
    for (std::size_t i = 0; i < chosen.size(); ++i) others.push_back(base::to_hex(base::view(chosen[i])));

    const auto attacked = Index(chosen).look_up(chosen.front());
    const auto quiet = Index(others).look_up(others.front());

    // In one bucket they would cost some thousand times as much.
    EXPECT_LT(attacked.count(), 50 * quiet.count());
}

TEST(Topics, subscriptions_are_found_by_entity_by_topic_and_by_topic_in_lower_case) {
    Topics topics(base::HashKey{});
    const std::vector<wire::Uri> wanted = {
        uri(wire::Component::contracts, "a", "Moved"), uri(wire::Component::contracts, std::nullopt, "moved"),
        uri(wire::Component::contracts, std::nullopt, "MOVED"), uri(wire::Component::contracts, "b", "moved"),
        uri(wire::Component::blocks, std::nullopt, "moved")};
    std::vector<Subscription> subscriptions(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) topics.add(topics.of(wanted[i]), subscriptions[i]);
    const auto found = [&](const wire::Uri& at) {
        const auto bytes = message(1, at);
        std::vector<Topic*> matching;
        topics.matching({1, {at.component, 0, 0, 0}, bytes}, matching);
        std::vector<wire::Uri> out;
        for (const Topic* each : matching) out.push_back(each->uri.whole());
        return out;
    };
    const auto lower = found(uri(wire::Component::contracts, "a", "moved"));
    EXPECT_EQ(lower.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(std::ranges::count(lower, wanted[i])) << wanted[i].to_string();
    EXPECT_EQ(found(uri(wire::Component::contracts, "a", "Moved")), std::vector{wanted[0]});
    EXPECT_TRUE(found(uri(wire::Component::contracts, "c", "other")).empty());

    for (Subscription& each : subscriptions) EXPECT_TRUE(topics.remove(each));
    EXPECT_TRUE(topics.empty());
    EXPECT_TRUE(found(uri(wire::Component::contracts, "a", "moved")).empty());
}

TEST(Matcher, matches_the_same_events_as_the_index_after_their_position) {
    Matcher matcher;
    matcher.add(uri(wire::Component::contracts, "a", "Moved"), 5);
    matcher.add(uri(wire::Component::blocks, std::nullopt, "accepted"), 0);
    const auto wanted = [&](std::uint64_t seq, const wire::Uri& at) {
        const auto bytes = message(seq, at);
        return matcher({seq, {at.component, 0, 0, 0}, bytes});
    };
    EXPECT_TRUE(wanted(6, uri(wire::Component::contracts, "a", "Moved")));
    EXPECT_TRUE(wanted(6, uri(wire::Component::contracts, "a", "moved")));
    EXPECT_FALSE(wanted(5, uri(wire::Component::contracts, "a", "moved")));
    EXPECT_FALSE(wanted(6, uri(wire::Component::contracts, "b", "Moved")));
    EXPECT_TRUE(wanted(1, uri(wire::Component::blocks, "b", "accepted")));
    EXPECT_FALSE(wanted(1, uri(wire::Component::transactions, "b", "accepted")));
}

}  // namespace
}  // namespace rues::feed::test
