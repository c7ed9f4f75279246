#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace rues::vm {

/// Why a data driver gave no answer.
struct DriverFailure {
    enum class Kind : std::uint8_t {
        driver,  ///< its own error, a trap, or the module is no driver
        gas,     ///< the call used up `DriverInstance::kGas`
        time,    ///< the caller's `stop` said so while it ran
        memory,  ///< it needs more than `DriverInstance::kMemoryBytes`, or its code is too large
        busy,    ///< other drivers are compiled, or too many run; it may work later
    };
    Kind kind = Kind::driver;
    /// The Debug form of an error, as nodes write it behind `Data-Driver Error: `: `FfiError("FFI returned 2: …")`,
    /// `WasmRuntime("…")`, `WasmExport("…")`, `WasmMemory("…")` (docs/reference/machine.md 4). A limit, which nodes do
    /// not have, is `Limit("…")`.
    std::string text;
};
/// Most bytes of a text before it is escaped. The driver's own text is never cut; the engine's can hold names of the
/// module, of up to 100,000 bytes each.
inline constexpr std::size_t kMaxFailureText = 2'048;

template <typename T>
using DriverResult = std::expected<T, DriverFailure>;

/// `variant("text")`, the text as in `debug_text`; it ends in `…` where it was cut. REQUIRES: `text` is UTF-8.
std::unexpected<DriverFailure> driver_failure(DriverFailure::Kind kind, std::string_view variant,
                                              std::string_view text);

}  // namespace rues::vm
