#pragma once

#include <filesystem>

#include "phoenix/verification.hpp"
#include "vm/host_queries.hpp"
#include "vm/machine.hpp"

/// The machine that executes contracts, put together.
namespace rues::app {

/// A machine with the host queries that it needs.
class ContractMachine {
public:
    /// With the keys of developers, the host query `verify_plonk` takes their verifier data in place of the network's,
    /// which the contracts hold (docs/reference/differences.md 42).
    static base::Result<std::unique_ptr<ContractMachine>> create(vm::MachineOptions options = {},
                                                                 phoenix::Keys keys = phoenix::Keys::network);
    explicit ContractMachine(phoenix::Keys keys);
    vm::Machine& operator*() const noexcept { return *machine_; }

private:
    vm::HostQueries queries_;
    std::unique_ptr<vm::Machine> machine_;
};

/// The genesis contracts in a folder; with an empty path, those of the program.
base::Result<std::shared_ptr<const vm::GenesisContracts>> load_contracts(const std::filesystem::path& folder);

/// Keeps compiled contracts in a folder, so that a restart does not compile them again: one file each, at most
/// `kMostCompiled`; beyond, the file that was written first is removed. The files are run as code: the folder belongs
/// to the program's user alone. A file that cannot be read or written only costs time.
inline constexpr std::size_t kMostCompiled = 1'024;
vm::CompiledStore compiled_in(const std::filesystem::path& folder, std::size_t most = kMostCompiled);

}  // namespace rues::app
