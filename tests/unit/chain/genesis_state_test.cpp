#include "chain/genesis_state.hpp"

#include <gtest/gtest.h>

#include "chain/stored_state.hpp"
#include "machine.hpp"
#include "support/recorded.hpp"
#include "wire/layouts.hpp"

namespace rues::chain {
namespace {

using test::default_genesis_file;
using test::machine;

GenesisParts parts(const ledger::Genesis& genesis, base::ByteView prepared = {}) {
    return {genesis, vm::genesis_contracts(), prepared};
}

ledger::Genesis small() {
    auto out = default_genesis_file();
    out.notes.clear();
    return out;
}

/// The state hash of block 0 of the recorded chains, which had this genesis.
base::Hash32 recorded_hash() {
    const auto chain = recorded::load("chain.json");
    return base::to_array<32>(recorded::hex(chain.at("blocks").at(0).at("header").at("state_hash")));
}

TEST(GenesisState, the_state_hash_is_that_of_the_recorded_chains) {
    const auto made = make_genesis_state(machine(), parts(default_genesis_file()));
    ASSERT_TRUE(made) << made.error().text;
    EXPECT_EQ((*made)->root(), recorded_hash());
    EXPECT_EQ((*made)->find(ledger::kTransferContract)->position, 1U);
    EXPECT_EQ((*made)->find(ledger::kStakeContract)->position, 2U);
}

TEST(GenesisState, the_prepared_state_of_the_program_is_the_same) {
    const auto prepared = decode_genesis_state(machine(), parts(default_genesis_file(), default_state()));
    ASSERT_TRUE(prepared) << prepared.error().text;
    ASSERT_TRUE(*prepared);
    EXPECT_EQ((**prepared)->root(), recorded_hash());
    const auto made = make_genesis_state(machine(), parts(default_genesis_file()));
    ASSERT_TRUE(made);
    const auto ours = memory_of(***prepared);
    const auto other = memory_of(**made);
    ASSERT_EQ(ours.pages.size(), other.pages.size());
    for (std::size_t i = 0; i < ours.pages.size(); ++i) {
        EXPECT_EQ(ours.pages[i].number, other.pages[i].number);
        EXPECT_TRUE(base::equal(ours.pages[i].bytes, other.pages[i].bytes)) << i;
    }
    ASSERT_EQ(ours.deployed.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(ours.deployed[i].memory_pages, other.deployed[i].memory_pages);
        EXPECT_TRUE(base::equal(ours.deployed[i].code, other.deployed[i].code));
    }
}

TEST(GenesisState, a_state_of_another_genesis_is_made_and_not_taken) {
    const auto genesis = small();
    const auto found = decode_genesis_state(machine(), parts(genesis, default_state()));
    ASSERT_TRUE(found);
    EXPECT_FALSE(*found);
    const auto made = genesis_state(machine(), parts(genesis, default_state()));
    ASSERT_TRUE(made) << made.error().text;
    EXPECT_NE((*made)->root(), recorded_hash());
    EXPECT_EQ(test::Asked(*made).account(0).balance, 1'001'000'000'000'000U);
}

TEST(GenesisState, an_encoded_state_is_read_back_and_a_part_of_it_is_malformed) {
    const auto genesis = small();
    const auto made = make_genesis_state(machine(), parts(genesis));
    ASSERT_TRUE(made);
    const auto bytes = encode_genesis_state(parts(genesis), **made);

    const auto read = decode_genesis_state(machine(), parts(genesis, bytes));

    ASSERT_TRUE(read && *read);
    EXPECT_EQ((**read)->root(), (*made)->root());
    for (const std::size_t size : {bytes.size() - 1, bytes.size() / 2, std::size_t{180}, std::size_t{172}}) {
        const auto part = decode_genesis_state(machine(), parts(genesis, base::ByteView(bytes).first(size)));
        ASSERT_FALSE(part) << size;
        EXPECT_EQ(part.error().kind, base::Error::Kind::corrupt);
    }
    auto longer = bytes;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(decode_genesis_state(machine(), parts(genesis, longer)));
}

TEST(GenesisState, what_the_genesis_gives_is_in_the_contracts) {
    auto genesis = small();
    genesis.owner = test::profile(2).public_key();
    genesis.stakes.front().reward = 17;
    genesis.stakes.front().owner = test::profile(1).public_key();
    const auto made = make_genesis_state(machine(), parts(genesis));
    ASSERT_TRUE(made) << made.error().text;

    const test::Asked asked(*made);
    EXPECT_TRUE(base::equal(*asked.tip().owner(ledger::kStakeContract), genesis.owner->bytes()));
    std::vector<wire::layouts::StakeItem> stakes;
    ASSERT_TRUE(asked.tip().feed(ledger::kStakeContract, "stakes", {}, [&stakes](base::ByteView item) {
        stakes.push_back(wire::rkyv::unarchive<wire::layouts::StakeItem>(item).value());
        return true;
    }));
    ASSERT_EQ(stakes.size(), 2U) << "the Dusk key has an entry too";
    const auto& stake = stakes[stakes[0].data.amount ? 0 : 1];
    EXPECT_EQ(stake.data.amount->value, 2'000'000'000'000U);
    EXPECT_EQ(stake.data.reward, 17U);
    EXPECT_EQ(std::get<wire::layouts::Key>(stake.keys.owner).bytes, test::profile(1).public_key().raw());
}

TEST(GenesisState, what_no_genesis_may_say_is_refused) {
    const auto refusal = [](const std::function<void(ledger::Genesis&)>& change) {
        auto genesis = small();
        change(genesis);
        const auto made = make_genesis_state(machine(), parts(genesis));
        return made ? "" : made.error().text;
    };
    EXPECT_EQ(refusal([](auto& g) { g.stakes.push_back(g.stakes.front()); }), "an account has two stakes");
    EXPECT_EQ(refusal([](auto& g) {
                  g.accounts.front().balance = UINT64_MAX;
                  g.accounts.push_back(g.accounts.front());
              }),
              "an account's balances add up to more than 2^64 - 1");
}

TEST(GenesisState, contracts_that_are_none_are_refused) {
    auto contracts = vm::genesis_contracts();
    contracts.transfer.resize(100);
    const auto genesis = small();
    const auto made = make_genesis_state(machine(), {genesis, contracts});
    ASSERT_FALSE(made);
    EXPECT_TRUE(made.error().text.starts_with("genesis: transfer_contract.wasm cannot be deployed: "))
        << made.error().text;
}

}  // namespace
}  // namespace rues::chain
