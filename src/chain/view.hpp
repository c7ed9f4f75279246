#pragma once

#include "chain/gas_price.hpp"
#include "chain/options.hpp"
#include "chain/tip_state.hpp"
#include "ledger/transaction.hpp"

namespace rues::chain {

using base::Hash32;

/// For metrics and status pages.
struct ChainStats {
    std::size_t mempool = 0;         ///< transactions
    std::size_t staged = 0;          ///< transactions with a gap before their nonce, at most `future_nonces`
    std::size_t verify_waiting = 0;  ///< transactions that wait for a verify thread, at most `verify_queue`
    // Counted since the start:
    std::uint64_t admitted = 0;
    std::uint64_t deferred = 0;  ///< staged
    /// Staged transactions that were given up, and pooled ones that the block builder discarded.
    std::uint64_t dropped = 0;
    std::uint64_t removed = 0;  ///< replaced, evicted or expired
    std::uint64_t simulated = 0;
};

struct Tip {
    std::uint64_t height = 0;
    Hash32 hash{};
    std::uint64_t timestamp = 0;
};

/// Shows the chain as it is now. Any thread may call every function. It takes a short lock and never waits for I/O.
/// Each answer is up to date by itself, but two calls may see two different moments.
class View {
public:
    virtual ~View() = default;

    virtual Tip tip() const = 0;
    /// The contracts at the tip. Never null. The chain must outlive it.
    virtual std::shared_ptr<const TipState> state() const = 0;
    /// The first nonce above `nonce` that no pooled transaction of `account` uses. `nonce` is the account's nonce in
    /// the state. While `state()` is the same before and after the call, `nonce` was not old: a block changes the state
    /// and the mempool at once.
    virtual std::uint64_t next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const = 0;
    /// Prices over the `max` best-paying pooled transactions.
    virtual GasPrice gas_price(std::size_t max) const = 0;
    virtual std::size_t mempool_size() const = 0;
    virtual ChainStats stats() const = 0;
    /// They do not change while the chain lives.
    virtual const Parameters& parameters() const noexcept = 0;
};

}  // namespace rues::chain
