#include "app/note_scan.hpp"

#include <gtest/gtest.h>

#include "app/note_report.hpp"
#include "unit/phoenix/wallet.hpp"

namespace rues::app {
namespace {

constexpr std::uint64_t kFinal = 9;  // height of the newest final block

/// Leaf `position`: a note of 10 DUSK of key `position` % 5 (docs/reference/phoenix-and-plonk.md 2.4).
base::Bytes leaf(std::uint64_t position, std::uint64_t height = kFinal) {
    auto note = phoenix::test::bench_genesis_note(position % 5);
    base::store_le(note.data() + 648, position);
    base::Bytes out = base::to_bytes(note);
    base::append(out, base::ByteArray<8>{static_cast<std::byte>(height)});
    return out;
}
base::Bytes leaves(std::uint64_t begin, std::uint64_t end, std::uint64_t height = kFinal) {
    base::Bytes out;
    for (std::uint64_t i = begin; i < end; ++i) base::append(out, leaf(i, height));
    return out;
}

phoenix::ViewKey view_key() {
    return phoenix::test::bench_key(3).view_key();
}
NoteState fresh_state() {
    return {{7, {std::byte{1}}}, view_key().public_key().bytes(), 0, {}, {}};
}
NoteScan scan_of(NoteState state, NoteScan::AfterBatch after = [](const NoteScan&) { return Result<void>(); }) {
    return {view_key(), std::move(state), kFinal, 2, std::move(after)};
}
std::vector<std::uint64_t> positions(std::span<const KeptNote> notes) {
    std::vector<std::uint64_t> out;
    for (const auto& note : notes) out.push_back(phoenix::Note::decode(note.bytes).value().pos);
    return out;
}
/// The state after a scan of the first `count` notes.
NoteState scanned(std::uint64_t count) {
    auto scan = scan_of(fresh_state());
    EXPECT_TRUE(scan.take(leaves(0, count)));
    EXPECT_TRUE(scan.finish());
    return scan.state();
}

TEST(NoteScan, finds_the_notes_of_a_feed_that_is_cut_anywhere) {
    const auto feed = leaves(0, 12);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{735}, std::size_t{1'000}, feed.size()}) {
        auto scan = scan_of(fresh_state());
        for (base::ByteView rest(feed); !rest.empty(); rest = rest.subspan(std::min(piece, rest.size())))
            ASSERT_TRUE(scan.take(rest.first(std::min(piece, rest.size()))));
        ASSERT_TRUE(scan.finish());

        EXPECT_EQ(positions(scan.state().notes), (std::vector<std::uint64_t>{3, 8}));
        EXPECT_EQ(scan.state().next, 12U);
        EXPECT_EQ(scan.scanned(), 12U);
    }
}

TEST(NoteScan, a_batch_is_scanned_as_soon_as_it_is_full) {
    std::vector<std::uint64_t> seen;
    auto scan = scan_of(fresh_state(), [&](const NoteScan& now) {
        seen.push_back(now.state().next);
        return Result<void>();
    });
    ASSERT_TRUE(scan.take(leaves(0, NoteScan::kBatch + 2)));
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{NoteScan::kBatch}));

    ASSERT_TRUE(scan.finish());
    EXPECT_EQ(seen.back(), NoteScan::kBatch + 2);
    EXPECT_EQ(scan.found(), 205U);
}

TEST(NoteScan, the_error_of_a_batch_ends_the_scan) {
    auto scan = scan_of(fresh_state(), [](const NoteScan&) {
        return Result<void>(std::unexpected(Error{Error::Kind::invalid, "the disk is full"}));
    });
    ASSERT_TRUE(scan.take(leaves(0, 3)));

    EXPECT_EQ(scan.finish().error().text, "the disk is full");
}

TEST(NoteScan, notes_of_blocks_that_are_not_final_are_found_but_scanned_again) {
    auto feed = leaves(0, 5);
    base::append(feed, leaves(5, 10, kFinal + 1));
    auto scan = scan_of(fresh_state());
    ASSERT_TRUE(scan.take(feed));
    ASSERT_TRUE(scan.finish());

    EXPECT_EQ(scan.state().next, 5U);
    EXPECT_EQ(positions(scan.state().notes), (std::vector<std::uint64_t>{3}));
    EXPECT_EQ(positions(scan.fresh()), (std::vector<std::uint64_t>{8}));
    EXPECT_EQ(scan.scanned(), 10U);
}

TEST(NoteScan, goes_on_after_the_last_note_of_a_state) {
    auto scan = scan_of(scanned(7));
    ASSERT_EQ(scan.from(), 6U);
    ASSERT_TRUE(scan.take(leaves(6, 14)));
    ASSERT_TRUE(scan.finish());

    EXPECT_EQ(scan.state(), scanned(14));
    EXPECT_EQ(positions(scan.state().notes), (std::vector<std::uint64_t>{3, 8, 13}));
}

