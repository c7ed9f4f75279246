#include "gateway/cluster/shared_log.hpp"

#include <gtest/gtest.h>

#include "log_machine.hpp"

namespace rues::gateway::cluster {
namespace {

using ErrorKind = base::Error::Kind;

class SharedLogs : public testing::Test {
protected:
    SharedLogs() {
        network_.most_bytes = 4'096;
        begin_stream(one_bus_);
        one_.emplace(one_bus_, std::uint8_t{1});
        two_.emplace(two_bus_, std::uint8_t{2});
    }
    std::size_t stream_length() const { return network_.messages().size(); }

    base::SystemClock clock_;
    rues::test::MemoryNetwork network_{clock_};
    rues::test::MemoryBus one_bus_{network_};
    rues::test::MemoryBus two_bus_{network_};
    std::optional<LogMachine> one_;
    std::optional<LogMachine> two_;
};

TEST_F(SharedLogs, every_machine_has_the_log_of_the_ingester_byte_for_byte) {
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(one_->commit(one_->next_block()));
        ASSERT_TRUE(one_->commit(LogMachine::pool_change(static_cast<std::uint32_t>(i), 10)));
    }

    ASSERT_TRUE(two_->shared().catch_up());

    EXPECT_EQ(two_->log().tip().height, 5U);
    EXPECT_EQ(two_->messages(), one_->messages());
    EXPECT_GE(two_->messages().size(), 10U);
    EXPECT_EQ(two_->log().last_commit(), one_->log().last_commit());
    EXPECT_EQ(two_->log().checkpoint(), one_->log().checkpoint());
}

TEST_F(SharedLogs, a_machine_that_has_not_applied_everything_cannot_publish) {
    ASSERT_TRUE(one_->commit(one_->next_block()));

    const auto late = two_->commit(two_->next_block());

    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind, ErrorKind::would_block);
    EXPECT_EQ(two_->log().tip().height, 1U) << "but it has applied what the other one wrote";
    EXPECT_EQ(stream_length(), 2U);
    EXPECT_TRUE(two_->commit(two_->next_block()));
}

TEST_F(SharedLogs, a_commit_whose_answer_is_lost_is_there_once) {
    one_bus_.lose_replies(1);
    EXPECT_TRUE(one_->commit(one_->next_block()));
    EXPECT_EQ(one_->log().tip().height, 1U);
    EXPECT_EQ(stream_length(), 2U);
}

TEST_F(SharedLogs, a_commit_that_is_lost_is_published_again) {
    one_bus_.lose_requests(1);
    EXPECT_TRUE(one_->commit(one_->next_block()));
    EXPECT_EQ(one_->log().tip().height, 1U);
    EXPECT_EQ(stream_length(), 2U);
}

TEST_F(SharedLogs, a_commit_that_arrives_after_it_was_given_up_is_applied_by_all_before_the_next_one) {
    one_bus_.hold_publishes(100);
    EXPECT_FALSE(one_->commit(one_->next_block()));
    one_bus_.hold_publishes(0);
    network_.deliver_held();

    EXPECT_TRUE(two_->shared().catch_up());
    EXPECT_EQ(two_->log().tip().height, 1U);
    EXPECT_EQ(stream_length(), 2U) << "repeated, but there once";
    // One does not know of it, so what it makes of its own log may be in the stream already.
    const auto next = one_->commit(LogMachine::pool_change(1, 10));
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().kind, ErrorKind::would_block);
    EXPECT_EQ(one_->log().tip().height, 1U) << "but it has applied it now";
    EXPECT_EQ(stream_length(), 2U);
    EXPECT_TRUE(one_->commit(LogMachine::pool_change(1, 10)));
}

TEST_F(SharedLogs, a_change_of_the_mempool_that_came_late_is_not_published_twice) {
    const auto change = [] { return LogMachine::pool_change(7, 10); };
    one_bus_.hold_publishes(100);
    EXPECT_FALSE(one_->commit(change()));
    one_bus_.hold_publishes(0);
    network_.deliver_held();

    // The log here does not have the change, so it is made again.
    EXPECT_FALSE(one_->commit(change()));

    EXPECT_EQ(one_->messages().size(), 1U);
    EXPECT_TRUE(one_->log().pool().contains(LogMachine::id_of(7)));
}

