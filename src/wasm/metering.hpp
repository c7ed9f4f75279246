#pragma once

#include <vector>

#include "wasm/costs.hpp"
#include "wasm/module.hpp"
#include "wasm/output.hpp"

namespace rues::wasm {

/// Rewrites the bodies of a module's functions so that they count their gas (docs/reference/machine.md 2.1, 2.3).
///
/// A body becomes
///
///     block $out_of_gas
///       branch to $out_of_gas when the counter plus the cost of an entry is not negative
///       block $body (the function's results)
///         … the body, which counts as FunctionMeter describes
///       end
///       save the counter
///       return
///     end
///     set the counter to 0
///     unreachable
///
/// A branch to the function's own label now ends at `$body`, so it passes the save, and no label changes its number.
/// Operands are never touched, so the additions are valid wherever they stand. Rejected: a trap of its own for each
/// check. The engine compiles one shared exit faster.
///
/// What the engine can no longer see is checked here: in the original, the numbers of the added local, global, labels
/// and types are unknown numbers.
struct Metering {
    const Module& module;
    const CostTable& costs;
    const Limits& limits;
    std::uint32_t counter;  ///< index of the global
    /// For each type of the module that a function has: what stands after `block` to give its results.
    std::vector<std::int64_t> block_types;

    /// Features and work that an engine needs for the code of a module.
    struct Needs {
        bool reference_types = false;
        std::uint64_t work = 0;  ///< `Prepared::work`
    };
    /// Appends the code section of the module, given its content.
    Result<Needs> rewrite(base::ByteView code, Output& out) const;
};

/// Block type of no values.
inline constexpr std::int64_t kNoValues = -0x40;

}  // namespace rues::wasm
