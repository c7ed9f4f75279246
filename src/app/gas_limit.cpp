#include "app/gas_limit.hpp"

#include <algorithm>

namespace rues::app {
namespace {

constexpr std::uint64_t kRoomPart = 5;  ///< one fifth
constexpr std::uint64_t kLeastRoom = 50'000;

}  // namespace

std::uint64_t with_room(std::uint64_t spent, std::uint64_t charge) {
    const std::uint64_t by_code = spent - std::min(spent, charge);
    return std::max(spent, charge) + std::max(by_code / kRoomPart, kLeastRoom);
}

Result<GasLimit> choose_gas_limit(const GasBounds& bounds,
                                  const std::function<Result<client::Simulated>(std::uint64_t limit)>& simulate) {
    auto first = simulate(bounds.most);
    if (!first) return std::unexpected(first.error());
    if (first->error) return GasLimit{bounds.most, std::move(first->error)};
    std::uint64_t limit = std::min(with_room(std::min(first->gas_spent, bounds.most), bounds.charge), bounds.most);
    while (limit < bounds.most) {
        const auto again = simulate(limit);
        if (!again) return std::unexpected(again.error());
        if (!again->error) break;
        if (limit > bounds.most / 2) {
            // A block in between may have made the transaction fail with every limit. Then it would cost the most.
            auto last = simulate(bounds.most);
            if (!last) return std::unexpected(last.error());
            return GasLimit{bounds.most, std::move(last->error)};
        }
        limit *= 2;
    }
    return GasLimit{limit, std::nullopt};
}

}  // namespace rues::app
