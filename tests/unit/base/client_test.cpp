#include "base/client.hpp"

#include <gtest/gtest.h>

namespace rues::base {
namespace {

using std::chrono::milliseconds;
using Time = Client::Time;

constexpr Time kStart{std::chrono::seconds(1'000)};

ClientKey key(std::string_view address) {
    const auto out = ClientKey::parse(address);
    EXPECT_TRUE(out) << address;
    return out.value_or(ClientKey());
}

TEST(ClientKeyTest, an_ipv4_client_is_its_address) {
    EXPECT_NE(key("192.0.2.1"), key("192.0.2.2"));
    EXPECT_EQ(key("192.0.2.1").text(), "192.0.2.1");
}

TEST(ClientKeyTest, an_ipv6_client_is_its_64) {
    EXPECT_EQ(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
    EXPECT_NE(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    EXPECT_EQ(key("2001:db8:1:2::1").text(), "2001:db8:1:2::/64");
    EXPECT_EQ(key("fe80::1%eth0"), key("fe80::2"));
}

TEST(ClientKeyTest, rfc_4291_2_5_5_2_an_ipv4_address_in_ipv6_form_is_the_ipv4_address) {
    EXPECT_EQ(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    EXPECT_NE(key("::ffff:192.0.2.1"), key("::ffff:192.0.2.2"));
}

TEST(ClientKeyTest, anything_else_is_no_client) {
    for (const auto* const text : {"", "localhost", "192.0.2", "192.0.2.1:80", "[::1]", "::1::"})
        EXPECT_FALSE(ClientKey::parse(text)) << text;
}

class ClientsTest : public ::testing::Test {
protected:
    ClientPtr client(std::string_view address) { return clients_.of(key(address), kStart); }
    Clients clients_;
};

TEST_F(ClientsTest, one_client_takes_no_more_than_its_part_and_others_still_get_theirs) {
    ClientLimits limits;
    limits.one(Holding::uploads) = 100;
    clients_.use_limits(limits);
    const auto greedy = client("192.0.2.1");
    Held first(greedy, Holding::uploads), second(greedy, Holding::uploads),
        other(client("192.0.2.2"), Holding::uploads);

    EXPECT_EQ(first.resize(60), Taken::yes);
    EXPECT_EQ(second.resize(41), Taken::client_is_full);
    EXPECT_EQ(second.amount(), 0U);
    EXPECT_EQ(second.resize(40), Taken::yes);
    EXPECT_EQ(other.resize(100), Taken::yes);
    EXPECT_EQ(greedy->held(Holding::uploads), 100U);
    first.clear();
    EXPECT_EQ(second.resize(100), Taken::yes);
    EXPECT_EQ(greedy->refused(), 1U);
    EXPECT_EQ(clients_.common().refused[static_cast<std::size_t>(Holding::uploads)].value(), 1U);
}

TEST_F(ClientsTest, all_clients_together_take_no_more_than_there_is) {
    ClientLimits limits;
    limits.all(Holding::unread) = 100;
    clients_.use_limits(limits);
    Held first(client("192.0.2.1"), Holding::unread), second(client("192.0.2.2"), Holding::unread);

    EXPECT_EQ(first.resize(70), Taken::yes);
    EXPECT_EQ(second.resize(70), Taken::all_is_full);
    EXPECT_EQ(client("192.0.2.2")->held(Holding::unread), 0U);
    first.clear();
    EXPECT_EQ(second.resize(70), Taken::yes);
}

TEST_F(ClientsTest, the_last_eighth_is_for_clients_that_hold_little_and_its_use_is_told) {
    ClientLimits limits;
    limits.all(Holding::subscriptions) = 160;
    clients_.use_limits(limits);
    const auto large = client("192.0.2.1");
    const auto small = client("192.0.2.2");

    EXPECT_EQ(large->take(Holding::subscriptions, 140), Taken::yes);
    EXPECT_EQ(large->take(Holding::subscriptions, 1), Taken::all_is_full);
    EXPECT_TRUE(clients_.take_crowded().empty());
    EXPECT_EQ(small->take(Holding::subscriptions, 10), Taken::yes);
    EXPECT_EQ(clients_.take_crowded(), std::vector{Holding::subscriptions});
    EXPECT_TRUE(clients_.take_crowded().empty());
    EXPECT_EQ(small->take(Holding::subscriptions, 1), Taken::all_is_full);  // more than a sixteenth is not little
    EXPECT_EQ(client("192.0.2.3")->take(Holding::subscriptions, 10), Taken::yes);
    EXPECT_EQ(client("192.0.2.4")->take(Holding::subscriptions, 1), Taken::all_is_full);
    EXPECT_EQ(clients_.common().full[static_cast<std::size_t>(Holding::subscriptions)].value(), 3U);
}

TEST_F(ClientsTest, every_kind_of_holding_is_counted_apart) {
    const auto one = client("192.0.2.1");
    for (std::size_t i = 0; i < kHoldings; ++i) EXPECT_EQ(one->take(static_cast<Holding>(i), i + 1), Taken::yes);
    for (std::size_t i = 0; i < kHoldings; ++i) {
        EXPECT_EQ(one->held(static_cast<Holding>(i)), i + 1) << row_of(static_cast<Holding>(i)).name;
        one->give_back(static_cast<Holding>(i), i + 1);
    }
    for (std::size_t i = 0; i < kHoldings; ++i) EXPECT_EQ(clients_.common().held[i].load(), 0U);
}

TEST_F(ClientsTest, the_number_of_what_an_account_has_in_place_does_not_wrap) {
    ClientLimits limits;
    limits.one(Holding::journal) = std::uint64_t{1} << 40;
    clients_.use_limits(limits);
    const auto one = client("192.0.2.1");
    EXPECT_EQ(one->take(Holding::journal, UINT32_MAX), Taken::yes);
    EXPECT_EQ(one->take(Holding::journal, 1), Taken::client_is_full);
    EXPECT_EQ(one->take(Holding::subscriptions, std::uint64_t{1} << 32), Taken::client_is_full);
    EXPECT_EQ(one->held(Holding::subscriptions), 0U);
}

TEST_F(ClientsTest, the_largest_holder_is_found_but_no_proxy) {
    clients_.use_unlimited({key("192.0.2.9")});
    const auto amount = [](const Client& each) { return each.held(Holding::journal); };
    EXPECT_EQ(clients_.largest(amount, 1), nullptr);
    client("192.0.2.1")->take_anyway(Holding::journal, 10);
    client("2001:db8::1")->take_anyway(Holding::journal, 12);
    client("192.0.2.9")->take_anyway(Holding::journal, 50);
    EXPECT_EQ(clients_.largest(amount, 1), client("2001:db8::1"));
    EXPECT_EQ(clients_.largest(amount, 13), nullptr);
}

TEST_F(ClientsTest, an_account_knows_its_key_and_outlives_the_table) {
    ClientPtr kept;
    {
        Clients table;
        for (const auto* const address : {"192.0.2.1", "2001:db8:1:2::1", "::1", "0.0.0.0"})
            EXPECT_EQ(table.of(key(address), kStart)->key(), key(address)) << address;
        kept = table.of(key("192.0.2.1"), kStart);
        EXPECT_EQ(kept->take(Holding::uploads, 5), Taken::yes);
    }
    EXPECT_EQ(kept->held(Holding::uploads), 5U);
}

TEST_F(ClientsTest, a_client_that_holds_nothing_may_have_one_thing_of_any_size) {
    ClientLimits limits;
    limits.one(Holding::unread) = 100;
    clients_.use_limits(limits);
    const auto one = client("192.0.2.1");
    Held first(one, Holding::unread), second(one, Holding::unread);

    EXPECT_EQ(first.resize(1'000, true), Taken::yes);
    EXPECT_EQ(second.resize(1, true), Taken::client_is_full);
}

TEST_F(ClientsTest, a_refusal_names_the_setting) {
    EXPECT_EQ(client("192.0.2.1")->reason(Holding::connections, Taken::client_is_full),
              "your address has too many connections (setting client-connections)");
    EXPECT_EQ(client("192.0.2.1")->reason(Holding::subscriptions, Taken::all_is_full),
              "all clients have too many subscriptions (setting subscriptions)");
}

TEST_F(ClientsTest, whether_a_client_is_full_is_told_without_taking) {
    ClientLimits limits;
    limits.one(Holding::sessions) = 1;
    clients_.use_limits(limits);
    const auto one = client("192.0.2.1");
    EXPECT_FALSE(one->reason_if_full(Holding::sessions));
    EXPECT_EQ(one->take(Holding::sessions, 1), Taken::yes);
    EXPECT_EQ(one->reason_if_full(Holding::sessions), "your address has too many sessions (setting client-sessions)");
    EXPECT_FALSE(one->reason_if_full(Holding::journal));
}

TEST_F(ClientsTest, a_trusted_proxy_has_no_limits_of_its_own) {
    ClientLimits limits;
    limits.one(Holding::connections) = 1;
    limits.share_us = 1;
    clients_.use_limits(limits);
    clients_.use_unlimited({key("192.0.2.9")});
    const auto proxy = client("192.0.2.9");

    for (int i = 0; i < 5; ++i) EXPECT_EQ(proxy->take(Holding::connections, 1), Taken::yes);
    proxy->charge(std::chrono::seconds(10), kStart);
    EXPECT_EQ(proxy->debt(kStart).count(), 0);
}

TEST_F(ClientsTest, the_share_pays_for_what_a_client_has_spent) {
    ClientLimits limits;
    limits.share_us = 500'000;  // half of a processor
    clients_.use_limits(limits);
    const auto one = client("192.0.2.1");

    one->charge(milliseconds(10), kStart);  // 20 ms of its share: what it may save up
    EXPECT_EQ(one->debt(kStart).count(), 0);
    one->charge(milliseconds(40), kStart);
    EXPECT_EQ(one->debt(kStart), milliseconds(80));
    EXPECT_EQ(one->debt(kStart + milliseconds(79)), milliseconds(1));
    EXPECT_EQ(one->debt(kStart + milliseconds(80)).count(), 0);
    EXPECT_EQ(one->spent(), milliseconds(50));
    EXPECT_EQ(client("192.0.2.2")->debt(kStart).count(), 0);
}

TEST_F(ClientsTest, a_client_owes_at_most_two_seconds_of_its_share) {
    ClientLimits limits;
    limits.share_us = 500'000;
    clients_.use_limits(limits);
    const auto one = client("192.0.2.1");

    one->charge(std::chrono::hours(1), kStart);
    EXPECT_EQ(one->debt(kStart), std::chrono::seconds(2));
    EXPECT_EQ(one->debt(kStart + std::chrono::seconds(2)).count(), 0);
}

TEST_F(ClientsTest, accounts_that_are_not_in_use_are_dropped_when_there_are_many) {
    const auto kept = client("192.0.2.1");
    for (unsigned i = 0; i < 3 * Clients::kFew; ++i) {
        const ByteArray<4> address{std::byte{10}, std::byte(i >> 16), std::byte(i >> 8), std::byte(i)};
        (void)clients_.of(ClientKey::of_v4(address), kStart);
        ASSERT_LE(clients_.size(), Clients::kFew);
    }
    EXPECT_EQ(client("192.0.2.1"), kept);
}

TEST_F(ClientsTest, the_list_begins_with_who_spent_most) {
    client("192.0.2.1")->charge(milliseconds(1), kStart);
    client("192.0.2.2")->charge(milliseconds(3), kStart);
    client("192.0.2.3")->charge(milliseconds(2), kStart);

    const auto list = clients_.list(2);

    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0]->key(), key("192.0.2.2"));
    EXPECT_EQ(list[1]->key(), key("192.0.2.3"));
}

TEST_F(ClientsTest, a_scope_says_for_whom_a_thread_works_until_it_ends) {
    const auto outer = client("192.0.2.1");
    const auto inner = client("192.0.2.2");
    EXPECT_EQ(ActingFor::client(), nullptr);
    const ActingFor first(outer.get());
    {
        const ActingFor second(inner.get());
        EXPECT_EQ(ActingFor::kept(), inner);
    }
    EXPECT_EQ(ActingFor::kept(), outer);
}

TEST_F(ClientsTest, a_forged_signature_is_forgotten_after_some_good_ones) {
    const auto one = client("192.0.2.1");
    one->note_signature(true);
    EXPECT_FALSE(one->sent_forged());
    one->note_signature(false);
    for (unsigned i = 0; i < Client::kForgedMemory; ++i) {
        EXPECT_TRUE(one->sent_forged()) << i;
        one->note_signature(true);
    }
    EXPECT_FALSE(one->sent_forged());
}

}  // namespace
}  // namespace rues::base
