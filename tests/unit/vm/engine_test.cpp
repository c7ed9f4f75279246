// The adapter of the engine: every function of its C API that is used is called here or in the tests of calls.
#include <sys/mman.h>

#include "unit/vm/fixture.hpp"
#include "vm/compiled.hpp"
#include "vm/genesis_contracts.hpp"
#include "vm/host_functions.hpp"
#include "vm/module_cache.hpp"

namespace rues::vm {
namespace {

using namespace test;

std::unique_ptr<Engine> engine(bool baseline_cpu = false) {
    auto made = Engine::create({host_functions32(), host_functions64(), baseline_cpu});
    if (!made) throw std::runtime_error(made.error().text);
    return std::move(*made);
}

class PlainMemory final : public LinearMemory {
public:
    explicit PlainMemory(std::uint64_t pages)
        : base_(
              mmap(nullptr, kReservation, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)),
          size_(pages * 65'536) {}
    ~PlainMemory() override { munmap(base_, kReservation); }
    PlainMemory(const PlainMemory&) = delete;
    PlainMemory& operator=(const PlainMemory&) = delete;

    std::byte* base() noexcept override { return static_cast<std::byte*>(base_); }
    std::uint64_t size() const noexcept override { return size_; }
    bool grow_to(std::uint64_t bytes) noexcept override {
        if (bytes > kLargest) return false;
        size_ = bytes;
        return true;
    }
    void shrink(std::uint64_t pages) { size_ = pages * 65'536; }

private:
    static constexpr std::uint64_t kLargest = 10 * 65'536;
    void* base_;
    std::uint64_t size_;
};

class Recorder final : public Host {
public:
    bool call(std::size_t function, std::span<std::uint64_t> values) noexcept override {
        last = static_cast<Import>(function);
        arguments.assign(values.begin(), values.end());
        values[0] = 42;
        return !refuses;
    }
    bool may_continue() noexcept override { return continues; }

    Import last{};
    std::vector<std::uint64_t> arguments;
    bool refuses = false;
    bool continues = true;
};

struct Running {
    explicit Running(Engine& from, const Bytes& code, std::uint64_t pages = 4) : memory(pages) {
        const auto compiled = compile(from, prepare_contract(code).value());
        if (!compiled) throw std::runtime_error(compiled.error().text);
        module = compiled->module;
        auto made = from.instantiate(*module, memory, host, true);
        if (!made) throw std::runtime_error(made.error().text);
        instance = std::move(*made);
        instance->set_counter(-1'000'000);
    }
    std::expected<std::int32_t, Trap> call(std::string_view function, std::int32_t argument = 0) {
        return instance->call(function, argument).value();
    }

    PlainMemory memory;
    Recorder host;
    std::shared_ptr<const Module> module;
    std::unique_ptr<Instance> instance;
};

TEST(Engine, the_library_is_the_pinned_release) {
    EXPECT_EQ(Engine::version(), "50.0.1");
}

TEST(Engine, arguments_and_results_of_host_functions_have_their_types) {
    TestContract contract;
    contract.function("call", code(op::i32_const(-1), op::i32_const(2), op::i32_const(3), op::i32_const(4),
                                   op::i64_const(-5), contract.import("c")));
    contract.function("spent", code(contract.import("spent"), op32::wrap));
    contract.function("quiet", code(contract.import("self_id"), op::i32_const(7)));
    const auto from = engine();
    Running running(*from, contract.build());

    EXPECT_EQ(running.call("call"), 42);
    EXPECT_EQ(running.host.last, Import::c);
    EXPECT_EQ(running.host.arguments, (std::vector<std::uint64_t>{0xffffffff, 2, 3, 4, 0xfffffffffffffffb}));
    EXPECT_EQ(running.call("spent"), 42);
    EXPECT_EQ(running.call("quiet"), 7);
}

TEST(Engine, a_trap_says_whether_the_code_the_host_or_a_deadline_stopped_it) {
    const auto from = engine();
    Running running(*from, proxy_contract());
    EXPECT_EQ(running.call("trap"), std::unexpected(Trap::code));
    running.host.refuses = true;
    EXPECT_EQ(running.call("self_id"), std::unexpected(Trap::host));
    EXPECT_EQ(running.call("trap"), std::unexpected(Trap::code));
    running.host.continues = false;
    from->tick();
    EXPECT_EQ(running.call("echo"), std::unexpected(Trap::deadline));
    running.host.continues = true;
    EXPECT_EQ(running.call("echo", 5), 5);
}

/// A module that is no contract.
Bytes with_other_types() {
    using wasm::test::kI32;
    using wasm::test::kI64;
    wasm::test::Assembler assembler;
    assembler.memory({1});
    assembler.export_memory("memory");
    const auto export_as = [&](std::string_view name, const wasm::test::Code& parameters,
                               const wasm::test::Code& results, const wasm::test::Code& body) {
        const auto type = assembler.type(parameters, results);
        assembler.export_function(name, assembler.function(type, code(body, op::end)));
    };
    // The first of six, minus the last.
    export_as("six", wasm::test::Code(6, kI32), {kI32}, code(op::local_get(0), op::local_get(5), op32::sub));
    export_as("keep", {kI32, kI32}, {}, code(op::local_get(0), op::local_get(1), op32::store()));
    export_as("kept", {}, {kI32}, code(op::i32_const(8), op32::load()));
    export_as("long", {kI64}, {kI32}, op::i32_const(0));
    export_as("to_long", {kI32}, {kI64}, op::i64_const(0));
    export_as("trap", {kI32, kI32}, {}, {op::unreachable});
    return assembler.build();
}

TEST(Engine, functions_of_any_number_of_i32_are_called) {
    const auto from = engine();
    const auto prepared = wasm::prepare(with_other_types(), wasm::kNetworkCosts, {.contract = false});
    const auto compiled = compile(*from, *prepared);
    ASSERT_TRUE(compiled);
    PlainMemory memory(1);
    Recorder host;
    const auto instance = from->instantiate(*compiled->module, memory, host, true).value();
    instance->set_counter(-1'000);

    EXPECT_EQ(instance->invoke("six", std::array{100, 0, 0, 0, 0, -7}), 107);
    EXPECT_TRUE(instance->invoke("keep", std::array{8, 99}).has_value());
    EXPECT_EQ(instance->invoke("kept", {}), 99);
    EXPECT_EQ(instance->invoke("trap", std::array{1, 2}), std::unexpected(Trap::code));
    host.continues = false;
    from->tick();
    EXPECT_EQ(instance->invoke("kept", {}), std::unexpected(Trap::deadline));
}

TEST(Engine, exports_are_found_by_name_and_kind) {
    const auto from = engine();
    Running running(*from, proxy_contract());

    EXPECT_TRUE(running.instance->has_function("echo"));
    EXPECT_FALSE(running.instance->has_function("A"));
    EXPECT_FALSE(running.instance->call("memory", 0).has_value());
    EXPECT_EQ(running.instance->constant("A"), 65'536U);
    EXPECT_FALSE(running.instance->constant("echo").has_value());
}

TEST(Engine, the_counter_counts_upwards_and_stops_the_code_at_zero) {
    const auto from = engine();
    Running running(*from, proxy_contract());
    running.instance->set_counter(-100);
    ASSERT_EQ(running.call("echo", 1), 1);
    EXPECT_EQ(running.instance->counter(), -98);
    EXPECT_EQ(running.call("spin"), std::unexpected(Trap::code));
    EXPECT_GE(running.instance->counter(), 0);
}

TEST(Engine, memory_grows_through_its_owner_and_shrinks_when_the_engine_is_told) {
    TestContract contract;
    contract.function("size", op32::memory_size);
    contract.function("grow", code(op::local_get(0), op32::memory_grow));
    contract.function("load", code(op::local_get(0), op32::load()));
    const auto from = engine();
    Running running(*from, contract.build());

    EXPECT_EQ(running.call("grow", 2), 4);
    EXPECT_EQ(running.call("load", 6 * 65'536 - 4), 0);
    EXPECT_EQ(running.call("load", 6 * 65'536 - 3), std::unexpected(Trap::code));
    EXPECT_EQ(running.call("grow", 5), -1);
    running.memory.shrink(5);
    running.instance->memory_changed();
    EXPECT_EQ(running.call("size"), 5);
    EXPECT_EQ(running.call("load", 5 * 65'536), std::unexpected(Trap::code));
}

TEST(Engine, what_a_baseline_engine_compiled_runs_in_another_engine) {
    const auto baseline = engine(true);
    const auto compiled = compile(*baseline, prepare_contract(proxy_contract()).value());
    const auto saved = save_compiled(*compiled);
    const auto from = engine();
    const auto loaded = load_compiled(*from, *saved);

    ASSERT_TRUE(loaded.has_value());
    EXPECT_EQ(loaded->argument_buffer, 65'536U);
    EXPECT_EQ(loaded->memory, "memory");
    PlainMemory memory(4);
    Recorder host;
    auto instance = from->instantiate(*loaded->module, memory, host, false);
    ASSERT_TRUE(instance.has_value());
    (*instance)->set_counter(-1'000);
    EXPECT_EQ((*instance)->call("echo", 3), 3);
}

TEST(Engine, a_saved_module_that_is_damaged_or_cut_is_not_loaded) {
    const auto from = engine();
    const auto saved = *save_compiled(*compile(*from, prepare_contract(proxy_contract()).value()));
    for (const std::size_t at : {std::size_t{0}, std::size_t{8}, std::size_t{12}, saved.size() / 2, saved.size() - 1}) {
        Bytes damaged = saved;
        damaged[at] ^= std::byte{1};
        EXPECT_FALSE(load_compiled(*from, damaged).has_value()) << at;
    }
    for (const std::size_t length : {std::size_t{0}, std::size_t{20}, saved.size() - 1})
        EXPECT_FALSE(load_compiled(*from, ByteView(saved).first(length)).has_value()) << length;
}

TEST(Engine, modules_beyond_the_allowed_features_are_not_valid) {
    const auto from = engine();
    EXPECT_TRUE(from->validate(proxy_contract()).has_value());
    for (const Code& type : {Code{0x5e, 0x7f, 0x00}}) {  // an array type
        Assembler module;
        Bytes bytes = module.build();
        bytes.insert(bytes.end(), {std::byte{1}, std::byte{4}, std::byte{1}});
        for (const std::uint8_t byte : type) bytes.push_back(static_cast<std::byte>(byte));
        EXPECT_FALSE(from->validate(bytes).has_value());
    }
    Assembler shared;
    shared.memory({1, 1});
    Bytes bytes = shared.build();
    bytes[bytes.size() - 3] = std::byte{3};  // the flags of the memory
    EXPECT_FALSE(from->validate(bytes).has_value());
}

using Use = ModuleCache::Use;

TEST(ModuleCache, a_module_is_compiled_once_and_kept_for_the_next_run) {
    const auto from = engine();
    std::map<std::string, Bytes> disk;
    int loads = 0;
    const CompiledStore store{[&](const std::string& key) -> std::optional<Bytes> {
                                  ++loads;
                                  const auto found = disk.find(key);
                                  return found == disk.end() ? std::nullopt : std::optional(found->second);
                              },
                              [&](const std::string& key, ByteView saved) { disk[key] = base::to_bytes(saved); }};
    const Bytecode contract(proxy_contract());
    ModuleCache first(*from, 64 << 20, store);
    ASSERT_TRUE(first.get(contract, Use::block).has_value());
    EXPECT_EQ(disk.size(), 1U);
    ASSERT_TRUE(first.get(contract, Use::block).has_value());
    EXPECT_EQ(loads, 1);

    const Bytes saved = disk.begin()->second;
    ModuleCache next(*from, 64 << 20, store);
    ASSERT_TRUE(next.get(contract, Use::block).has_value());
    EXPECT_EQ(loads, 2);

    // A damaged file is replaced.
    disk.begin()->second[100] ^= std::byte{1};
    ModuleCache third(*from, 64 << 20, store);
    ASSERT_TRUE(third.get(contract, Use::block).has_value());
    EXPECT_EQ(disk.begin()->second, saved);
}

TEST(ModuleCache, the_genesis_contracts_are_compiled_in) {
    const auto from = engine();
    const CompiledStore none{[](const std::string&) -> std::optional<Bytes> {
                                 ADD_FAILURE() << "the program's own module was refused";
                                 return std::nullopt;
                             },
                             [](const std::string&, ByteView) {}};
    ModuleCache cache(*from, 0, none);

    EXPECT_TRUE((*cache.get(Bytecode(genesis_contracts().transfer), Use::block))->memory64);
    EXPECT_FALSE((*cache.get(Bytecode(genesis_contracts().stake), Use::block))->memory64);
}

}  // namespace
}  // namespace rues::vm
