#include "vm/driver/drivers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace rues::vm {
namespace {

using Kind = DriverFailure::Kind;

/// What the cache takes for an entry besides machine code, so that small entries are bounded too.
constexpr std::size_t kEntryBytes = std::size_t{16} << 10;

/// What an idle instance holds. It holds its machine code even when the cache has dropped the module. Code that several
/// instances share counts for each.
std::size_t bytes_held(const DriverInstance& instance) {
    return static_cast<std::size_t>(instance.memory_bytes()) + instance.module().bytes();
}

}  // namespace

Drivers::Drivers(Engine& engine, const Limits& limits)
    : engine_(engine), limits_(limits), known_(limits.module_bytes) {}

bool Drivers::is_known(const base::Hash32& hash) const {
    const std::scoped_lock lock(mutex_);
    return known_.find(hash) != nullptr;
}

std::optional<Drivers::Known> Drivers::find(const base::Hash32& hash) const {
    const std::scoped_lock lock(mutex_);
    const Known* known = known_.find(hash);
    return known != nullptr ? std::optional(*known) : std::nullopt;
}

void Drivers::keep(const base::Hash32& hash, const Known& known) {
    const std::size_t bytes = kEntryBytes + (known ? (*known)->bytes() : known.error().text.size());
    const std::scoped_lock lock(mutex_);
    known_.put(hash, known, bytes);
}

DriverResult<Drivers::ModulePtr> Drivers::load(const DriverCode& code, const Stop& stop) {
    if (auto known = find(code.hash)) return std::move(*known);
    const auto turn = turns_.take(code.hash, CompileTurns::Kind::bounded, stop);
    if (!turn) return driver_failure(Kind::busy, "Limit", "other drivers are being compiled");
    if (auto known = find(code.hash)) return std::move(*known);  // compiled while this thread waited
    Known made = DriverModule::compile(engine_, code);
    // A module that cannot be kept would be compiled at each call.
    if (made && (*made)->bytes() + kEntryBytes > limits_.module_bytes / 4)
        made = driver_failure(Kind::memory, "Limit", fmt::format("the compiled driver has {} bytes", (*made)->bytes()));
    keep(code.hash, made);
    return made;
}

DriverResult<Bytes> Drivers::call(const ModulePtr& module, const DriverCall& asked, const Stop& stop) {
    if (auto used = take_idle(module->hash())) {
        auto answer = used->call(asked, stop);
        const bool is_final = used->is_usable() || answer || answer.error().kind == Kind::time;
        give_back(std::move(used));
        if (is_final) return answer;
    }
    if (!reserve()) return driver_failure(Kind::busy, "Limit", "too many drivers run");
    auto made = DriverInstance::create(engine_, module, stop);
    if (!made) {
        forget_one();
        return std::unexpected(std::move(made.error()));
    }
    auto answer = (*made)->call(asked, stop);
    give_back(std::move(*made));
    return answer;
}

std::size_t Drivers::instances() const {
    const std::scoped_lock lock(mutex_);
    return instances_;
}

std::size_t Drivers::idle() const {
    const std::scoped_lock lock(mutex_);
    return idle_.size();
}

Drivers::InstancePtr Drivers::take_idle(const base::Hash32& hash) {
    const std::scoped_lock lock(mutex_);
    // The newest has most of its memory in the caches of the processor.
    const auto found = std::find_if(idle_.rbegin(), idle_.rend(),
                                    [&](const InstancePtr& one) { return one->module().hash() == hash; });
    if (found == idle_.rend()) return nullptr;
    InstancePtr out = std::move(*found);
    idle_.erase(std::next(found).base());
    idle_bytes_ -= bytes_held(*out);
    return out;
}

/// Counts one more instance. False: all are in use.
bool Drivers::reserve() {
    InstancePtr dropped;  // its memory is given back without the lock
    const std::scoped_lock lock(mutex_);
    if (instances_ >= limits_.instances) {
        if (idle_.empty()) return false;
        dropped = take_oldest();
    }
    ++instances_;
    return true;
}

void Drivers::forget_one() {
    const std::scoped_lock lock(mutex_);
    --instances_;
}

void Drivers::give_back(InstancePtr instance) {
    std::vector<InstancePtr> dropped;  // their memory is given back without the lock
    const std::scoped_lock lock(mutex_);
    if (!instance->is_usable() || instance->memory_bytes() > limits_.kept_bytes) {
        --instances_;
        dropped.push_back(std::move(instance));
        return;
    }
    idle_bytes_ += bytes_held(*instance);
    idle_.push_back(std::move(instance));
    while (idle_.size() > limits_.idle_instances || idle_bytes_ > limits_.idle_bytes) dropped.push_back(take_oldest());
}

/// REQUIRES: mutex_ is held; one is idle.
Drivers::InstancePtr Drivers::take_oldest() {
    InstancePtr out = std::move(idle_.front());
    idle_.erase(idle_.begin());
    idle_bytes_ -= bytes_held(*out);
    --instances_;
    return out;
}

}  // namespace rues::vm
