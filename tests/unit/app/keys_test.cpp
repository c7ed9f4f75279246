#include "app/keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "support/temporary_folder.hpp"

namespace rues::app {
namespace {

bool no_randomness(std::span<std::byte>) {
    return false;
}

bool sevens(std::span<std::byte> out) {
    std::ranges::fill(out, std::byte{7});
    return true;
}

base::ByteArray<16> all(unsigned char number) {
    base::ByteArray<16> out;
    out.fill(static_cast<std::byte>(number));
    return out;
}

TEST(Keys, a_hash_key_is_drawn_for_each_start) {
    const auto one = draw_hash_key();
    const auto other = draw_hash_key();

    ASSERT_TRUE(one && other);
    EXPECT_NE(*one, *other);
    EXPECT_EQ(draw_hash_key(sevens).value(), all(7));
}

TEST(Keys, without_randomness_there_is_no_key_and_no_file) {
    const test::TemporaryFolder folder;

    const auto hash = draw_hash_key(no_randomness);
    const auto session = session_key(folder.path(), no_randomness);

    ASSERT_FALSE(hash || session);
    EXPECT_EQ(hash.error().text, "the system provides no randomness");
    EXPECT_EQ(session.error().text, "the system provides no randomness");
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Keys, the_key_of_session_ids_is_drawn_once_and_only_its_owner_can_read_it) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "session.key";

    EXPECT_EQ(session_key(folder.path(), sevens).value(), all(7));
    EXPECT_EQ(session_key(folder.path(), no_randomness).value(), all(7)) << "the stored one";

    struct stat found{};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777U, 0600U);
    EXPECT_EQ(std::filesystem::file_size(path), 16U);
}

TEST(Keys, a_key_file_that_is_too_short_is_replaced) {
    for (const std::size_t size : {0U, 15U}) {
        const test::TemporaryFolder folder;
        const auto path = folder.path() / "session.key";
        std::ofstream(path) << std::string(size, 'x');

        EXPECT_FALSE(session_key(folder.path(), no_randomness)) << size;
        EXPECT_EQ(std::filesystem::file_size(path), size) << "it stays while there is no other";
        EXPECT_EQ(session_key(folder.path(), sevens).value(), all(7)) << size;
        EXPECT_EQ(std::filesystem::file_size(path), 16U);
    }
}

TEST(Keys, a_key_that_cannot_be_stored_is_an_error_with_the_name_of_its_file) {
    const test::TemporaryFolder folder;

    const auto key = session_key(folder.path() / "none", sevens);

    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().text, (folder.path() / "none" / "session.key").string() + " cannot be written");
}

}  // namespace
}  // namespace rues::app
