#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"

/// What the machine asks of a WebAssembly engine. One file, wasmtime_engine.cpp, answers; nothing else knows the
/// engine's headers. docs/reference/machine.md 3.
namespace rues::vm {

using base::Bytes;
using base::ByteView;

/// The memory of one instance. The engine gets its address once and keeps it: the memory never moves.
class LinearMemory {
public:
    /// The bytes that may be accessed without a fault, whatever `size` says: the whole reservation of 4 GiB.
    static constexpr std::uint64_t kReservation = std::uint64_t{1} << 32;

    virtual ~LinearMemory() = default;
    virtual std::byte* base() noexcept = 0;
    virtual std::uint64_t size() const noexcept = 0;
    /// False when the memory may not have `bytes`; the contract's memory.grow then answers -1.
    virtual bool grow_to(std::uint64_t bytes) noexcept = 0;
};

enum class ValueType : std::uint8_t { i32, i64 };

/// A function that the host offers to modules. Imports are found by name alone.
struct HostFunction {
    std::string_view name;
    std::span<const ValueType> parameters;
    std::optional<ValueType> result;
};

/// Why code stopped before its end.
enum class Trap : std::uint8_t {
    host,      ///< a host function stopped it
    code,      ///< unreachable, a division by zero, an access outside the memory, a full stack, ...
    deadline,  ///< the interrupt of its instance said so
};

/// The host's side of one instance. The engine calls it on the thread that called the instance.
class Host {
public:
    virtual ~Host() = default;
    /// Function number `function` of the list that the engine was created with. `values` holds the arguments (an i32
    /// in the low half of its element) and takes the result at index 0. False stops the code with Trap::host. Must not
    /// throw.
    virtual bool call(std::size_t function, std::span<std::uint64_t> values) noexcept = 0;
    /// Asked at each tick of the engine while code runs, if the instance can be interrupted. False stops the code with
    /// Trap::deadline.
    virtual bool may_continue() noexcept = 0;
};

/// A module that is compiled. Immutable; any thread.
class Module {
public:
    virtual ~Module() = default;
    /// The compiled form, for `Engine::load` of the same engine, version and settings.
    virtual base::Result<Bytes> serialise() const = 0;
    /// Memory that its machine code takes.
    virtual std::size_t bytes() const noexcept = 0;
};

/// A module over a memory, with globals and tables of its own. One thread at a time.
class Instance {
public:
    virtual ~Instance() = default;
    /// Calls an exported function (i32) -> i32. nullopt when there is no such function.
    virtual std::optional<std::expected<std::int32_t, Trap>> call(std::string_view function, std::int32_t argument) = 0;
    virtual bool has_function(std::string_view function) = 0;
    static constexpr std::size_t kMaxArguments = 8;
    /// Calls an exported function whose parameters and results are all i32. What it gives means nothing when there is
    /// no result. REQUIRES: `wasm::Prepared::functions` says that the function takes as many i32 as there are arguments
    /// and gives at most one; at most kMaxArguments.
    virtual std::expected<std::int32_t, Trap> invoke(std::string_view function,
                                                     std::span<const std::int32_t> arguments) = 0;
    /// Value of an exported, immutable global of type i32 (zero-extended) or i64.
    virtual std::optional<std::uint64_t> constant(std::string_view global) = 0;
    /// The counter of gas: counts upwards, and code stops when it reaches 0.
    virtual std::int64_t counter() noexcept = 0;
    virtual void set_counter(std::int64_t value) noexcept = 0;
    /// To be called after the memory's size changed by another way than the code's memory.grow.
    virtual void memory_changed() noexcept = 0;
};

/// What a module is, as far as instantiating needs it.
struct ModuleShape {
    bool memory64 = false;     ///< selects `functions64` for its imports
    std::string_view memory;   ///< name of its exported memory
    std::string_view counter;  ///< name of its exported counter of gas
};

struct EngineOptions {
    std::span<const HostFunction> functions32;  ///< offered to modules with a 32-bit memory
    std::span<const HostFunction> functions64;  ///< the same functions for 64-bit memories: same names, same order
    bool baseline_cpu = false;                  ///< compile for any x86-64, not for this machine's
};

/// Thread-safe. Outlives its modules and instances.
class Engine {
public:
    /// Fails when the library that is loaded is not the version that this program was built for.
    static base::Result<std::unique_ptr<Engine>> create(const EngineOptions& options);
    virtual ~Engine() = default;

    /// Whether the module is valid WebAssembly of the features that contracts may use; the engine's text if not.
    virtual base::Result<void> validate(ByteView module) = 0;
    /// Compiles a module. The time grows with the module's size, and nothing can stop it: the caller bounds the size.
    /// The error is the engine's own text.
    virtual base::Result<std::shared_ptr<const Module>> compile(ByteView module, const ModuleShape& shape) = 0;
    /// Takes a compiled form that `serialise` gave. TRUSTED input only: the bytes are code that will run.
    virtual base::Result<std::shared_ptr<const Module>> load(ByteView serialised, const ModuleShape& shape) = 0;
    /// `host` and `memory` outlive the instance. The memory has at least the module's minimal size already. Not
    /// `interruptible`: no tick stops it.
    virtual base::Result<std::unique_ptr<Instance>> instantiate(const Module& module, LinearMemory& memory, Host& host,
                                                                bool interruptible) = 0;
    /// Lets every interruptible instance that runs ask its host whether it may continue. Any thread, at a steady pace.
    virtual void tick() noexcept = 0;

    /// Version of the engine, for keys of caches.
    static std::string_view version() noexcept;
};

}  // namespace rues::vm
