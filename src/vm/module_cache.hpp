#pragma once

#include <map>
#include <mutex>
#include <optional>

#include "base/lru_cache.hpp"
#include "vm/compile_turns.hpp"
#include "vm/compiled.hpp"
#include "vm/machine.hpp"

namespace rues::vm {

/// Compiled modules by the hash of their bytecode. Any thread.
///
/// Blocks compile at once; queries take turns (CompileTurns). What a query compiles for a deployment that it only tries
/// is kept apart until a block needs it: it pushes no deployed contract out, and the owner's store does not get it.
class ModuleCache {
public:
    enum class Use : std::uint8_t {
        block,  ///< never waits for its turn
        query,  ///< of a contract that is deployed
        trial,  ///< of a deployment in a query
    };
    /// Compilations of queries at a time. The other threads of queries, and the chain, keep the rest of the machine.
    static constexpr std::size_t kQueryCompilations = 1;
    /// Compiled modules that are kept of deployments in queries.
    static constexpr std::size_t kTrialBytes = std::size_t{64} << 20;

    /// `contract_log`: as for `prepare_contract`.
    ModuleCache(Engine& engine, std::size_t max_bytes, std::optional<CompiledStore> store, bool contract_log = false);

    using Stop = CompileTurns::Stop;

    /// The compiled form of the code: from memory, from the owner's store, or compiled now. nullopt: `stop` said so.
    /// `prepared`: the code as `prepare_contract` gives it, when the caller has done that.
    base::Result<std::optional<Compiled>> get(const Bytecode& code, Use use, const Stop& stop = {},
                                              const wasm::Prepared* prepared = nullptr);
    /// Lets all who wait ask whether they should.
    void tick() noexcept { turns_.tick(); }
    /// Threads that wait in `get`.
    std::size_t waiting() const { return turns_.waiting(); }

private:
    std::optional<Compiled> find(const Bytecode& code, Use use);
    base::Result<Compiled> make(const Bytecode& code, Use use, const wasm::Prepared* prepared);
    std::optional<Compiled> from_store(const Hash32& hash);
    void to_store(const Hash32& hash, const Compiled& compiled);

    Engine& engine_;
    const std::optional<CompiledStore> store_;
    const bool contract_log_;
    CompileTurns turns_{kQueryCompilations};
    std::mutex mutex_;

    // Guarded by mutex_:
    base::LruCache<Hash32, Compiled> cache_;
    base::LruCache<Hash32, Compiled> trials_;
    std::map<Hash32, Compiled> genesis_;  ///< never dropped
};

}  // namespace rues::vm
