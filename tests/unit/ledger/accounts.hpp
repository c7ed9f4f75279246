#pragma once

#include "crypto/keys.hpp"
#include "ledger/genesis.hpp"

/// The accounts and the transfer of the worked examples in docs/reference/ledger.md 9 and 14.
namespace rues::ledger::test {

inline crypto::SecretKey profile(std::uint64_t n) {
    return crypto::account_key(local_chain_seed(), n);
}

/// docs/reference/ledger.md 14.1: profile 1 pays 77 to profile 0.
inline Moonlight transfer_77() {
    Moonlight tx;
    tx.sender = profile(1).public_key();
    tx.receiver = profile(0).public_key();
    tx.value = 77;
    tx.gas_limit = 500'000'000;
    tx.gas_price = 1;
    tx.nonce = 1;
    return tx;
}

inline Hash32 hash_of(std::string_view hex) {
    return base::array_from_hex<32>(hex).value();
}

}  // namespace rues::ledger::test
