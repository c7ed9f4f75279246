#pragma once

#include "vm/driver/drivers.hpp"
#include "vm/engine.hpp"
#include "vm/machine.hpp"
#include "vm/module_cache.hpp"
#include "vm/pages/space_pool.hpp"

namespace rues::vm {

struct MachineInside {
    std::unique_ptr<Engine> engine;
    std::shared_ptr<PageFile> pages;
    std::unique_ptr<ModuleCache> modules;
    std::unique_ptr<Drivers> drivers;
    std::unique_ptr<SpacePool> block_spaces;
    std::unique_ptr<SpacePool> query_spaces;
    const HostQueries* queries = nullptr;
    bool contract_log = false;
};

}  // namespace rues::vm
