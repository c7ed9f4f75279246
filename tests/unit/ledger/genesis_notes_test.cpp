#include "ledger/genesis_notes.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"

namespace rues::ledger {
namespace {

/// The first entry of the local chain's genesis.
GenesisNotes balance() {
    constexpr std::string_view address =
        "3YD998RpKPTbdxigAVSWJ495heFDh7FjAeQEj9RapH2z5mo7W9THNen7jQMJnj5UmL3RwbcC37sx9txMHjy3Dok2";
    return {base::to_array<64>(base::from_base58(address).value()), 0xdeadbeef, {42'000'000'000}};
}

std::string hash_of(const ArchivedNote& note) {
    return base::to_hex(crypto::sha256(note));
}

// The golden hashes were made by the Python program that gave the recorded notes (docs/reference/machine.md 0).

TEST(GenesisNotes, a_note_has_the_coordinates_that_the_network_stores) {
    GenesisNotes two = balance();
    two.notes.push_back(7);

    const auto notes = genesis_notes(two);

    ASSERT_TRUE(notes && notes->size() == 2);
    EXPECT_EQ(hash_of((*notes)[0]), "272a787061e62cedac535078f68c53d6ce3cbd08cadd483d74501e33114c6f07");
    EXPECT_EQ(hash_of((*notes)[1]), "f0f6afabfe055ffb809ad32a243af3bbb1a2d36570690ac50f26ac5a2163df0d");
}

TEST(GenesisNotes, an_entry_without_a_seed_has_the_seed_zero) {  // docs/reference/differences.md 46
    GenesisNotes entry = balance();
    entry.seed.reset();

    EXPECT_EQ(hash_of(genesis_notes(entry).value().front()),
              "fe1f96c221a4279d8bfd0af715f3828918f85ce1921cd73ac1940af9945ba09b");
}

TEST(GenesisNotes, both_halves_of_the_address_must_be_points) {
    GenesisNotes first = balance(), second = balance();
    std::ranges::fill(std::span(first.address).first(32), std::byte{0xff});
    std::ranges::fill(std::span(second.address).last(32), std::byte{0xff});

    EXPECT_EQ(genesis_notes(first).error(), "the first half of the address is not a point of JubJub's prime subgroup");
    EXPECT_EQ(genesis_notes(second).error(),
              "the second half of the address is not a point of JubJub's prime subgroup");
}

TEST(GenesisNotes, an_entry_without_notes_gives_none) {
    GenesisNotes entry = balance();
    entry.notes.clear();
    EXPECT_TRUE(genesis_notes(entry).value().empty());
}

}  // namespace
}  // namespace rues::ledger
