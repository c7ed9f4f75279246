#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "chain/chain.hpp"
#include "chain/finality.hpp"
#include "chain/pool_update.hpp"
#include "chain/simulator.hpp"
#include "chain/tip_admission.hpp"
#include "chain/verifier.hpp"

namespace rues::chain {

/// The one implementation of `Chain`. The functions that any thread may call are in chain.cpp, those of the chain
/// thread in chain_thread.cpp.
///
/// Lock order: `commands_mutex_` and `view_mutex_` are never held together; neither is held across I/O or a callback.
class LocalChain final : public Chain {
public:
    LocalChain(store::Store& store, vm::Machine& machine, Options options, base::Clock& clock, base::Log log,
               std::function<void(store::LogBatch)> on_log, std::function<void(std::string)> on_fatal);
    ~LocalChain() override { stop(); }
    /// Opens or begins the store's chain and restores the mempool. Call it once, before `start`.
    base::Result<void> load(const GenesisParts& genesis);

    void start() override;
    void stop() override;
    void preverify(Bytes transaction, OnVerdict done, Wanted wanted = {}) override;
    void propagate(Bytes transaction, OnVerdict done, Wanted wanted = {}) override;
    void simulate(Bytes transaction, Traced traced, Wanted wanted, OnSimulated done) override;
    void mine(std::uint64_t count, OnNumber done) override;
    void end_mining() override;
    void reorganise(Reorganisation what, OnReorganised done) override;
    void advance_time(std::uint64_t seconds, OnNumber done) override;

    Tip tip() const override;
    std::shared_ptr<const TipState> state() const override;
    std::uint64_t next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const override;
    GasPrice gas_price(std::size_t max) const override;
    std::size_t mempool_size() const override;
    ChainStats stats() const override;
    const Parameters& parameters() const noexcept override { return parameters_; }

private:
    using Time = std::chrono::steady_clock::time_point;

    /// Commands for the chain thread.
    struct Admit {
        ledger::Transaction tx;
        OnVerdict done;
        Wanted wanted;
    };
    struct Mine {
        std::uint64_t left;  ///< blocks
        OnNumber done;
    };
    struct AdvanceTime {
        std::uint64_t seconds;
        OnNumber done;
    };
    struct Reorganise {
        std::uint64_t depth = 0;
        std::vector<std::vector<ledger::Transaction>> replace;  ///< all well signed
        bool may_take_final = true;
        OnReorganised done;
    };
    using Command = std::variant<Admit, Mine, AdvanceTime, Reorganise>;
    static std::size_t bytes_of(const Command& command) {
        if (const auto* order = std::get_if<Reorganise>(&command)) {
            std::size_t out = 0;
            for (const auto& block : order->replace) {
                for (const auto& tx : block) out += tx.size();
            }
            return out;
        }
        const auto* admit = std::get_if<Admit>(&command);
        return admit != nullptr ? admit->tx.size() : 0;
    }
    static constexpr std::size_t kMaxCommands = 16'384;  // more than the verifier has under way at most
    static constexpr std::size_t kMaxOrders = 1'024;     // orders of `mine` that are under way

    base::Result<void> begin(const GenesisParts& genesis);
    base::Result<SharedState> load_state(const GenesisParts& genesis);
    base::Result<void> load_pool();
    bool is_current(const ledger::Transaction& tx, const AdmissionState& state) const;
    milliseconds age_of(const store::PooledTransaction& stored) const;
    /// The state at the present tip, for admission.
    TipAdmission admission() const { return {state(), store_.snapshot()}; }
    std::optional<Rejection> before_signature(const ledger::Transaction& tx) const;
    /// The checks that need a good signature: they cost a sender what they cost us.
    std::optional<Rejection> after_signature(const ledger::Transaction& tx) const;
    std::optional<Rejection> nonce_gap(const ledger::Transaction& tx) const;
    void push(Command command);
    void refuse(Command command, std::string why);
    void refuse_all();

