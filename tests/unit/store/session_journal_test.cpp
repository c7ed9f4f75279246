#include "store/session_journal.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <deque>
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

constexpr base::HashKey kKey{std::byte{7}};

/// A pool and a loop that run only when the test calls them.
struct Work {
    SessionJournal::Background background() {
        return [this](auto work) {
            if (refuses) return false;
            waiting.push_back(std::move(work));
            return true;
        };
    }
    void run() {
        while (!waiting.empty()) {
            auto work = std::move(waiting.front());
            waiting.pop_front();
            if (auto then = work()) then();
        }
    }
    std::deque<std::move_only_function<SessionJournal::Then()>> waiting;
    bool refuses = false;
};

/// Limits the size of every file of this process.
struct FileLimit {
    explicit FileLimit(rlim_t most) {
        std::signal(SIGXFSZ, SIG_IGN);
        EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
        const rlimit tight{most, before_.rlim_max};
        EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
    }
    ~FileLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    rlimit before_{};
};

struct Journal : testing::Test {
    std::vector<JournaledSession> read(bool complete = true) {
        auto out = SessionJournal::read(folder_.path(), kKey);
        EXPECT_TRUE(out) << (out ? "" : out.error().text);
        EXPECT_EQ(out->complete, complete);
        return std::move(out->sessions);
    }
    std::unique_ptr<SessionJournal> create(const std::vector<JournaledSession>& sessions = {}) {
        const auto next = SessionJournal::read(folder_.path(), kKey)->next;
        return *SessionJournal::create({folder_.path(), 0, next, work_.background()}, sessions);
    }
    /// The address ranges at which this process has mapped a file.
    static std::vector<std::pair<std::uintptr_t, std::uintptr_t>> mapped(const std::filesystem::path& file) {
        std::vector<std::pair<std::uintptr_t, std::uintptr_t>> out;
        std::ifstream maps("/proc/self/maps");
        for (std::string line; std::getline(maps, line);) {
            if (!line.ends_with(" " + file.string()) && !line.ends_with(" " + file.string() + " (deleted)")) continue;
            const auto dash = line.find('-');
            out.emplace_back(std::stoull(line, nullptr, 16), std::stoull(line.substr(dash + 1), nullptr, 16));
        }
        return out;
    }
    std::size_t files() const {
        std::size_t out = 0;
        for (const auto& file : std::filesystem::directory_iterator(folder_.path()))
            if (file.is_regular_file()) ++out;
        return out;
    }
    /// Adds subscriptions number `from` to `to` - 1, each with its own URI. `run`: the pool runs after each of them.
    void fill(SessionJournal& journal, std::uint64_t from, std::uint64_t to, bool run) {
        for (std::uint64_t i = from; i < to; ++i) {
            journal.subscribed(id(1), "/on/blocks:" + std::to_string(i) + "/x", i);
            if (run) work_.run();
        }
    }
    test::TemporaryFolder folder_;
    Work work_;
};

TEST_F(Journal, subscriptions_can_be_read_while_the_journal_is_open) {
    const auto journal = create();
    journal->subscribed(id(1), "/on/blocks/accepted", 5);
    journal->subscribed(id(2), "/on/blocks/accepted", 6);
    journal->subscribed(id(1), "/on/transactions/executed", 7);
    journal->unsubscribed(id(2), "/on/blocks/accepted");
    journal->unsubscribed(id(2), "/on/blocks/reverted");
    // The same subscription with another `unfinished`.
    journal->subscribed(id(1), "/on/blocks/accepted", 5, Unfinished::replay);

    EXPECT_EQ(read(), (std::vector<JournaledSession>{
                          {id(1), {{"/on/transactions/executed", 7}, {"/on/blocks/accepted", 5, Unfinished::replay}}},
                          {id(2), {}}}));
}

