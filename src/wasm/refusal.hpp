#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace rues::wasm {

/// Why a module is not accepted. A caller that must word an error as the node does takes `kind`, `name` and `count`.
struct Refusal {
    enum class Kind : std::uint8_t {
        malformed,           ///< not a module, or one that no engine accepts
        unsupported,         ///< an operator, type or section that contracts may not use
        too_large,           ///< beyond `Limits`
        reserved_name,       ///< the module itself exports `kCounterName`
        memories,            ///< it exports `count` memories instead of one
        function,            ///< `name`: an exported function of a wrong type, or an import that the host does not have
        argument_buffer,     ///< there is no immutable global `A` of the right type that points to 64 KiB
        data_out_of_bounds,  ///< a data segment lies beyond the initial memory: the module cannot be instantiated
    };
    Kind kind = Kind::malformed;
    std::string text;  ///< one sentence for people, without a trailing full stop
    std::string name = {};
    std::uint64_t count = 0;
};

template <typename T>
using Result = std::expected<T, Refusal>;

}  // namespace rues::wasm
