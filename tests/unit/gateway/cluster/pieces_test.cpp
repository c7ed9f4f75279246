#include "gateway/cluster/pieces.hpp"

#include <gtest/gtest.h>

#include "unit/gateway/recorded_blocks.hpp"

namespace rues::gateway::cluster {
namespace {

constexpr std::uint64_t kEpoch = 0x1122334455667788;
constexpr std::size_t kSmall = kPieceHead + 10;

CommitId named(std::uint8_t writer, std::uint64_t number) {
    CommitId out;
    out.writer[0] = std::byte{writer};
    out.number = number;
    return out;
}

base::Bytes bytes_of(std::size_t size) {
    base::Bytes out;
    for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::byte>(i * 7));
    return out;
}

std::optional<base::Bytes> add(Assembler& to, const base::Bytes& message) {
    return to.add(Piece::decode(message).value());
}

TEST(Pieces, a_commit_of_any_size_comes_back_from_its_pieces) {
    for (const std::size_t size : {0U, 1U, 9U, 10U, 11U, 20U, 95U}) {
        const auto commit = bytes_of(size);
        const auto pieces = pieces_of(commit, kEpoch, named(1, 2), kSmall);
        EXPECT_EQ(pieces.size(), std::max<std::size_t>(1, (size + 9) / 10)) << size;
        Assembler whole;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            EXPECT_LE(pieces[i].size(), kSmall);
            const auto piece = Piece::decode(pieces[i]);
            ASSERT_TRUE(piece);
            EXPECT_EQ(piece->epoch, kEpoch);
            EXPECT_EQ(piece->id, named(1, 2));
            EXPECT_EQ(whole.pending(named(1, 2)), i);
            const auto out = whole.add(*piece);
            ASSERT_EQ(out.has_value(), i + 1 == pieces.size());
            if (out) {
                EXPECT_EQ(*out, commit);
            }
        }
        EXPECT_EQ(whole.pending(named(1, 2)), 0U);
    }
}

TEST(Pieces, another_commit_supersedes_one_that_is_incomplete) {
    const auto first = pieces_of(bytes_of(25), kEpoch, named(1, 1), kSmall);
    const auto second = pieces_of(bytes_of(15), kEpoch, named(2, 1), kSmall);
    Assembler whole;
    EXPECT_FALSE(add(whole, first[0]));
    EXPECT_FALSE(add(whole, first[1]));
    EXPECT_FALSE(add(whole, second[0]));
    EXPECT_EQ(add(whole, second[1]), bytes_of(15));
    EXPECT_FALSE(add(whole, first[2])) << "the rest of the first one comes too late";
    EXPECT_EQ(whole.pending(named(1, 1)), 0U);
}

TEST(Pieces, a_commit_with_a_piece_missing_or_twice_is_never_whole) {
    const auto pieces = pieces_of(bytes_of(25), kEpoch, named(1, 1), kSmall);
    for (const auto& order : {std::vector<std::size_t>{0, 2}, {1, 2}, {0, 1, 1, 2}, {2}}) {
        Assembler whole;
        for (const auto i : order) EXPECT_FALSE(add(whole, pieces[i]));
    }
}

TEST(Pieces, every_piece_has_its_own_message_id) {
    EXPECT_EQ(named(0xab, 7).of_piece(3), "ab000000000000000000000000000000-7-3");
    EXPECT_NE(named(1, 1).of_piece(11), named(1, 11).of_piece(1));
}

TEST(Pieces, bytes_of_another_form_are_refused) {
    const auto good = pieces_of(bytes_of(5), kEpoch, named(1, 1), kSmall)[0];
    const auto with = [&](std::size_t at, std::uint8_t value) {
        auto out = good;
        out[at] = std::byte{value};
        return out;
    };
    EXPECT_TRUE(Piece::decode(good));
    EXPECT_FALSE(Piece::decode(with(0, 2))) << "version";
    EXPECT_FALSE(Piece::decode(with(1, 0))) << "kind";
    EXPECT_FALSE(Piece::decode(with(34, 1))) << "an index beyond the count";
    EXPECT_FALSE(Piece::decode(with(38, 0))) << "no pieces";
    EXPECT_FALSE(Piece::decode(with(41, 1))) << "too many pieces";
    EXPECT_FALSE(Piece::decode(base::ByteView(good).first(kPieceHead - 1)));
    EXPECT_FALSE(Piece::decode({}));
}

TEST(LogBegin, says_what_it_said_and_its_header_must_have_its_own_hash) {
    const LogBegin begin{kEpoch, 3, test::recording().header(5).value()};
    const auto bytes = begin.encode();
    const auto out = LogBegin::decode(bytes);
    ASSERT_TRUE(out);
    EXPECT_EQ(out->epoch, kEpoch);
    EXPECT_EQ(out->chain_id, 3);
    EXPECT_EQ(out->header, begin.header);

    auto other = begin;
    other.header.timestamp += 1;
    EXPECT_FALSE(LogBegin::decode(other.encode()));
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(LogBegin::decode(base::ByteView(bytes).first(size))) << size;
    EXPECT_FALSE(Piece::decode(bytes));
}

}  // namespace
}  // namespace rues::gateway::cluster
