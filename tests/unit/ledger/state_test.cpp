#include "ledger/state.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "accounts.hpp"

namespace rues::ledger {
namespace {

using base::to_hex;
using test::profile;

/// A state in memory.
class MapState final : public StateReader {
public:
    StateChanges all;

    std::optional<Account> account(const AccountKey& key) const override { return find(all.accounts, key); }
    std::optional<Stake> stake(const AccountKey& key) const override {
        return find(all.stakes, key).value_or(std::nullopt);
    }
    std::optional<std::uint64_t> contract_balance(const ContractId& id) const override {
        return find(all.contract_balances, id);
    }
    bool transaction_exists(const TxId&) const override { return false; }
    bool failed() const noexcept override { return false; }

    void apply(const StateChanges& changes) {
        for (const auto& [key, account] : changes.accounts) all.accounts[key] = account;
        for (const auto& [id, balance] : changes.contract_balances) all.contract_balances[id] = balance;
        for (const auto& [key, stake] : changes.stakes) {
            if (stake) {
                all.stakes[key] = stake;
            } else {
                all.stakes.erase(key);
            }
        }
    }

private:
    template <typename Map>
    static std::optional<typename Map::mapped_type> find(const Map& map, const typename Map::key_type& key) {
        const auto at = map.find(key);
        return at == map.end() ? std::nullopt : std::optional(at->second);
    }
};

AccountKey account_key(std::uint8_t n) {
    AccountKey key{};
    key[0] = static_cast<std::byte>(n);
    return key;
}

/// Few keys and small values, so that entries are often changed again, removed, and set to their old value.
StateChanges any_changes() {
    const auto number = [] { return *rc::gen::inRange<std::uint64_t>(0, 3); };
    const auto key = [] { return account_key(*rc::gen::inRange<std::uint8_t>(0, 4)); };
    StateChanges out;
    for (auto n = number(); n > 0; --n) out.accounts[key()] = {number(), number()};
    for (auto n = number(); n > 0; --n) out.contract_balances[kStakeContract] = number();
    for (auto n = number(); n > 0; --n) {
        auto& entry = out.stakes[key()];
        if (*rc::gen::arbitrary<bool>()) entry = Stake{StakeAmount{number(), 0, 0}, number(), 0, 0, key()};
    }
    return out;
}

TEST(State, every_stored_entry_is_read_back) {
    const Stake with_amount{StakeAmount{1, 2, 3}, 4, 5, 6, profile(0).public_key().bytes()};
    const Stake of_contract{std::nullopt, 4, 0, 0, kStakeContract};

    EXPECT_EQ(decode_stake(encode(with_amount)), with_amount);
    EXPECT_EQ(decode_stake(encode(of_contract)), of_contract);
    EXPECT_EQ(decode_account(encode(Account{7, 8})), (Account{7, 8}));
    EXPECT_EQ(decode_balance(encode_balance(9)), 9U);
}

TEST(State, bytes_of_another_length_are_not_an_entry) {
    for (Bytes bytes : {encode(Stake{StakeAmount{1, 2, 3}, 4, 5, 6, profile(0).public_key().bytes()}),
                        encode(Stake{std::nullopt, 4, 0, 0, kStakeContract})}) {
        for (std::size_t length = 0; length < bytes.size(); ++length)
            EXPECT_FALSE(decode_stake(ByteView(bytes).first(length))) << length;
        bytes.push_back(std::byte{0});
        EXPECT_FALSE(decode_stake(bytes));
    }
    EXPECT_FALSE(decode_account(Bytes(15)));
    EXPECT_FALSE(decode_account(Bytes(17)));
    EXPECT_FALSE(decode_balance(Bytes(7)));
}

// docs/formats/state.md; computed with Python's hashlib.
TEST(StateCommitment, the_hash_equals_the_vector_of_the_format_page) {
    StateCommitment commitment;
    EXPECT_EQ(to_hex(commitment.hash()), "463c61ad03873aa9e82581205205acc3d3c8346c7037c43e4e241ee529f2dc27");
    commitment.add(state_key('a', profile(0).public_key().bytes()), encode(Account{0, 1'001'000'000'000'000}));
    EXPECT_EQ(to_hex(commitment.hash()), "df7dd60172a1af6fd8a8c207df633edf3754a9d3d8bde5745414212c4655f41f");
    commitment.add(state_key('c', kStakeContract), encode_balance(2'000'000'000'000));
    EXPECT_EQ(to_hex(ByteView(commitment.encode()).first(16)), "409f95ebd59db2a01bad4713e296d1e2");
    EXPECT_EQ(to_hex(commitment.hash()), "8bd8e5fb63c6b05e1aaadc34da222f93814d6ce5819c0ac9662ae0c13fa34f16");
}

TEST(StateCommitment, the_commitment_does_not_depend_on_order_and_removal_undoes_addition) {
    const auto a = base::view("a");
    const auto b = base::view("b");
    StateCommitment one;
    one.add(a, b);
    one.add(b, a);
    StateCommitment other;
    other.add(b, a);
    other.add(a, a);
    other.add(a, b);
    other.remove(a, a);

    EXPECT_EQ(one, other);
    EXPECT_EQ(StateCommitment::decode(one.encode()), one);
    EXPECT_NE(one.hash(), StateCommitment().hash());
}

TEST(StateCommitment, updating_block_by_block_gives_the_commitment_of_the_final_state) {
    const bool held = rc::check([] {
        MapState state;
        StateCommitment followed;
        for (int block = 0; block < 6; ++block) {
            const StateChanges changes = any_changes();
            update(followed, changes, state);
            state.apply(changes);
        }
        StateCommitment at_once;
        update(at_once, state.all, MapState());
        RC_ASSERT(followed == at_once);
    });
    EXPECT_TRUE(held);
}

}  // namespace
}  // namespace rues::ledger
