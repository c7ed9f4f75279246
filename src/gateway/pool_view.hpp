#pragma once

#include <mutex>
#include <span>

#include "chain/mempool.hpp"
#include "store/store.hpp"

namespace rues::gateway {

/// The mempool of the gateway as its users ask it: next nonces and prices. Nodes say what is in it, and a node may lie,
/// so transactions that no real pool has together are left out. The writer of the store changes it; any thread reads.
class PoolView {
public:
    /// Transactions that are announced and shown. Bytes that are no transaction are left out.
    void add(std::span<const store::PooledTransaction> added);
    void remove(std::span<const ledger::TxId> removed);

    std::uint64_t next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const;
    chain::GasPrice gas_price(std::size_t max) const;

    /// Most transactions, and bytes of them. Later ones are not counted.
    static constexpr std::size_t kMost = 100'000;
    static constexpr std::size_t kMostBytes = std::size_t{256} << 20;

private:
    mutable std::mutex mutex_;
    chain::Mempool pool_;
};

}  // namespace rues::gateway
