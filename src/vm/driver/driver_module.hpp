#pragma once

#include <memory>
#include <string>

#include "vm/compiled.hpp"
#include "vm/driver/driver_failure.hpp"

namespace rues::vm {

/// The module of a data driver, and the hash by which it is known.
struct DriverCode {
    ByteView module;
    base::Hash32 hash{};  ///< BLAKE3 of the module
};

/// A compiled data driver. Immutable; any thread. docs/reference/machine.md 4.
class DriverModule {
public:
    /// Limit of `wasm::Prepared::work`: compilation takes time and memory in proportion, and cannot be stopped. The
    /// published driver of the stake contract, 348 KB, has 1,286,765, so an ordinary driver of the largest size that an
    /// upload can have stays below.
    static constexpr std::uint64_t kMaxWork = 8'000'000;

    /// Reads, checks, rewrites and compiles a module. Takes up to some seconds. A module that the engine cannot run
    /// alone is refused: with imports, with a 64-bit memory, or with a memory that begins larger than a driver may
    /// have.
    static DriverResult<std::shared_ptr<const DriverModule>> compile(Engine& engine, const DriverCode& code);

    const base::Hash32& hash() const noexcept { return hash_; }
    const Module& module() const noexcept { return *compiled_.module; }
    std::uint64_t min_bytes() const noexcept { return min_bytes_; }  ///< of its memory
    /// What is wrong with the functions that it exports; empty: it has those that a driver must have.
    const std::string& wrong_export() const noexcept { return wrong_export_; }
    /// Whether it exports its memory as drivers must.
    bool has_memory() const noexcept { return compiled_.memory == wasm::kDriverMemory; }
    std::size_t bytes() const noexcept { return compiled_.bytes; }  ///< of memory that it takes

private:
    DriverModule(const base::Hash32& hash, Compiled compiled, std::uint64_t min_bytes, std::string wrong_export)
        : hash_(hash), compiled_(std::move(compiled)), min_bytes_(min_bytes), wrong_export_(std::move(wrong_export)) {}

    base::Hash32 hash_;
    Compiled compiled_;
    std::uint64_t min_bytes_;
    std::string wrong_export_;
};

}  // namespace rues::vm
