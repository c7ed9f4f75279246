// Compares what rewritten modules count with the engine's own fuel, and with counts made by hand.
#include <gtest/gtest.h>
#include <wasmtime.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "support/wasm_assembler.hpp"
#include "support/wasm_generator.hpp"
#include "wasm/prepare.hpp"

namespace rues::vm {
namespace {

using namespace wasm::test;
using base::Bytes;

constexpr std::array<std::string_view, 1> kHost = {"self_id"};
constexpr std::int64_t kEnough = 1'000'000'000;
constexpr std::uint64_t kSeeds = 200;
/// Modules of later seeds are taken only if they have an operator that no earlier one has.
constexpr std::uint64_t kAlways = 30;

enum class Counting : std::uint8_t { by_fuel, by_module };

/// An engine of its own: that of the machine counts no fuel.
class FuelEngine {
public:
    explicit FuelEngine(Counting counting) {
        wasm_config_t* config = wasm_config_new();
        wasmtime_config_consume_fuel_set(config, counting == Counting::by_fuel);
        wasmtime_config_parallel_compilation_set(config, false);
        wasmtime_config_cranelift_opt_level_set(config, WASMTIME_OPT_LEVEL_NONE);
        wasmtime_config_signals_based_traps_set(config, false);
        wasmtime_config_cranelift_nan_canonicalization_set(config, true);
        wasmtime_config_wasm_relaxed_simd_set(config, true);
        wasmtime_config_wasm_relaxed_simd_deterministic_set(config, true);
        wasmtime_config_wasm_memory64_set(config, true);
        wasmtime_config_wasm_multi_memory_set(config, true);
        engine_ = wasm_engine_new_with_config(config);
    }
    ~FuelEngine() { wasm_engine_delete(engine_); }
    FuelEngine(const FuelEngine&) = delete;
    FuelEngine& operator=(const FuelEngine&) = delete;

    wasm_engine_t* get() const { return engine_; }

private:
    wasm_engine_t* engine_;
};

/// Ends the test when the engine says no.
void demand(wasmtime_error_t* error) {
    if (error == nullptr) return;
    wasm_byte_vec_t message;
    wasmtime_error_message(error, &message);
    const std::string text(message.data, message.size);
    wasm_byte_vec_delete(&message);
    wasmtime_error_delete(error);
    throw std::runtime_error(text);
}

/// A new instance of a module whose only import is `self_id`, () -> ().
class Counted {
public:
    /// What can be seen of a call.
    struct Call {
        std::optional<std::int32_t> value;  ///< nullopt: it trapped
        std::int64_t left = 0;              ///< of the limit, when it ended
        std::vector<std::int64_t> seen;     ///< what was left whenever it called the host
        friend bool operator==(const Call&, const Call&) = default;
    };

    Counted(const FuelEngine& engine, Counting counting, const Bytes& code) : counting_(counting) {
        demand(wasmtime_module_new(engine.get(), base::u8(code), code.size(), &module_));
        store_ = wasmtime_store_new(engine.get(), nullptr, nullptr);
        context_ = wasmtime_store_context(store_);
        if (counting == Counting::by_fuel) demand(wasmtime_context_set_fuel(context_, kEnough));
        wasmtime_extern_t host{};
        host.kind = WASMTIME_EXTERN_FUNC;
        wasm_valtype_vec_t none;
        wasm_valtype_vec_new_empty(&none);
        wasm_valtype_vec_t nothing;
        wasm_valtype_vec_new_empty(&nothing);
        wasm_functype_t* type = wasm_functype_new(&none, &nothing);
        wasmtime_func_new(context_, type, called_host, this, nullptr, &host.of.func);
        wasm_functype_delete(type);
        wasm_trap_t* trap = nullptr;
        demand(wasmtime_instance_new(context_, module_, &host, imports(), &instance_, &trap));
        if (trap != nullptr) throw std::runtime_error("the instance trapped");
    }
    ~Counted() {
        wasmtime_store_delete(store_);
        wasmtime_module_delete(module_);
    }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

