#include "app/key_cache.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "support/temporary_folder.hpp"

namespace rues::app {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;

TEST(KeyCache, is_in_the_users_folder_for_files_that_can_be_made_again) {  // XDG Base Directory Specification 0.8
    EXPECT_EQ(key_cache_of("/var/cache/me", "/home/me"), "/var/cache/me/rues/prover");
    EXPECT_EQ(key_cache_of("", "/home/me"), "/home/me/.cache/rues/prover");
    EXPECT_EQ(key_cache_of("relative", "/home/me"), "/home/me/.cache/rues/prover");
    EXPECT_EQ(key_cache_of("relative", ""), "");
}

class KeyCacheFiles : public testing::Test {
protected:
    void make(const std::string& name, minutes age) {
        std::ofstream(folder_.path() / name) << name;
        fs::last_write_time(folder_.path() / name, now_ - age);
    }
    std::set<std::string> left() const {
        std::set<std::string> out;
        for (const auto& each : fs::directory_iterator(folder_.path())) out.insert(each.path().filename());
        return out;
    }

    const test::TemporaryFolder folder_;
    const fs::file_time_type now_ = fs::file_time_type::clock::now();
};

TEST_F(KeyCacheFiles, the_oldest_go_when_there_are_too_many) {
    for (std::size_t i = 0; i < kMostKeyFiles + 2; ++i) make(std::to_string(i) + ".key", minutes(i));
    make("notes.txt", minutes(10'000));

    trim_key_files(folder_.path(), now_);

    std::set<std::string> expected{"notes.txt"};
    for (std::size_t i = 0; i < kMostKeyFiles; ++i) expected.insert(std::to_string(i) + ".key");
    EXPECT_EQ(left(), expected);
}

TEST_F(KeyCacheFiles, a_half_written_one_goes_when_nobody_can_be_writing_it_any_more) {
    make("a.key.17.new", minutes(59));
    make("b.key.18.new", minutes(60));

    trim_key_files(folder_.path(), now_);

    EXPECT_EQ(left(), std::set<std::string>{"a.key.17.new"});
}

TEST_F(KeyCacheFiles, a_folder_that_is_not_there_needs_no_care) {
    trim_key_files(folder_.path() / "none", now_);

    EXPECT_EQ(left(), std::set<std::string>{});
}

}  // namespace
}  // namespace rues::app
