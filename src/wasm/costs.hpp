#pragma once

#include <array>
#include <cstdint>

/// What operators cost (docs/reference/machine.md 2.1).
namespace rues::wasm {

enum class CostClass : std::uint8_t {
    free,       ///< nop, drop, block, loop, unreachable, return, else, end: no table gives them a cost
    plain,      ///< every operator that is not in another class
    store_32,   ///< i32.store, f32.store, i32.store8, i32.store16
    store_64,   ///< i64.store, f64.store, i64.store8, i64.store16, i64.store32
    store_128,  ///< v128.store and the stores of one lane
};

struct CostTable {
    std::uint16_t entry = 1;  ///< what a call of a function costs the function, in addition to the operator `call`
    std::uint16_t plain = 1;
    std::uint16_t store_32 = 1;
    std::uint16_t store_64 = 1;
    std::uint16_t store_128 = 1;

    constexpr std::array<std::uint16_t, 5> by_class() const noexcept {
        return {0, plain, store_32, store_64, store_128};
    }
    friend constexpr bool operator==(const CostTable&, const CostTable&) = default;
};

/// Dusk's networks: four for every byte of the operand's type, whatever the store's own width.
inline constexpr CostTable kNetworkCosts{.store_32 = 16, .store_64 = 32, .store_128 = 64};

/// The default of wasmtime's own fuel, for comparing both counts.
inline constexpr CostTable kEngineCosts{};

}  // namespace rues::wasm
