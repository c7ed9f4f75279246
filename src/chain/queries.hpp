#pragma once

#include <chrono>
#include <expected>

#include "chain/contract_log.hpp"
#include "chain/key_cache.hpp"
#include "chain/ticker.hpp"
#include "vm/session.hpp"

namespace rues::chain {

using QueryFailure = vm::Failure;
/// Texts of failures of the kind `unknown`: there is no such function; the function is a feeder.
/// @{
using vm::kMissingFeed;
using vm::kNoFunction;
/// @}

/// The mark of lines that contracts log in a query (`ContractLog`).
inline constexpr std::string_view kQuery = "a query";

/// Limits of what a request may let a contract do (docs/reference/differences.md 34).
struct QueryBounds {
    std::chrono::milliseconds time{10'000};  ///< of the contract's code; the time that a client takes does not count
    std::uint64_t gas = 3'000'000'000;       ///< of a call, and of a feeder as well
    std::uint64_t written_bytes = std::uint64_t{64} << 20;  ///< memory that it may write
};

/// Runs contract code for requests: on throw-away copies of a state, bounded, and ended when nobody waits any more.
/// Any thread but a loop, because it may take as long as `QueryBounds::time`.
class Queries {
public:
    /// `machine` outlives it. `log` gets what contracts log, and outlives it too; null: the lines are lost.
    Queries(vm::Machine& machine, const QueryBounds& bounds, ContractLog* log = nullptr);

    /// True: nobody waits for the answer any more. Called on the thread of the query, every few milliseconds.
    using Gone = std::function<bool()>;
    using State = std::shared_ptr<const vm::State>;

    std::expected<vm::Receipt, QueryFailure> call(const State& state, const vm::Environment& environment,
                                                  const vm::ContractId& contract, std::string_view function,
                                                  base::ByteView argument, const Gone& gone);
    /// The same for a feeder. `sink` may take its time.
    std::expected<vm::Receipt, QueryFailure> feed(const State& state, const vm::Environment& environment,
                                                  const vm::ContractId& contract, std::string_view function,
                                                  base::ByteView argument, const vm::Sink& sink, const Gone& gone);
    /// Calls `use` with a session of the same bounds. `purpose`, such as `a query`, marks what contracts log.
    void with_session(const State& state, const vm::Environment& environment, std::string_view purpose,
                      const std::function<void(vm::Session&)>& use, const Gone& gone = {});

    const QueryBounds& bounds() const noexcept { return bounds_; }
    /// Keys that requests asked for before. To decode one costs ten times as much as to look up its account.
    KeyCache& keys() noexcept { return keys_; }
    /// Without a need of it nothing asks whether running code may continue.
    Ticker& ticker() noexcept { return ticker_; }

private:
    /// `until` may be moved while the session lives.
    void run(const State& state, const vm::Environment& environment, std::string_view purpose,
             const std::chrono::steady_clock::time_point& until, const std::function<void(vm::Session&)>& use,
             const Gone& gone);

    vm::Machine& machine_;
    const QueryBounds bounds_;
    ContractLog* const log_;
    Ticker ticker_;
    static constexpr std::size_t kKnownKeys = 16'384;  // some 8 MB
    KeyCache keys_{kKnownKeys};
};

}  // namespace rues::chain
