// The only file that knows wasmtime's headers. The layouts of its structs belong to one release (cmake/wasmtime.cmake).
#include <sys/mman.h>
#include <wasmtime.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/encoding.hpp"
#include "vm/engine.hpp"
#include "vm/loaded_library.hpp"

namespace rues::vm {
namespace {

template <auto Delete>
struct Deleter {
    void operator()(auto* object) const noexcept { Delete(object); }
};
template <typename T, auto Delete>
using Owned = std::unique_ptr<T, Deleter<Delete>>;

using OwnedEngine = Owned<wasm_engine_t, wasm_engine_delete>;
using OwnedError = Owned<wasmtime_error_t, wasmtime_error_delete>;
using OwnedFunctionType = Owned<wasm_functype_t, wasm_functype_delete>;
using OwnedLinker = Owned<wasmtime_linker_t, wasmtime_linker_delete>;
using OwnedModule = Owned<wasmtime_module_t, wasmtime_module_delete>;
using OwnedPre = Owned<wasmtime_instance_pre_t, wasmtime_instance_pre_delete>;
using OwnedStore = Owned<wasmtime_store_t, wasmtime_store_delete>;
using OwnedTrap = Owned<wasm_trap_t, wasm_trap_delete>;

constexpr std::size_t kMaxWasmStack = 512U << 10;         // docs/reference/machine.md 1.1
constexpr std::uint64_t kNever = std::uint64_t{1} << 62;  // ticks
constexpr std::size_t kMaxParameters = 8;

// Of one instance. Elements of tables take memory that gas does not pay for. Contracts have one table of some hundred.
constexpr std::int64_t kMaxTables = 4;
constexpr std::int64_t kMaxTableElements = 100'000;

const std::uint8_t* u8(ByteView bytes) noexcept {
    return base::u8(bytes);
}

std::string text_of(const wasm_byte_vec_t& bytes) {
    return {bytes.data, bytes.size};
}

std::string take_text(OwnedError error) {
    wasm_byte_vec_t message;
    wasmtime_error_message(error.get(), &message);
    std::string text = text_of(message);
    wasm_byte_vec_delete(&message);
    return text;
}

std::string take_text(OwnedTrap trap) {
    wasm_byte_vec_t message;
    wasm_trap_message(trap.get(), &message);
    std::string text = text_of(message);
    wasm_byte_vec_delete(&message);
    while (!text.empty() && text.back() == '\0') text.pop_back();
    return text;
}

std::unexpected<base::Error> refused(wasmtime_error_t* error) {
    return base::failure(base::Error::Kind::invalid, take_text(OwnedError(error)));
}

base::Result<void> check_library() {
    const LoadedLibrary loaded = loaded_library("libwasmtime.so", RUES_WASMTIME_BUILD_ID);
    if (loaded.found) return {};
    return base::failure(base::Error::Kind::invalid,
                         "the wasmtime library at " + (loaded.other.empty() ? "(unknown path)" : loaded.other) +
                             " is not the release " WASMTIME_VERSION " that this program was built for");
}

// ---- memory ----

/// The creator of memories belongs to the engine, but a memory belongs to the instance that is being made on this
/// thread.
struct NextMemory {
    LinearMemory* memory = nullptr;
    std::uint64_t minimum =
        0;  ///< pages of the module's memory; what the engine wants without any is not for the module
};
thread_local NextMemory next_memory;

std::uint8_t* get_memory(void* env, std::size_t* size, std::size_t* capacity) {
    auto& memory = *static_cast<LinearMemory*>(env);
    *size = memory.size();
    *capacity = LinearMemory::kReservation;
    return reinterpret_cast<std::uint8_t*>(memory.base());
}

wasmtime_error_t* grow_memory(void* env, std::size_t size) {
    return static_cast<LinearMemory*>(env)->grow_to(size) ? nullptr : wasmtime_error_new("the memory cannot grow");
}

/// The engine's own memory for references to host objects. A module that has a type for them gets it, and it stays
/// empty: contracts have no way to get such an object.
class ReferenceHeap final : public LinearMemory {
public:
    ReferenceHeap()
        : base_(mmap(nullptr, kReservation, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                     0)) {}
    ~ReferenceHeap() override {
        if (is_mapped()) munmap(base_, kReservation);
    }
    ReferenceHeap(const ReferenceHeap&) = delete;
    ReferenceHeap& operator=(const ReferenceHeap&) = delete;

