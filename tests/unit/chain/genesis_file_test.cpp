#include "chain/genesis_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "support/recorded.hpp"
#include "unit/ledger/accounts.hpp"

namespace rues::chain {
namespace {

using namespace ledger;
using ledger::test::profile;

std::string account(std::uint64_t n) {
    return base::to_base58(profile(n).public_key().bytes());
}

std::string error_of(const std::string& toml) {
    const auto genesis = read_genesis(toml);
    return genesis ? "none" : genesis.error();
}

TEST(GenesisFile, the_default_one_is_the_local_chain_of_the_reference) {  // docs/reference/ledger.md 11.2, 11.3
    const auto genesis = read_genesis(default_genesis());
    ASSERT_TRUE(genesis) << genesis.error();
    const auto fourth = crypto::account_key(crypto::seed_from_phrase(local_chain_phrase()).value(), 0).public_key();
    std::map<ledger::AccountKey, std::uint64_t> held;
    for (const auto& [account, balance] : genesis->accounts) held[account.bytes()] += balance;

    ASSERT_EQ(genesis->stakes.size(), 1U);
    EXPECT_EQ(genesis->stakes[0].account, profile(0).public_key());
    EXPECT_EQ(genesis->stakes[0].amount, 2'000'000'000'000U);
    EXPECT_EQ(genesis->stakes[0].eligibility, 0U);
    EXPECT_EQ(held,
              (std::map<ledger::AccountKey, std::uint64_t>{{profile(0).public_key().bytes(), 1'001'000'000'000'000U},
                                                           {profile(1).public_key().bytes(), 80'800'000'000'000U},
                                                           {profile(2).public_key().bytes(), 60'060'000'000'000U},
                                                           {fourth.bytes(), 40'040'000'000'000U}}));
}

TEST(GenesisFile, the_default_one_has_the_notes_of_the_reference) {  // docs/reference/ledger.md 11.3
    const auto genesis = read_genesis(default_genesis());
    ASSERT_EQ(genesis->notes.size(), 5U);

    const std::pair<std::size_t, std::uint64_t> expected[] = {
        {1, 42'000'000'000}, {824, 1'026'179'647'718'621}, {623, 1'419'179'830'115'057}, {410, 512'720'219'906'168}};
    for (std::size_t i = 0; i < 4; ++i) {
        const auto& notes = genesis->notes[i].notes;
        EXPECT_EQ(notes.size(), expected[i].first) << i;
        EXPECT_EQ(std::accumulate(notes.begin(), notes.end(), std::uint64_t{0}), expected[i].second) << i;
        EXPECT_EQ(genesis->notes[i].seed, 0xdeadbeefU);
    }
    EXPECT_EQ(genesis->notes[4].notes.size(), 210U);
    EXPECT_TRUE(base::to_base58(genesis->notes[4].address).starts_with("2xhZTG"));
}

TEST(GenesisFile, the_default_one_says_what_the_recorded_configuration_says) {
    const std::string path = std::string(RUES_SHARED_VECTORS) + "/genesis/localnet.toml";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "the shared vectors are not here";
    const auto recorded_genesis = read_genesis(recorded::read_file(path));
    const auto ours = read_genesis(default_genesis());
    ASSERT_TRUE(recorded_genesis) << recorded_genesis.error();

    EXPECT_EQ(ours->digest(), recorded_genesis->digest());
    ASSERT_EQ(ours->notes.size(), recorded_genesis->notes.size());
    for (std::size_t i = 0; i < ours->notes.size(); ++i) {
        EXPECT_EQ(ours->notes[i].address, recorded_genesis->notes[i].address) << i;
        EXPECT_EQ(ours->notes[i].seed, recorded_genesis->notes[i].seed) << i;
        EXPECT_EQ(ours->notes[i].notes, recorded_genesis->notes[i].notes) << i;
    }
}

TEST(GenesisFile, accounts_may_be_named_twice_and_stakes_may_not) {
    const std::string paid = "[[moonlight_account]]\naddress = \"" + account(1) + "\"\nbalance = 5\n";
    const std::string most = "[[moonlight_account]]\naddress = \"" + account(1) + "\"\nbalance = 9223372036854775807\n";
    const std::string staked = "[[stake]]\naddress = \"" + account(1) + "\"\namount = 5\n";

    EXPECT_EQ(read_genesis(paid + paid)->problem(), std::nullopt);
    EXPECT_EQ(read_genesis(most + most + paid)->problem(), "an account's balances add up to more than 2^64 - 1");
    EXPECT_EQ(read_genesis(staked + staked)->problem(), "an account has two stakes");
}

TEST(GenesisFile, a_stake_may_have_an_owner_an_eligibility_and_a_reward) {  // docs/reference/ledger.md 11.1
    const auto genesis = read_genesis("[[stake]]\naddress = \"" + account(1) + "\"\nowner = \"" + account(2) +
                                      "\"\namount = 5\neligibility = 6\nreward = 7\n");
    ASSERT_TRUE(genesis) << genesis.error();

    const auto& stake = genesis->stakes.at(0);
    EXPECT_EQ(stake.account, profile(1).public_key());
    EXPECT_EQ(stake.owner, profile(2).public_key());
    EXPECT_EQ(stake.amount, 5U);
    EXPECT_EQ(stake.eligibility, 6U);
    EXPECT_EQ(stake.reward, 7U);
}

TEST(GenesisFile, what_is_wrong_is_told_with_its_line_and_key) {
    EXPECT_EQ(error_of("[[stake]]\namount = 5\n"), "line 1: address is missing");
    EXPECT_EQ(error_of("[[stake]]\naddress = \"" + account(0) + "\"\n"), "line 1: amount is missing");
    EXPECT_EQ(error_of("\nwrong = 1\n"), "line 2: unknown key wrong");
    EXPECT_EQ(error_of("[[moonlight_account]]\naddress = \"abc\"\nbalance = 1\n"), "line 2: address is not an account");
    EXPECT_EQ(error_of("[[moonlight_account]]\naddress = \"0\"\nbalance = 1\n"),
              "line 2: address must be a base58 text");
    EXPECT_EQ(error_of("[[moonlight_account]]\naddress = \"" + account(0) + "\"\nbalance = -1\n"),
              "line 3: balance must be a number from 0 to 9223372036854775807");
    EXPECT_EQ(error_of("stake = 1\n"), "line 1: stake must be written [[stake]]");
    EXPECT_EQ(error_of("[[phoenix_balance]]\naddress = \"abc\"\nnotes = []\n"),
              "line 2: address is not a Phoenix address");
    EXPECT_TRUE(error_of("a = 1\n[[[").starts_with("line 2: ")) << error_of("a = 1\n[[[");
}

}  // namespace
}  // namespace rues::chain
