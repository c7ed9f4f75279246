#pragma once

#include <span>

#include "chain/mempool.hpp"
#include "chain/options.hpp"
#include "chain/verdict.hpp"
#include "ledger/account.hpp"

/// The checks between a transaction and the mempool, in the node's order and words. docs/reference/ledger.md 3.2, 3.3;
/// docs/reference/rusk-1.7.md 7.4; docs/reference/differences.md 16, 30. Pure.
namespace rues::chain {

/// The state that admission reads. A read that fails returns the empty value, and `failed()` stays true from then
/// on.
class AdmissionState {
public:
    virtual ~AdmissionState() = default;
    /// Zeros for an account that nobody paid yet.
    virtual ledger::Account account(const crypto::PublicKey& key) const = 0;
    /// The nullifiers among `nullifiers` that a block has spent, in their order. REQUIRES: scalars.
    virtual std::vector<base::Hash32> spent_nullifiers(std::span<const base::Hash32> nullifiers) const = 0;
    /// True when a block contains the transaction.
    virtual bool transaction_exists(const ledger::TxId& id) const = 0;
    virtual bool failed() const noexcept = 0;
};

/// The facts about the pool that the checks need. A caller that shares the pool locks it only while it collects them.
struct PoolFacts {
    bool has_id = false;
    std::optional<std::uint64_t> rival_price;   ///< highest price of the pooled transactions with one of its spend ids
    std::optional<std::uint64_t> lowest_price;  ///< lowest price in the pool; set only when the pool is full
};
bool is_full(std::size_t transactions, std::size_t bytes, const AdmissionRules& rules);
PoolFacts pool_facts(const ledger::Transaction& tx, const AdmissionRules& rules, const Mempool& pool);

/// Whether the proofs of blobs are checked, which takes milliseconds for each. The answer never changes, so whoever
/// repeats the checks later leaves them out.
enum class Sidecars : std::uint8_t { check, are_checked };

/// Makes every check that comes before the signature or the proof. nullopt: only these, `spend_check` and
/// `check_nonce_gap` are left.
std::optional<Rejection> check_before_signature(const ledger::Transaction& tx, const AdmissionRules& rules,
                                                const PoolFacts& pool, const AdmissionState& state,
                                                Sidecars sidecars = Sidecars::check);
/// Refuses a nonce above `next`, the first nonce that neither the account nor a pooled transaction uses. Phoenix
/// transactions have no nonce, so none is refused.
std::optional<Rejection> check_nonce_gap(const ledger::Transaction& tx, std::uint64_t next);
/// The sender's nonce in `state`. REQUIRES: a Moonlight transaction.
std::uint64_t account_nonce(const ledger::Transaction& tx, const AdmissionState& state);

/// `least`: a gas limit with which the transaction would be executed (docs/reference/differences.md 16).
Rejection too_little_gas(const ledger::Transaction& tx, std::uint64_t least);
Rejection mempool_full(const ledger::Transaction& tx, const AdmissionRules& rules);
Rejection prequeue_full(const ledger::Transaction& tx, std::size_t capacity);
Rejection prequeue_account_full(const ledger::Transaction& tx, std::size_t per_account);
/// The signature, or the proof, is not good.
Rejection invalid_signature(const ledger::Transaction& tx);
Rejection undecodable(const ledger::DecodeError& error);

}  // namespace rues::chain