    bool is_mapped() const noexcept { return base_ != MAP_FAILED; }
    std::byte* base() noexcept override { return static_cast<std::byte*>(base_); }
    std::uint64_t size() const noexcept override { return size_; }
    bool grow_to(std::uint64_t bytes) noexcept override {
        if (bytes > kMaxBytes) return false;
        size_ = bytes;
        return true;
    }

private:
    static constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 20U;
    void* base_;
    std::uint64_t size_ = 0;
};

wasmtime_error_t* new_memory(void*, const wasm_memorytype_t*, std::size_t minimum, std::size_t, std::size_t,
                             std::size_t, wasmtime_linear_memory_t* made) {
    if (minimum == 0 && next_memory.minimum > 0) {
        auto heap = std::make_unique<ReferenceHeap>();
        if (!heap->is_mapped()) return wasmtime_error_new("there is no room for references");
        *made = {static_cast<LinearMemory*>(heap.release()), get_memory, grow_memory,
                 [](void* env) { delete static_cast<LinearMemory*>(env); }};
        return nullptr;
    }
    LinearMemory* memory = std::exchange(next_memory.memory, nullptr);
    if (!memory) return wasmtime_error_new("an instance has one memory");
    if (memory->size() < minimum) return wasmtime_error_new("the memory is smaller than the module's minimum");
    *made = {memory, get_memory, grow_memory, nullptr};
    return nullptr;
}

// ---- settings ----

wasm_config_t* settings(bool baseline_cpu) {
    wasm_config_t* config = wasm_config_new();
    wasmtime_config_strategy_set(config, WASMTIME_STRATEGY_CRANELIFT);
    wasmtime_config_cranelift_opt_level_set(config, WASMTIME_OPT_LEVEL_SPEED);
    wasmtime_config_cranelift_nan_canonicalization_set(config, true);
    wasmtime_config_cranelift_debug_verifier_set(config, false);
    wasmtime_config_parallel_compilation_set(config, false);
    wasmtime_config_debug_info_set(config, false);
    wasmtime_config_native_unwind_info_set(config, false);
    wasmtime_config_consume_fuel_set(config, false);
    wasmtime_config_epoch_interruption_set(config, true);
    wasmtime_config_max_wasm_stack_set(config, kMaxWasmStack);

    // No signal handlers: the process keeps its own, and a fault is a fault.
    wasmtime_config_signals_based_traps_set(config, false);
    wasmtime_config_memory_may_move_set(config, false);
    wasmtime_config_memory_reservation_set(config, LinearMemory::kReservation);
    wasmtime_config_memory_reservation_for_growth_set(config, 0);
    wasmtime_config_memory_guard_size_set(config, 0);
    wasmtime_config_memory_init_cow_set(config, false);
    wasmtime_memory_creator_t creator{nullptr, new_memory, nullptr};
    wasmtime_config_host_memory_creator_set(config, &creator);

    // docs/reference/machine.md 1.1. Extended constant expressions have no setter; `wasm` refuses them.
    wasmtime_config_wasm_multi_value_set(config, true);
    wasmtime_config_wasm_bulk_memory_set(config, true);
    wasmtime_config_wasm_reference_types_set(config, true);
    wasmtime_config_wasm_simd_set(config, true);
    wasmtime_config_wasm_relaxed_simd_set(config, true);
    wasmtime_config_wasm_relaxed_simd_deterministic_set(config, true);
    wasmtime_config_wasm_memory64_set(config, true);
    wasmtime_config_wasm_multi_memory_set(config,
                                          true);  // for its encoding of addresses; `wasm` refuses a second memory
    wasmtime_config_wasm_threads_set(config, false);
    wasmtime_config_shared_memory_set(config, false);
    wasmtime_config_wasm_tail_call_set(config, false);
    wasmtime_config_wasm_function_references_set(config, false);
    wasmtime_config_wasm_gc_set(config, false);
    wasmtime_config_wasm_exceptions_set(config, false);
    wasmtime_config_wasm_wide_arithmetic_set(config, false);
    wasmtime_config_wasm_branch_hinting_set(config, false);
    wasmtime_config_wasm_custom_page_sizes_set(config, false);
    wasmtime_config_wasm_compact_imports_set(config, false);
    wasmtime_config_wasm_stack_switching_set(config, false);
    wasmtime_config_wasm_component_model_set(config, false);

    if (baseline_cpu) {
        // A target that is named has no features but those of its baseline, whatever this machine's CPU has.
        OwnedError failed(wasmtime_config_target_set(config, "x86_64-unknown-linux-gnu"));
    }
    return config;
}

// ---- modules ----

class CompiledModule final : public Module {
public:
    CompiledModule(OwnedModule module, OwnedPre pre, const ModuleShape& shape, std::span<const HostFunction> offered)
        : memory(shape.memory),
          counter(shape.counter),
          functions(offered),
          min_pages(minimum_of(*module, shape.memory)),
          module_(std::move(module)),
          pre_(std::move(pre)) {}

