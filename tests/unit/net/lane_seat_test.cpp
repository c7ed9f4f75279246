// A lane never outlives the descriptor that it sends to, however the descriptor is closed.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <optional>

#include "net/socket.hpp"

namespace rues::net {
namespace {

class LaneSeatTest : public ::testing::Test {
protected:
    void SetUp() override { make(); }
    void TearDown() override {
        socket_.reset();
        ::close(other_end_);
        if (reused_[0] >= 0) {
            ::close(reused_[0]);
            ::close(reused_[1]);
        }
    }
    void make() {
        int ends[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        descriptor_ = ends[0];
        other_end_ = ends[1];
        Socket::Stream stream(context_);
        stream.assign(boost::asio::ip::tcp::v4(), ends[0]);
        socket_.emplace(std::move(stream), nullptr);
        lane_ = socket_->join(lanes_);
        ASSERT_NE(lane_, kNoLane);
        socket_->open_lane();
    }
    /// Opens another connection, which gets the free descriptor number.
    void reuse_descriptor() {
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, reused_), 0);
        ASSERT_TRUE(reused_[0] == descriptor_ || reused_[1] == descriptor_);
    }
    /// Bytes that the lane took.
    std::size_t send() {
        const std::string_view message = "message";
        Shortfalls rest;
        const Lane lanes[] = {lane_};
        lanes_.send(lanes, base::view(message), rest);
        return rest.empty() ? message.size() : rest.front().second;
    }
    bool other_connection_got_something() {
        char byte = 0;
        return ::recv(reused_[0], &byte, 1, MSG_DONTWAIT) > 0 || ::recv(reused_[1], &byte, 1, MSG_DONTWAIT) > 0;
    }

    boost::asio::io_context context_{1};
    Lanes lanes_;
    std::optional<Socket> socket_;
    Lane lane_ = kNoLane;
    int descriptor_ = -1;
    int other_end_ = -1;
    int reused_[2] = {-1, -1};
};

TEST_F(LaneSeatTest, an_open_lane_sends_to_its_socket) {
    EXPECT_EQ(send(), 7U);
    socket_->close_lane();
    EXPECT_EQ(send(), 0U);
    socket_->open_lane();
    EXPECT_EQ(send(), 7U);
}

TEST_F(LaneSeatTest, the_lane_of_a_closed_socket_sends_nothing_when_its_descriptor_is_used_again) {
    socket_->close();
    reuse_descriptor();

    EXPECT_EQ(send(), 0U);
    socket_->open_lane();
    EXPECT_EQ(send(), 0U) << "it stays closed";
    EXPECT_FALSE(other_connection_got_something());
}

TEST_F(LaneSeatTest, the_lane_of_a_reset_socket_sends_nothing_when_its_descriptor_is_used_again) {
    socket_->reset();
    reuse_descriptor();

    EXPECT_EQ(send(), 0U);
    EXPECT_FALSE(other_connection_got_something());
}

TEST_F(LaneSeatTest, the_lane_of_a_destroyed_socket_sends_nothing_when_its_descriptor_is_used_again) {
    socket_.reset();
    reuse_descriptor();

    EXPECT_EQ(send(), 0U);
    EXPECT_FALSE(other_connection_got_something());
}

TEST_F(LaneSeatTest, the_lane_of_a_closed_socket_is_not_given_to_another_until_the_socket_leaves_it) {
    LaneSeat first(lanes_, 1'000'000);
    EXPECT_NE(first.lane(), lane_);
    socket_->close();
    const LaneSeat second(lanes_, 1'000'001);
    EXPECT_NE(second.lane(), lane_) << "others may still name it";
    socket_->leave_lane();
    const LaneSeat third(lanes_, 1'000'002);
    EXPECT_EQ(third.lane(), lane_);
    EXPECT_EQ(socket_->join(lanes_), kNoLane) << "a closed socket takes none";
}

TEST_F(LaneSeatTest, a_seat_moves_with_its_socket) {
    Socket moved(std::move(*socket_));
    socket_.reset();
    EXPECT_EQ(moved.lane(), lane_);
    EXPECT_EQ(send(), 7U);
    moved.close();
    EXPECT_EQ(send(), 0U);
}

}  // namespace
}  // namespace rues::net
