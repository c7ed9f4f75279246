#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/lru_cache.hpp"
#include "vm/compile_turns.hpp"
#include "vm/driver/driver_instance.hpp"

namespace rues::vm {

/// Data drivers in WebAssembly: compiled modules by their hash, and instances that are kept between calls. Any thread
/// with a stack of some megabytes, but not an event loop: a compilation takes seconds, a call as long as its caller
/// allows.
///
/// An instance belongs to a module, not to a contract: contracts with the same driver share instances. What a driver
/// keeps of a call, only later calls of the same code can see.
class Drivers {
public:
    struct Limits {
        std::size_t module_bytes = std::size_t{128} << 20;  ///< compiled, in memory; one has at most a quarter of it
        std::size_t instances = 48;                         ///< in use or idle
        std::size_t idle_instances = 16;
        std::size_t idle_bytes = std::size_t{128} << 20;  ///< what all idle instances hold: memory and machine code
        std::size_t kept_bytes = std::size_t{16} << 20;   ///< memory of an instance that is kept for the next call
    };
    /// Compilations at a time. The other threads of the caller keep the rest of the machine.
    static constexpr std::size_t kCompilations = 1;

    /// `engine` outlives it.
    explicit Drivers(Engine& engine) : Drivers(engine, Limits{}) {}
    Drivers(Engine& engine, const Limits& limits);

    using ModulePtr = std::shared_ptr<const DriverModule>;
    using Stop = std::function<bool()>;

    /// Whether `load` answers at once: the module is compiled, or known to be no driver.
    bool is_known(const base::Hash32& hash) const;
    /// The compiled module. A module that is no driver is remembered as such. Waits while another module is compiled;
    /// Kind::busy when `stop`, which is asked at each tick, ends that.
    DriverResult<ModulePtr> load(const DriverCode& code, const Stop& stop);
    /// Asks an instance of the module. `stop` is asked at each tick while the driver runs; true ends the call with
    /// Kind::time. A call that an instance of earlier calls could not do is done again by a new one, so that the answer
    /// does not depend on earlier calls. Kind::busy when `Limits::instances` are in use.
    DriverResult<Bytes> call(const ModulePtr& module, const DriverCall& asked, const Stop& stop);
    /// Lets all who wait in `load` ask whether they should.
    void tick() noexcept { turns_.tick(); }

    std::size_t instances() const;  ///< in use or idle
    std::size_t idle() const;
    std::size_t waiting() const { return turns_.waiting(); }  ///< threads that wait in `load`

private:
    using InstancePtr = std::unique_ptr<DriverInstance>;
    using Known = DriverResult<ModulePtr>;

    std::optional<Known> find(const base::Hash32& hash) const;
    void keep(const base::Hash32& hash, const Known& known);
    InstancePtr take_idle(const base::Hash32& hash);
    bool reserve();
    void give_back(InstancePtr instance);
    void forget_one();
    InstancePtr take_oldest();

    Engine& engine_;
    const Limits limits_;
    CompileTurns turns_{kCompilations};
    mutable std::mutex mutex_;

    // Guarded by mutex_:
    mutable base::LruCache<base::Hash32, Known> known_;
    std::vector<InstancePtr> idle_;  ///< the one that came back last is the last
    std::size_t idle_bytes_ = 0;
    std::size_t instances_ = 0;  ///< in use or idle
};

}  // namespace rues::vm
