#pragma once

#include <mutex>
#include <thread>

#include "chain/chain.hpp"
#include "chain/simulator.hpp"
#include "gateway/beginning.hpp"
#include "gateway/cluster/member.hpp"
#include "gateway/fan_out.hpp"
#include "gateway/follower.hpp"

namespace rues::gateway {

/// The chain of other nodes, in the place of a chain of one's own: it keeps the store equal to theirs and gives
/// transactions to them. It makes no blocks. It has contracts only when it executes the blocks.
///
/// Threads: one follows, executes, and is the only writer of the store; one for each node asks for its tip every
/// `kLook`; verify threads simulate. As `chain::Chain` says, any thread calls the rest.
class FollowedChain final : public chain::Chain {
public:
    struct Parts {
        const chain::Options& rules;  ///< for simulations and calls; it has a `proof_check` when the gateway executes
        const base::Clock& clock;
        base::Log lines;
        net::Executor executor;  ///< may block, and bounds the requests to nodes
        FollowedLog::OnLog on_log;
        std::function<void(std::string)> on_fatal;
    };
    /// Begins as `gateway::begin` says. `nodes`, `store`, `machine` and the clock outlive it.
    static base::Result<std::unique_ptr<FollowedChain>> create(Upstreams& nodes, store::Store& store,
                                                               vm::Machine& machine, const FollowOptions& options,
                                                               Parts parts);
    ~FollowedChain() override { stop(); }

    void start() override;
    void stop() override;
    FollowerReport report() const;
    /// Null: in no cluster.
    const cluster::Member* member() const noexcept { return member_ ? &*member_ : nullptr; }
    /// Whether it executes the blocks, so that `state` has the contracts.
    bool executes() const noexcept { return executed_ != nullptr; }
    /// Whether it executes, and the store has all blocks of the chain.
    bool is_whole() const noexcept { return executes() && is_whole_; }

    void preverify(base::Bytes transaction, chain::OnVerdict done, chain::Wanted wanted) override;
    /// All healthy nodes get it; the first that admits it answers.
    void propagate(base::Bytes transaction, chain::OnVerdict done, chain::Wanted wanted) override;
    void simulate(base::Bytes transaction, chain::Traced traced, chain::Wanted wanted,
                  chain::OnSimulated done) override;

    chain::Tip tip() const override;
    /// A state without contracts, unless it executes.
    std::shared_ptr<const chain::TipState> state() const override;
    /// The mempool is that of a node. A gateway that does not execute knows only the next nonce of the state, and no
    /// price.
    std::uint64_t next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const override;
    chain::GasPrice gas_price(std::size_t max) const override;
    std::size_t mempool_size() const override { return pooled_; }
    chain::ChainStats stats() const override;
    const chain::Parameters& parameters() const noexcept override { return parameters_; }

    void mine(std::uint64_t count, chain::OnNumber done) override;
    void end_mining() override {}
    void reorganise(chain::Reorganisation what, chain::OnReorganised done) override;
    void advance_time(std::uint64_t seconds, chain::OnNumber done) override;

    static constexpr std::chrono::milliseconds kLook{500};

private:
    /// Parts of a gateway that executes.
    struct Executed {
        Executed(chain::Queries& queries, vm::Machine& machine, Execution::At at, const chain::Options& rules);

        Execution execution;
        PoolView pool;
        chain::Verifier verifier;
        chain::Simulator simulator;  ///< `stop` ends the verifier's jobs before this is destroyed
    };

    FollowedChain(Upstreams& nodes, vm::Machine& machine, Begun begun, Parts parts);
    void sit(const Seat& seat);
    void watch(std::size_t node, const std::stop_token& stop);
    void follow(const std::stop_token& stop);
    void reported(const FollowerReport& report);
    void show_tip();

    Upstreams& nodes_;
    const base::Clock& clock_;
    const base::Log lines_;
    const net::Executor executor_;
    const std::function<void(std::string)> on_fatal_;
    const bool is_whole_;
    chain::Parameters parameters_;
    chain::Queries queries_;
    std::shared_ptr<const chain::TipState> no_state_;
    std::unique_ptr<Executed> executed_;  ///< null: it does not execute
    std::optional<FollowedLog> log_;      ///< the following thread's
    std::atomic<std::size_t> pooled_{0};
    mutable std::mutex view_mutex_;
    chain::Tip tip_;
    FollowerReport report_;
    std::optional<cluster::Member> member_;
    std::vector<std::jthread> threads_;
};

}  // namespace rues::gateway
