#include "support/wasm_generator.hpp"

#include "support/wasm_function_generator.hpp"

namespace rues::wasm::test {
namespace {

/// Functions call only those of a higher level, so every call ends.
constexpr std::uint32_t kLevels = 3;
constexpr std::uint32_t kOnLevel = 4;

/// Behind the argument buffer, where no code writes.
constexpr std::int32_t kTexts = 140'000;

ModulePlan plan(const GeneratorOptions& options, Random& random) {
    ModulePlan out;
    out.options = options;
    out.types = options.simple ? std::vector<FunctionShape>{{"i", "i"}, {"", ""}, {"il", "li"}, {"", "il"}, {"l", "l"}}
                               : std::vector<FunctionShape>{{"i", "i"},   {"", ""},    {"il", "li"}, {"", "ifv"},
                                                            {"rx", "rx"}, {"dv", "d"}, {"l", "l"}};
    out.globals = options.simple ? "il" : "ilfdvrx";
    out.imports = out.quiet_imports = 1;
    for (std::uint32_t level = 0; level < kLevels; ++level)
        for (std::uint32_t i = 0; i < kOnLevel; ++i)
            // The exported ones have the type of an entry point. Each type has a leaf.
            out.functions.push_back(
                {level == 0 ? 0 : random.below(static_cast<std::uint32_t>(out.types.size())), level});
    for (std::uint32_t type = 0; type < out.types.size(); ++type) out.functions.push_back({type, kLevels - 1});
    if (options.host) {
        out.functions[kOnLevel - 1].feeds = true;
        out.imports += 6;
        out.host = ModulePlan::Host{1, 2, 3, 4, 5, 6, kTexts, kTexts + 1};
    }
    for (std::uint32_t i = 0; i < out.functions.size(); ++i)
        if (out.functions[i].level == kLevels - 1) out.table.push_back(out.imports + i);
    return out;
}

Code zero_of(char letter) {
    switch (letter) {
    case 'i':
        return op::i32_const(3);
    case 'l':
        return op::i64_const(-5);
    case 'f':
        return code(0x43, repeated({0}, 4));
    case 'd':
        return code(0x44, repeated({0}, 8));
    case 'v':
        return code(op::vector(0x0c), repeated({7}, 16));
    default:
        return {0xd0, value_type_of(letter)};
    }
}

/// Element segments of all kinds. The first fills the table of call_indirect.
void add_elements(Assembler& module, const ModulePlan& plan) {
    const auto functions = [&] {
        Code out = leb(plan.table.size());
        for (const std::uint32_t index : plan.table) out = code(out, leb(index));
        return out;
    }();
    const Code at_0 = code(op::i32_const(0), op::end);
    module.element(code(0, at_0, functions));
    if (plan.options.simple) return;
    const std::uint32_t leaf = plan.table.front();
    const Code references = code(2, 0xd2, leb(leaf), op::end, 0xd0, kFuncref, op::end);
    const Code nothing = code(1, 0xd0, kExternref, op::end);
    module.element(code(1, 0, functions));                             // passive: kSegment
    module.element(code(5, kFuncref, references));                     // passive: kDroppedSegment
    module.element(code(2, leb(kFunctionTable), at_0, 0, functions));  // active, with a table
    module.element(code(3, 0, functions));                             // declared
    module.element(code(4, code(op::i32_const(1), op::end), code(1, 0xd2, leb(plan.table[1]), op::end)));
    module.element(code(6, leb(kExternTable), at_0, kExternref, nothing));
    module.element(code(7, kFuncref, references));
}

/// In the order of `ModulePlan::Host`.
void import_host(Assembler& module) {
    const auto import = [&](std::string_view name, const Code& parameters, const Code& results) {
        module.import_function(name, module.type(parameters, results));
    };
    import("emit", {kI32, kI32, kI32}, {});
    import("panic", {kI32}, {});
    import("feed", {kI32}, {});
    import("c", {kI32, kI32, kI32, kI32, kI64}, {kI32});
    import("limit", {}, {kI64});
    import("spent", {}, {kI64});
}

void add_data(Assembler& module, bool memory64, bool host) {
    const auto address = [&](std::int32_t at) { return memory64 ? op::i64_const(at) : op::i32_const(at); };
    module.count_data();
    module.active_data(address(16), "some text");
    module.passive_data("passive data that is copied");  // kSegment
    module.passive_data("dropped");                      // kDroppedSegment
    module.data(code(2, 0, address(1'000), op::end, sized({1, 2, 3})));
    module.active_data(address(0), "");
    if (!host) return;
    module.active_data(address(kTexts), "tf0");
    // Every page has data, so that it is one of the state whatever is written later.
    for (const std::int32_t page : {1, 3}) module.active_data(address(page * 65'536 + 65'535), "\x01");
}

}  // namespace

GeneratedModule generate_module(std::uint64_t seed, const GeneratorOptions& options) {
    Random random(seed);
    const ModulePlan modules = plan(options, random);
    Assembler module;
    for (const FunctionShape& type : modules.types)
        module.type(value_types_of(type.parameters), value_types_of(type.results));
    module.import_function("self_id", 1);
    if (modules.host) import_host(module);
    const auto leaves = static_cast<std::uint32_t>(modules.table.size());
    module.table({leaves});
    if (!options.simple) {
        module.table({leaves, 4 * leaves});
        module.table({4, 40}, kExternref);
    }
    module.memory({.min = 4, .max = 8}, options.memory64);
    module.global(options.memory64 ? kI64 : kI32, false,
                  options.memory64 ? op::i64_const(ModulePlan::kArgument) : op::i32_const(ModulePlan::kArgument));
    for (const char letter : modules.globals) module.global(value_type_of(letter), true, zero_of(letter));
    module.export_memory("memory").export_global("A", 0);
    add_elements(module, modules);
    add_data(module, options.memory64, options.host);

    GeneratedModule out;
    for (std::uint32_t i = 0; i < modules.functions.size(); ++i) {
        FunctionGenerator generator(modules, modules.functions[i], random, out.operators);
        const auto [locals, body] = generator.generate();
        module.function(modules.functions[i].type, body, locals);
        if (modules.functions[i].level != 0) continue;
        out.functions.push_back("f" + std::to_string(i));
        module.export_function(out.functions.back(), modules.imports + i);
    }
    module.custom("name", {0, 1, 0});
    out.bytes = module.build();
    return out;
}

}  // namespace rues::wasm::test
