#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include <thread>
#include <vector>

#include "client.hpp"
#include "net/listener.hpp"

namespace rues::net::test {
namespace {

/// The lowest free descriptor, as a limit of open files: the process can open no further one.
rlim_t next_descriptor() {
    const int probe = ::dup(0);
    ::close(probe);
    return static_cast<rlim_t>(probe);
}

std::chrono::nanoseconds processor_time() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// While it lives, the process may open only `files` files.
class LimitedFiles {
public:
    explicit LimitedFiles(rlim_t files) {
        EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
        const rlimit limited{files, before_.rlim_max};
        EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limited), 0);
    }
    LimitedFiles(const LimitedFiles&) = delete;
    LimitedFiles& operator=(const LimitedFiles&) = delete;
    ~LimitedFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

TEST_F(ServerTest, a_listener_without_descriptors_pauses_logs_it_once_and_continues_later) {
    Signal paused;
    const base::Log log = [&](base::LogLevel, std::string_view text) {
        if (text.starts_with("accepting pauses")) paused.raise();
    };
    options_.loops = 1;
    Signal held;
    Signal exhausted;
    const StopFirst guard{server_};
    start(log);
    server_->post(0, [&] {
        held.raise();
        exhausted.wait();
    });
    ASSERT_TRUE(held.wait());
    Client client(server_->port());  // waits in the kernel's queue
    // UBSan opens a pipe the first time that it sees a class with virtual functions, so it sees fmt's while there are
    // descriptors.
    ASSERT_EQ(fmt::format("{} {}", "paused", 1), "paused 1");
    {
        const LimitedFiles none(next_descriptor());
        const auto begin = processor_time();
        exhausted.raise();
        ASSERT_TRUE(paused.wait());
        std::this_thread::sleep_for(std::chrono::milliseconds(500));

        EXPECT_EQ(paused.count(), 1);
        EXPECT_LT(processor_time() - begin, std::chrono::milliseconds(250)) << "a loop that never rests";
    }
    EXPECT_EQ(client.ask(kGet).status, 200U);
}

TEST(Trouble, is_logged_once_until_it_has_not_occurred_for_the_quiet_time) {
    const Connection::Time begin{std::chrono::hours(1)};
    const auto almost = Trouble::kQuiet - std::chrono::milliseconds(1);
    Trouble trouble;

    EXPECT_TRUE(trouble.shows(begin));
    EXPECT_FALSE(trouble.shows(begin));
    EXPECT_FALSE(trouble.shows(begin + almost));
    EXPECT_FALSE(trouble.shows(begin + 2 * almost));
    EXPECT_TRUE(trouble.shows(begin + 2 * almost + Trouble::kQuiet));
}

/// A server whose log the test reads.
class Logged : public ServerTest {
protected:
    void start_logged() {
        start([this](base::LogLevel, std::string_view text) {
            const std::lock_guard lock(mutex_);
            lines_.emplace_back(text);
        });
    }
    std::vector<std::string> lines() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

    std::mutex mutex_;
    std::vector<std::string> lines_;
    const StopFirst stop_{server_};
};

TEST_F(Logged, reserved_descriptors_lower_the_limit_of_connections_and_the_log_says_so) {
    const std::size_t limit = raise_descriptor_limit();
    options_.loops = 1;
    options_.reserved_descriptors = limit - 3;
    options_.limits.max_connections = 100;

    start_logged();

    ASSERT_EQ(lines().size(), 1U);
    EXPECT_TRUE(lines()[0].starts_with("max-connections is lowered from 100 to 3:")) << lines()[0];
    Client first(server_->port());
    Client second(server_->port());
    Client third(server_->port());
    for (auto* client : {&first, &second, &third}) EXPECT_EQ(client->ask(kGet).status, 200U);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(Client(server_->port()).read_to_end(), "");
    ASSERT_EQ(lines().size(), 2U) << "five refused connections are logged once";
    EXPECT_TRUE(lines()[1].starts_with("accepting pauses: 3 connections are open")) << lines()[1];
}

TEST_F(Logged, changed_limits_stay_within_the_descriptors_of_the_process) {
    options_.loops = 1;
    options_.reserved_descriptors = raise_descriptor_limit() - 2;
    options_.limits.max_connections = 1;
    start_logged();
    EXPECT_EQ(lines().size(), 0U);

    Limits more;
    more.max_connections = 50;
    server_->use_limits(more);
    server_->use_limits(more);
    pass_turns();

    ASSERT_EQ(lines().size(), 1U) << "logged when it changes";
    EXPECT_TRUE(lines()[0].starts_with("max-connections is lowered from 50 to 2:")) << lines()[0];
    Client first(server_->port());
    Client second(server_->port());
    for (auto* client : {&first, &second}) EXPECT_EQ(client->ask(kGet).status, 200U);
    EXPECT_EQ(Client(server_->port()).read_to_end(), "");
}

TEST_F(ServerTest, a_server_is_not_created_if_all_descriptors_of_the_process_are_reserved) {
    options_.reserved_descriptors = raise_descriptor_limit();

    const auto made = Server::create(options_, handler_, base::no_log());

    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, base::Error::Kind::invalid);
}

TEST_F(ServerTest, the_soft_limit_of_descriptors_is_raised_to_the_hard_limit) {
    const LimitedFiles low(256);

    start();

    rlimit after{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
    EXPECT_EQ(after.rlim_cur, after.rlim_max);
}

}  // namespace
}  // namespace rues::net::test