    base::Result<Bytes> serialise() const override {
        wasm_byte_vec_t bytes;
        if (auto* error = wasmtime_module_serialize(module_.get(), &bytes)) return refused(error);
        Bytes out = base::to_bytes(text_of(bytes));
        wasm_byte_vec_delete(&bytes);
        return out;
    }
    std::size_t bytes() const noexcept override {
        void* begin = nullptr;
        void* end = nullptr;
        wasmtime_module_image_range(module_.get(), &begin, &end);
        return static_cast<std::size_t>(static_cast<const std::byte*>(end) - static_cast<const std::byte*>(begin));
    }
    const wasmtime_instance_pre_t* pre() const noexcept { return pre_.get(); }

    const std::string memory;
    const std::string counter;
    const std::span<const HostFunction> functions;
    const std::uint64_t min_pages;

private:
    static std::uint64_t minimum_of(const wasmtime_module_t& module, std::string_view memory) {
        wasm_exporttype_vec_t exports;
        wasmtime_module_exports(&module, &exports);
        std::uint64_t pages = 0;
        for (std::size_t i = 0; i < exports.size; ++i) {
            const auto* type = wasm_externtype_as_memorytype_const(wasm_exporttype_type(exports.data[i]));
            if (type && text_of(*wasm_exporttype_name(exports.data[i])) == memory)
                pages = wasmtime_memorytype_minimum(type);
        }
        wasm_exporttype_vec_delete(&exports);
        return pages;
    }

    OwnedModule module_;
    OwnedPre pre_;
};

// ---- instances ----

class RunningInstance final : public Instance {
public:
    RunningInstance(OwnedStore store, Host& host, std::span<const HostFunction> functions)
        : store_(std::move(store)), context_(wasmtime_store_context(store_.get())), host_(host), functions_(functions) {
        wasmtime_context_set_data(context_, this);
    }

    base::Result<void> start(const CompiledModule& module, LinearMemory& memory, bool interruptible) {
        if (interruptible) {
            wasmtime_store_epoch_deadline_callback(store_.get(), may_continue, nullptr, nullptr);
            wasmtime_context_set_epoch_deadline(context_, 1);
        } else {
            wasmtime_context_set_epoch_deadline(context_, kNever);
        }
        wasmtime_store_limiter(store_.get(), -1, kMaxTableElements, 1, kMaxTables, 1);
        wasm_trap_t* trap = nullptr;
        next_memory = {&memory, module.min_pages};
        auto* error = wasmtime_instance_pre_instantiate(module.pre(), context_, &instance_, &trap);
        next_memory = {};
        if (error) return refused(error);
        if (trap) return base::failure(base::Error::Kind::invalid, take_text(OwnedTrap(trap)));
        wasmtime_extern_t item;
        if (!find(module.counter, WASMTIME_EXTERN_GLOBAL, item))
            return base::failure(base::Error::Kind::invalid, "the module does not count its gas");
        counter_ = item.of.global;
        if (!find(module.memory, WASMTIME_EXTERN_MEMORY, item))
            return base::failure(base::Error::Kind::invalid, "the module exports no memory");
        memory_ = item.of.memory;
        return {};
    }

    std::optional<std::expected<std::int32_t, Trap>> call(std::string_view function, std::int32_t argument) override {
        wasmtime_extern_t item;
        if (!find(function, WASMTIME_EXTERN_FUNC, item)) return std::nullopt;
        wasmtime_val_raw_t value{};
        value.i32 = argument;
        return run(item.of.func, {&value, 1});
    }

    bool has_function(std::string_view function) override {
        wasmtime_extern_t item;
        return find(function, WASMTIME_EXTERN_FUNC, item);
    }

    std::expected<std::int32_t, Trap> invoke(std::string_view function,
                                             std::span<const std::int32_t> arguments) override {
        wasmtime_extern_t item;
        if (!find(function, WASMTIME_EXTERN_FUNC, item)) return std::unexpected(Trap::code);
        std::array<wasmtime_val_raw_t, kMaxArguments> values{};
        for (std::size_t i = 0; i < arguments.size(); ++i) values.at(i).i32 = arguments[i];
        return run(item.of.func, std::span(values).first(std::max<std::size_t>(arguments.size(), 1)));
    }

