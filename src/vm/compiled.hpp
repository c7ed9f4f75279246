#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "vm/engine.hpp"
#include "wasm/prepare.hpp"

/// A contract's bytecode, ready to be instantiated.
namespace rues::vm {

struct Compiled {
    std::shared_ptr<const Module> module;
    std::string memory;  ///< name of the exported memory
    bool memory64 = false;
    std::uint64_t argument_buffer = 0;
    std::size_t bytes = 0;  ///< of memory that it takes, about
};

/// The bytecode after the checks and the metering of docs/reference/machine.md 1.1 and 2.3, with the network's costs.
/// `contract_log`: it may import `hdebug`.
wasm::Result<wasm::Prepared> prepare_contract(ByteView code, bool contract_log = false);

/// Largest rewritten module that is compiled: compilation takes time and memory in proportion, and cannot be stopped.
inline constexpr std::size_t kMaxCompiledInput = std::size_t{16} << 20;

base::Result<Compiled> compile(Engine& engine, const wasm::Prepared& prepared);

/// A compiled form for `load_compiled`, with what else `Compiled` has and a checksum.
base::Result<Bytes> save_compiled(const Compiled& compiled);
/// nullopt when the bytes are damaged, or of another version of the engine or of the rewriting. TRUSTED input only.
std::optional<Compiled> load_compiled(Engine& engine, ByteView saved);
/// Part of the names under which compiled forms are kept: another version of engine or rewriting has another key.
std::string compiled_version();

}  // namespace rues::vm
