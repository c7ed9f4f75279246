#include "vm/machine.hpp"

#include <utility>

#include "vm/host_functions.hpp"
#include "vm/machine_inside.hpp"

namespace rues::vm {

Machine::Machine(std::unique_ptr<MachineInside> inside) : inside_(std::move(inside)) {}
Machine::~Machine() = default;

base::Result<std::unique_ptr<Machine>> Machine::create(MachineOptions options, const HostQueries& queries) {
    auto inside = std::make_unique<MachineInside>();
    auto engine = Engine::create({host_functions32(), host_functions64(), false});
    if (!engine) return std::unexpected(std::move(engine.error()));
    inside->engine = std::move(*engine);
    auto pages = PageFile::create({.max_bytes = options.page_file_bytes});
    if (!pages) return std::unexpected(std::move(pages.error()));
    inside->pages = std::move(*pages);
    inside->modules = std::make_unique<ModuleCache>(*inside->engine, options.module_cache_bytes,
                                                    std::move(options.compiled), options.contract_log);
    inside->drivers = std::make_unique<Drivers>(*inside->engine);
    inside->contract_log = options.contract_log;
    inside->block_spaces = std::make_unique<SpacePool>(inside->pages, SpacePool::Limits{options.block_spaces, 1});
    inside->query_spaces =
        std::make_unique<SpacePool>(inside->pages, SpacePool::Limits{.spaces = options.query_spaces});
    inside->queries = &queries;
    return std::unique_ptr<Machine>(new Machine(std::move(inside)));
}

const std::shared_ptr<PageFile>& Machine::pages() const noexcept {
    return inside_->pages;
}
Drivers& Machine::drivers() const noexcept {
    return *inside_->drivers;
}
const HostQueries& Machine::host_queries() const noexcept {
    return *inside_->queries;
}
bool Machine::contract_log() const noexcept {
    return inside_->contract_log;
}
void Machine::tick() noexcept {
    inside_->engine->tick();
    inside_->modules->tick();
    inside_->drivers->tick();
}

}  // namespace rues::vm
