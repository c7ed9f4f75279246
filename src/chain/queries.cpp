#include "chain/queries.hpp"

namespace rues::chain {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Queries::Queries(vm::Machine& machine, const QueryBounds& bounds, ContractLog* log)
    : machine_(machine),
      bounds_(bounds),
      log_(log),
      ticker_([&machine] { machine.tick(); }, std::chrono::milliseconds(vm::Machine::kTickMilliseconds)) {}

void Queries::run(const State& state, const vm::Environment& environment, std::string_view purpose,
                  const Clock::time_point& until, const std::function<void(vm::Session&)>& use, const Gone& gone) {
    const Ticker::Need need(&ticker_);
    std::optional<ContractLog::Run> lines;
    if (log_ != nullptr) lines.emplace(*log_, purpose, environment.height);
    auto session = vm::Session::of_query(
        machine_, state, environment,
        {[&gone, &until] { return Clock::now() >= until || (gone && gone()); }, bounds_.written_bytes});
    if (lines) session.contract_lines(lines->lines());
    use(session);
}

std::expected<vm::Receipt, QueryFailure> Queries::call(const State& state, const vm::Environment& environment,
                                                       const vm::ContractId& contract, std::string_view function,
                                                       base::ByteView argument, const Gone& gone) {
    std::expected<vm::Receipt, QueryFailure> out;
    with_session(
        state, environment, kQuery,
        [&](vm::Session& session) { out = session.call(contract, function, argument, bounds_.gas); }, gone);
    return out;
}

std::expected<vm::Receipt, QueryFailure> Queries::feed(const State& state, const vm::Environment& environment,
                                                       const vm::ContractId& contract, std::string_view function,
                                                       base::ByteView argument, const vm::Sink& sink,
                                                       const Gone& gone) {
    auto until = Clock::now() + bounds_.time;
    const vm::Sink timed = [&](base::ByteView item) {
        const auto given = Clock::now();
        const bool goes_on = sink(item);
        until += Clock::now() - given;
        return goes_on;
    };
    std::expected<vm::Receipt, QueryFailure> out;
    run(
        state, environment, kQuery, until,
        [&](vm::Session& session) { out = session.feed(contract, function, argument, bounds_.gas, timed); }, gone);
    return out;
}

void Queries::with_session(const State& state, const vm::Environment& environment, std::string_view purpose,
                           const std::function<void(vm::Session&)>& use, const Gone& gone) {
    run(state, environment, purpose, Clock::now() + bounds_.time, use, gone);
}

}  // namespace rues::chain
