#include "plonk/prover/reference_string.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "crypto/bls.hpp"
#include "plonk/prover/known_tau.hpp"

namespace rues::plonk {
namespace {

ReferenceString some_string(std::size_t powers = 20) {
    return {opening_key_of(developer_tau()), powers_of(developer_tau(), powers, in_order)};
}

constexpr base::ByteArray<32> kSeed{std::byte{7}};

TEST(ReferenceString, is_the_file_that_it_was_read_from) {
    const auto file = some_string().encode(in_order);
    ASSERT_EQ(file.size(), 240U + 20 * 48);
    // The file begins with g, and so do its powers (docs/reference/phoenix-and-plonk.md 6.1).
    EXPECT_TRUE(base::equal(base::ByteView(file).first(48), base::ByteView(file).subspan(240, 48)));
    const auto read = ReferenceString::decode(file, in_order);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->encode(in_order), file);
    EXPECT_TRUE(is_consistent(*read, kSeed));
}

TEST(ReferenceString, names_the_first_bad_point) {
    auto file = some_string().encode(in_order);
    for (const std::size_t power : {19U, 7U}) {
        file[240 + 48 * power + 20] ^= std::byte{1};
        const auto read = ReferenceString::decode(file, in_order);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().text, "power " + std::to_string(power) + " of tau is not a point of its group");
    }
    file[100] ^= std::byte{1};
    EXPECT_EQ(ReferenceString::decode(file, in_order).error().text,
              "the opening key has a point that is not of its group");
}

TEST(ReferenceString, has_a_size_of_whole_points) {
    const auto file = some_string().encode(in_order);
    for (const std::size_t size : {std::size_t{0}, std::size_t{240}, std::size_t{240 + 48}, file.size() - 1}) {
        EXPECT_EQ(ReferenceString::decode(base::ByteView(file).first(size), in_order).error().text,
                  "the size is not that of a common reference string");
    }
}

TEST(ReferenceString, of_points_that_are_not_the_powers_of_its_tau_is_refused) {
    auto swapped = some_string();
    std::swap(swapped.powers[3], swapped.powers[4]);
    EXPECT_FALSE(is_consistent(swapped, kSeed));
    auto last = some_string();
    last.powers.back() = last.powers.front();
    EXPECT_FALSE(is_consistent(last, kSeed));
    auto key = some_string();
    key.opening_key = opening_key_of(Fr(5));
    EXPECT_FALSE(is_consistent(key, kSeed));
    // These powers are of the same tau, but the first is not g.
    auto moved = some_string();
    moved.powers.erase(moved.powers.begin());
    EXPECT_FALSE(is_consistent(moved, kSeed));
}

TEST(ReferenceString, of_developers_has_the_published_tau) {
    EXPECT_EQ(developer_tau().bytes(), crypto::hash_to_scalar(base::view("rues-devnet-tau")));
}

}  // namespace
}  // namespace rues::plonk
