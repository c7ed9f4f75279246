#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>

#include "support/damaged_log.hpp"
#include "support/load_share.hpp"
#include "unit/store/samples.hpp"

namespace rues::store {
namespace {

/// A process that makes commits as fast as it can.
class Writer {
public:
    explicit Writer(const std::filesystem::path& folder, bool forks = false) {
        int ends[2];
        if (::pipe(ends) != 0) return;
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        ::posix_spawn_file_actions_addclose(&actions, ends[0]);
        ::posix_spawn_file_actions_addclose(&actions, ends[1]);
        std::string program = RUES_STORE_WRITER;
        std::string argument = folder.string();
        std::string forking = "forks";
        char* arguments[] = {program.data(), argument.data(), forks ? forking.data() : nullptr, nullptr};
        if (::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environ) != 0) pid_ = -1;
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        from_ = ends[0];
    }
    ~Writer() {
        if (pid_ > 0) kill();
        ::close(from_);
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Waits until the process reports one more commit; false when the process has ended.
    bool answered() {
        base::ByteArray<16> said{};
        std::size_t have = 0;
        while (have < said.size()) {
            const auto got = ::read(from_, said.data() + have, said.size() - have);
            if (got <= 0) return false;
            have += static_cast<std::size_t>(got);
        }
        height = base::load_le<std::uint64_t>(said.data());
        last_seq = base::load_le<std::uint64_t>(said.data() + 8);
        return true;
    }
    /// Lets the process run for `time`. A time is needed because the process reports nothing while it opens the store.
    static void run_for(std::chrono::microseconds time) {
        const auto until = std::chrono::steady_clock::now() + time;
        while (std::chrono::steady_clock::now() < until) {
        }
    }
    /// Kills the process in the middle of its work, then reads everything that it reported.
    void kill() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
        while (answered()) {
        }
    }

    std::uint64_t height = 0;
    std::uint64_t last_seq = 0;

private:
    pid_t pid_ = -1;
    int from_ = -1;
};

TEST(KilledProcess, every_reported_commit_is_stored_and_none_is_stored_partly) {
    const samples::TemporaryFolder folder;
    std::mt19937_64 random(20261124);
    const int rounds = 4 + 21 / static_cast<int>(rues::test::case_share());  // the fourth is another kind
    std::uint64_t epoch = 0;
    for (int round = 0; round < rounds; ++round) {
        Writer writer(folder.path() / "store");
        if (round % 4 == 3) {  // kill it while it opens the store and recovers what the last process left
            Writer::run_for(std::chrono::microseconds(random() % 100'000));
        } else {
            const auto commits = random() % 150;
            for (std::uint64_t i = 0; i < commits; ++i) ASSERT_TRUE(writer.answered()) << "round " << round;
        }
        writer.kill();

        const auto store = Store::open({.directory = folder.path() / "store"});

        ASSERT_TRUE(store) << "round " << round << ": " << store.error().text;
        ASSERT_EQ(samples::inconsistency(**store), "") << "round " << round;
        ASSERT_GE((*store)->snapshot()->height(), writer.height) << "round " << round;
        ASSERT_GE((*store)->last_seq(), writer.last_seq) << "round " << round;
        // The machine kept running, so positions that clients hold stay valid.
        if (epoch != 0) {
            ASSERT_EQ((*store)->epoch(), epoch) << "round " << round;
        }
        epoch = (*store)->epoch();
    }
    const auto store = Store::open({.directory = folder.path() / "store"});
    EXPECT_GT((*store)->snapshot()->height(), 12U * static_cast<std::uint64_t>(rounds));
}

TEST(KilledProcess, blocks_are_taken_back_as_a_whole_or_not_at_all) {
    const samples::TemporaryFolder folder;
    std::mt19937_64 random(20261201);
    for (int round = 0; round < 15; ++round) {
        Writer writer(folder.path() / "store", true);
        for (auto commits = random() % 60; commits > 0; --commits) ASSERT_TRUE(writer.answered()) << "round " << round;
        writer.kill();

        const auto store = Store::open({.directory = folder.path() / "store"});

        ASSERT_TRUE(store) << "round " << round << ": " << store.error().text;
        ASSERT_EQ(samples::forked_inconsistency(**store), "") << "round " << round;
        ASSERT_GE((*store)->last_seq(), writer.last_seq) << "round " << round;
    }
    const auto store = Store::open({.directory = folder.path() / "store"});
    EXPECT_GT((*store)->fates()->taken_back()->blocks().size(), 10U);
}

TEST(KilledProcess, a_store_is_complete_wherever_its_creation_was_interrupted) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 10; ++round) {
        const samples::TemporaryFolder folder;
        {
            Writer writer(folder.path() / "store");
            Writer::run_for(std::chrono::microseconds(random() % 250'000));
            writer.kill();
        }

        const auto store = Store::open({.directory = folder.path() / "store"});

        ASSERT_TRUE(store) << "round " << round << ": " << store.error().text;
        ASSERT_EQ(samples::inconsistency(**store), "") << "round " << round;
    }
}

TEST(KilledProcess, a_log_that_is_damaged_later_is_refused_or_continues_under_a_new_epoch_when_accepted) {
    const samples::TemporaryFolder folder;
    const auto directory = folder.path() / "store";
    Writer writer(directory);
    for (int i = 0; i < 101; ++i) ASSERT_TRUE(writer.answered());
    writer.kill();
    ASSERT_FALSE(test::damage_write_ahead_log(directory, 100'000).empty());

    for (int again = 0; again < 2; ++again) {
        const auto refused = Store::open({.directory = directory});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, base::Error::Kind::corrupt);
        EXPECT_NE(refused.error().text.find("has lost events"), std::string::npos) << refused.error().text;
    }
    const auto accepted = Store::open({.directory = directory, .accept_lost_events = true});

    ASSERT_TRUE(accepted) << accepted.error().text;
    EXPECT_EQ(samples::inconsistency(**accepted), "");
    EXPECT_LT((*accepted)->snapshot()->height(), writer.height);
    EXPECT_GT((*accepted)->snapshot()->height(), 10U);
}

TEST(LockedStore, a_store_that_another_process_has_open_is_refused_and_not_changed) {
    const samples::TemporaryFolder folder;
    Writer writer(folder.path() / "store");
    ASSERT_TRUE(writer.answered());

    const auto store = Store::open({.directory = folder.path() / "store"});

    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().kind, base::Error::Kind::io);
    EXPECT_NE(store.error().text.find("is in use by another process"), std::string::npos) << store.error().text;
    EXPECT_TRUE(writer.answered());
    writer.kill();
    const auto after = Store::open({.directory = folder.path() / "store"});
    ASSERT_TRUE(after) << after.error().text;
    EXPECT_EQ(samples::inconsistency(**after), "");
}

}  // namespace
}  // namespace rues::store
