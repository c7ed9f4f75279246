#include "gateway/cluster/lease.hpp"

#include <gtest/gtest.h>

#include "support/memory_bus.hpp"

namespace rues::gateway::cluster {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLeaseTime{1'000};
constexpr Timeout kAsk{1'000};

/// Machines that hold or want one lease. `to_live` of the bucket is much longer than the lease: what a test sees is not
/// the doing of the bus, unless it says so.
class Leases : public testing::Test {
protected:
    struct Machine {
        Machine(rues::test::MemoryNetwork& network, const base::Clock& clock, const std::string& name,
                milliseconds to_live)
            : bus(network),
              bucket(bus.bucket("lease", to_live, kAsk).value()),
              lease(*bucket, name, kLeaseTime, clock) {}
        rues::test::MemoryBus bus;
        std::unique_ptr<Bucket> bucket;
        Lease lease;
    };

    base::ManualClock clock_{milliseconds(1'000'000)};
    rues::test::MemoryNetwork network_{clock_};
    Machine one_{network_, clock_, "one", milliseconds(100'000)};
    Machine two_{network_, clock_, "two", milliseconds(100'000)};
};

TEST_F(Leases, is_held_by_the_first_that_takes_it) {
    one_.lease.step(true);
    two_.lease.step(true);

    EXPECT_TRUE(one_.lease.is_held());
    EXPECT_FALSE(two_.lease.is_held());
    EXPECT_EQ(two_.lease.holder(), "one");
}

TEST_F(Leases, is_not_taken_by_a_machine_that_may_not) {
    one_.lease.step(false);
    EXPECT_FALSE(one_.lease.is_held());
    EXPECT_EQ(one_.lease.holder(), "");
}

TEST_F(Leases, stays_with_a_holder_that_renews_it) {
    one_.lease.step(true);
    for (int turn = 0; turn < 40; ++turn) {
        clock_.advance(kLeaseTime / 4);
        two_.lease.step(true);
        one_.lease.step(true);
        ASSERT_TRUE(one_.lease.is_held());
        ASSERT_FALSE(two_.lease.is_held());
    }
}

TEST_F(Leases, of_a_holder_that_is_silent_ends_for_it_before_another_machine_takes_it) {
    one_.lease.step(true);
    two_.lease.step(true);

    clock_.advance(kLeaseTime);
    EXPECT_FALSE(one_.lease.is_held());
    two_.lease.step(true);
    EXPECT_FALSE(two_.lease.is_held());

    clock_.advance(kLeaseTime / 2);
    two_.lease.step(true);
    EXPECT_TRUE(two_.lease.is_held());
    one_.lease.step(true);
    EXPECT_FALSE(one_.lease.is_held());
    EXPECT_EQ(one_.lease.holder(), "two");
}

TEST_F(Leases, that_expired_on_the_bus_is_taken_at_once) {
    Machine three(network_, clock_, "three", kLeaseTime);
    three.lease.step(true);
    two_.lease.step(true);
    ASSERT_FALSE(two_.lease.is_held());

    clock_.advance(kLeaseTime);
    two_.lease.step(true);

    EXPECT_TRUE(two_.lease.is_held());
}

TEST_F(Leases, that_is_given_back_is_taken_at_once) {
    one_.lease.step(true);
    two_.lease.step(true);

    one_.lease.give_back();
    EXPECT_FALSE(one_.lease.is_held());
    two_.lease.step(true);

    EXPECT_TRUE(two_.lease.is_held());
}

TEST_F(Leases, is_still_held_while_the_link_is_cut_for_less_than_its_time) {
    one_.lease.step(true);
    one_.bus.cut();
    clock_.advance(kLeaseTime - milliseconds(1));
    one_.lease.step(true);
    EXPECT_TRUE(one_.lease.is_held());

    one_.bus.join();
    one_.lease.step(true);
    clock_.advance(kLeaseTime - milliseconds(1));
    EXPECT_TRUE(one_.lease.is_held());
}

TEST_F(Leases, whose_renewal_has_no_answer_goes_on_although_its_revision_is_unknown) {
    one_.lease.step(true);
    one_.bus.lose_replies(1);
    one_.lease.step(true);

    clock_.advance(kLeaseTime / 2);
    one_.lease.step(true);
    clock_.advance(kLeaseTime - milliseconds(1));

    EXPECT_TRUE(one_.lease.is_held());
}

TEST_F(Leases, whose_taking_has_no_answer_is_found_to_be_held) {
    // As if the answer to its `create` had been lost.
    rues::test::MemoryBus other(network_);
    auto bucket = other.bucket("lease", milliseconds(100'000), kAsk).value();
    ASSERT_TRUE(bucket->create(Lease::kKey, base::view("one"), kAsk));

    one_.lease.step(true);

    EXPECT_TRUE(one_.lease.is_held());
}

TEST_F(Leases, does_not_care_for_the_wall_clock) {
    one_.lease.step(true);
    two_.lease.step(true);
    clock_.set_wall_clock(std::chrono::hours(5));
    two_.lease.step(true);
    EXPECT_TRUE(one_.lease.is_held());
    EXPECT_FALSE(two_.lease.is_held());

    clock_.set_wall_clock(-std::chrono::hours(10));
    clock_.advance(kLeaseTime * 3 / 2);
    two_.lease.step(true);
    EXPECT_TRUE(two_.lease.is_held());
    EXPECT_FALSE(one_.lease.is_held());
}

}  // namespace
}  // namespace rues::gateway::cluster
