#pragma once

#include <cstdint>

namespace rues::chain {

/// Gas prices over the best-paying transactions of the mempool (docs/reference/ledger.md 3.5); all are 1 when it is
/// empty. `average` is rounded up.
struct GasPrice {
    std::uint64_t average = 1, max = 1, median = 1, min = 1;
};

}  // namespace rues::chain