    Call call(std::string_view function, std::int32_t argument, std::int64_t limit) {
        out_ = {};
        set_left(limit);
        const auto item = exported(function);
        wasmtime_val_raw_t value{};
        value.i32 = argument;
        wasm_trap_t* trap = nullptr;
        wasmtime_error_t* error = wasmtime_func_call_unchecked(context_, &item.of.func, &value, 1, &trap);
        if (error == nullptr && trap == nullptr) out_.value = value.i32;
        if (error != nullptr) wasmtime_error_delete(error);
        if (trap != nullptr) wasm_trap_delete(trap);
        out_.left = left();
        return std::move(out_);
    }

private:
    std::size_t imports() const {
        wasm_importtype_vec_t list;
        wasmtime_module_imports(module_, &list);
        const std::size_t count = list.size;
        wasm_importtype_vec_delete(&list);
        return count;
    }
    wasmtime_extern_t exported(std::string_view name) {
        wasmtime_extern_t item;
        if (!wasmtime_instance_export_get(context_, &instance_, name.data(), name.size(), &item))
            throw std::runtime_error("no export " + std::string(name));
        return item;
    }
    void set_left(std::int64_t limit) {
        if (counting_ == Counting::by_fuel)
            return demand(wasmtime_context_set_fuel(context_, static_cast<std::uint64_t>(limit)));
        const auto item = exported(wasm::kCounterName);
        wasmtime_val_t value{};
        value.kind = WASMTIME_I64;
        value.of.i64 = -limit;
        demand(wasmtime_global_set(context_, &item.of.global, &value));
    }
    std::int64_t left() {
        if (counting_ == Counting::by_fuel) {
            std::uint64_t fuel = 0;
            demand(wasmtime_context_get_fuel(context_, &fuel));
            return static_cast<std::int64_t>(fuel);
        }
        const auto item = exported(wasm::kCounterName);
        wasmtime_val_t value{};
        wasmtime_global_get(context_, &item.of.global, &value);
        return std::max<std::int64_t>(0, -value.of.i64);
    }
    static wasm_trap_t* called_host(void* self, wasmtime_caller_t*, const wasmtime_val_t*, std::size_t, wasmtime_val_t*,
                                    std::size_t) {
        auto& counted = *static_cast<Counted*>(self);
        counted.out_.seen.push_back(counted.left());
        return nullptr;
    }

    const Counting counting_;
    wasmtime_module_t* module_ = nullptr;
    wasmtime_store_t* store_ = nullptr;
    wasmtime_context_t* context_ = nullptr;
    wasmtime_instance_t instance_{};
    Call out_;
};

Bytes rewritten(const Bytes& module, const wasm::CostTable& costs) {
    auto prepared = wasm::prepare(module, costs, {.contract = false, .imports = kHost});
    if (!prepared) throw std::runtime_error(prepared.error().text);
    return std::move(prepared->module);
}

/// The same calls of a module, counted by the engine's fuel and by the module itself with the engine's costs.
class Pair {
public:
    Pair(const FuelEngine& fuel, const FuelEngine& plain, const Bytes& module)
        : original_(fuel, Counting::by_fuel, module),
          rewritten_(plain, Counting::by_module, rewritten(module, wasm::kEngineCosts)) {}

