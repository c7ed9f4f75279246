#include "ledger/genesis_notes.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "chain/genesis_file.hpp"
#include "crypto/hash.hpp"

namespace rues::chain {
namespace {

/// The node lists a note as its archive and the height of its block, eight bytes. SHA-256 over all leaves:
/// `genesis_notes` of chain.json.
TEST(GenesisNotes, of_the_local_chain_are_the_recorded_ones) {
    const auto genesis = read_genesis(default_genesis()).value();
    constexpr std::size_t kPosition = 648;

    base::Bytes leaves;
    std::uint64_t count = 0;
    for (const auto& balance : genesis.notes) {
        const auto notes = ledger::genesis_notes(balance);
        ASSERT_TRUE(notes);
        for (auto note : *notes) {
            base::store_le(note.data() + kPosition, count++);
            base::append(leaves, note);
            leaves.resize(leaves.size() + 8);
        }
    }

    EXPECT_EQ(count, 2068U);
    EXPECT_EQ(base::to_hex(crypto::sha256(leaves)), "3f1681452ded9735a384c9fdb4135ccee9b3a74bfa2a3ab5c8caa295450fba0b");
}

}  // namespace
}  // namespace rues::chain
