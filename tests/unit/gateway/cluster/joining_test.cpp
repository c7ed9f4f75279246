#include "gateway/cluster/joining.hpp"

#include <gtest/gtest.h>

#include "log_machine.hpp"

namespace rues::gateway::cluster {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{10'000};  ///< no test waits so long when the code is right

bool never() {
    return false;
}

class Joining : public testing::Test {
protected:
    /// Makes the begin of a log with this epoch, and counts how often that was asked for.
    MakeBegin making(std::uint64_t epoch) {
        return [this, epoch] {
            ++made_;
            return LogBegin{epoch, 3, gateway::test::recording().header(0).value()};
        };
    }
    static MakeBegin failing() {
        return [] { return base::failure(base::Error::Kind::not_found, "no node answers"); };
    }

    base::SystemClock clock_;
    rues::test::MemoryNetwork network_{clock_};
    rues::test::MemoryBus one_{network_};
    rues::test::MemoryBus two_{network_};
    int made_ = 0;
};

TEST_F(Joining, the_first_machine_writes_the_begin_and_all_others_get_it) {
    const auto first = join(one_, making(7), kPatience, &never);
    const auto second = join(two_, making(8), kPatience, &never);

    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->epoch, 7U);
    EXPECT_EQ(second->epoch, 7U);
    EXPECT_EQ(second->header, first->header);
    EXPECT_EQ(made_, 1);
    EXPECT_EQ(network_.messages().size(), 1U);
}

TEST_F(Joining, a_begin_whose_answer_is_lost_is_not_written_twice) {
    const auto begin = join(
        one_,
        [this] {
            one_.lose_replies(1);
            return making(7)();
        },
        kPatience, &never);
    ASSERT_TRUE(begin);
    EXPECT_EQ(begin->epoch, 7U);
    EXPECT_EQ(network_.messages().size(), 1U);
}

TEST_F(Joining, a_machine_that_is_second_while_it_asks_its_node_gets_the_begin_of_the_first) {
    const auto second = join(
        two_,
        [this] {
            EXPECT_TRUE(join(one_, making(7), kPatience, &never));
            return making(8)();
        },
        kPatience, &never);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->epoch, 7U);
}

TEST_F(Joining, needs_a_node_only_when_there_is_no_log_yet) {
    const auto alone = join(one_, failing(), kPatience, &never);
    ASSERT_FALSE(alone);
    EXPECT_EQ(alone.error().text, "no node answers");
    ASSERT_TRUE(join(one_, making(7), kPatience, &never));
    EXPECT_TRUE(join(two_, failing(), kPatience, &never));
}

TEST_F(Joining, a_stream_whose_begin_was_removed_cannot_be_joined) {
    begin_stream(one_);
    LogMachine machine(one_, 1);
    ASSERT_TRUE(machine.commit(machine.next_block()));
    network_.purge(2);

    const auto joined = join(two_, making(7), kPatience, &never);

    ASSERT_FALSE(joined);
    EXPECT_NE(joined.error().text.find("copy the data folder"), std::string::npos) << joined.error().text;
}

TEST_F(Joining, a_stream_of_somebody_else_is_not_used) {
    ASSERT_TRUE(one_.stream(kPatience).value()->publish(base::view("hello"), "id", 0, kPatience));

    const auto joined = join(two_, making(7), kPatience, &never);

    ASSERT_FALSE(joined);
    EXPECT_NE(joined.error().text.find("--cluster-name"), std::string::npos) << joined.error().text;
    EXPECT_EQ(network_.messages().size(), 1U);
}

TEST_F(Joining, gives_up_with_the_reason_when_the_bus_does_not_answer) {
    one_.cut();
    const auto joined = join(one_, making(7), milliseconds(1), &never);
    ASSERT_FALSE(joined);
    EXPECT_EQ(joined.error().text, "the cluster cannot be joined: the link is cut");
    EXPECT_EQ(made_, 0);
}

TEST_F(Joining, ends_when_the_program_is_to_stop) {
    one_.cut();
    int asked = 0;
    const auto joined = join(one_, making(7), kPatience, [&] { return ++asked == 2; });
    ASSERT_FALSE(joined);
    EXPECT_EQ(joined.error().text, "stopped before the cluster was joined");
}

}  // namespace
}  // namespace rues::gateway::cluster
