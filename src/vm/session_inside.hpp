#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "vm/compiled.hpp"
#include "vm/engine.hpp"
#include "vm/machine_inside.hpp"
#include "vm/pages/space_pool.hpp"
#include "vm/session.hpp"

/// What a session is made of. Internal: session.cpp (the face), calls.cpp (call tree), imports.cpp (what contracts
/// import), deploy.cpp.
namespace rues::vm {

class RunningContract;

/// A contract that a session has used.
struct LoadedContract {
    ContractId id{};
    Contract contract;    ///< as the session's state has it; of a new one, without pages
    bool is_new = false;  ///< deployed in this session
    bool is_deployment_kept = false;
    bool was_called = false;  ///< since the last keep() or undo(): its memory may differ from what was kept
    std::optional<SpacePool::Lease> space;
    Compiled compiled;
    std::unique_ptr<RunningContract> running;  ///< its instance, while a top-level call runs

    Space& memory() { return **space; }
};

/// A call that runs.
struct Frame {
    /// How to take back what happened to a contract since this call began. Without a checkpoint: everything since the
    /// last keep().
    struct Undo {
        LoadedContract* contract = nullptr;
        std::optional<Checkpoint> checkpoint;
    };

    LoadedContract* callee = nullptr;
    std::uint64_t limit = 0;
    std::size_t events = 0;   ///< emitted before it began
    std::vector<Undo> undos;  ///< the callee and all that it called, each contract once
};

struct EmittedEvent {
    ledger::ContractEvent event;
    bool is_reverted = false;
};

/// Text of Failure::Kind::deadline.
inline constexpr std::string_view kStopped = "the call took too long, or nobody waits for it";

struct KnownAnswer {
    std::string query;
    Bytes argument;
    Bytes answer;
};

struct SessionInside {
    /// Events of one top-level call. 4 gas a byte do not bound events without bytes.
    static constexpr std::size_t kMaxEvents = 262'144;
    static constexpr std::size_t kMaxEventBytes = std::size_t{256} << 20;
    /// Memory that all checkpoints of one top-level call copy together. A transfer copies less than 100 kB.
    static constexpr std::size_t kMaxCheckpointBytes = std::size_t{8} << 30;
    static constexpr std::size_t kMaxCheckpointBytesAtOnce = std::size_t{256} << 20;
    /// Contracts that a query uses.
    static constexpr std::size_t kMaxContractsOfQuery = 64;
    /// Native stack that must be left for a call: the engine's 512 KiB for contract code, and the host's functions.
    static constexpr std::size_t kStackOfCall = std::size_t{1} << 20;

    SessionInside(Machine& owner, std::shared_ptr<const State> on, const Environment& in);
    ~SessionInside();

    // calls.cpp
    std::expected<Receipt, Failure> top_level_call(LoadedContract& callee, std::string_view function, ByteView argument,
                                                   std::uint64_t gas_limit);
    /// The contract, loaded now if it was not. nullptr: there is none.
    std::expected<LoadedContract*, Failure> load(const ContractId& id);
    /// Only what is known of it, without its memory. nullptr: there is none.
    LoadedContract* look_up(const ContractId& id);
    std::expected<void, Failure> make_instance(LoadedContract& contract);
    std::expected<void, Failure> push_frame(LoadedContract& callee, std::uint64_t limit);
    /// Runs the callee of the top frame. The result is what the function returned: a length if it is one.
    std::expected<std::int32_t, Failure> run_top_frame(std::string_view function, ByteView argument);
    /// What the call of the top frame has spent, before anything is taken from it because it failed.
    std::uint64_t gas_used();
    void pop_succeeded_frame();
    void pop_failed_frame();
    void end_top_level_call();
    bool may_continue() noexcept;
    base::Result<bool> wrote_too_much();
    /// Ends the whole top-level call.
    Failure abort(Failure::Kind kind, std::string text);

    MachineInside& machine;
    std::shared_ptr<const State> state;
    Environment environment;
    bool is_query = false;
    std::function<bool()> stop;
    std::uint64_t max_written_bytes = 0;
    SpacePool& spaces() const { return is_query ? *machine.query_spaces : *machine.block_spaces; }

    std::map<ContractId, LoadedContract> contracts;
    std::optional<base::ByteArray<208>> public_sender;
    Hook hook;
    CallTrace* trace = nullptr;  ///< null: nobody asked for it
    ContractLines contract_lines;
    std::deque<KnownAnswer> known;
    std::optional<base::Error> broken;  ///< memory could not be put back: nothing works any more

    // The top-level call that runs.
    std::vector<Frame> stack;
    std::vector<EmittedEvent> events;
    std::size_t event_bytes = 0;
    std::size_t checkpoint_bytes = 0;
    const Sink* sink = nullptr;
    std::optional<Failure> stopped_by_host;  ///< why the last host function stopped the code
    std::optional<Failure> aborted;
};

/// One contract's instance: its memory as the engine sees it, and its imports.
class RunningContract final : public Host, public LinearMemory {
public:
    RunningContract(SessionInside& session, LoadedContract& contract) : session_(session), contract_(contract) {}

    base::Result<void> start();
    Instance& instance() noexcept { return *instance_; }

    std::byte* base() noexcept override { return contract_.memory().base(); }
    std::uint64_t size() const noexcept override { return contract_.memory().size(); }
    bool grow_to(std::uint64_t bytes) noexcept override;

    bool call(std::size_t function, std::span<std::uint64_t> values) noexcept override;
    bool may_continue() noexcept override { return session_.may_continue(); }

    /// Gas that the running call has left. docs/reference/machine.md 2.1, 2.3.
    std::uint64_t remaining() noexcept;
    void set_remaining(std::uint64_t gas) noexcept;

    std::optional<ByteView> read(std::uint64_t offset, std::uint64_t length) noexcept;
    /// Of the argument buffer; nullopt beyond it or beyond the memory.
    std::optional<ByteView> read_argument(std::uint64_t length) noexcept;
    [[nodiscard]] bool write_argument(ByteView bytes) noexcept;

private:
    using Answer = std::expected<std::uint64_t, Failure>;
    Answer hq(std::uint64_t name, std::uint64_t name_length, std::uint64_t length);
    Answer hd(std::uint64_t name, std::uint64_t name_length);
    Answer c(std::span<const std::uint64_t> values);
    Answer emit(std::uint64_t topic, std::uint64_t topic_length, std::uint64_t length);
    Answer feed(std::uint64_t length);
    Answer caller();
    Answer callstack();
    Answer limit() const;
    Answer spent();
    Answer panic(std::uint64_t length);
    Answer owner(std::uint64_t id);
    Answer self_id();
    Answer hdebug(std::uint64_t length);

    Answer write_answer(ByteView bytes);
    /// What `c` returns for a call that failed.
    std::uint64_t error_code(const Failure& failure);

    SessionInside& session_;
    LoadedContract& contract_;
    std::unique_ptr<Instance> instance_;
    std::uint64_t reserve_ = 0;  ///< gas beyond what the counter can hold
    std::uint64_t size_at_start_ = 0;
};

inline Failure unknown(std::string text) {
    return {Failure::Kind::unknown, std::move(text)};
}

}  // namespace rues::vm
