#include "crypto/keys.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "crypto/bip39_words.hpp"
#include "crypto/hash.hpp"
#include "unit/crypto/vectors.hpp"

namespace rues::crypto {
namespace {

using base::to_hex;
using base::view;

// docs/reference/ledger.md 14, the phrase of the fourth genesis account
constexpr std::string_view kPhrase = "eyebrow milk fan usage maximum exhibit ski nut wing sell alone great";

std::string account(const Seed& seed, std::uint64_t index) {
    return base::to_base58(account_key(seed, index).public_key().bytes());
}

TEST(Keys, derives_the_accounts_of_the_test_seed) {  // docs/reference/ledger.md 14
    const auto seed = *base::array_from_hex<64>(vectors::kTestSeed);

    EXPECT_EQ(
        account(seed, 0),
        "oCqYsUMRqpRn2kSabH52Gt6FQCwH5JXj5MtRdYVtjMSJ73AFvdbPf98p3gz98fQwNy9ZBiDem6m9BivzURKFSKLYWP3N9JahSPZs9PnZ9"
        "96P18rTGAjQTNFsxtbrKx79yWu");
    EXPECT_EQ(
        account(seed, 1),
        "ocXXBAafr7xFqQTpC1vfdSYdHMXerbPCED2apyUVpLjkuycsizDxwA6b9D7UW91kG58PFKqm9U9NmY9VSwufUFL5rVRSnFSYxbiKK658T"
        "F6XjHsHGBzavFJcxAzjjBRM4eF");
    EXPECT_EQ(
        account(seed, 2),
        "u7bwZ53tt9s2g3sfbEqxiuXNeGBrzKNNQakAafrELah29dkKakmFf1gDk56vyYocSse7ABnsPxTDddDkMcrmf1Dgd5L3arznA1rWPHH4z"
        "sYVZdD4ctAwxMvdKbHkFCgU2Ne");
    EXPECT_EQ(to_hex(account_key(Seed{}, 42).bytes()).substr(0, 8), "5f23a7bf");  // docs/reference/ledger.md 2.7
}

TEST(Keys, derives_the_account_of_a_phrase) {  // docs/reference/ledger.md 14
    EXPECT_EQ(
        account(*seed_from_phrase(kPhrase), 0),
        "rvLto5LztqrvHYzWnG8eeypRaN71KbJWD6PZVt5oehMfKpb1tvQePHrKQvMXH6BBTVGLfYPgxwy69Lbg6wM4T9jyXyLB1wXfxBCxCj15v"
        "vCsPhByH6mSsdM313wh4HaPfRv");
}

TEST(Phrase, the_words_are_the_standards_list) {  // SHA-256 of the standard's file english.txt
    std::string joined;
    for (const auto word : kBip39Words) joined += std::string(word) + "\n";

    EXPECT_EQ(to_hex(sha256(view(joined))), "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
    EXPECT_TRUE(std::ranges::is_sorted(kBip39Words));
}

// Made with the package `mnemonic` of PyPI, except the first, which is in every list of BIP-39 vectors.
TEST(Phrase, phrases_of_every_length_give_the_published_seeds) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
         "5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc1"
         "9a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4"},
        {"beef suit medal gather initial cargo course hero gesture drop talk wild emerge sing guitar",
         "592293b8234dc985cb377f5d9df6aeec45d003171d3b00864bb81526bc4cb935"
         "1155e6907c07103e9e8e3d0ce1bcc9f008cc4338ca73e775f170568b2e1938e6"},
        {"blossom weird mercy half reflect caution donor type grace glory team adapt material slender isolate nice "
         "razor slender",
         "2d124fe51acbdadf80397d89be7d7cd36fd86317d937a51d6bc691b4edd86b92"
         "6ff6ad2912289cb1165be788614e2ddde4e0ebbf2b2ae06a114ed476401f746e"},
        {"bring bone middle idea virtual chase fabric hobby harvest lonely text arch since snap mammal bicycle repeat "
         "until cream pizza note",
         "6b641251496c7c50c57fddcfcbf51236aca15ce25e230397282068878a3462a3"
         "4c4484a08852f38e28e34a7b02b67b4d83adb1f87f36919fd3017f79d8442584"},
        {"cage defense minute joy cruise chunk gesture under hope phrase thing basket annual soon note nose river atom "
         "crop pumpkin tattoo invest slogan come",
         "d41a340e82616d63064f663cf93f78d293ed5194e4688a303ab06e213d35e5ac"
         "9db86daf0181b7ecd48598cafd97dd13d45d4c995834242da1990d4a38cc5dae"},
    };
    for (const auto& [phrase, seed] : cases) EXPECT_EQ(to_hex(seed_from_phrase(phrase).value()), seed) << phrase;
}

TEST(Phrase, blanks_and_case_do_not_count) {
    EXPECT_EQ(seed_from_phrase("  Eyebrow milk\tfan usage maximum exhibit\r\nski NUT wing  sell alone great\n"),
              seed_from_phrase(kPhrase));
}

TEST(Phrase, a_wrong_word_count_word_or_checksum_is_refused_with_the_reason) {
    const std::string phrase(kPhrase);
    const std::string much_too_long = phrase + " " + phrase + " " + phrase;

    EXPECT_EQ(seed_from_phrase("").error(), "a phrase has 12, 15, 18, 21 or 24 words, not 0");
    EXPECT_EQ(seed_from_phrase("eyebrow milk").error(), "a phrase has 12, 15, 18, 21 or 24 words, not 2");
    EXPECT_EQ(seed_from_phrase(phrase + " great").error(), "a phrase has 12, 15, 18, 21 or 24 words, not 13");
    EXPECT_EQ(seed_from_phrase(much_too_long).error(), "a phrase has 12, 15, 18, 21 or 24 words, not more");
    EXPECT_EQ(seed_from_phrase("eyebrow milky fan usage maximum exhibit ski nut wing sell alone great").error(),
              "word 2 of the phrase is not in the BIP-39 English list");
    EXPECT_EQ(seed_from_phrase("milk eyebrow fan usage maximum exhibit ski nut wing sell alone great").error(),
              "the checksum of the phrase is wrong");
}

}  // namespace
}  // namespace rues::crypto
