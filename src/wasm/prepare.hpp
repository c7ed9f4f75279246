#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "wasm/costs.hpp"
#include "wasm/limits.hpp"
#include "wasm/refusal.hpp"
#include "wasm/types.hpp"

/// Makes a contract's module ready for an engine: reads it, checks the rules for contracts, and rewrites it so that it
/// counts its own gas. Pure; any thread. Facts: docs/reference/machine.md 1.1, 2.1, 2.3.
namespace rues::wasm {

/// Export of the counter: a mutable global i64 that is negative while there is gas left. The host sets it to minus the
/// limit before a call. A function that begins, and each iteration of a loop, traps when the counter is not negative,
/// and leaves it at 0.
inline constexpr std::string_view kCounterName = "__gas";

/// The name under which a data driver exports its memory (docs/reference/machine.md 4).
inline constexpr std::string_view kDriverMemory = "memory";

inline constexpr std::uint64_t kPageBytes = 65'536;
inline constexpr std::uint64_t kArgumentBufferBytes = 65'536;
/// Contracts address at most 4 GiB, with 64-bit memories too.
inline constexpr std::uint64_t kAddressSpace = 1ULL << 32;

/// An active data segment. Its bytes are written once, when the contract is deployed.
struct Segment {
    std::uint64_t offset = 0;
    base::Bytes bytes;
};

/// A function that the module imports. The node compares names only (1.1); the engine compares the type with the type
/// of the host's function when it makes an instance.
struct Import {
    std::string name;
    std::vector<ValueType> parameters;
    std::vector<ValueType> results;
};

/// A function that the module exports.
struct Export {
    /// How many values a function takes and gives.
    struct Arity {
        std::size_t parameters = 0;
        std::size_t results = 0;
        friend bool operator==(const Arity&, const Arity&) = default;
    };
    std::string name;
    std::optional<Arity> of_i32;  ///< nullopt: some parameter or result is no i32
    friend bool operator==(const Export&, const Export&) = default;
};

/// What `prepare` demands beyond a well-formed module of allowed features.
struct Rules {
    /// True: the rules of docs/reference/machine.md 1.1 for contracts, and active data segments are moved to
    /// `Prepared::data`, because a contract's memory outlives its instances. Their places stay, as segments that were
    /// dropped. False: a data driver, whose memory lives as long as its instance; data segments stay.
    bool contract = true;
    /// Names of the functions that the host has. A contract's import of another name is refused.
    std::span<const std::string_view> imports = {};
    /// Value of the counter in a new instance. A start section runs before the host can set it: with 0 it is out of
    /// gas.
    std::int64_t initial_counter = 0;
};

/// A module that was read, checked and rewritten. The engine must still validate `module`: it checks the types in the
/// function bodies, which the reader does not. It must allow the proposals multi-value, bulk memory, reference types,
/// SIMD, relaxed SIMD, memory64 and multi-memory (the last only for its encoding of addresses).
struct Prepared {
    base::Bytes module;
    std::vector<Segment> data;      ///< in order; later segments overwrite earlier ones
    std::vector<Import> imports;    ///< in the order of their indices
    std::vector<Export> functions;  ///< in the module's order
    /// Name of the exported memory. Of a driver: `kDriverMemory` if there is one of that name, else the first, or
    /// empty.
    std::string memory_export;
    bool has_memory = false;
    bool memory64 = false;
    std::uint64_t min_pages = 0;  ///< up to 65,536, with memory64 up to 2^48
    std::optional<std::uint64_t> max_pages;
    std::uint64_t argument_buffer = 0;  ///< value of the global `A`; + 64 KiB it is below 4 GiB. Contracts only
    std::uint64_t table_elements = 0;   ///< initial size of all tables
    bool has_start = false;             ///< runs in every new instance
    /// About what compiling costs, in operators of an ordinary function. Operators that stand for many values count
    /// them all, and in a function with many branches its values count for each of them, because a compiler's time
    /// grows with the product (`FunctionMeter::work`).
    std::uint64_t work = 0;
    /// True when the module needs the proposal reference types, as the node's validator sees it: without the proposal
    /// it would refuse the module.
    bool reference_types = false;
};

/// Refuses a module that is not well formed as far as metering depends on it, has an operator, type or section beyond
/// the allowed proposals (threads, tail calls, exceptions, extended constants, function references, GC, custom page
/// sizes, a second memory), is beyond `limits`, or breaks `rules`. Rules are checked in the node's order: memories,
/// exported functions, imports, argument buffer. Time is linear in the bytes of the module. The same arguments always
/// give the same bytes. Custom sections are left out.
Result<Prepared> prepare(base::ByteView module, const CostTable& costs, const Rules& rules = {},
                         const Limits& limits = {});

}  // namespace rues::wasm
