#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "chain/execution.hpp"
#include "chain/tip_state.hpp"
#include "gateway/commit.hpp"
#include "gateway/proof.hpp"
#include "store/store.hpp"

/// Executing the followed chain: what a header cannot prove, the machine computes (docs/decisions/0037).
namespace rues::gateway {

/// The contracts at the gateway's tip, and the execution of its next block. The writer of the store calls everything
/// but `state`, which any thread may call.
class Execution {
public:
    /// The contracts of one chain after one block.
    struct At {
        std::uint8_t chain_id = 0;
        std::uint64_t height = 0;
        base::Hash32 hash{};
        std::shared_ptr<const vm::State> state;
    };
    /// `machine` and `queries` outlive it, and every state that it gives away.
    Execution(vm::Machine& machine, chain::Queries& queries, At tip);

    /// Executes a block that `prove` found good, and compares all that a node says of it: gas and error of every
    /// transaction, events with their order and origin, state hash. Then the answer is the machine's own: texts of
    /// failed deployments, which are not the same on every node, are replaced. `is_over` is asked at ticks of the
    /// machine; true ends it with `Broken::unexecuted`, and so do `kTime`, `kWritten`, and a machine whose memory is
    /// full.
    std::expected<void, Fault> check(BlockAnswer& block, const std::function<bool()>& is_over);

    /// The same for the blocks of another branch, whose first one follows block `fork` of the store. `stored` is used
    /// up. A state that cannot be read is `Broken::unexecuted`, too.
    std::expected<void, Fault> check_branch(store::Snapshot& stored, std::uint64_t fork, std::span<NewBlock> branch,
                                            const std::function<bool()>& is_over);

    /// The memory that this child of the tip changes. It has views into the execution, which are valid until the next
    /// call that changes it. A block that was not among the last ones that were found good is checked now.
    base::Result<store::MemoryChanges> changes_of(const BlockAnswer& block);
    /// Takes the state after block `below` of the store. `stored` is used up. Nothing of it shows before `advance`.
    base::Result<void> rewind(store::Snapshot& stored, const ledger::Header& below);
    /// The block whose `changes_of` were asked, or the state of `rewind`, is the tip from now on.
    void advance();

    std::shared_ptr<const chain::TipState> state() const;

    /// Most time that the transactions of one block may take. A network makes blocks in 3 s (`kGenerationTimeout`).
    static constexpr std::chrono::seconds kTime{60};
    /// Most bytes of memory that one transaction may write. A node leaves out a transaction that writes more.
    static constexpr std::uint64_t kWritten = std::uint64_t{1} << 30;

private:
    struct Next {
        base::Hash32 hash{};
        std::uint64_t height = 0;
        vm::Commit commit;
        bool is_other_line = false;  ///< it does not follow from the present state
    };
    using State = std::shared_ptr<const vm::State>;
    std::expected<Next, Fault> run(BlockAnswer& block, const State& state, const std::function<bool()>& is_over);
    base::Result<State> state_after(store::Snapshot& stored, const ledger::Header& block);
    void show(At tip, std::shared_ptr<chain::TipState::Line> line);

    vm::Machine& machine_;
    chain::Queries& queries_;
    At tip_;
    std::vector<Next> ready_;  ///< blocks that were found good, each on the state of the one before it
    /// The state after the block with this hash, where the last checked branch begins.
    std::optional<std::pair<base::Hash32, State>> fork_;
    std::optional<Next> next_;  ///< the tip after `advance`
    mutable std::mutex mutex_;
    std::shared_ptr<const chain::TipState> state_;  ///< under `mutex_`
};

}  // namespace rues::gateway
