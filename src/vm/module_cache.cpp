#include "vm/module_cache.hpp"

#include <utility>

#include "base/encoding.hpp"
#include "vm/genesis_contracts.hpp"

namespace rues::vm {
namespace {

std::string key_of(const Hash32& hash) {
    return base::to_hex(hash) + "-" + compiled_version();
}

}  // namespace

ModuleCache::ModuleCache(Engine& engine, std::size_t max_bytes, std::optional<CompiledStore> store, bool contract_log)
    : engine_(engine), store_(std::move(store)), contract_log_(contract_log), cache_(max_bytes), trials_(kTrialBytes) {}

base::Result<std::optional<Compiled>> ModuleCache::get(const Bytecode& code, Use use, const Stop& stop,
                                                       const wasm::Prepared* prepared) {
    if (auto found = find(code, use)) return found;
    const auto kind = use == Use::block ? CompileTurns::Kind::free : CompileTurns::Kind::bounded;
    const auto turn = turns_.take(code.hash, kind, stop);
    if (!turn) return std::nullopt;
    auto made = make(code, use, prepared);
    if (!made) return std::unexpected(std::move(made.error()));
    return std::move(*made);
}

std::optional<Compiled> ModuleCache::find(const Bytecode& code, Use use) {
    const Hash32& hash = code.hash;
    std::optional<Compiled> tried;
    {
        const std::scoped_lock lock(mutex_);
        if (const auto genesis = genesis_.find(hash); genesis != genesis_.end()) return genesis->second;
        if (const Compiled* cached = cache_.find(hash)) return *cached;
        const Compiled* trial = trials_.find(hash);
        if (trial == nullptr) return std::nullopt;
        if (use != Use::block) return *trial;
        tried = *trial;
        cache_.put(hash, *tried, tried->bytes);
    }
    to_store(hash, *tried);
    return tried;
}

/// Called by one thread at a time for each hash.
base::Result<Compiled> ModuleCache::make(const Bytecode& code, Use use, const wasm::Prepared* prepared) {
    if (auto found = find(code, use)) return std::move(*found);  // made while this thread waited

    if (const auto embedded = compiled_genesis_contract(code.bytes)) {
        if (auto loaded = load_compiled(engine_, *embedded)) {
            const std::scoped_lock lock(mutex_);
            return genesis_.emplace(code.hash, std::move(*loaded)).first->second;
        }
    }
    auto made = from_store(code.hash);
    if (!made) {
        wasm::Result<wasm::Prepared> own = std::unexpected(wasm::Refusal{});
        if (!prepared) {
            own = prepare_contract(code.bytes, contract_log_);
            if (!own) return base::failure(base::Error::Kind::invalid, std::move(own.error().text));
            prepared = &*own;
        }
        auto compiled = compile(engine_, *prepared);
        if (!compiled) return compiled;
        if (use != Use::trial) to_store(code.hash, *compiled);
        made = std::move(*compiled);
    }
    const std::scoped_lock lock(mutex_);
    (use == Use::trial ? trials_ : cache_).put(code.hash, *made, made->bytes);
    return std::move(*made);
}

std::optional<Compiled> ModuleCache::from_store(const Hash32& hash) {
    if (!store_) return std::nullopt;
    const auto saved = store_->load(key_of(hash));
    return saved ? load_compiled(engine_, *saved) : std::nullopt;
}

void ModuleCache::to_store(const Hash32& hash, const Compiled& compiled) {
    if (!store_) return;
    if (const auto saved = save_compiled(compiled)) store_->save(key_of(hash), *saved);
}

}  // namespace rues::vm
