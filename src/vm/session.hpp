#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/event.hpp"
#include "vm/call_trace.hpp"
#include "vm/host_queries.hpp"
#include "vm/machine.hpp"
#include "vm/state.hpp"

namespace rues::vm {

/// What contracts can learn of the chain.
struct Environment {
    std::uint8_t chain_id = 0;
    std::uint64_t height = 0;
    HardFork fork = HardFork::boreas;  ///< decides prices and schemes of host queries
    /// The session that makes the genesis: contracts read the height as an i32 0 (docs/reference/machine.md 1.2, `hd`).
    bool genesis = false;
};

/// The version under which proofs are checked at this height of this chain: V3 from Aegis on; before, V1 or V2 by the
/// chain (docs/reference/rusk-1.7.md 7.2).
plonk::Version plonk_version(const Environment& environment) noexcept;

/// Bounds of a session that makes a block. Gas bounds the time, except of bulk operations on memory, which cost nothing
/// for each byte (docs/reference/machine.md 2.1): a node that makes blocks may leave out a transaction that takes too
/// long; one that follows others must not.
struct BlockLimits {
    std::function<bool()> stop{};                           ///< as QueryLimits::stop
    std::uint64_t written_bytes = std::uint64_t{1} << 30U;  ///< that calls may write to contracts between two keep()
};

/// Bounds of a session that only reads.
struct QueryLimits {
    /// Asked at every tick of the machine while code runs; true ends the call with Failure::Kind::deadline. Called on
    /// the thread of the call. Time that a sink waits for its client is not counted by anybody but this function.
    std::function<bool()> stop{};
    /// Bytes that the calls may write to the memories of all contracts, and that each of these may grow by.
    std::uint64_t written_bytes = std::uint64_t{64} << 20U;
};

/// Texts of `Failure` by which a caller can tell two mistakes of its own from other failures of a contract.
inline constexpr std::string_view kNoFunction = "no such function";
inline constexpr std::string_view kMissingFeed = "Missing feed";

struct Failure {
    enum class Kind : std::uint8_t {
        panic,  ///< the contract's own text
        out_of_gas,
        does_not_exist,  ///< no such contract
        unknown,         ///< every other way for a contract to fail
        deadline,        ///< `stop` of the session's limits said so
        too_many_pages,  ///< the session wrote more than it may, or the machine's memory is full
    };
    Kind kind = Kind::unknown;
    std::string text;  ///< of `panic`, the contract's; else for people
    /// As a node writes it: `Panic: text`, `OutOfGas`, `Contract does not exist`, `Unknown`.
    std::string to_string() const;
};

struct Receipt {
    Bytes data;
    std::uint64_t gas_spent = 0;
    std::vector<ledger::ContractEvent> events;  ///< without reverted ones; `origin` is for the caller to fill
};

/// Why a contract was not deployed.
struct DeployFailure {
    /// `deadline` and `too_many_pages` are no outcome of the deployment: the session was stopped, or is too small for
    /// it.
    Failure::Kind kind = Failure::Kind::unknown;
    /// The node's Debug text of the error, as it stands behind `failed deployment: `: `OutOfGas`, `Panic("text")`,
    /// `InvalidFunction("name")`, ... (docs/reference/machine.md 1.6). Of those two kinds: for people.
    std::string debug;
};

/// Asked before each nested call. A text refuses the call: the caller gets it as a panic, free of charge.
using Hook =
    std::function<std::optional<std::string>(const ContractId& callee, std::string_view function, ByteView argument)>;

/// Takes what a feeder feeds, in order. False ends the call (the client left).
using Sink = std::function<bool(ByteView)>;

/// Takes a line that a contract logs with `hdebug`; UTF-8 of at most `Session::kArgumentBytes`.
using ContractLines = std::function<void(const ContractId& contract, std::string_view line)>;

/// A page that a session wrote.
struct WrittenPage {
    ContractId contract{};
    std::uint32_t number = 0;
    Page page;
    std::uint16_t changed = 0;  ///< as Sealed::changed
};

struct Resized {
    ContractId contract{};
    std::uint32_t size_pages = 0;
};

/// What a block changed. Each list is in ascending order of contract ids and pages.
struct Commit {
    std::shared_ptr<const State> state;
    std::vector<WrittenPage> pages;
    std::vector<ContractId> deployed;
    std::vector<Resized> resized;  ///< contracts whose memory has another size than before, new ones included
};

struct SessionInside;

/// Calls on a state. One thread. Nothing of it is visible until `commit`; a session that is dropped leaves no trace.
class Session {
public:
    /// Of a block: its calls change what `commit` makes.
    static Session of_block(Machine& machine, std::shared_ptr<const State> state, const Environment& environment,
                            BlockLimits limits = {});
    /// Of a query: cannot commit.
    static Session of_query(Machine& machine, std::shared_ptr<const State> state, const Environment& environment,
                            QueryLimits limits = {});
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    static constexpr std::size_t kArgumentBytes = 65'536;
    static constexpr std::size_t kMaxDepth = 48;

    /// Calls a contract's function. A call that fails leaves no trace. `init` cannot be called.
    std::expected<Receipt, Failure> call(const ContractId& id, std::string_view function, ByteView argument,
                                         std::uint64_t gas_limit);
    /// The same with a sink for what the contract feeds.
    std::expected<Receipt, Failure> feed(const ContractId& id, std::string_view function, ByteView argument,
                                         std::uint64_t gas_limit, const Sink& sink);
    /// Deploys a contract and calls its `init`, if it has one. A failure leaves no trace.
    std::expected<Receipt, DeployFailure> deploy(const ContractId& id, ByteView code, ByteView owner,
                                                 std::optional<ByteView> init_argument, std::uint64_t gas_limit);

    /// Host data `public_sender`: the rkyv form of an optional key; nullopt takes it away
    /// (docs/reference/machine.md 1.2).
    void public_sender(std::optional<base::ByteArray<208>> sender);
    void hook(Hook hook);
    /// Records the calls that follow into `trace`, which outlives them; null ends it. It changes nothing that a
    /// contract can see.
    void trace(CallTrace* trace) noexcept;
    /// Gets what contracts log, also in calls that fail. Without it the lines are lost; contracts see no difference.
    void contract_lines(ContractLines take);
    /// An answer of a host query that the session takes instead of computing it. The price stays. The newest
    /// `kKnownAnswers` are kept.
    void know(std::string_view query, ByteView argument, Bytes answer);
    static constexpr std::size_t kKnownAnswers = 8;

    /// Makes what the calls did so far the point that `undo` goes back to. Between two transactions. It fails when the
    /// machine's memory is full. Then the caller calls `undo`; if that cannot help either, everything else fails too,
    /// and the session is of no more use.
    base::Result<void> keep();
    /// Back to the last keep(), deployments included.
    void undo();

    /// Whether the contract exists in this session, and its owner's bytes.
    std::optional<ByteView> owner(const ContractId& id) const;

    /// The next state. Includes what was not kept yet.
    base::Result<Commit> commit() &&;

private:
    explicit Session(std::unique_ptr<SessionInside> inside);
    std::unique_ptr<SessionInside> inside_;
};

}  // namespace rues::vm
