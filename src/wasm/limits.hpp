#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace rues::wasm {

/// How large a module may be. `prepare` checks each count against its limit and against the bytes that are left before
/// it allocates anything.
///
/// Where the network's parser has a limit, the default is that limit, so that both refuse the same modules; exceptions:
/// - `locals` and `globals` are one lower, because metering adds one of each, and the engine has the same limits.
/// - `bytes` is well above the largest contract (a transaction has at most 1 MiB) and the largest data driver (2 MiB).
/// - `imports`: the host offers 12 functions. Nobody imports them hundreds of times.
/// - `function_bytes` is the engine's limit, and holds for a body after metering: only bodies beyond 400 KB can reach
/// it.
struct Limits {
    std::size_t bytes = 4'194'304;
    std::uint32_t types = 1'000'000;
    std::uint32_t parameters = 1'000;
    std::uint32_t results = 1'000;
    std::uint32_t imports = 1'000;
    std::uint32_t functions = 1'000'000;
    std::uint32_t tables = 100;
    std::uint32_t table_elements = 10'000'000;  ///< the initial size of one table, and the items of one segment
    std::uint32_t globals = 999'999;
    std::uint32_t exports = 100'000;
    std::uint32_t element_segments = 100'000;
    std::uint32_t data_segments = 100'000;
    std::uint32_t name_bytes = 100'000;
    std::uint32_t locals = 49'999;           ///< of one function, parameters included
    std::uint32_t branch_targets = 131'072;  ///< of one br_table
    std::uint32_t function_bytes = 7'654'321;
    /// Limits of `Prepared::work`, for one function and for the module. They bound the time that an engine takes to
    /// compile. The network has no such limit.
    /// @{
    std::uint64_t function_work = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t module_work = std::numeric_limits<std::uint64_t>::max();
    /// @}
};

/// The rewritten module has at most `kMaxGrowth` times the bytes of the original, and `kMaxAdded` more. Nothing grows
/// more than a module of empty functions: four bytes for each become about forty.
inline constexpr std::size_t kMaxGrowth = 16;
inline constexpr std::size_t kMaxAdded = 64;

}  // namespace rues::wasm