    std::optional<std::uint64_t> constant(std::string_view global) override {
        wasmtime_extern_t item;
        if (!find(global, WASMTIME_EXTERN_GLOBAL, item)) return std::nullopt;
        wasmtime_val_t value;
        wasmtime_global_get(context_, &item.of.global, &value);
        if (value.kind == WASMTIME_I32) return static_cast<std::uint32_t>(value.of.i32);
        if (value.kind == WASMTIME_I64) return static_cast<std::uint64_t>(value.of.i64);
        wasmtime_val_unroot(&value);
        return std::nullopt;
    }

    std::int64_t counter() noexcept override {
        wasmtime_val_t value;
        wasmtime_global_get(context_, &counter_, &value);
        return value.of.i64;
    }
    void set_counter(std::int64_t count) noexcept override {
        wasmtime_val_t value{};
        value.kind = WASMTIME_I64;
        value.of.i64 = count;
        const OwnedError failed(wasmtime_global_set(context_, &counter_, &value));
    }

    void memory_changed() noexcept override {
        // Growing by nothing makes the engine ask for the size again.
        std::uint64_t before = 0;
        const OwnedError failed(wasmtime_memory_grow(context_, &memory_, 0, &before));
    }

    /// The host's functions as the engine calls them: `env` is the function's number.
    static wasm_trap_t* host_function(void* env, wasmtime_caller_t* caller, wasmtime_val_raw_t* values, std::size_t) {
        auto& self = *static_cast<RunningInstance*>(wasmtime_context_get_data(wasmtime_caller_context(caller)));
        const auto number = reinterpret_cast<std::uintptr_t>(env);
        const HostFunction& function = self.functions_[number];
        std::array<std::uint64_t, kMaxParameters> words{};
        for (std::size_t i = 0; i < function.parameters.size(); ++i)
            words[i] = function.parameters[i] == ValueType::i32 ? static_cast<std::uint32_t>(values[i].i32)
                                                                : static_cast<std::uint64_t>(values[i].i64);
        if (!self.host_.call(number, std::span(words).first(std::max<std::size_t>(function.parameters.size(), 1)))) {
            self.stopped_ = Trap::host;
            return wasmtime_trap_new("", 0);
        }
        if (function.result == ValueType::i32) values[0].i32 = static_cast<std::int32_t>(words[0]);
        if (function.result == ValueType::i64) values[0].i64 = static_cast<std::int64_t>(words[0]);
        return nullptr;
    }

private:
    /// `values` holds the arguments, and room for the result, which is its first element.
    std::expected<std::int32_t, Trap> run(const wasmtime_func_t& function, std::span<wasmtime_val_raw_t> values) {
        wasm_trap_t* trap = nullptr;
        const OwnedError error(wasmtime_func_call_unchecked(context_, &function, values.data(), values.size(), &trap));
        const OwnedTrap trapped(trap);
        if (error || trapped) return std::unexpected(std::exchange(stopped_, Trap::code));
        return values[0].i32;
    }

    bool find(std::string_view name, wasmtime_extern_kind_t kind, wasmtime_extern_t& item) {
        return wasmtime_instance_export_get(context_, &instance_, name.data(), name.size(), &item) && item.kind == kind;
    }

    static wasmtime_error_t* may_continue(const wasmtime_context_t* context, void*, std::uint64_t* ticks,
                                          wasmtime_update_deadline_kind_t* kind) {
        auto& self = *static_cast<RunningInstance*>(wasmtime_context_get_data(context));
        if (!self.host_.may_continue()) {
            self.stopped_ = Trap::deadline;
            return wasmtime_error_new("stopped");
        }
        *ticks = 1;
        *kind = WASMTIME_UPDATE_DEADLINE_CONTINUE;
        return nullptr;
    }

