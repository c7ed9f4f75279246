#pragma once

#include <atomic>
#include <chrono>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "chain/view.hpp"
#include "drivers/driver.hpp"
#include "store/driver_files.hpp"
#include "vm/driver/drivers.hpp"

namespace rues::api {

/// The data drivers of all contracts: the compiled-in ones of the genesis contracts, and those that owners uploaded,
/// which are WebAssembly. They convert arguments, results and events of contracts between JSON and rkyv.
/// docs/reference/protocol.md 8.5; docs/reference/machine.md 4; docs/reference/differences.md 35.
///
/// Any thread but an event loop: a call may wait for the disk, for a compilation, and for the driver's code. A new
/// driver counts from the end of its upload on.
class ContractDrivers {
public:
    struct Failure {
        enum class Kind : std::uint8_t {
            none,    ///< the contract has no driver
            driver,  ///< the driver's own error, or it is broken: the same call fails again
            limit,   ///< the driver was stopped, because it used too much gas, memory or time
            busy,    ///< too many drivers are compiled or run: the same call may work later
            node,    ///< this node could not read the driver
        };
        Kind kind = Kind::none;
        /// The reason, for people. For `driver` it is the text that a node writes behind `Data-Driver Error: `, such as
        /// `FfiError("FFI returned 2: …")`.
        std::string text;
    };
    template <typename T>
    using Result = std::expected<T, Failure>;
    /// Why an event is not decoded, as its clients read it (wire::as_undecoded). What went wrong in this node, such as
    /// a path on its disk, is not for them.
    static std::string reason_of(const Failure& failure);

    /// Time that the code of one call may take, and time that a call waits for the compilation of other drivers.
    /// @{
    static constexpr std::chrono::milliseconds kCallTime{2'000};
    static constexpr std::chrono::milliseconds kCompileTime{30'000};
    /// @}
    /// The deepest nesting in the JSON of a driver, as on the node.
    static constexpr std::size_t kMaxDepth = 127;

    /// All outlive it. `files` is null when this node stores no drivers.
    ContractDrivers(const chain::View& view, store::DriverFiles* files, vm::Drivers& drivers)
        : view_(view), files_(files), drivers_(drivers) {}

    /// The archived argument of a function, made of JSON text.
    Result<base::Bytes> encode_input(const ledger::ContractId& contract, std::string_view function,
                                     std::string_view json);
    /// JSON with sorted keys. Print it with `base::json::print_decimal`.
    /// @{
    Result<base::json::value> decode_input(const ledger::ContractId& contract, std::string_view function,
                                           base::ByteView archived);
    Result<base::json::value> decode_output(const ledger::ContractId& contract, std::string_view function,
                                            base::ByteView archived);
    Result<base::json::value> decode_event(const ledger::ContractId& contract, std::string_view topic,
                                           base::ByteView archived);
    /// @}
    /// The names and types of everything that the driver knows, as JSON text.
    Result<std::string> schema(const ledger::ContractId& contract);
    Result<std::string> version(const ledger::ContractId& contract);

    /// The uploaded driver of a contract; null: none was uploaded, or there is no such contract. The owner's signature
    /// is checked when the file is read, not each time.
    Result<store::DriverFilePtr> file(const ledger::ContractId& contract);
    /// Stores a driver in place of the one that the contract had. False: it was replaced before, and is not taken
    /// again (`store::DriverFiles::put`). Kind::none when this node stores none. REQUIRES: the signature is the
    /// owner's.
    Result<bool> put(const ledger::ContractId& contract, store::DriverFile driver);
    /// Whether a signature of a module is the owner's. `owner`: what the deployment said, which need not be a key.
    static bool is_signed(base::ByteView owner, base::ByteView signature, base::ByteView module);

    /// Whether a call must first wait for the compilation of this contract's driver.
    bool must_compile(const ledger::ContractId& contract);
    /// Compiles it, so that calls do not wait for that. A failure shows at the next call.
    void compile(const ledger::ContractId& contract);
    /// Ends the calls that run and the waits for compilations, because the node stops. Later ones end at once.
    void end() noexcept { ends_ = true; }

private:
    vm::Drivers::Stop after(std::chrono::milliseconds time) const;
    Result<vm::Drivers::ModulePtr> module(const ledger::ContractId& contract);
    Result<base::Bytes> ask(const ledger::ContractId& contract, const vm::DriverCall& call);
    Result<base::json::value> decode(const ledger::ContractId& contract, vm::DriverFunction function,
                                     std::string_view name, base::ByteView archived);

    const chain::View& view_;
    store::DriverFiles* const files_;
    vm::Drivers& drivers_;
    std::atomic<bool> ends_{false};
};

}  // namespace rues::api