TEST(NoteScan, a_chain_whose_last_scanned_note_differs_is_refused) {
    auto feed = leaves(6, 14);
    // The same place with the note of another key
    std::ranges::copy(base::ByteView(leaf(7)).first(648), feed.begin());
    auto scan = scan_of(scanned(7));
    ASSERT_TRUE(scan.take(feed));

    const auto done = scan.finish();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, Error::Kind::invalid);
    EXPECT_EQ(scan.state(), scanned(7));
}

TEST(NoteScan, a_node_that_has_fewer_notes_than_were_scanned_is_refused) {
    auto scan = scan_of(scanned(7));
    const auto done = scan.finish();

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, Error::Kind::invalid);
    EXPECT_NE(done.error().text.find("no note 6"), std::string::npos);
}

TEST(NoteScan, leaves_in_another_order_or_bytes_that_are_none_are_malformed) {
    auto gap = leaves(0, 3);
    base::append(gap, leaf(4));
    auto broken = leaves(0, 4);
    broken[3 * phoenix::kLeafBytes + 330] ^= std::byte{1};  // R is no point
    for (const auto& feed : {gap, broken}) {
        auto scan = scan_of(fresh_state());
        ASSERT_TRUE(scan.take(feed));
        const auto done = scan.finish();
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().kind, Error::Kind::malformed);
        EXPECT_NE(done.error().text.find("not note 3"), std::string::npos) << done.error().text;
    }
}

TEST(NoteScan, of_a_feed_that_ends_inside_a_note_the_whole_notes_count) {
    auto feed = leaves(0, 5);
    feed.resize(feed.size() - 1);
    auto scan = scan_of(fresh_state());
    ASSERT_TRUE(scan.take(feed));

    const auto done = scan.finish();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, Error::Kind::malformed);
    EXPECT_EQ(scan.state(), scanned(4));
}

TEST(NoteState, is_read_as_it_was_written) {
    const auto state = scanned(9);
    ASSERT_EQ(state.notes.size(), 2U);

    EXPECT_EQ(NoteState::parse(state.print()), state);
}

TEST(NoteState, what_is_no_state_is_refused) {
    const auto whole = scanned(4).print();
    const auto with = [&](std::string_view from, std::string_view to) {
        auto out = whole;
        const auto at = out.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return out.replace(at, from.size(), to);
    };
    for (const auto& text :
         {std::string(), std::string("[]"), whole.substr(0, whole.size() / 2), with("\"version\":1", "\"version\":2"),
          with("\"chain_id\":7", "\"chain_id\":256"), with("\"next\":4", "\"next\":-1"), with("\"notes\"", "\"none\""),
          with("\"note\":\"", "\"note\":\"00"), with("\"address\":\"", "\"address\":\"1"), with("\"last\"", "\"lost\""),
          with("\"block_height\"", "\"height\"")})
        EXPECT_FALSE(NoteState::parse(text)) << text.substr(0, 80);
}

TEST(OwnNotes, have_their_value_and_with_the_secret_key_their_nullifier) {
    const auto key = phoenix::test::bench_key(0);
    auto state = fresh_state();
    state.address = key.public_key().bytes();
    NoteScan scan(key.view_key(), state, kFinal, 1, [](const NoteScan&) { return Result<void>(); });
    ASSERT_TRUE(scan.take(leaves(0, 5)));
    ASSERT_TRUE(scan.finish());

    const auto seen = own_notes(scan, {key.view_key(), std::nullopt});
    ASSERT_TRUE(seen && seen->size() == 1);
    EXPECT_EQ(seen->front().value, 10'000'000'000U);
    EXPECT_TRUE(seen->front().is_final);
    EXPECT_FALSE(seen->front().nullifier);
    EXPECT_EQ(balance_of(*seen), std::nullopt);

    auto owned = own_notes(scan, {key.view_key(), key});
    ASSERT_TRUE(owned && owned->size() == 1 && owned->front().nullifier);
    // Transaction 0 of the recorded benchmark spends this note.
    EXPECT_EQ(owned->front().nullifier->bytes(), phoenix::test::bench_transaction(0).phoenix()->nullifiers.front());
    EXPECT_FALSE(owned->front().sender);  // of the genesis
    owned->front().is_spent = false;
    EXPECT_EQ(balance_of(*owned), 10'000'000'000U);
    owned->front().is_spent = true;
    EXPECT_EQ(balance_of(*owned), 0U);
}

TEST(OwnNotes, a_note_that_is_not_of_the_key_is_refused) {
    auto state = scanned(5);
    state.address = phoenix::test::bench_key(2).public_key().bytes();
    const NoteScan scan(phoenix::test::bench_key(2).view_key(), state, kFinal, 1, {});

    const auto notes = own_notes(scan, {phoenix::test::bench_key(2).view_key(), std::nullopt});

    ASSERT_FALSE(notes);
    EXPECT_EQ(notes.error().kind, Error::Kind::malformed);
}

}  // namespace
}  // namespace rues::app