TEST_F(SharedLogs, a_commit_is_split_anew_when_the_bus_takes_less_than_before) {
    one_->on_attempt = [&] { network_.most_bytes = 1'000; };
    ASSERT_TRUE(one_->commit(LogMachine::pool_change(1, 3'000)));
    EXPECT_EQ(one_->trouble, "");
    EXPECT_GE(stream_length(), 4U);
    ASSERT_TRUE(two_->shared().catch_up());
    EXPECT_EQ(two_->messages(), one_->messages());
    EXPECT_EQ(two_->messages().size(), 1U);
}

TEST_F(SharedLogs, a_message_that_the_bus_never_takes_is_a_trouble_and_not_the_end) {
    one_->on_attempt = [&] { network_.most_bytes = network_.most_bytes / 2; };
    const auto done = one_->commit(LogMachine::pool_change(1, 20'000));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::would_block);
    EXPECT_FALSE(one_->shared().failure());
    EXPECT_NE(one_->trouble, "");
}

TEST_F(SharedLogs, a_large_commit_goes_in_pieces_and_is_applied_whole) {
    ASSERT_TRUE(one_->commit(LogMachine::pool_change(1, 20'000)));
    EXPECT_EQ(stream_length(), 6U);
    EXPECT_EQ(one_->log().last_commit(), 6U);

    ASSERT_TRUE(two_->shared().catch_up());

    EXPECT_EQ(two_->messages(), one_->messages());
}

TEST_F(SharedLogs, a_large_commit_goes_on_after_a_lost_answer_in_its_middle) {
    ASSERT_TRUE(one_->commit(one_->next_block()));
    for (unsigned lost = 0; lost < 2; ++lost) {
        lost == 0 ? one_bus_.lose_replies(1) : one_bus_.lose_requests(1);
        ASSERT_TRUE(one_->commit(LogMachine::pool_change(lost, 20'000)));
    }
    EXPECT_EQ(stream_length(), 2U + 2 * 5);
    ASSERT_TRUE(two_->shared().catch_up());
    EXPECT_EQ(two_->messages(), one_->messages());
}

TEST_F(SharedLogs, a_commit_whose_writer_died_in_its_middle_is_superseded) {
    const auto large = LogMachine::pool_change(1, 20'000).encode();
    CommitId id;
    id.writer[0] = std::byte{9};
    const auto pieces = pieces_of(large, kEpochOfTest, id, network_.most_bytes);
    const auto stream = one_bus_.stream(Timeout(50)).value();
    for (std::uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(stream->publish(pieces[i], id.of_piece(i), 1 + i, Timeout(50)));

    ASSERT_TRUE(two_->shared().catch_up());
    EXPECT_TRUE(two_->messages().empty());
    EXPECT_EQ(two_->log().last_commit(), 0U);
    ASSERT_TRUE(two_->commit(two_->next_block()));

    EXPECT_EQ(two_->log().last_commit(), 5U);
    EXPECT_FALSE(stream->publish(pieces[3], id.of_piece(3), 4, Timeout(50))) << "its writer is not dead after all";
    ASSERT_TRUE(one_->shared().catch_up());
    EXPECT_EQ(one_->messages(), two_->messages());
}

TEST_F(SharedLogs, a_killed_machine_goes_on_where_it_was) {
    ASSERT_TRUE(one_->commit(one_->next_block()));
    ASSERT_TRUE(one_->commit(LogMachine::pool_change(1, 20'000)));
    ASSERT_TRUE(two_->shared().advance(Timeout(0)));
    for (int kill = 0; kill < 3; ++kill) {
        two_->kill();
        ASSERT_TRUE(two_->shared().catch_up());
        EXPECT_EQ(two_->messages(), one_->messages());
        one_->kill();
        ASSERT_TRUE(one_->shared().catch_up());
        ASSERT_TRUE(one_->commit(one_->next_block()));
    }
}

TEST_F(SharedLogs, a_full_stream_is_a_trouble_until_there_is_room) {
    network_.set_full(true);
    EXPECT_FALSE(one_->commit(one_->next_block()));
    EXPECT_EQ(one_->trouble, "no room");
    EXPECT_EQ(one_->log().tip().height, 0U);

    network_.set_full(false);
    EXPECT_TRUE(one_->commit(one_->next_block()));
    EXPECT_EQ(one_->trouble, "");
}

TEST_F(SharedLogs, a_stream_that_does_not_reach_back_is_told_with_the_way_out) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(one_->commit(one_->next_block()));
    ASSERT_TRUE(two_->shared().advance(Timeout(0)));
    network_.purge(4);
    EXPECT_TRUE(two_->shared().catch_up()) << "it has what is gone";
    LogMachine three(two_bus_, 3);

    const auto done = three.shared().catch_up();

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, StreamFailure::Kind::stream);
    EXPECT_NE(done.error().text.find("copy the data folder"), std::string::npos) << done.error().text;
    EXPECT_TRUE(three.messages().empty());
}

TEST_F(SharedLogs, a_message_of_another_log_is_not_applied) {
    const auto pieces = pieces_of(LogMachine::pool_change(1, 5).encode(), kEpochOfTest + 1, {}, network_.most_bytes);
    ASSERT_TRUE(one_bus_.stream(Timeout(50)).value()->publish(pieces[0], "x", 1, Timeout(50)));

    const auto done = one_->shared().catch_up();

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, StreamFailure::Kind::stream);
    EXPECT_TRUE(one_->messages().empty());
}

TEST_F(SharedLogs, a_commit_that_fits_nowhere_is_left_out_by_all) {
    auto block = one_->next_block();
    std::get<NewBlock>(block.what).block.header.height += 1;
    const auto done = one_->commit(std::move(block));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::invalid);
    ASSERT_TRUE(one_->commit(one_->next_block()));

    ASSERT_TRUE(two_->shared().catch_up());

    EXPECT_EQ(two_->messages(), one_->messages());
    EXPECT_EQ(two_->log().tip().height, 1U);
}

}  // namespace
}  // namespace rues::gateway::cluster
