// Calls of contracts: frames, limits, and what a failed call takes back. docs/reference/machine.md 1.4, 1.5.
#include <algorithm>
#include <limits>
#include <utility>

#include "vm/native_stack.hpp"
#include "vm/session_inside.hpp"

namespace rues::vm {

SessionInside::SessionInside(Machine& owner, std::shared_ptr<const State> on, const Environment& in)
    : machine(*owner.inside_), state(std::move(on)), environment(in) {}
SessionInside::~SessionInside() = default;

Failure SessionInside::abort(Failure::Kind kind, std::string text) {
    if (!aborted) aborted = Failure{kind, std::move(text)};
    return *aborted;
}

LoadedContract* SessionInside::look_up(const ContractId& id) {
    if (const auto found = contracts.find(id); found != contracts.end()) return &found->second;
    const Contract* contract = state->find(id);
    if (!contract) return nullptr;
    LoadedContract& loaded = contracts[id];
    loaded.id = id;
    loaded.contract = *contract;
    return &loaded;
}

std::expected<LoadedContract*, Failure> SessionInside::load(const ContractId& id) {
    LoadedContract* contract = look_up(id);
    if (!contract || contract->space) return contract;
    if (is_query && contracts.size() > kMaxContractsOfQuery)
        return std::unexpected(abort(Failure::Kind::too_many_pages, "the query uses too many contracts"));
    auto compiled = is_query ? machine.modules->get(*contract->contract.code, ModuleCache::Use::query, stop)
                             : machine.modules->get(*contract->contract.code, ModuleCache::Use::block);
    if (!compiled) return std::unexpected(unknown(std::move(compiled.error().text)));
    if (!*compiled) return std::unexpected(abort(Failure::Kind::deadline, std::string(kStopped)));
    auto space = spaces().take(id, contract->contract.image);
    if (!space) return std::unexpected(abort(Failure::Kind::too_many_pages, std::move(space.error().text)));
    contract->compiled = std::move(**compiled);
    contract->space.emplace(std::move(*space));
    return contract;
}

std::expected<void, Failure> SessionInside::make_instance(LoadedContract& contract) {
    if (contract.running) return {};
    auto running = std::make_unique<RunningContract>(*this, contract);
    if (auto started = running->start(); !started) return std::unexpected(unknown(std::move(started.error().text)));
    contract.running = std::move(running);
    return {};
}

base::Result<void> RunningContract::start() {
    size_at_start_ = size();
    auto instance = session_.machine.engine->instantiate(*contract_.compiled.module, *this, *this, true);
    if (!instance) return std::unexpected(std::move(instance.error()));
    instance_ = std::move(*instance);
    return {};
}

bool RunningContract::grow_to(std::uint64_t bytes) noexcept {
    if (session_.is_query && bytes > size_at_start_ + session_.max_written_bytes) {
        session_.abort(Failure::Kind::too_many_pages, "the query grew a contract's memory by too much");
        return false;
    }
    return contract_.memory().grow_to(bytes);
}

std::uint64_t RunningContract::remaining() noexcept {
    const std::int64_t counter = instance_->counter();
    if (counter <= 0) {
        const std::uint64_t left = 0 - static_cast<std::uint64_t>(counter);
        return left > std::numeric_limits<std::uint64_t>::max() - reserve_ ? std::numeric_limits<std::uint64_t>::max()
                                                                           : reserve_ + left;
    }
    const auto overrun = static_cast<std::uint64_t>(counter);
    return reserve_ > overrun ? reserve_ - overrun : 0;
}

void RunningContract::set_remaining(std::uint64_t gas) noexcept {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const std::uint64_t counted = std::min(gas, kMost);
    reserve_ = gas - counted;
    instance_->set_counter(-static_cast<std::int64_t>(counted));
}

std::expected<void, Failure> SessionInside::push_frame(LoadedContract& callee, std::uint64_t limit) {
    if (stack.size() >= Session::kMaxDepth) return std::unexpected(unknown("the call is nested too deep"));
    if (native_stack_left() < kStackOfCall) return std::unexpected(unknown("the native stack is full"));
    if (auto made = make_instance(callee); !made) return made;

    Frame frame{&callee, limit, events.size(), {}};
    std::optional<Checkpoint> checkpoint;
    if (callee.was_called) {
        auto taken =
            callee.memory().checkpoint(std::min(kMaxCheckpointBytesAtOnce, kMaxCheckpointBytes - checkpoint_bytes));
        if (!taken) return std::unexpected(abort(Failure::Kind::too_many_pages, std::move(taken.error().text)));
        checkpoint_bytes += taken->bytes();
        checkpoint = std::move(*taken);
    }
    frame.undos.push_back({&callee, std::move(checkpoint)});
    callee.was_called = true;
    stack.push_back(std::move(frame));
    callee.running->set_remaining(limit);
    return {};
}

std::expected<std::int32_t, Failure> SessionInside::run_top_frame(std::string_view function, ByteView argument) {
    RunningContract& callee = *stack.back().callee->running;
    if (!callee.write_argument(argument)) return std::unexpected(unknown("the argument buffer is outside the memory"));
    const auto result = callee.instance().call(function, static_cast<std::int32_t>(argument.size()));
    auto stopped = std::exchange(stopped_by_host, std::nullopt);
    if (aborted) return std::unexpected(*aborted);
    if (!result) return std::unexpected(unknown(std::string(kNoFunction)));
    if (*result) return **result;
    // Any failure while no gas is left is this one.
    if (callee.remaining() == 0) return std::unexpected(Failure{Failure::Kind::out_of_gas, {}});
    if (result->error() == Trap::host && stopped) return std::unexpected(std::move(*stopped));
    return std::unexpected(unknown("the contract's code stopped with a trap"));
}

std::uint64_t SessionInside::gas_used() {
    const Frame& frame = stack.back();
    return frame.limit - std::min(frame.limit, frame.callee->running->remaining());
}

void SessionInside::pop_succeeded_frame() {
    Frame done = std::move(stack.back());
    stack.pop_back();
    if (stack.empty()) return;
    auto& undos = stack.back().undos;
    for (Frame::Undo& undo : done.undos) {
        // The caller's own is older, so it goes back further.
        if (std::ranges::find(undos, undo.contract, &Frame::Undo::contract) == undos.end())
            undos.push_back(std::move(undo));
    }
}

void SessionInside::pop_failed_frame() {
    Frame failed = std::move(stack.back());
    stack.pop_back();
    for (std::size_t i = failed.events; i < events.size(); ++i) events[i].is_reverted = true;
    for (Frame::Undo& undo : failed.undos) {
        Space& memory = undo.contract->memory();
        const std::uint64_t size = memory.size();
        const auto restored = undo.checkpoint ? memory.restore(*undo.checkpoint) : memory.undo();
        if (!restored) {
            broken = restored.error();
            abort(Failure::Kind::too_many_pages, restored.error().text);
        }
        if (!undo.checkpoint) undo.contract->was_called = false;
        if (undo.contract->running && memory.size() != size) undo.contract->running->instance().memory_changed();
    }
}

void SessionInside::end_top_level_call() {
    for (auto& [id, contract] : contracts) contract.running.reset();
    stack.clear();
    events.clear();
    stopped_by_host.reset();
    aborted.reset();
}

bool SessionInside::may_continue() noexcept {
    if (stop && stop()) abort(Failure::Kind::deadline, std::string(kStopped));
    const auto too_much = wrote_too_much();
    if (!too_much)
        abort(Failure::Kind::too_many_pages, too_much.error().text);
    else if (*too_much)
        abort(Failure::Kind::too_many_pages, "the call wrote too much memory");
    return !aborted;
}

/// Whether all contracts together wrote more than they may since the last keep(). A contract that does not run holds
/// its memory too.
base::Result<bool> SessionInside::wrote_too_much() {
    std::optional<std::uint64_t> at_most = 0;
    for (auto& [id, contract] : contracts) {
        if (!contract.space || !contract.was_called) continue;
        const auto more = contract.memory().private_bytes_at_most();
        at_most = at_most && more ? std::optional(*at_most + *more) : std::nullopt;
    }
    if (at_most && *at_most <= max_written_bytes) return false;
    std::uint64_t written = 0;
    for (auto& [id, contract] : contracts) {
        if (!contract.space || !contract.was_called) continue;
        const auto bytes = contract.memory().private_bytes();
        if (!bytes) return std::unexpected(bytes.error());
        written += *bytes;
    }
    return written > max_written_bytes;
}

std::expected<Receipt, Failure> SessionInside::top_level_call(LoadedContract& callee, std::string_view function,
                                                              ByteView argument, std::uint64_t gas_limit) {
    event_bytes = 0;
    checkpoint_bytes = 0;
    if (trace) trace->begin(callee.id, function, argument.size(), gas_limit);
    if (auto pushed = push_frame(callee, gas_limit); !pushed) {
        Failure failure = aborted ? *aborted : std::move(pushed.error());
        if (trace) trace->refused(failure);
        end_top_level_call();
        return std::unexpected(std::move(failure));
    }
    auto result = run_top_frame(function, argument);
    std::optional<ByteView> data;
    if (result) {
        data = callee.running->read_argument(static_cast<std::uint32_t>(*result));
        if (!data) result = std::unexpected(unknown("the contract returned a length beyond its argument buffer"));
    }
    if (!result) {
        if (trace) trace->failed(result.error(), gas_used(), gas_used());
        pop_failed_frame();
        end_top_level_call();
        return std::unexpected(std::move(result.error()));
    }

    Receipt receipt;
    receipt.data = base::to_bytes(*data);
    receipt.gas_spent = gas_limit - callee.running->remaining();
    if (trace) trace->returned(receipt.data.size(), receipt.gas_spent);
    for (EmittedEvent& emitted : events)
        if (!emitted.is_reverted) receipt.events.push_back(std::move(emitted.event));
    pop_succeeded_frame();
    end_top_level_call();
    return receipt;
}

}  // namespace rues::vm
