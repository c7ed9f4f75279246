#include "store/session_journal.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "base/encoding.hpp"
#include "support/temporary_folder.hpp"

namespace rues::store {
namespace {

base::ByteArray<16> id(unsigned char number) {
    base::ByteArray<16> out{};
    out[15] = static_cast<std::byte>(number);
    return out;
}

struct Journal : testing::Test {
    std::vector<JournaledSession> read(bool complete = true) {
        const auto out = SessionJournal::read(path_);
        EXPECT_TRUE(out) << (out ? "" : out.error().text);
        EXPECT_EQ(out->complete, complete);
        return out->sessions;
    }
    test::TemporaryFolder folder_;
    std::filesystem::path path_ = folder_.path() / "0.sessions";
};

TEST_F(Journal, says_what_sessions_are_subscribed_to_while_it_is_open) {
    const auto journal = *SessionJournal::create(path_);
    journal->subscribed(id(1), "/on/blocks/accepted", 5);
    journal->subscribed(id(2), "/on/blocks/accepted", 6);
    journal->subscribed(id(1), "/on/transactions/executed", 7);
    journal->unsubscribed(id(2), "/on/blocks/accepted");
    journal->unsubscribed(id(2), "/on/blocks/reverted");
    journal->subscribed(id(1), "/on/blocks/accepted", 5, Unfinished::replay);  // again, with a change

    EXPECT_EQ(read(),
              (std::vector<JournaledSession>{
                  {id(1), {{"/on/transactions/executed", 7}, {"/on/blocks/accepted", 5, Unfinished::replay}}, 0, 0},
                  {id(2), {}, 0, 0}}));
}

// docs/formats/sessions.md.
TEST_F(Journal, has_the_documented_form) {
    const auto journal = *SessionJournal::create(path_);
    journal->subscribed(id(1), "/on/blocks/accepted", 5);
    std::ifstream in(path_, std::ios::binary);
    std::string bytes(16 + 57, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    EXPECT_EQ(base::to_hex(base::view(bytes)),
              "7275657373657331"
              "0100000000000000"
              "2d000000f7921fa12cde89ba01000000000000000000000000000000010500000000000000002f6f6e2f626c6f636b732f616363"
              "6570746564");
}

TEST_F(Journal, an_ended_session_keeps_when_and_where_and_a_forgotten_one_is_gone) {
    const auto journal = *SessionJournal::create(path_);
    journal->subscribed(id(1), "/on/blocks/accepted", 5);
    journal->subscribed(id(2), "/on/blocks/accepted", 6);
    journal->ended(id(1), 1'700'000'000'000, 99);
    journal->forgotten(id(2));

    EXPECT_EQ(read(), (std::vector<JournaledSession>{{id(1), {{"/on/blocks/accepted", 5}}, 1'700'000'000'000, 99}}));
}

TEST_F(Journal, grows_as_it_is_needed) {
    const auto journal = *SessionJournal::create(path_);
    for (std::uint64_t i = 0; i < 10'000; ++i) journal->subscribed(id(1), "/on/blocks:" + std::to_string(i) + "/x", i);

    const auto sessions = read();

    ASSERT_EQ(sessions.size(), 1U);
    ASSERT_EQ(sessions[0].subscriptions.size(), 10'000U);
    EXPECT_EQ(sessions[0].subscriptions[9'999], (JournaledSubscription{"/on/blocks:9999/x", 9'999}));
}

TEST_F(Journal, a_rewrite_leaves_only_what_it_was_given) {
    const auto journal = *SessionJournal::create(path_);
    while (!journal->is_bloated()) {
        journal->subscribed(id(1), "/on/blocks/accepted", 5);
        journal->forgotten(id(1));
    }
    const std::vector<JournaledSession> kept{{id(3), {{"/on/blocks/accepted", 8}}, 0, 0},
                                             {id(4), {{"/on/blocks/accepted", 9}}, 12, 34}};
    journal->rewrite(kept);
    EXPECT_FALSE(journal->is_bloated());
    EXPECT_EQ(read(), kept);

    journal->forgotten(id(4));
    EXPECT_EQ(read(), (std::vector{kept[0]}));
    EXPECT_FALSE(std::filesystem::exists(path_.string() + ".new"));
}

TEST_F(Journal, is_there_after_its_process_was_killed) {
    const auto child = ::fork();
    if (child == 0) {
        const auto journal = SessionJournal::create(path_);
        (*journal)->subscribed(id(1), "/on/blocks/accepted", 5);
        ::raise(SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));

    EXPECT_EQ(read(), (std::vector<JournaledSession>{{id(1), {{"/on/blocks/accepted", 5}}, 0, 0}}));
}

TEST_F(Journal, a_torn_or_foreign_file_is_incomplete_and_harmless) {
    {
        const auto journal = *SessionJournal::create(path_);
        journal->subscribed(id(1), "/on/blocks/accepted", 5);
        journal->subscribed(id(2), "/on/blocks/accepted", 6);
    }
    {
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(16 + 12 + 17 + 9 + 19 + 12 + 3);  // in the second entry's body
        file.put('!');
    }
    EXPECT_EQ(read(false).size(), 1U);
    std::ofstream(path_) << "something else that is longer than a head";
    EXPECT_TRUE(read(false).empty());
    std::ofstream(path_, std::ios::trunc).flush();
    EXPECT_TRUE(read(false).empty());
    std::filesystem::remove(path_);
    EXPECT_FALSE(SessionJournal::read(path_));
}

TEST_F(Journal, one_that_cannot_grow_is_incomplete_until_it_was_rewritten) {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto journal = *SessionJournal::create(path_);
    const rlimit tight{100'000, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
    for (std::uint64_t i = 0; i < 2'000; ++i) journal->subscribed(id(1), "/on/blocks:" + std::to_string(i) + "/x", i);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);

    EXPECT_FALSE(journal->complete());
    EXPECT_LT(read(false).at(0).subscriptions.size(), 2'000U);
    journal->rewrite({{id(1), {{"/on/blocks:7/x", 7}}, 0, 0}});
    EXPECT_TRUE(journal->complete());
    EXPECT_EQ(read().at(0).subscriptions.size(), 1U);
}

TEST_F(Journal, a_folder_that_is_not_there_is_an_error) {
    const auto journal = SessionJournal::create(folder_.path() / "none" / "0.sessions");
    ASSERT_FALSE(journal);
    EXPECT_EQ(journal.error().kind, base::Error::Kind::io);
}

}  // namespace
}  // namespace rues::store
