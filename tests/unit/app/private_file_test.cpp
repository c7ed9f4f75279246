#include "app/private_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "app/input.hpp"
#include "app/progress_bar.hpp"
#include "support/temporary_folder.hpp"

namespace rues::app {
namespace {

TEST(PrivateFile, replaces_the_text_and_only_its_owner_can_read_it) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "state";
    std::ofstream(path) << "a longer text than the new one";
    std::ofstream(path.string() + ".new") << "left over";

    ASSERT_TRUE(replace_private_file(path, "new"));

    EXPECT_EQ(read_file(path), "new");
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_FALSE(std::filesystem::exists(path.string() + ".new"));
}

TEST(PrivateFile, an_error_leaves_the_old_text) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "state";
    std::filesystem::create_directories(path / "not empty");

    EXPECT_FALSE(replace_private_file(path, "new"));
    EXPECT_FALSE(std::filesystem::exists(path.string() + ".new"));
    EXPECT_FALSE(replace_private_file(folder.path() / "missing" / "state", "new"));
}

TEST(ProgressLine, says_the_part_the_numbers_and_what_was_found) {
    EXPECT_EQ(progress_line("notes", 500, 1'000, "3 found"),
              "notes [###############---------------]  50%, 500 of 1000, 3 found");
    EXPECT_EQ(progress_line("notes", 0, 10, ""), "notes [------------------------------]   0%, 0 of 10");
    EXPECT_EQ(progress_line("notes", 11, 10, ""), "notes [##############################] 100%, 11 of 10");
    EXPECT_EQ(progress_line("notes", 0, 0, ""), "notes [##############################] 100%, 0 of 0");
}

}  // namespace
}  // namespace rues::app
