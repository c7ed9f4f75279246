#include "app/loops.hpp"

#include <gtest/gtest.h>

#include "unit/net/client.hpp"

namespace rues::app {
namespace {

class LoopsTest : public net::test::ServerTest {
protected:
    ~LoopsTest() override {
        if (server_) server_->stop(std::chrono::milliseconds(0));
    }
    Loops loops_;
    net::test::Signal done_;
    std::vector<int> order_;
};

TEST_F(LoopsTest, tasks_of_before_the_server_run_on_its_loops_in_their_order) {
    options_.loops = 1;
    for (int i = 0; i < 3; ++i) loops_.post(0, [this, i] { order_.push_back(i); });
    loops_.post_after(0, std::chrono::milliseconds(1), [this] { done_.raise(); });
    start();
    EXPECT_TRUE(order_.empty());

    loops_.attach(*server_);
    loops_.post(0, [this] {
        order_.push_back(3);
        done_.raise();
    });

    ASSERT_TRUE(done_.wait(2));
    EXPECT_EQ(order_, (std::vector<int>{0, 1, 2, 3}));
}

TEST_F(LoopsTest, tasks_of_after_the_server_are_dropped) {
    const auto held = std::make_shared<int>();
    start();
    loops_.attach(*server_);
    server_->stop(std::chrono::milliseconds(0));
    loops_.detach();

    loops_.post(0, [held] {});
    loops_.post_after(0, std::chrono::milliseconds(1), [held] {});

    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(loops_.start_timer(0, std::chrono::milliseconds(1), [] {}), nullptr);
}

}  // namespace
}  // namespace rues::app
