#pragma once

#include "chain/chain.hpp"
#include "chain/mempool.hpp"

/// The checks between a transaction and the mempool, in the node's order and words. LM 3.2, 3.3; rusk-1.7 7.4;
/// decisions 16, 30, 31. Pure.
namespace rues::chain {

struct AdmissionRules {
    std::uint8_t chain_id = 0;
    std::uint64_t min_gas_limit = 75'000;
    std::size_t mempool_capacity = 10'000;
};

/// Everything that comes before the signature; nullopt: only the signature and `check_nonce_gap` are left.
std::optional<Rejection> check_before_signature(const ledger::Transaction& tx, const AdmissionRules& rules,
                                                const Mempool& pool, const ledger::StateReader& state);
std::optional<Rejection> check_nonce_gap(const ledger::Transaction& tx, const Mempool& pool,
                                         const ledger::StateReader& state);

Rejection mempool_full(const ledger::Transaction& tx, const AdmissionRules& rules);
Rejection invalid_signature(const ledger::Transaction& tx);
Rejection undecodable(const ledger::DecodeError& error);

}  // namespace rues::chain
