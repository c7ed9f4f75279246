#pragma once

#include <mutex>

#include "chain/admission.hpp"
#include "chain/mempool.hpp"
#include "chain/prequeue.hpp"

/// Changing the mempool: what enters, what it pushes out, what waits outside for its turn, and what clients hear of all
/// that. LM 3.4; rusk-1.7 7.4, 7.5.
namespace rues::chain {

struct PoolCounters {
    std::uint64_t admitted = 0;
    std::uint64_t deferred = 0;  ///< staged, their nonce leaves a gap
    std::uint64_t dropped = 0;   ///< staged ones that were given up, replaced or pushed out, or came too late
    std::uint64_t removed = 0;   ///< replaced, evicted or expired
};

/// Changes of one commit: makes them in memory, where each sees the ones before it, and collects what the store is to
/// write. Entries leave the pool before the commit that says so: should it fail, nothing is served from this pool any
/// more. Chain thread only; others read the mempool under `view`, which is held for single changes only.
class PoolUpdate {
public:
    struct Now {
        std::uint64_t tip = 0;      ///< height
        std::uint64_t unix_ms = 0;  ///< stored with what enters the pool, for its age after a restart
        Mempool::Time steady{};
    };
    PoolUpdate(Mempool& pool, Prequeue& prequeue, std::mutex& view, const AdmissionRules& rules,
               const ledger::StateReader& state, Now now)
        : pool_(pool), prequeue_(prequeue), view_(view), rules_(rules), state_(state), now_(now) {}

    /// Checks again whatever may have changed since the signature was verified, then admits `tx` and those staged ones
    /// that directly follow it, or stages it. Its id means 202.
    Verdict submit(ledger::Transaction tx);
    /// Tries staged transactions whose time has come.
    void retry();
    /// What entered at `until` or before leaves, with what can only follow it.
    void expire(Mempool::Time until);

    bool empty() const noexcept { return commit_.added.empty() && commit_.removed.empty() && commit_.events.empty(); }
    store::MempoolCommit take();
    const PoolCounters& counters() const noexcept { return counters_; }

private:
    std::optional<Rejection> check(const ledger::Transaction& tx) const;
    std::optional<Rejection> check_gap(const ledger::Transaction& tx) const;
    /// After all checks.
    std::optional<Rejection> insert(ledger::Transaction tx);
    std::optional<std::vector<ledger::TxId>> victims(const ledger::Transaction& better) const;
    void drain(Prequeue::Key last);
    Verdict stage(ledger::Transaction tx);
    void remove(const std::vector<ledger::TxId>& ids);
    void remove(const ledger::TxId& id, ledger::Event told);
    void drop(const ledger::TxId& id, std::string_view reason);
    void drop(ledger::Event told);

    Mempool& pool_;
    Prequeue& prequeue_;
    std::mutex& view_;
    const AdmissionRules& rules_;
    const ledger::StateReader& state_;
    const Now now_;
    store::MempoolCommit commit_;
    PoolCounters counters_;
};

}  // namespace rues::chain
