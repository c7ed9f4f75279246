#include "crypto/poseidon.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/encoding.hpp"

/// Golden values: docs/reference/phoenix-and-plonk.md 2.3.
namespace rues::crypto {
namespace {

std::string hex(const Fr& element) {
    return base::to_hex(element.bytes());
}

std::string hash_of(const std::vector<std::uint64_t>& integers) {
    std::vector<Fr> elements;
    for (const std::uint64_t one : integers) elements.emplace_back(one);
    return hex(poseidon_hash(elements));
}

TEST(Poseidon, the_permutation_is_that_of_the_reference) {
    PoseidonState state{Fr(0), Fr(1), Fr(2), Fr(3), Fr(4)};

    poseidon_permute(state);

    EXPECT_EQ(hex(state[0]), "501d7b8cc8c8450feafaca16d0ba5c2822d7ccf08143cbe434204a173c695a59");
}

TEST(Poseidon, hashes_are_those_of_the_reference) {
    EXPECT_EQ(hash_of({1}), "3abb137581a3a4f207e831643ad6cc964edf2fae4efc447e75b785da6a2a8632");
    EXPECT_EQ(hash_of({1, 2, 3}), "f5558758aa44aabed759c709c8cb75e9e7c27ad0339e616a6578a4ac9977976b");
}

TEST(Poseidon, more_elements_than_the_rate_are_absorbed_in_turns) {
    const std::vector<Fr> elements{Fr(1), Fr(2), Fr(3), Fr(4), Fr(5)};

    const Fl truncated = poseidon_truncated(elements);

    EXPECT_EQ(base::to_hex(truncated.bytes()), "5abb9fc62c2863599d186d1f6aab4bec493fa5fa1e141c07b0d16d18fa081d00");
}

TEST(Poseidon, nodes_of_the_tree_have_a_domain_of_their_own) {
    EXPECT_EQ(hex(poseidon_node({Fr(0), Fr(0), Fr(0), Fr(0)})),
              "d804df38e40305c04d49ff96ecdb789c9bddf1759748e6725dec1a425252a351");
    EXPECT_EQ(hex(poseidon_node({Fr(1), Fr(0), Fr(0), Fr(0)})),
              "bb850df46ce0134fd0d9c263261ec43c1e330088f8d606798a6440e80170d642");
    EXPECT_EQ(hex(poseidon_node({Fr(1), Fr(2), Fr(3), Fr(4)})),
              "07ba3da0b32e6e537e2c24f378b56689e041cb9162e0d65bc8f4d4b2be398d6c");
    EXPECT_NE(hex(poseidon_node({Fr(1), Fr(2), Fr(3), Fr(4)})), hash_of({1, 2, 3, 4}));
}

}  // namespace
}  // namespace rues::crypto
