#include "app/key_file.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "support/temporary_folder.hpp"

namespace rues::app {
namespace {

using base::Error;

class ProverKeyFile : public testing::Test {
protected:
    std::filesystem::path path() const { return folder_.path() / "a.key"; }
    void flip(std::streamoff at) const {
        std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(at);
        const auto byte = static_cast<char>(file.get() ^ 1);
        file.seekp(at);
        file.put(byte);
    }

    const test::TemporaryFolder folder_;
    const std::vector<crypto::Fr> values_{crypto::Fr(1), crypto::Fr(7), crypto::Fr()};
};

TEST_F(ProverKeyFile, gives_the_coefficients_that_were_written) {
    ASSERT_TRUE(write_key_file(path(), values_));
    const auto mapped = map_key_file(path(), 3);
    ASSERT_TRUE(mapped) << mapped.error().text;
    EXPECT_TRUE(std::ranges::equal(mapped->values, values_));
}

TEST_F(ProverKeyFile, with_any_changed_byte_is_corrupt) {
    for (const std::streamoff at : {0, 9, 20, 64, 64 + 95}) {
        ASSERT_TRUE(write_key_file(path(), values_));
        flip(at);
        EXPECT_EQ(map_key_file(path(), 3).error().kind, Error::Kind::corrupt) << at;
    }
}

TEST_F(ProverKeyFile, of_another_size_is_corrupt_and_none_is_not_found) {
    EXPECT_EQ(map_key_file(path(), 3).error().kind, Error::Kind::not_found);
    ASSERT_TRUE(write_key_file(path(), values_));
    EXPECT_EQ(map_key_file(path(), 2).error().kind, Error::Kind::corrupt);
    EXPECT_EQ(map_key_file(path(), 4).error().kind, Error::Kind::corrupt);
}

}  // namespace
}  // namespace rues::app
