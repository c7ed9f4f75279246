#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.hpp"

/// Makes valid modules for contracts, with code that ends.
namespace rues::wasm::test {

struct GeneratorOptions {
    /// Only the operators that unit/wasm/interpreter.hpp executes.
    bool simple = false;
    bool memory64 = false;
    /// The code may trap, also at `unreachable`.
    bool traps = false;
    /// With memory.copy, memory.fill, memory.init, memory.grow, and the same of tables. For these the fuel of engines
    /// depends on sizes.
    bool bulk = true;
    /// The code also calls the host: it emits, panics, reads its gas, and its functions call `f0` of the contract whose
    /// id the argument begins with. The last function feeds. REQUIRES: not memory64.
    bool host = false;
};

struct GeneratedModule {
    base::Bytes bytes;
    /// Exported functions (i32) -> i32: `f0`, `f1`, ... The module also exports its memory as `memory` and the address
    /// of the argument buffer as `A`, and imports the function `self_id`, () -> (), and with `host` some more.
    std::vector<std::string> functions;
    /// Operators that the code has: code, or prefix * 65,536 + number.
    std::set<std::uint32_t> operators;
};

/// The same arguments give the same module, everywhere. All operators that contracts may use occur, in modules of
/// enough seeds. Without `traps` no call traps, for want of gas excepted. A call executes at most some 100,000
/// operators.
GeneratedModule generate_module(std::uint64_t seed, const GeneratorOptions& options = {});

}  // namespace rues::wasm::test
