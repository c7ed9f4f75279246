#pragma once

#include <functional>
#include <mutex>

#include "chain/admission.hpp"
#include "chain/mempool.hpp"
#include "chain/prequeue.hpp"
#include "store/store.hpp"

/// Changes of the mempool: admission, eviction, staging and expiry, and the events of all these.
/// docs/reference/ledger.md 3.4; docs/reference/rusk-1.7.md 7.4, 7.5.
namespace rues::chain {

struct PoolCounters {
    std::uint64_t admitted = 0;
    std::uint64_t deferred = 0;  ///< staged, because their nonce leaves a gap
    std::uint64_t dropped = 0;   ///< staged transactions that were given up, replaced or pushed out, or came too late
    std::uint64_t removed = 0;   ///< replaced, evicted or expired
};

/// Collects the changes of one commit. It makes each change in memory at once, so that the next one sees it, and lists
/// what the store must write. Entries leave the pool before they are removed from the store; if that commit fails, this
/// pool serves nothing any more. Chain thread only. Other threads read the mempool under `view`, which is held for
/// single changes only.
class PoolUpdate {
public:
    struct Now {
        std::uint64_t tip = 0;      ///< height
        std::uint64_t unix_ms = 0;  ///< stored with each transaction that enters the pool, for its age after a restart
        Mempool::Time steady{};
    };
    PoolUpdate(Mempool& pool, Prequeue& prequeue, std::mutex& view, const AdmissionRules& rules,
               const AdmissionState& state, Now now)
        : pool_(pool), prequeue_(prequeue), view_(view), rules_(rules), state_(state), now_(now) {}

    /// Repeats every check whose result may have changed since the signature was verified. Then it admits `tx` and the
    /// staged transactions that directly follow it, or stages it when its nonce leaves a gap. The id means 202.
    Verdict submit(ledger::Transaction tx);
    /// Tries again the staged transactions that are due.
    void retry();
    /// Removes every transaction that entered at `until` or before, with its followers: those that can only be executed
    /// after it.
    void expire(Mempool::Time until);

    /// Takes in a transaction of a block that was taken back, without `included`. The reason why the mempool cannot
    /// hold it; then it is `dropped` and `removed`. nullopt: it is there.
    std::optional<std::string> put_back(ledger::Transaction tx);
    /// The same end for a transaction of such a block that cannot be tried.
    void give_up(const ledger::TxId& id, std::string_view reason);
    /// Removes the transactions that cannot follow the state any more, such as those behind a missing nonce.
    void remove_unless(const std::function<bool(const ledger::Transaction&)>& holds);

    bool empty() const noexcept { return commit_.added.empty() && commit_.removed.empty() && commit_.events.empty(); }
    /// What the store must write. Call it once, when all changes are made.
    store::MempoolCommit take();
    const PoolCounters& counters() const noexcept { return counters_; }

private:
    std::optional<Rejection> check(const ledger::Transaction& tx) const;
    std::optional<Rejection> check_gap(const ledger::Transaction& tx) const;
    /// Puts `tx`, which passed all checks, into the pool in place of its cheaper rivals or of the victims. A rejection:
    /// the pool is full.
    enum class Published : std::uint8_t { included, nothing };
    std::optional<Rejection> insert(ledger::Transaction tx, Published what = Published::included);
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
    const AdmissionState& state_;
    const Now now_;
    store::MempoolCommit commit_;
    PoolCounters counters_;
};

}  // namespace rues::chain