    std::int64_t spent(std::string_view function, std::int32_t argument, std::int64_t limit) {
        const auto expected = original_.call(function, argument, limit);
        EXPECT_EQ(rewritten_.call(function, argument, limit), expected) << function << " with a limit of " << limit;
        return limit - expected.left;
    }

private:
    Counted original_;
    Counted rewritten_;
};

class Fuel : public ::testing::Test {
protected:
    FuelEngine fuel_{Counting::by_fuel};
    FuelEngine plain_{Counting::by_module};
};

void PrintTo(const Counted::Call& call, std::ostream* out) {
    *out << (call.value ? std::to_string(*call.value) : "trap") << ", left " << call.left << ", seen "
         << ::testing::PrintToString(call.seen);
}

// Bulk operations and memory.grow are left out: the engine charges them by size.
TEST_F(Fuel, a_rewritten_module_counts_what_the_engine_counts) {
    std::set<std::uint32_t> operators;
    for (std::uint64_t seed = 0; seed < kSeeds && !HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        const GeneratorOptions options{.memory64 = seed % 4 == 3, .traps = seed % 2 == 1, .bulk = false};
        const auto module = generate_module(seed, options);
        const std::size_t before = operators.size();
        operators.insert(module.operators.begin(), module.operators.end());
        if (seed >= kAlways && operators.size() == before) continue;  // compiling takes most of the time
        Pair pair(fuel_, plain_, module.bytes);
        for (const auto& function : module.functions) {
            const auto argument = static_cast<std::int32_t>(seed);
            const auto spent = pair.spent(function, argument, kEnough);
            // A trap before the counter is saved has cost nothing.
            for (const auto limit : {spent, spent - 1, spent / 2, spent / 7, std::int64_t{1}})
                pair.spent(function, argument, std::max<std::int64_t>(1, limit));
        }
    }
    // No operator but these can be missing.
    const std::set<std::uint32_t> by_size = {0x40,
                                             0xfc << 16 | 8,
                                             0xfc << 16 | 10,
                                             0xfc << 16 | 11,
                                             0xfc << 16 | 12,
                                             0xfc << 16 | 14,
                                             0xfc << 16 | 15,
                                             0xfc << 16 | 17};
    std::set<std::uint32_t> all;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        const auto module = generate_module(seed, {.memory64 = seed % 4 == 3, .traps = seed % 2 == 1});
        all.insert(module.operators.begin(), module.operators.end());
    }
    for (const auto operation : operators) all.erase(operation);
    EXPECT_EQ(all, by_size);
}

/// A contract with the function `f`: what `body` does, with results dropped, then 0.
Bytes module_with(const Code& body) {
    Assembler out;
    const auto type = out.type({kI32}, {kI32});
    out.import_function("self_id", out.type({}, {}));
    out.memory({.min = 2, .max = 4});
    out.table({.min = 10, .max = 20});
    out.count_data();
    out.function(type, code(body, op::i32_const(0), op::end));
    out.export_function("f", 1).export_memory("memory");
    out.passive_data("some bytes");
    out.element(code(1, 0, 1, 1));  // passive, of functions: one
    return out.build();
}

// The counts are docs/reference/machine.md 2.1: 1 for the entry, 1 for each operator but `drop`, and the table of
// stores. The last operator is `i32.const 0`.
TEST_F(Fuel, stores_and_bulk_operators_cost_what_the_network_says) {
    struct Case {
        const char* name;
        Code body;
        std::int64_t cost;  ///< without entry and last operator
    };
    const Code at = op::i32_const(64);
    const Code i32 = op::i32_const(7), i64 = op::i64_const(7), f32 = {0x43, 0, 0, 0, 0},
               f64 = {0x44, 0, 0, 0, 0, 0, 0, 0, 0}, v128 = code(op::vector(0x0c), Code(16, 7));
    const auto access = [](const Code& operation) { return op::access(operation); };
    const auto lane = [](std::uint8_t number) { return code(op::access(op::vector(number)), 0); };
    const auto three = [](std::int32_t a, std::int32_t b, std::int32_t c) {
        return code(op::i32_const(a), op::i32_const(b), op::i32_const(c));
    };
    const Case cases[] = {
        {"nothing", {}, 0},
        {"i32.store", code(at, i32, access({0x36})), 2 + 16},
        {"i64.store", code(at, i64, access({0x37})), 2 + 32},
        {"f32.store", code(at, f32, access({0x38})), 2 + 16},
        {"f64.store", code(at, f64, access({0x39})), 2 + 32},
        {"i32.store8", code(at, i32, access({0x3a})), 2 + 16},
        {"i32.store16", code(at, i32, access({0x3b})), 2 + 16},
        {"i64.store8", code(at, i64, access({0x3c})), 2 + 32},
        {"i64.store16", code(at, i64, access({0x3d})), 2 + 32},
        {"i64.store32", code(at, i64, access({0x3e})), 2 + 32},
        {"v128.store", code(at, v128, access(op::vector(0x0b))), 2 + 64},
        {"v128.store8_lane", code(at, v128, lane(0x58)), 2 + 64},
        {"v128.store16_lane", code(at, v128, lane(0x59)), 2 + 64},
        {"v128.store32_lane", code(at, v128, lane(0x5a)), 2 + 64},
        {"v128.store64_lane", code(at, v128, lane(0x5b)), 2 + 64},
        {"i32.load", code(at, access({0x28}), op::drop), 2},
        {"memory.size", code(0x3f, 0, op::drop), 1},
        {"memory.grow by 2", code(op::i32_const(2), 0x40, 0, op::drop), 2},
        {"memory.grow that fails", code(op::i32_const(1'000), 0x40, 0, op::drop), 2},
        {"memory.init of 10", code(three(0, 0, 10), op::bulk(8), 0, 0), 4},
        {"data.drop", code(op::bulk(9), 0), 1},
        {"memory.copy of 1,000", code(three(0, 2'000, 1'000), op::bulk(10), 0, 0), 4},
        {"memory.fill of 100,000", code(three(0, 1, 100'000), op::bulk(11), 0), 4},
        {"table.init", code(three(0, 0, 1), op::bulk(12), 0, 0), 4},
        {"elem.drop", code(op::bulk(13), 0), 1},
        {"table.copy of 5", code(three(0, 5, 5), op::bulk(14), 0, 0), 4},
        {"table.grow by 10", code(0xd0, kFuncref, op::i32_const(10), op::bulk(15), 0, op::drop), 3},
        {"table.size", code(op::bulk(16), 0, op::drop), 1},
        {"table.fill of 9", code(op::i32_const(0), 0xd0, kFuncref, op::i32_const(9), op::bulk(17), 0), 4},
        {"a loop of 10",
         code(op::i32_const(10), op::local_set(0), op::loop(), at, i32, access({0x36}), op::local_get(0),
              op::i32_const(1), 0x6b, op::local_tee(0), op::br_if(0), op::end),
         2 + 10 * (18 + 5)},
        {"calls of the host", code(op::call(0), op::call(0)), 2},
    };
    for (const Case& one : cases) {
        Counted counted(plain_, Counting::by_module, rewritten(module_with(one.body), wasm::kNetworkCosts));
        const auto call = counted.call("f", 0, kEnough);
        EXPECT_EQ(call.value, 0) << one.name;
        EXPECT_EQ(kEnough - call.left, 1 + one.cost + 1) << one.name;
    }
}

}  // namespace
}  // namespace rues::vm