    OwnedStore store_;
    wasmtime_context_t* context_;
    Host& host_;
    std::span<const HostFunction> functions_;
    wasmtime_instance_t instance_{};
    wasmtime_global_t counter_{};
    wasmtime_memory_t memory_{};
    Trap stopped_ = Trap::code;  ///< what the innermost call that runs will say if it stops now
};

// ---- engine ----

OwnedFunctionType type_of(const HostFunction& function) {
    const auto kind = [](ValueType type) { return type == ValueType::i32 ? WASM_I32 : WASM_I64; };
    wasm_valtype_vec_t parameters;
    wasm_valtype_vec_new_uninitialized(&parameters, function.parameters.size());
    for (std::size_t i = 0; i < function.parameters.size(); ++i)
        parameters.data[i] = wasm_valtype_new(static_cast<wasm_valkind_t>(kind(function.parameters[i])));
    wasm_valtype_vec_t results;
    wasm_valtype_vec_new_uninitialized(&results, function.result ? 1 : 0);
    if (function.result) results.data[0] = wasm_valtype_new(static_cast<wasm_valkind_t>(kind(*function.result)));
    return OwnedFunctionType(wasm_functype_new(&parameters, &results));
}

class Wasmtime final : public Engine {
public:
    explicit Wasmtime(const EngineOptions& options)
        : functions32_(options.functions32),
          functions64_(options.functions64),
          engine_(wasm_engine_new_with_config(settings(options.baseline_cpu))) {}

    base::Result<void> validate(ByteView module) override {
        if (auto* error = wasmtime_module_validate(engine_.get(), u8(module), module.size())) return refused(error);
        return {};
    }

    base::Result<std::shared_ptr<const Module>> compile(ByteView module, const ModuleShape& shape) override {
        wasmtime_module_t* compiled = nullptr;
        if (auto* error = wasmtime_module_new(engine_.get(), u8(module), module.size(), &compiled))
            return refused(error);
        return link(OwnedModule(compiled), shape);
    }

    base::Result<std::shared_ptr<const Module>> load(ByteView serialised, const ModuleShape& shape) override {
        wasmtime_module_t* loaded = nullptr;
        if (auto* error = wasmtime_module_deserialize(engine_.get(), u8(serialised), serialised.size(), &loaded))
            return refused(error);
        return link(OwnedModule(loaded), shape);
    }

    base::Result<std::unique_ptr<Instance>> instantiate(const Module& module, LinearMemory& memory, Host& host,
                                                        bool interruptible) override {
        const auto& compiled = static_cast<const CompiledModule&>(module);
        OwnedStore store(wasmtime_store_new(engine_.get(), nullptr, nullptr));
        auto instance = std::make_unique<RunningInstance>(std::move(store), host, compiled.functions);
        if (auto started = instance->start(compiled, memory, interruptible); !started)
            return std::unexpected(std::move(started.error()));
        return instance;
    }

    void tick() noexcept override { wasmtime_engine_increment_epoch(engine_.get()); }

private:
    /// Resolves the imports once for all instances.
    base::Result<std::shared_ptr<const Module>> link(OwnedModule module, const ModuleShape& shape) {
        const auto functions = shape.memory64 ? functions64_ : functions32_;
        const OwnedLinker linker(wasmtime_linker_new(engine_.get()));
        wasmtime_linker_allow_shadowing(linker.get(), true);
        wasm_importtype_vec_t imports;
        wasmtime_module_imports(module.get(), &imports);
        wasmtime_error_t* error = nullptr;
        for (std::size_t i = 0; i < imports.size && !error; ++i) {
            const auto& from = *wasm_importtype_module(imports.data[i]);
            const auto& name = *wasm_importtype_name(imports.data[i]);
            const auto found =
                std::ranges::find(functions, std::string_view(name.data, name.size), &HostFunction::name);
            if (found == functions.end()) continue;  // instantiate_pre names it
            const auto number = static_cast<std::uintptr_t>(found - functions.begin());
            // NOLINTNEXTLINE(performance-no-int-to-ptr): the engine hands the number back, nobody follows it
            auto* const env = reinterpret_cast<void*>(number);
            error = wasmtime_linker_define_func_unchecked(linker.get(), from.data, from.size, name.data, name.size,
                                                          type_of(*found).get(), RunningInstance::host_function, env,
                                                          nullptr);
        }
        wasm_importtype_vec_delete(&imports);
        wasmtime_instance_pre_t* pre = nullptr;
        if (!error) error = wasmtime_linker_instantiate_pre(linker.get(), module.get(), &pre);
        if (error) return refused(error);
        return std::make_shared<CompiledModule>(std::move(module), OwnedPre(pre), shape, functions);
    }

    std::span<const HostFunction> functions32_;
    std::span<const HostFunction> functions64_;
    OwnedEngine engine_;
};

}  // namespace

base::Result<std::unique_ptr<Engine>> Engine::create(const EngineOptions& options) {
    if (auto checked = check_library(); !checked) return std::unexpected(std::move(checked.error()));
    return std::make_unique<Wasmtime>(options);
}

std::string_view Engine::version() noexcept {
    return WASMTIME_VERSION;
}

}  // namespace rues::vm