// docs/formats/sessions.md.
TEST_F(Journal, the_form_is_the_documented_one) {
    const auto journal = create();
    journal->subscribed(id(1), "/on/blocks/accepted", 5);
    ASSERT_EQ(journal->files(), (std::vector{folder_.path() / "0-1.sessions"}));
    std::ifstream in(folder_.path() / "0-1.sessions", std::ios::binary);
    std::string bytes(40 + 57, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    EXPECT_EQ(base::to_hex(base::view(bytes)),
              "7275657373657332"
              "0100000000000000" +
                  base::to_hex(current_boot()) +
                  "0100000000000000"
                  "2d000000f7921fa12cde89ba01000000000000000000000000000000010500000000000000002f6f6e2f626c6f636b732f61"
                  "63636570746564");
    EXPECT_NE(current_boot(), BootId{});
}

TEST_F(Journal, a_subscription_keeps_whether_its_events_are_decoded) {
    const auto journal = create();
    const std::string a = "/on/contracts:aa/a", b = "/on/contracts:aa/b", c = "/on/contracts:aa/c";
    journal->subscribed(id(1), a, 5, Unfinished::nothing, true);
    journal->subscribed(id(1), b, 6, Unfinished::replay, true);
    journal->subscribed(id(1), c, 7, Unfinished::past, true);
    journal->subscribed(id(1), c, 8, Unfinished::past, false);

    const auto sessions = read();

    ASSERT_EQ(sessions.size(), 1U);
    EXPECT_EQ(sessions[0].subscriptions, (std::vector<JournaledSubscription>{{a, 5, Unfinished::nothing, true},
                                                                             {b, 6, Unfinished::replay, true},
                                                                             {c, 8, Unfinished::past, false}}));
    const auto again = create(sessions);
    EXPECT_EQ(read()[0].subscriptions, sessions[0].subscriptions);
}

TEST_F(Journal, an_ended_session_keeps_its_time_and_position_and_a_forgotten_session_is_removed) {
    const auto journal = create();
    for (unsigned char i = 1; i <= 3; ++i) journal->subscribed(id(i), "/on/blocks/accepted", i);
    journal->ended(id(1), 1'700'000, 99);
    journal->forgotten(id(2));
    journal->damaged(id(3));
    journal->ended(id(3), 1'700'001, std::nullopt);

    EXPECT_EQ(read(), (std::vector<JournaledSession>{{id(1), {{"/on/blocks/accepted", 1}}, 1'700'000, 99},
                                                     {id(3), {{"/on/blocks/accepted", 3}}, 1'700'001, {}, false}}));
}

TEST_F(Journal, a_time_of_another_boot_is_ignored) {
    {
        const auto journal = create({{id(1), {{"/on/blocks/accepted", 5}}, 1'700'000, 99}});
    }
    {
        std::fstream file(folder_.path() / "0-1.sessions", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(16);
        file << "another boot ...";
    }
    EXPECT_EQ(read(), (std::vector<JournaledSession>{{id(1), {{"/on/blocks/accepted", 5}}, std::nullopt, 99}}));
}

TEST_F(Journal, the_journal_continues_in_segments_that_a_pool_made_in_advance) {
    const auto journal = create();
    fill(*journal, 0, 10'000, true);

    EXPECT_TRUE(journal->complete());
    EXPECT_GT(journal->files().size(), 4U);
    const auto sessions = read();
    ASSERT_EQ(sessions.size(), 1U);
    ASSERT_EQ(sessions[0].subscriptions.size(), 10'000U);
    EXPECT_EQ(sessions[0].subscriptions[9'999], (JournaledSubscription{"/on/blocks:9999/x", 9'999}));
}

TEST_F(Journal, the_loop_touches_no_files) {
    const auto journal = create();
    const std::size_t before = files();
    fill(*journal, 0, 10'000, false);
    EXPECT_EQ(files(), before) << "the pool did nothing yet";
    work_.run();
    EXPECT_GT(files(), before);
}

TEST_F(Journal, the_pool_makes_and_removes_segments_and_the_loop_only_takes_them) {
    const auto journal = create();
    fill(*journal, 0, 10, false);
    const auto next = folder_.path() / "0-2.sessions";
    ASSERT_EQ(work_.waiting.size(), 1U);

    auto then = work_.waiting.front()();
    work_.waiting.pop_front();
    EXPECT_TRUE(std::filesystem::exists(next)) << "before the loop takes it";
    ASSERT_TRUE(then);
    then();
    ASSERT_TRUE(journal->begin_rewrite());
    journal->finish_rewrite();

    const auto old = folder_.path() / "0-1.sessions";
    EXPECT_TRUE(std::filesystem::exists(old)) << "the loop removes nothing";
    EXPECT_EQ(mapped(old).size(), 1U) << "and unmaps nothing";
    std::vector<SessionJournal::Then> thens;
    for (; !work_.waiting.empty(); work_.waiting.pop_front()) thens.push_back(work_.waiting.front()());
    EXPECT_FALSE(std::filesystem::exists(old)) << "before the loop hears of it";
    EXPECT_TRUE(mapped(old).empty());
    for (auto& each : thens) {
        if (each) each();
    }
    EXPECT_EQ(read(), (std::vector<JournaledSession>{})) << "nothing was written again";
}

// A first write to a page calls into the file system, which may wait for the disk.
TEST_F(Journal, every_page_of_a_segment_is_in_memory_before_the_loop_writes_to_it) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    void* const probe = ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const bool can = ::madvise(probe, page, MADV_POPULATE_WRITE) == 0;
    ::munmap(probe, page);
    if (!can) GTEST_SKIP() << "this kernel cannot populate a mapping in advance";
    const auto path = folder_.path() / "0-9.sessions";

    const auto segment = SessionSegment::create(path, 64 * page);

    ASSERT_TRUE(segment);
    const auto ranges = mapped(path);
    ASSERT_EQ(ranges.size(), 1U);
    ASSERT_EQ(ranges[0].second - ranges[0].first, 64 * page);
    std::array<std::uint64_t, 64> entries{};  // the highest bit of an entry: the page is present
    const int pages = ::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    const auto got = ::pread(pages, entries.data(), sizeof entries, static_cast<off_t>(ranges[0].first / page * 8));
    ::close(pages);
    ASSERT_EQ(got, static_cast<ssize_t>(sizeof entries));
    for (std::size_t i = 0; i < entries.size(); ++i) EXPECT_NE(entries[i] >> 63, 0U) << "page " << i;
}

TEST_F(Journal, sessions_are_the_same_whatever_the_key_of_the_hash) {
    const auto journal = create();
    fill(*journal, 0, 500, true);
    journal->unsubscribed(id(1), "/on/blocks:7/x");

    const auto one = SessionJournal::read(folder_.path(), base::HashKey{std::byte{1}});
    const auto other = SessionJournal::read(folder_.path(), base::HashKey{std::byte{2}});

    ASSERT_TRUE(one && other);
    EXPECT_EQ(one->sessions.at(0).subscriptions.size(), 499U);
    EXPECT_EQ(one->sessions, other->sessions) << "in the order in which they were made";
}

TEST_F(Journal, the_journal_is_incomplete_until_a_late_segment_arrives) {
    const auto journal = create();
    fill(*journal, 0, 4'000, false);
    EXPECT_FALSE(journal->complete());
    EXPECT_LT(read(false).at(0).subscriptions.size(), 4'000U);

    work_.run();

    EXPECT_TRUE(journal->complete());
    EXPECT_EQ(read().at(0).subscriptions.size(), 4'000U);
}

TEST_F(Journal, waiting_entries_are_bounded_and_beyond_the_bound_a_rewrite_is_needed) {
    const auto journal = create();
    fill(*journal, 0, 40'000, false);
    work_.run();
    EXPECT_FALSE(journal->complete());
    EXPECT_TRUE(journal->needs_rewrite());
    EXPECT_LT(read(false).at(0).subscriptions.size(), 40'000U);

    ASSERT_TRUE(journal->begin_rewrite());
    const JournaledSession whole{id(1), {{"/on/blocks:7/x", 7}}};
    journal->forgotten(id(1));
    journal->whole(whole);
    EXPECT_EQ(read(false), std::vector{whole}) << "what was lost before is in the old segments";
    journal->finish_rewrite();
    work_.run();

    EXPECT_TRUE(journal->complete());
    EXPECT_FALSE(journal->needs_rewrite());
    EXPECT_EQ(read(), std::vector{whole});
}

TEST_F(Journal, a_rewrite_leaves_only_entries_that_were_written_since_it_began) {
    const auto journal = create();
    while (!journal->needs_rewrite()) {
        journal->subscribed(id(1), "/on/blocks/accepted", 5);
        journal->forgotten(id(1));
        work_.run();
    }
    const std::vector<JournaledSession> kept{{id(3), {{"/on/blocks/accepted", 8}}},
                                             {id(4), {{"/on/blocks/accepted", 9}}, 12, 34}};
    for (const auto& session : kept) journal->whole(session);
    EXPECT_GT(files(), 5U);

    ASSERT_TRUE(journal->begin_rewrite());
    for (const auto& session : kept) {
        journal->forgotten(session.id);
        journal->whole(session);
        EXPECT_EQ(read(), kept) << "after a kill in the middle, nothing is missing";
    }
    journal->subscribed(id(5), "/on/blocks/accepted", 10);
    journal->finish_rewrite();
    work_.run();

    EXPECT_FALSE(journal->needs_rewrite());
    EXPECT_EQ(read().size(), 3U);
    EXPECT_EQ(files(), 2U) << "one in use, one ahead";
    EXPECT_LT(journal->used(), 1'000U);
}

TEST_F(Journal, room_can_be_reserved_in_advance) {
    const auto journal = create();
    std::vector<bool> ready;
    const auto note = [&](bool has_room) { ready.push_back(has_room); };
    journal->reserve(1'000, note);
    EXPECT_EQ(ready, std::vector{true}) << "at once";
    journal->reserve(3 << 20, note);
    EXPECT_EQ(ready.size(), 1U);
    work_.run();
    EXPECT_EQ(ready, (std::vector{true, true}));
    fill(*journal, 0, 40'000, false);
    EXPECT_TRUE(journal->complete());

    for (int i = 0; i < 4; ++i) journal->reserve(1 << 20, note);
    EXPECT_EQ(ready.size(), 2U);
    journal->reserve(1 << 20, note);
    EXPECT_EQ(ready, (std::vector{true, true, false})) << "as many as allowed wait already";
    work_.run();
    EXPECT_EQ(ready, (std::vector{true, true, false, true, true, true, true}));
    ready = {true, true};
    work_.refuses = true;
    journal->reserve(64 << 20, note);
    EXPECT_EQ(ready, (std::vector{true, true, false}));
}

TEST_F(Journal, the_journal_survives_a_killed_process) {
    const auto child = ::fork();
    if (child == 0) {
        const auto journal = create();
        journal->subscribed(id(1), "/on/blocks/accepted", 5);
        fill(*journal, 6, 4'000, true);
        ::raise(SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));

    EXPECT_EQ(read().at(0).subscriptions.size(), 3'995U);
}

TEST_F(Journal, a_torn_or_foreign_file_makes_the_journal_incomplete_and_does_no_harm) {
    const auto path = folder_.path() / "0-1.sessions";
    {
        const auto journal = create();
        journal->subscribed(id(1), "/on/blocks/accepted", 5);
        journal->subscribed(id(2), "/on/blocks/accepted", 6);
    }
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(40 + 12 + 17 + 9 + 19 + 12 + 3);  // inside the second entry's body
        file.put('!');
    }
    EXPECT_EQ(read(false).size(), 1U);
    std::ofstream(path) << "something else that is longer than the head of a segment";
    EXPECT_TRUE(read(false).empty());
    std::ofstream(path, std::ios::trunc).flush();
    EXPECT_TRUE(read(false).empty());
    std::filesystem::remove(path);
    EXPECT_TRUE(read().empty());
}

TEST_F(Journal, segments_are_read_in_the_order_in_which_they_were_used) {
    const auto first = create({{id(1), {{"/on/blocks/accepted", 5}}}});
    const auto second = create({{id(1), {{"/on/blocks/reverted", 6}}}});
    second->forgotten(id(1));
    EXPECT_EQ(second->files(), (std::vector{folder_.path() / "0-2.sessions"}));
    EXPECT_TRUE(read().empty());
    work_.run();  // a spare segment has no content yet
    EXPECT_TRUE(read().empty());
}

TEST_F(Journal, on_a_full_disk_the_journal_is_incomplete_until_there_is_space) {
    const auto journal = create();
    bool has_room = true;
    {
        const FileLimit limit(100'000);
        fill(*journal, 0, 4'000, true);
        journal->reserve(1 << 20, [&](bool has) { has_room = has; });
        const std::size_t asked = work_.waiting.size();
        fill(*journal, 4'000, 5'000, false);
        EXPECT_EQ(work_.waiting.size(), asked) << "not again for each entry";
    }
    EXPECT_FALSE(has_room);
    EXPECT_FALSE(journal->complete());
    EXPECT_LT(read(false).at(0).subscriptions.size(), 5'000U);

    journal->tick();
    work_.run();

    EXPECT_TRUE(journal->complete());
    EXPECT_EQ(read().at(0).subscriptions.size(), 5'000U);
}

TEST_F(Journal, the_time_to_read_is_proportional_to_the_entries) {
    const auto journal = create();
    const auto begin = std::chrono::steady_clock::now();
    for (int round = 0; round < 4; ++round) fill(*journal, 0, 30'000, true);
    work_.run();
    const auto written = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(read().at(0).subscriptions.size(), 30'000U);
    // An implementation that searches all subscriptions for each entry takes hundreds of times as long as writing them.
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 30 * written);
}

TEST_F(Journal, a_missing_folder_is_an_error) {
    const auto journal = SessionJournal::create({folder_.path() / "none", 0, 1, work_.background()});
    ASSERT_FALSE(journal);
    EXPECT_EQ(journal.error().kind, base::Error::Kind::io);
    EXPECT_FALSE(SessionJournal::read(folder_.path() / "none", kKey));
}

}  // namespace
}  // namespace rues::store