    std::uint64_t unix_ms() const { return base::unix_ms(clock_.wall()); }
    /// The chain's clock, which `advance_time` may have moved ahead of the wall clock.
    std::uint64_t now_seconds() const { return unix_ms() / 1000 + ahead_seconds_; }

    // --- chain thread only, in chain_thread.cpp ---
    void run();
    void handle(std::deque<Command> commands);
    void admit(std::vector<Admit> waiting);
    void take_order(Mine order);
    void make_ordered_block();
    void advance(AdvanceTime by);
    PoolUpdate pool_update(const AdmissionState& state);
    bool write(const store::MempoolCommit& changes);
    bool commit(PoolUpdate& update);
    void drop_stale();
    void retry_staged();
    void expire();
    bool seal_one();
    bool seal_block(std::vector<const Mempool::Entry*> candidates, bool is_bounded);

    // --- the same, in reorganising.cpp ---
    void reorganise(Reorganise order);
    std::optional<Rejection> depth_error(const Reorganise& order) const;
    std::expected<Reorganised, Rejection> take_back(const Reorganise& order);
    bool make_blocks(std::vector<std::vector<ledger::Transaction>> blocks);
    base::Result<void> load_finality(const store::Snapshot& stored);
    bool due(Time now);
    Time next_wake(Time now) const;
    void fail(const base::Error& error);
    void published(store::LogBatch batch) {
        if (batch && !batch->empty()) on_log_(std::move(batch));
    }
    /// The answers after the store failed, and while the node stops.
    static std::unexpected<Rejection> broken() {
        return std::unexpected(Rejection{Rejection::Kind::failed, kUnwritable});
    }
    static std::unexpected<Rejection> stopping() {
        return std::unexpected(Rejection{Rejection::Kind::full, kStopping});
    }
    ContractLog* lines_of_contracts() { return machine_.contract_log() ? &contract_log_ : nullptr; }
    /// A transaction may be in a block if it entered the pool at this time or before.
    Time eligible_until() const { return clock_.steady() - options_.eligible_after; }

    store::Store& store_;
    vm::Machine& machine_;
    const Options options_;
    const Parameters parameters_;
    base::Clock& clock_;
    base::Log log_;
    std::function<void(store::LogBatch)> on_log_;
    std::function<void(std::string)> on_fatal_;
    crypto::PublicKey generator_;
    std::atomic<bool> dead_{false};
    std::atomic<bool> mining_ended_{false};
    ContractLog contract_log_;
    Queries queries_;

    // Chain thread only:
    store::MempoolCommit stale_;       // removals of stored transactions that cannot be executed any more
    std::uint64_t ahead_seconds_ = 0;  ///< how far the chain's clock is ahead of the wall clock
    Prequeue prequeue_;
    std::deque<Mine> orders_;  ///< orders under way; the first one gets the next block
    Time last_seal_{};
    RollingFinality finality_;  ///< instant mode seals empty blocks until every transaction is final
    /// The timestamp of the next block is not less. A block that replaces another one is made later, so that it never
    /// has the same hash.
    std::uint64_t least_timestamp_ = 0;

    mutable std::mutex view_mutex_;
    // Under `view_mutex_`. Only the chain thread changes them (before `start`: `load`), so it may read them without the
    // lock:
    Mempool pool_;
    ledger::Header tip_;
    std::shared_ptr<const TipState> state_;
    ChainStats stats_;

    // Under `commands_mutex_`: `commands_`, `command_bytes_` and `stopping_`.
    std::mutex commands_mutex_;
    std::condition_variable wake_;
    std::deque<Command> commands_;
    std::size_t command_bytes_ = 0;  ///< of the transactions in `commands_`
    bool stopping_ = false;
    std::jthread thread_;
    Verifier verifier_;
    Simulator simulator_;  ///< `stop` ends the verifier's jobs before this is destroyed
};

}  // namespace rues::chain
