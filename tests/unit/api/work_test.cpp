#include "api/work.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace rues::api {
namespace {

TEST(Bound, gives_no_more_than_it_has_and_takes_back_what_is_dropped) {
    const Bound bound(3);
    auto one = bound.take();
    auto two = bound.take(2);
    ASSERT_TRUE(one && two);
    EXPECT_FALSE(bound.take());
    EXPECT_EQ(bound.taken(), 3U);

    two.reset();

    EXPECT_EQ(bound.taken(), 1U);
    EXPECT_FALSE(bound.take(3));
    EXPECT_FALSE(bound.take(std::numeric_limits<std::size_t>::max()));
    EXPECT_EQ(bound.taken(), 1U);
}

TEST(Bound, a_place_grows_only_within_the_bound_and_keeps_its_amount_when_it_may_not) {
    const Bound bound(10);
    auto place = bound.take(4);
    const auto other = bound.take(3);

    EXPECT_TRUE(place->resize(7));
    EXPECT_FALSE(place->resize(8));
    EXPECT_EQ(place->amount(), 7U);
    EXPECT_EQ(bound.taken(), 10U);
    EXPECT_TRUE(place->resize(0));
    EXPECT_EQ(bound.taken(), 3U);
}

TEST(Bound, a_place_that_moved_is_given_back_once) {
    const Bound bound(1);
    {
        Place first = *bound.take();
        Place second;
        second = std::move(first);
        EXPECT_EQ(bound.taken(), 1U);
    }
    EXPECT_EQ(bound.taken(), 0U);
}

TEST(Places, each_class_of_work_has_its_own_bound) {
    const Places places;
    std::vector<Place> feeders;
    while (auto place = places.take(Work::feeder)) feeders.push_back(std::move(*place));
    EXPECT_EQ(feeders.size(), class_of(Work::feeder).most);
    EXPECT_TRUE(places.take(Work::history));
    EXPECT_TRUE(places.take(Work::loop)) << "another room has its bound";
}

TEST(Places, one_client_has_its_part_and_others_get_theirs) {
    base::Clients clients;
    const auto hostile = clients.of(*base::ClientKey::parse("192.0.2.1"), base::Client::Time());
    const auto good = clients.of(*base::ClientKey::parse("192.0.2.2"), base::Client::Time());
    const Places places;
    std::vector<Place> held;
    auto next = places.take(Work::history, hostile.get());
    for (; next; next = places.take(Work::history, hostile.get())) held.push_back(std::move(*next));

    EXPECT_EQ(held.size(), class_of(Work::history).of_one);
    EXPECT_EQ(next.error(), base::Taken::client_is_full);
    EXPECT_TRUE(places.take(Work::history, good.get()));
    EXPECT_TRUE(places.take(Work::feeder, hostile.get())) << "each class has its own parts";

    held.pop_back();
    EXPECT_TRUE(places.take(Work::history, hostile.get()));
}

TEST(Places, parts_of_clients_end_with_the_places_of_all) {
    base::Clients clients;
    const Places places;
    std::vector<Place> held;
    std::optional<base::Taken> why;
    for (std::uint8_t i = 1; !why; ++i) {
        const auto client = clients.of(base::ClientKey::of_v4({std::byte{10}, {}, {}, std::byte{i}}), {});
        auto place = places.take(Work::feeder, client.get());
        if (place) {
            held.push_back(std::move(*place));
        } else {
            why = place.error();
        }
    }

    EXPECT_EQ(held.size(), class_of(Work::feeder).most);
    EXPECT_EQ(why, base::Taken::all_is_full);
}

TEST(Places, a_proxy_whose_connections_are_those_of_many_clients_has_no_part) {
    base::Clients clients;
    const auto key = *base::ClientKey::parse("192.0.2.1");
    clients.use_unlimited({key});
    const auto proxy = clients.of(key, base::Client::Time());
    const Places places;
    std::vector<Place> held;
    for (std::size_t i = 0; i <= class_of(Work::history).of_one; ++i) {
        auto place = places.take(Work::history, proxy.get());
        ASSERT_TRUE(place);
        held.push_back(std::move(*place));
    }
}

}  // namespace
}  // namespace rues::api
