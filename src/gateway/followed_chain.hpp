#pragma once

#include <mutex>
#include <thread>

#include "chain/chain.hpp"
#include "gateway/cluster/member.hpp"
#include "gateway/fan_out.hpp"
#include "gateway/follower.hpp"

namespace rues::gateway {

/// The place of this gateway in a cluster.
struct Seat {
    cluster::Bus* bus = nullptr;  ///< outlives the chain
    cluster::LogBegin begin;      ///< of the cluster's log; the store has its epoch
    cluster::Member::Options member;
};

struct FollowOptions {
    std::uint64_t from = 0;      ///< the block after which a new store begins, outside of a cluster
    std::optional<Seat> seat{};  ///< nullopt: in no cluster
};

/// The chain of other nodes, in the place of a chain of one's own: it keeps the store equal to theirs and gives
/// transactions to them. It has no contracts and makes no blocks.
///
/// Threads: one follows and is the only writer of the store; one for each node asks for its tip every `kLook`. As
/// `chain::Chain` says, any thread calls the rest.
class FollowedChain final : public chain::Chain {
public:
    /// A new store gets its first block from the nodes: it waits `kFirstWait` (first_block.hpp) at most until one of
    /// them answers. All that answer must agree on it. The error says what is wrong with the store, or with the nodes.
    /// `nodes`, `store`, `machine` and `clock` outlive it; `executor` may block and bounds the requests to nodes.
    static base::Result<std::unique_ptr<FollowedChain>> create(Upstreams& nodes, store::Store& store,
                                                               vm::Machine& machine, const FollowOptions& options,
                                                               const base::Clock& clock, base::Log log,
                                                               net::Executor executor, FollowedLog::OnLog on_log,
                                                               std::function<void(std::string)> on_fatal);
    ~FollowedChain() override { stop(); }

    void start() override;
    void stop() override;
    FollowerReport report() const;
    /// Null: in no cluster.
    const cluster::Member* member() const noexcept { return member_ ? &*member_ : nullptr; }

    void preverify(base::Bytes transaction, chain::OnVerdict done, chain::Wanted wanted) override;
    /// All healthy nodes get it; the first that admits it answers.
    void propagate(base::Bytes transaction, chain::OnVerdict done, chain::Wanted wanted) override;
    void simulate(base::Bytes transaction, chain::Traced traced, chain::Wanted wanted,
                  chain::OnSimulated done) override;

    chain::Tip tip() const override;
    /// A state without contracts.
    std::shared_ptr<const chain::TipState> state() const override { return state_; }
    /// The mempool is that of the nodes, so only the next nonce of the state is known.
    std::uint64_t next_nonce(const ledger::AccountKey&, std::uint64_t nonce) const override { return nonce + 1; }
    chain::GasPrice gas_price(std::size_t) const override { return {}; }
    std::size_t mempool_size() const override { return pooled_; }
    chain::ChainStats stats() const override { return {.mempool = pooled_}; }
    const chain::Parameters& parameters() const noexcept override { return parameters_; }

    void mine(std::uint64_t count, chain::OnNumber done) override;
    void end_mining() override {}
    void reorganise(chain::Reorganisation what, chain::OnReorganised done) override;
    void advance_time(std::uint64_t seconds, chain::OnNumber done) override;

    static constexpr std::chrono::milliseconds kLook{500};

private:
    FollowedChain(Upstreams& nodes, vm::Machine& machine, FollowedLog log, std::uint8_t chain_id,
                  const base::Clock& clock, base::Log lines, net::Executor executor,
                  std::function<void(std::string)> on_fatal);
    void sit(const Seat& seat);
    void watch(std::size_t node, const std::stop_token& stop);
    void follow(const std::stop_token& stop);
    void reported(const FollowerReport& report);

    Upstreams& nodes_;
    FollowedLog log_;  ///< the following thread's
    const base::Clock& clock_;
    const base::Log lines_;
    const net::Executor executor_;
    const std::function<void(std::string)> on_fatal_;
    chain::Parameters parameters_;
    chain::Queries queries_;
    std::shared_ptr<const chain::TipState> state_;
    std::atomic<std::size_t> pooled_{0};
    mutable std::mutex view_mutex_;
    chain::Tip tip_;
    FollowerReport report_;
    std::optional<cluster::Member> member_;
    std::vector<std::jthread> threads_;
};

}  // namespace rues::gateway
