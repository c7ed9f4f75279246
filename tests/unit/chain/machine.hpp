#pragma once

#include "chain/default_state.hpp"
#include "chain/execution.hpp"
#include "chain/genesis_file.hpp"
#include "chain/genesis_state.hpp"
#include "chain/tip_state.hpp"
#include "fixtures.hpp"
#include "vm/host_queries.hpp"

namespace rues::chain::test {

inline vm::HostQueries& host_queries() {
    static vm::HostQueries queries;
    return queries;
}
/// The machine of all tests of a process, so that it loads the genesis contracts once.
inline vm::Machine& machine() {
    static const auto made = vm::Machine::create({}, host_queries()).value();
    return *made;
}

/// `genesis` with the network's contracts. A state of the default genesis is prepared.
inline GenesisParts parts_of(const ledger::Genesis& genesis) {
    return {genesis, vm::genesis_contracts(), default_state()};
}
inline const ledger::Genesis& default_genesis_file() {
    static const auto genesis = read_genesis(default_genesis()).value();
    return genesis;
}
/// The state of block 0 of the default genesis. Profile 0 has a stake; profiles 0, 1, 2 and a fourth account hold
/// 1,001, 80.8, 60.06 and 40.04 thousand DUSK.
inline const SharedState& default_genesis_state() {
    static const auto state = genesis_state(machine(), parts_of(default_genesis_file())).value();
    return state;
}

/// A state that can be asked.
class Asked {
public:
    explicit Asked(SharedState state, std::uint64_t height = 0, const QueryBounds& bounds = {})
        : queries_(machine(), bounds), tip_(queries_, std::move(state), {0, height}, base::Hash32{}) {}

    const TipState& tip() const { return tip_; }
    ledger::Account account(std::size_t profile) const { return account(test::profile(profile).public_key()); }
    ledger::Account account(const crypto::PublicKey& key) const { return tip_.account(key).value(); }

private:
    Queries queries_;
    TipState tip_;
};

inline BlockContext context_at(std::uint64_t height) {
    BlockContext out;
    out.height = height;
    out.generator = profile(0).public_key();
    if (height > 1) out.voters.emplace_back(out.generator, kCredits);
    return out;
}

}  // namespace rues::chain::test
