#pragma once

#include <map>
#include <memory>

#include "ledger/transaction.hpp"

/// The state of the chain as values, what a block changes in it, and the commitment to all of it. Pure.
namespace rues::ledger {

struct Account {
    std::uint64_t nonce = 0;
    std::uint64_t balance = 0;
    friend bool operator==(const Account&, const Account&) = default;
};

struct StakeAmount {
    std::uint64_t value = 0;
    std::uint64_t locked = 0;
    std::uint64_t eligibility = 0;
    friend bool operator==(const StakeAmount&, const StakeAmount&) = default;
};

using StakeOwner = std::variant<AccountKey, ContractId>;

/// An entry of the stake contract's map (docs/reference/ledger.md 6.1). `amount` is missing when only a reward is left.
struct Stake {
    std::optional<StakeAmount> amount;
    std::uint64_t reward = 0;
    std::uint8_t faults = 0;
    std::uint8_t hard_faults = 0;
    StakeOwner owner;
    friend bool operator==(const Stake&, const Stake&) = default;
};

/// Reads the state at one height. When a read fails, it returns the empty value (nullopt or false) and `failed()` stays
/// true from then on. So check `failed()` before you commit or answer anything that depends on a read.
class StateReader {
public:
    virtual ~StateReader() = default;
    /// nullopt when there is no entry. Contracts read a missing entry as zeros, but a payment of 0 creates an entry
    /// (docs/reference/ledger.md 5.2).
    virtual std::optional<Account> account(const AccountKey& key) const = 0;
    /// nullopt when there is no entry.
    virtual std::optional<Stake> stake(const AccountKey& key) const = 0;
    virtual std::optional<std::uint64_t> contract_balance(const ContractId& id) const = 0;
    /// True when a block contains the transaction.
    virtual bool transaction_exists(const TxId& id) const = 0;
    /// True when a read has failed since this reader was made.
    virtual bool failed() const noexcept = 0;
};

/// New values of all entries that a block wrote; nullopt removes the entry.
struct StateChanges {
    std::map<AccountKey, Account> accounts;
    std::map<AccountKey, std::optional<Stake>> stakes;
    std::map<ContractId, std::uint64_t> contract_balances;
    friend bool operator==(const StateChanges&, const StateChanges&) = default;
};

/// @name Stored form of state entries. The disk holds it and the commitment covers it.
/// Key: one tag byte ('a' account, 's' stake, 'c' contract balance), then the id.
/// @{
Bytes state_key(char tag, ByteView id);
Bytes encode(const Account& account);
Bytes encode(const Stake& stake);
Bytes encode_balance(std::uint64_t balance);
std::optional<Account> decode_account(ByteView bytes);
std::optional<Stake> decode_stake(ByteView bytes);
std::optional<std::uint64_t> decode_balance(ByteView bytes);
/// @}

/// Commitment to a set of (key, value) pairs. Entries can be added and removed in any order
/// (docs/reference/differences.md 25). It is the sum of SHAKE128(key ‖ value) over all entries, as 1,024 words mod
/// 2^16: additive homomorphic lattice hashing. To find a collision an attacker must find short lattice vectors; a
/// birthday search is not enough.
class StateCommitment {
public:
    void add(ByteView key, ByteView value);
    void remove(ByteView key, ByteView value);
    Hash32 hash() const;  ///< SHA3-256 of the sum: the header's state_hash
    ByteArray<2048> encode() const;
    static StateCommitment decode(const ByteArray<2048>& bytes);
    friend bool operator==(const StateCommitment&, const StateCommitment&) = default;

private:
    std::array<std::uint16_t, 1024> sum_{};
};

/// The commitment to a state that has exactly these entries.
StateCommitment commitment_of(const StateChanges& state);
/// Applies `changes` to a commitment; `before` gives the old values. Check `before.failed()` afterwards.
void update(StateCommitment& commitment, const StateChanges& changes, const StateReader& before);

}  // namespace rues::ledger
