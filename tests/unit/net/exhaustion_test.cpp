#include <sys/resource.h>

#include "client.hpp"

namespace rues::net::test {
namespace {

/// One more than the highest descriptor in use.
rlim_t next_descriptor() {
    const int probe = ::dup(0);
    ::close(probe);
    return static_cast<rlim_t>(probe);
}

TEST_F(ServerTest, running_out_of_descriptors_pauses_the_listener_and_does_not_end_it) {
    Signal paused;
    const base::Log log = [&](base::LogLevel, std::string_view text) {
        if (text.starts_with("accepting pauses")) paused.raise();
    };
    options_.loops = 1;
    auto made = Server::create(options_, handler_, log);
    ASSERT_TRUE(made);
    server_ = std::move(*made);
    Signal held;
    Signal exhausted;
    const StopFirst guard{server_};
    server_->start();
    server_->post(0, [&] {
        held.raise();
        exhausted.wait();
    });
    ASSERT_TRUE(held.wait());
    Client client(server_->port());  // in the kernel's queue
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{next_descriptor(), before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);

    const auto begin = std::chrono::steady_clock::now();
    exhausted.raise();
    const bool twice = paused.wait(2);
    const auto waited = std::chrono::steady_clock::now() - begin;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);

    EXPECT_TRUE(twice);
    EXPECT_GE(waited, std::chrono::milliseconds(90));
    EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 200U);
}

TEST_F(ServerTest, the_soft_limit_of_descriptors_is_raised_to_the_hard_one) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit low{256, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);

    start();

    rlimit after{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
    EXPECT_EQ(after.rlim_cur, before.rlim_max);
}

}  // namespace
}  // namespace rues::net::test
