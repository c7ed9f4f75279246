#pragma once

#include <cstdint>
#include <functional>

#include "client/simulation.hpp"

/// The gas limit of a transaction whose sender named none. Pure.
namespace rues::app {

/// The limits between which it is chosen.
struct GasBounds {
    std::uint64_t charge = 0;  ///< gas that a rule sets, the same at every height; less is refused
    std::uint64_t most = 0;    ///< what a block takes and the sender can pay
};

/// The gas that the transaction spent, and room above it: a fifth of what its code spent, at least 50,000. The gas of a
/// call depends on the state of its block: on how many accounts there are (the genesis contracts: some thousands of
/// gas), on what the contract stores, and on the transactions before it in the block. Unspent gas costs nothing, so the
/// room costs nothing. A charge needs no room.
std::uint64_t with_room(std::uint64_t spent, std::uint64_t charge);

struct GasLimit {
    std::uint64_t limit = 0;
    std::optional<std::string> error;  ///< the transaction fails with every limit up to `most`
};
/// Chooses the limit by simulations of the transaction: with the most gas, and then with the chosen limit, because a
/// contract that calls another one passes on only a part of its gas (docs/reference/machine.md 1.5), so that it may
/// need a limit above what it spends. Doubles the limit until the transaction succeeds; `most` is simulated again
/// before it is chosen, because the state may have changed. An error is that of `simulate`.
Result<GasLimit> choose_gas_limit(const GasBounds& bounds,
                                  const std::function<Result<client::Simulated>(std::uint64_t limit)>& simulate);

}  // namespace rues::app
