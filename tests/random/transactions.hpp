#pragma once

#include <functional>
#include <string>

#include "chain/tip_state.hpp"
#include "ledger/transaction.hpp"
#include "unit/chain/fixtures.hpp"
#include "wire/layouts.hpp"

/// Makes transactions of every kind that Moonlight has, right ones and wrong ones.
namespace rues::chain::test {

/// Keys of the accounts of random chains. The first three have funds from the genesis.
const crypto::SecretKey& random_key(std::size_t number);

inline constexpr std::size_t kRandomKeys = 8;          ///< accounts that are used again
inline constexpr std::uint64_t kDusk = 1'000'000'000;  ///< lux
inline constexpr std::uint64_t kLimit = 20'000'000;
inline constexpr std::uint64_t kDearLimit = 120'000'000;  ///< enough for signatures and notes

/// A transaction before it is signed.
struct Draft {
    std::string kind;  ///< for messages
    std::size_t signer = 0;
    ledger::Moonlight body;

    ledger::Transaction sign() const { return ledger::sign(body, random_key(signer)); }
};

/// The same seed, asked in the same states, gives the same transactions.
class RandomTransactions {
public:
    explicit RandomTransactions(std::uint64_t seed) : random_(seed) {}

    /// `next_nonce`: of the account with this number of a key.
    Draft next(const TipState& tip, const std::function<std::uint64_t(std::size_t)>& next_nonce);
    /// A call of a contract of generated code that is there at the tip. nullopt: there is none.
    struct Call {
        ledger::ContractId contract{};
        std::string function;
        base::Bytes argument;
    };
    std::optional<Call> feeder(const TipState& tip);
    std::uint64_t below(std::uint64_t limit) { return random_.next() % limit; }
    bool percent(std::uint64_t chance) { return below(100) < chance; }

private:
    using Bytes = base::Bytes;

    /// SplitMix64: the same numbers with every library.
    class Numbers {
    public:
        explicit Numbers(std::uint64_t seed) : state_(seed) {}
        std::uint64_t next() {
            std::uint64_t z = state_ += 0x9e37'79b9'7f4a'7c15;
            z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
            z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
            return z ^ (z >> 31);
        }

    private:
        std::uint64_t state_;
    };
    void look_at(const TipState& tip);
    void transfer(Draft& draft);
    void memo(Draft& draft);
    void transfer_contract(Draft& draft);
    void convert(Draft& draft);
    void stake(Draft& draft);
    void unstake(Draft& draft, const TipState& tip);
    void withdraw_reward(Draft& draft, const TipState& tip);
    void take_from_stake(Draft& draft, std::string function, std::size_t account, std::uint64_t value);
    void deploy(Draft& draft);
    void deployed(Draft& draft);
    void deployed_money(Draft& draft, const TipState& tip);
    void contract_stake(Draft& draft, const TipState& tip);
    void begin_contract_stake(Draft& draft, const ledger::ContractId& self, std::size_t account, std::uint64_t value);
    void take_over(Draft& draft, const TipState& tip);

    void call(Draft& draft, Call call);
    Call leaf();
    Call tree(unsigned depth);
    /// The argument of the contract's `call`, `must` and `pair` for this call.
    Bytes nested(const Call& call);
    std::optional<wire::layouts::StakeData> stake_of(const TipState& tip, std::size_t key) const;
    std::uint64_t balance_of(const TipState& tip, const ledger::ContractId& contract) const;
    ledger::ContractId contract();
    ledger::ContractId generated_contract();
    Call generated_leaf();
    std::size_t any_key();
    std::uint64_t dusk(std::uint64_t most) { return below(most * 1'000'000'000); }
    Bytes bytes(std::size_t most);

    Numbers random_;
    std::vector<ledger::ContractId> contracts_;  ///< that deployments would make, whether they succeeded or not
    std::vector<ledger::ContractId> live_;       ///< of these, those that are there
    std::vector<ledger::ContractId> generated_;  ///< the same for contracts of generated code
    std::vector<ledger::ContractId> live_generated_;
    std::vector<ledger::Deploy> deployments_;
    std::size_t new_accounts_ = 0;
    unsigned take_over_ = 0;  ///< steps that are left
};

}  // namespace rues::chain::test
