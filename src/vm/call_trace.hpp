#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ledger/event.hpp"

/// What calls of contracts did: who called whom, in order, with their gas and events. A session records it when it is
/// asked to (`Session::trace`).
namespace rues::vm {

using ledger::ContractId;
struct Failure;

struct TracedEvent {
    std::string topic;
    std::size_t bytes = 0;  ///< of its data
};

struct TracedStep;

/// A call. What it wrote and emitted was taken back if it failed, or a call above it did.
struct TracedCall {
    enum class End : std::uint8_t {
        returned,
        panic,
        out_of_gas,
        does_not_exist,
        failed,   ///< a trap, no such function, or a rule of the machine: `error` says which
        stopped,  ///< by a limit of the session, with all calls above it
    };
    /// What a full trace does not list.
    struct LeftOut {
        std::size_t calls = 0;
        std::size_t events = 0;
        std::uint64_t gas = 0;       ///< that the left out calls were charged
        std::size_t text_bytes = 0;  ///< of the call's own texts, and of the topics of its events
    };

    ContractId contract{};
    std::string function;
    std::size_t argument_bytes = 0;
    std::uint64_t gas_limit = 0;
    /// What its caller was charged: `gas_own` + `gas_lost` + what its own calls were charged, left out ones included.
    std::uint64_t gas_spent = 0;
    std::uint64_t gas_own = 0;   ///< of its own code, and of the host functions that it called
    std::uint64_t gas_lost = 0;  ///< the rest of the limit, which a nested call that fails takes too
    End end = End::returned;
    std::string error;             ///< of a panic, the contract's text; else for people. Empty: there is nothing to say
    bool entered = false;          ///< false: it failed before any code of it ran, and was free of charge
    std::size_t result_bytes = 0;  ///< of a call that returned
    std::vector<TracedStep> steps;
    LeftOut left_out;
};

/// What a call did, in order.
struct TracedStep : std::variant<TracedEvent, TracedCall> {
    using variant::variant;
    const TracedCall* call() const noexcept { return std::get_if<TracedCall>(static_cast<const variant*>(this)); }
    const TracedEvent* event() const noexcept { return std::get_if<TracedEvent>(static_cast<const variant*>(this)); }
};

/// The top-level calls of a session, as trees. Bounded: beyond `kMaxCalls` only calls that fail are listed, and at most
/// `kMaxFailedCalls` of them, because they are what a reader looks for. One thread.
class CallTrace {
public:
    static constexpr std::size_t kMaxCalls = 1'000;
    static constexpr std::size_t kMaxFailedCalls = 100;
    static constexpr std::size_t kMaxEvents = 2'000;
    static constexpr std::size_t kMaxText = 1'024;     ///< bytes of a name, a topic or an error
    static constexpr std::size_t kMaxTexts = 131'072;  ///< bytes of all of them that are listed

    const std::vector<TracedCall>& calls() const noexcept { return calls_; }

    /// @name For the session.
    /// Each call begins once, and ends once: it returned, it failed, or it was refused before its code ran.
    /// @{
    void begin(const ContractId& contract, std::string_view function, std::size_t argument_bytes,
               std::uint64_t gas_limit);
    void emitted(std::string_view topic, std::size_t bytes);
    void returned(std::size_t result_bytes, std::uint64_t gas);
    /// `used`: what its code spent. `charged`: what its caller pays, which may be more.
    void failed(const Failure& failure, std::uint64_t used, std::uint64_t charged);
    void refused(const Failure& failure);
    /// @}

private:
    struct Open {
        TracedCall call;
        bool is_listed = false;  ///< else only if it fails
        std::uint64_t gas_of_calls = 0;
    };

    void end(const Failure* failure, std::uint64_t used, std::uint64_t charged);
    std::string taken(std::string_view text, TracedCall& of);
    void leave_out(TracedCall::LeftOut& from, const TracedCall& call);

    std::vector<Open> open_;  ///< as deep as calls are nested
    std::vector<TracedCall> calls_;
    std::size_t listed_ = 0;
    std::size_t listed_failures_ = 0;  ///< beyond kMaxCalls
    std::size_t listed_events_ = 0;
    std::size_t text_bytes_ = 0;  ///< of what is listed, and of calls that have not ended
};

/// The sum of what all calls of the trace leave out.
TracedCall::LeftOut left_out(const CallTrace& trace);

}  // namespace rues::vm
