#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "vm/pages/page_file.hpp"
#include "vm/state.hpp"

namespace rues::vm {

class Drivers;
class HostQueries;
struct MachineInside;

/// Where compiled modules are kept between runs. Given by the owner of the machine; called on any thread. What `load`
/// answers is run as code, so the place must be as safe as the program itself.
struct CompiledStore {
    std::function<std::optional<Bytes>(const std::string& key)> load;
    std::function<void(const std::string& key, ByteView compiled)> save;
};

struct MachineOptions {
    std::uint64_t page_file_bytes = std::uint64_t{8} << 30;  ///< of all states that are held, and of what sessions keep
    std::size_t module_cache_bytes = std::size_t{256} << 20;  ///< compiled modules in memory, without the genesis ones
    /// Contracts that sessions of blocks, and of queries, have loaded at a time, and that are kept for the next one.
    std::size_t block_spaces = 4'096;
    std::size_t query_spaces = 256;
    std::optional<CompiledStore> compiled{};
    /// Contracts may import `hdebug`, which no network allows (docs/reference/machine.md 1.2). A chain must always be
    /// executed with the same value.
    bool contract_log = false;
};

/// Engine, memory of all states, compiled modules, data drivers, host queries. Thread-safe: the chain and queries use
/// it at once. Outlives its sessions; states may outlive it.
class Machine {
public:
    /// `queries` outlives the machine. Fails when the system lacks what the machine needs, or the engine's library is
    /// not the right one.
    static base::Result<std::unique_ptr<Machine>> create(MachineOptions options, const HostQueries& queries);
    ~Machine();

    const std::shared_ptr<PageFile>& pages() const noexcept;
    /// Data drivers, which run in the same engine.
    Drivers& drivers() const noexcept;
    const HostQueries& host_queries() const noexcept;
    bool contract_log() const noexcept;
    /// Advances the clock of calls that run or wait for a compilation: each then asks whether it may continue. The
    /// owner calls it from a timer of about `kTickMilliseconds`; without it nothing stops a query but its gas.
    void tick() noexcept;
    static constexpr int kTickMilliseconds = 10;

private:
    friend struct SessionInside;
    explicit Machine(std::unique_ptr<MachineInside> inside);

    std::unique_ptr<MachineInside> inside_;
};

/// The genesis contracts of Dusk's networks.
struct GenesisContracts {
    Bytes transfer;
    Bytes stake;
};
/// Those that are part of the program: unmodified, MPL-2.0 (docs/dependencies.md).
const GenesisContracts& genesis_contracts();
/// Others: `transfer_contract.wasm` and `stake_contract.wasm` in a folder.
base::Result<GenesisContracts> read_genesis_contracts(const std::string& folder);

}  // namespace rues::vm
