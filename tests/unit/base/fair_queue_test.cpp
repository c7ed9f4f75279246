#include "base/fair_queue.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rues::base {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

class FairQueueTest : public ::testing::Test {
protected:
    ClientPtr client(std::string_view address) { return clients_.of(*ClientKey::parse(address), Client::Time()); }
    void add(const ClientPtr& who, char item, int count = 1) {
        for (int i = 0; i < count; ++i) queue_.push(who, item);
    }
    /// Works on items until none is left, or on `most`; each item costs what `cost` says. Returns the order.
    template <typename Cost>
    std::string work(Cost cost, std::size_t most = SIZE_MAX) {
        std::string out;
        while (out.size() < most) {
            const auto turn = queue_.take();
            if (!turn) break;
            out += turn->item;
            queue_.done(turn->client.get(), turn->charged, cost(turn->item));
        }
        return out;
    }

    Clients clients_;
    const ClientPtr a_ = client("192.0.2.1");
    const ClientPtr b_ = client("192.0.2.2");
    FairQueue<char> queue_;
};

TEST_F(FairQueueTest, the_items_of_one_client_keep_their_order) {
    for (const char item : std::string("abcd")) add(a_, item);
    EXPECT_EQ(work([](char) { return milliseconds(1); }), "abcd");
}

TEST_F(FairQueueTest, clients_with_equal_items_take_turns) {
    add(a_, 'a', 4);
    add(b_, 'b', 4);
    const auto order = work([](char) { return milliseconds(1); });
    for (std::size_t i = 0; i + 1 < order.size(); i += 2) EXPECT_NE(order[i], order[i + 1]) << order;
}

TEST_F(FairQueueTest, clients_share_time_and_not_items) {
    add(a_, 'a', 100);
    add(b_, 'b', 100);
    const auto order = work([](char item) { return milliseconds(item == 'a' ? 10 : 1); }, 55);
    const auto dear = std::ranges::count(order, 'a');
    EXPECT_GE(dear, 4);
    EXPECT_LE(dear, 7);
}

TEST_F(FairQueueTest, one_item_of_a_client_overtakes_a_long_line_of_another) {
    add(a_, 'a', 1'000);
    work([](char) { return milliseconds(1); }, 500);
    add(b_, 'b');
    EXPECT_EQ(work([](char) { return milliseconds(1); }, 1), "b");
}

TEST_F(FairQueueTest, a_client_that_was_away_has_saved_nothing_up) {
    add(a_, 'a', 500);
    work([](char) { return milliseconds(1); }, 400);
    add(b_, 'b', 100);
    const auto order = work([](char) { return milliseconds(1); }, 100);
    EXPECT_GE(std::ranges::count(order, 'a'), 45);
}

TEST_F(FairQueueTest, an_item_under_way_is_charged_before_its_cost_is_known) {
    add(a_, 'a', 2);
    add(b_, 'b', 2);
    const auto first = queue_.take();
    const auto second = queue_.take();
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->item, second->item);
    EXPECT_EQ(queue_.under_way(a_.get()), 1U);
    queue_.done(a_.get(), first->item == 'a' ? first->charged : second->charged, milliseconds(1));
    EXPECT_EQ(queue_.under_way(a_.get()), 0U);
}

TEST_F(FairQueueTest, items_of_nobody_are_those_of_one_more_client) {
    add(nullptr, 'n', 100);
    add(a_, 'a', 100);
    const auto order = work([](char) { return milliseconds(1); }, 100);
    EXPECT_NEAR(static_cast<double>(std::ranges::count(order, 'n')), 50, 3);
}

TEST_F(FairQueueTest, an_item_that_is_removed_leaves_the_others_their_order_and_an_empty_line_no_turn) {
    for (const char item : std::string("abc")) add(a_, item);
    add(b_, 'x');

    EXPECT_EQ(queue_.front(a_.get()), 'a');
    EXPECT_TRUE(queue_.remove(a_.get(), 'b'));
    EXPECT_TRUE(queue_.remove(b_.get(), 'x'));
    EXPECT_FALSE(queue_.remove(b_.get(), 'x'));

    EXPECT_EQ(queue_.size(), 2U);
    EXPECT_EQ(queue_.clients(), 1U);
    EXPECT_EQ(work([](char) { return milliseconds(1); }), "ac");
}

TEST_F(FairQueueTest, lines_of_clients_that_left_are_forgotten) {
    for (unsigned i = 0; i < 2'000; ++i) {
        const ByteArray<4> address{std::byte{10}, std::byte{0}, std::byte(i >> 8), std::byte(i)};
        queue_.push(clients_.of(ClientKey::of_v4(address), Client::Time()), 'x');
        work([](char) { return nanoseconds(1); });
    }
    // Each line refers to its account, so accounts in use would be as many as lines.
    std::size_t referred = 0;
    for (const auto& each : clients_.list(SIZE_MAX)) referred += each->use_count() > 2 ? 1U : 0U;
    EXPECT_LE(referred, 600U);
}

}  // namespace
}  // namespace rues::base
