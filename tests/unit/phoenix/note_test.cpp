#include "phoenix/note.hpp"

#include <gtest/gtest.h>

#include "unit/phoenix/wallet.hpp"

namespace rues::phoenix {
namespace {

/// note.json of the tests of phoenix-core 0.35, field by field.
ByteArray<kNoteBytes> published_note() {
    const std::string hex =
        "01"
        "1b32e8cda88981d21c7fbfa0ce6827b1826c76d0266f7dff8617af9e43814919" +
        base::to_hex(*base::from_base58(
            "5xypMFFDSDtAeY7wJTfYc3UQkiHFAoYhWY6Ew2s5m43FfafM66zcsoxgBdLEYUki2KxbG9o4ikjzwzmxpeLfv8Po")) +
        "ffffffffffffffff"
        "0aa442f45be6ace8b98ce8eba1580f280a82dc8454bfa3166500ab9414d8ad0b6f43da0f1e7049f5dd71f9c013e2c6584286cc88858a3f"
        "38670768a1b223eaac405882a9"
        "00"
        "391d595ec6366e6f7dfd01198b00d0c1811c6c826066cf88733e4ddfa8933b58"
        "00b9ab31d700846d06d07e2e2cac28a40d23fa156cc914dade7017e603ee7499"
        "8fae70481bf1c5e580c450e5a1483f4d7757d1c99dad3dd3adbbaf35ccf70ed7"
        "50ffc41e5d85fa70ec9d81907281fd41662d6b912563d64c91621ec162b1cb81";
    return *base::array_from_hex<kNoteBytes>(hex);
}

struct Made {
    SecretKey sender, receiver;
    Note note;
};
/// Makes the published note from the same draws.
Made made() {
    test::Draws draws(0xc0b);
    const SecretKey sender = draws.key();
    const SecretKey receiver = draws.key();
    const Fl random = draws.scalar();
    ByteArray<12> nonce;
    draws.fill(nonce);
    const PublicKey to = receiver.public_key();
    const auto from = encrypt_sender(sender.public_key(), to.stealth_address(random).note_key,
                                     test::Draws(0xdead).scalar(), test::Draws(0xbeef).scalar());
    return {sender, receiver, obfuscated_note(to, random, 25, test::Draws(0xc0b).scalar(), nonce, from)};
}

TEST(Note, is_made_as_the_network_makes_it) {
    EXPECT_EQ(base::to_hex(made().note.bytes()), base::to_hex(published_note()));
}

TEST(Note, comes_back_from_its_bytes_and_has_the_published_hash) {  // docs/reference/phoenix-and-plonk.md 9.3
    const auto note = Note::decode(published_note());

    ASSERT_TRUE(note);
    EXPECT_EQ(note->bytes(), published_note());
    EXPECT_EQ(note, Note::decode_checked(published_note()));
    EXPECT_EQ(base::to_hex(note->hash().bytes()), "6ed188d11e0bf9d4cfa0f5fdec90cadd5da31f524b2fcfbf7620d6ed77e7005b");
}

TEST(Note, its_owner_reads_value_and_sender) {
    const auto [sender, receiver, note] = made();

    const auto opened = open(note, receiver.view_key());

    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->value, 25U);
    EXPECT_EQ(opened->blinder, test::Draws(0xc0b).scalar());
    EXPECT_EQ(sender_of(note, *receiver.note_secret(note.stealth_address)), sender.public_key());
    EXPECT_FALSE(open(note, sender.view_key()));
}

TEST(Note, does_not_open_when_it_commits_to_another_value) {
    auto [sender, receiver, note] = made();

    note.value_commitment = value_commitment(26, test::Draws(0xc0b).scalar()).affine();
    EXPECT_FALSE(open(note, receiver.view_key()));

    Note transparent = transparent_note(note.stealth_address, 7, note.sender);
    ASSERT_TRUE(open(transparent, receiver.view_key()));
    EXPECT_EQ(open(transparent, receiver.view_key())->value, 7U);
    transparent.value_enc[0] = std::byte{8};
    EXPECT_FALSE(open(transparent, receiver.view_key()));
}

TEST(Note, bad_bytes_do_not_decode) {
    const auto good = published_note();
    const auto decodes = [&](std::size_t at, std::byte value) {
        auto changed = good;
        changed[at] = value;
        return Note::decode(changed).has_value();
    };
    EXPECT_FALSE(decodes(0, std::byte{2})) << "type";
    EXPECT_FALSE(decodes(173, std::byte{2})) << "kind of sender";
    EXPECT_FALSE(Note::decode(ByteView(good).first(kNoteBytes - 1)));
    // (0, -1) and a v above r - 1 at each of the seven points.
    const auto torsion = *base::array_from_hex<32>("00000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73");
    for (const std::size_t at : {1UZ, 33UZ, 65UZ, 174UZ, 206UZ, 238UZ, 270UZ}) {
        auto outside = good, beyond = good;
        std::ranges::copy(torsion, outside.begin() + static_cast<std::ptrdiff_t>(at));
        std::ranges::fill(std::span(beyond).subspan(at, 32), std::byte{0xff});
        EXPECT_FALSE(Note::decode(outside)) << at;
        EXPECT_TRUE(Note::decode_checked(outside)) << at;
        EXPECT_FALSE(Note::decode(beyond)) << at;
        EXPECT_FALSE(Note::decode_checked(beyond)) << at;
    }
}

TEST(Note, of_a_genesis_has_the_recorded_leaf) {  // docs/reference/phoenix-and-plonk.md 2.4
    const auto first = Note::from_archive(test::bench_genesis_note(0));
    const auto last = Note::from_archive(test::bench_genesis_note(99));

    ASSERT_TRUE(first && last);
    EXPECT_EQ(base::to_hex(first->hash().bytes()), "2fd72260707ae8f633e73c87d8c37d67a1ac079d9238dd3cea5833e43ff48251");
    EXPECT_EQ(base::to_hex(last->hash().bytes()), "fba7bc78a086da941cd19c7411b4bc479b91fb767e962d7753eec9c42ed4a61d");
    EXPECT_EQ(Note::decode(first->bytes()), first);
}

TEST(Note, a_changed_archive_is_refused) {
    const auto good = test::bench_genesis_note(0);
    for (const std::size_t at :
         {264UZ, 296UZ, 328UZ, 360UZ, 488UZ, 724UZ}) {  // coordinates of each point, and the type
        auto changed = good;
        changed[at] ^= std::byte{2};
        EXPECT_FALSE(Note::from_archive(changed)) << at;
    }
    EXPECT_FALSE(Note::from_archive(ByteView(good).first(700)));
}

TEST(Nullifier, is_that_of_the_recorded_transactions) {  // docs/reference/phoenix-and-plonk.md 9.2
    for (const std::size_t index : test::kRecorded) {
        const auto note = Note::from_archive(test::bench_genesis_note(index)).value();
        const auto secret = test::bench_key(index).note_secret(note.stealth_address);
        EXPECT_EQ(nullifier(*secret, index).bytes(), test::bench_transaction(index).phoenix()->nullifiers.at(0));
    }
}

TEST(Note, of_the_recorded_transactions_opens_with_the_older_key) {
    const auto tx = test::bench_transaction(0);
    const auto transfer = Note::decode(tx.phoenix()->outputs[0]).value();
    const auto change = Note::decode(tx.phoenix()->outputs[1]).value();

    const auto paid = open(transfer, test::bench_key(1).view_key());
    const auto kept = open(change, test::bench_key(0).view_key());

    ASSERT_TRUE(paid && kept);
    EXPECT_EQ(paid->value, 1'000'000U);
    EXPECT_EQ(kept->value, 10'000'000'000U - 1'000'000U - tx.phoenix()->max_fee);
    EXPECT_EQ(sender_of(transfer, *test::bench_key(1).note_secret(transfer.stealth_address)),
              test::bench_key(0).public_key());
}

}  // namespace
}  // namespace rues::phoenix
