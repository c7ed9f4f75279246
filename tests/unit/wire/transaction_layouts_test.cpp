#include "wire/transaction_layouts.hpp"

#include <gtest/gtest.h>

#include "support/recorded.hpp"
#include "unit/wire/golden.hpp"

namespace rues::wire::layouts {
namespace {

template <typename T>
void comes_back(const T& value, const char* what) {
    const auto archived = rkyv::archive(value);
    const auto again = rkyv::unarchive<T>(archived);
    ASSERT_TRUE(again) << what << ": " << again.error();
    EXPECT_EQ(*again, value) << what;
}

std::string hex(const base::Bytes& bytes) {
    return base::to_hex(bytes);
}

// docs/reference/ledger.md 8.2
TEST(TransactionLayouts, sizes_are_those_of_the_reference) {
    EXPECT_EQ(rkyv::kArchivedSize<TransactionData>, 80U);
    EXPECT_EQ(rkyv::kArchivedSize<MoonlightTransaction>, 840U);
    EXPECT_EQ(rkyv::kArchivedSize<PhoenixTransaction>, 2'216U);
    EXPECT_EQ(rkyv::kArchivedSize<Transaction>, 2'224U);
    EXPECT_EQ(rkyv::kArchivedSize<Note>, 728U);
    EXPECT_EQ(rkyv::kArchivedSize<NoteLeaf>, 736U);
    EXPECT_EQ(rkyv::kArchivedSize<std::optional<NoteOpening>>, 2'288U);
    EXPECT_EQ(rkyv::kArchivedSize<ContractToContract>, 56U);
    EXPECT_EQ(rkyv::kArchivedSize<ReceiveFromContract>, 48U);
    EXPECT_EQ(rkyv::kArchivedSize<WithdrawToContract>, 224U);
}

// docs/reference/ledger.md 3.2 #2: arguments of 63,301 bytes for get_version fill the limit of 64 KiB (recorded:
// size-args-archive-limit).
TEST(TransactionLayouts, outside_data_comes_first_and_is_padded_to_the_alignment) {
    MoonlightTransaction body;
    EXPECT_EQ(rkyv::archive(Transaction(body)).size(), 2'224U);
    body.payload.data = CallData{{}, "get_version", Bytes(63'301)};
    EXPECT_EQ(rkyv::archive(Transaction(body)).size(), 65'536U);
    body.payload.data = CallData{{}, "get_version", Bytes(63'302)};
    EXPECT_EQ(rkyv::archive(Transaction(body)).size(), 65'544U);
}

TEST(TransactionLayouts, every_kind_of_data_is_read_back) {
    MoonlightTransaction body;
    body.payload.chain_id = 7;
    body.payload.nonce = 3;
    comes_back(Transaction(body), "none");
    body.payload.data = Bytes{1, 2, 3};
    comes_back(Transaction(body), "memo");
    body.payload.data = CallData{{}, "fn", {}};
    comes_back(Transaction(body), "call with a short name");
    body.payload.data = CallData{{}, "a_longer_name", Bytes(9, 1)};
    comes_back(Transaction(body), "call with a long name");
    body.payload.data = DeployData{{}, Bytes(5, 1), Bytes(6, 2), 9, Bytes(7, 3)};
    comes_back(Transaction(body), "deploy");
    PhoenixTransaction notes;
    notes.nullifiers.resize(3);
    notes.proof = Bytes(11, 4);
    notes.data = CallData{{}, "a_longer_name", Bytes(9, 1)};
    comes_back(Transaction(notes), "phoenix");
    auto blob = rkyv::archive(Transaction(body));
    blob[blob.size() - 2'224 + 8 + 8] = std::byte{3};
    EXPECT_FALSE(rkyv::unarchive<Transaction>(blob)) << "blobs are a memo by then";
}

// docs/reference/ledger.md 8.1 #3
TEST(Strings, up_to_seven_bytes_lie_inside_and_longer_strings_before) {
    EXPECT_EQ(hex(rkyv::archive(std::string("fn"))), "666e000000000002");
    EXPECT_EQ(hex(rkyv::archive(std::string("1234567"))), "3132333435363707");
    // Eight bytes, then their number and the offset back to them.
    EXPECT_EQ(hex(rkyv::archive(std::string("12345678"))), "313233343536373808000000f8ffffff");
    EXPECT_EQ(rkyv::unarchive<std::string>(golden::bytes("3132333435363738 08000000f8ffffff")), "12345678");
}

TEST(Strings, bytes_that_are_not_utf_8_or_not_before_the_value_are_refused) {
    for (const auto* bytes : {"0000000000000008",                    // an impossible inline length
                              "ff00000000000001",                    // not UTF-8
                              "3132333435363738 09000000f8ffffff",   // longer than the data
                              "3132333435363738 08000000f0ffffff",   // before the beginning
                              "3132333435363738 08000000ffffffff"})  // into itself
        EXPECT_FALSE(rkyv::unarchive<std::string>(golden::bytes(bytes))) << bytes;
}

// chain.json: the leaves that the recorded chain added to the tree.
TEST(NoteLayouts, recorded_leaves_are_read_and_archived_to_the_same_bytes) {
    const auto chain = recorded::load("chain.json");
    std::uint64_t position = 2'068;  // after the leaves of the genesis
    for (const auto& recorded_leaf : chain.at("state").at("new_notes").as_array()) {
        const auto bytes = recorded::hex(recorded_leaf);
        const auto leaf = rkyv::unarchive<NoteLeaf>(bytes);
        ASSERT_TRUE(leaf) << leaf.error();
        EXPECT_EQ(hex(rkyv::archive(*leaf)), hex(bytes));
        EXPECT_EQ(leaf->note.pos, position++);
        EXPECT_EQ(leaf->note.note_type, NoteType::transparent);
    }
    EXPECT_EQ(position, 2'074U);
}

}  // namespace
}  // namespace rues::wire::layouts
