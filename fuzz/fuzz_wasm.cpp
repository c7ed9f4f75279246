#include <algorithm>
#include <array>
#include <cstdlib>

#include "support/wasm_generator.hpp"
#include "vm/engine.hpp"
#include "vm/host_functions.hpp"
#include "wasm/prepare.hpp"

namespace {

using namespace rues;

/// Compilation takes time in proportion, and nothing can stop it.
constexpr std::size_t kMaxCompiled = 65'536;
/// Far below the defaults, so that inputs of some kilobytes reach them.
constexpr wasm::Limits kSmall{.types = 50,
                              .parameters = 10,
                              .results = 10,
                              .imports = 5,
                              .functions = 50,
                              .globals = 20,
                              .exports = 20,
                              .element_segments = 10,
                              .data_segments = 10,
                              .name_bytes = 50,
                              .locals = 1'000,
                              .function_bytes = 5'000};

void expect(bool good) {
    if (!good) std::abort();
}

vm::Engine& engine() {
    static const auto made = vm::Engine::create({vm::host_functions32(), vm::host_functions64()}).value();
    return *made;
}

/// The engine accepts the rewritten module if and only if it accepts the original: metering breaks no valid module, and
/// makes no invalid one valid.
void check_in_engine(base::ByteView module, const wasm::Prepared& prepared) {
    const bool valid = engine().validate(module).has_value();
    expect(valid == engine().validate(prepared.module).has_value());
    if (!valid || prepared.module.size() > kMaxCompiled) return;
    const vm::ModuleShape shape{prepared.memory64, prepared.memory_export, wasm::kCounterName};
    // An import whose type is not that of the host's function is refused in both.
    expect(engine().compile(prepared.module, shape) || !engine().compile(module, shape));
}

/// The rewritten module is what a module must be: it can be read again, and has what was told of the original.
void check(base::ByteView module, const wasm::Rules& rules, const wasm::Limits& limits) {
    const auto first = wasm::prepare(module, wasm::kNetworkCosts, rules, limits);
    if (!first) return expect(!first.error().text.empty());
    expect(first->module.size() <= wasm::kMaxGrowth * module.size() + wasm::kMaxAdded);
    const auto second = wasm::prepare(module, wasm::kNetworkCosts, rules, limits);
    expect(second && second->module == first->module);
    check_in_engine(module, *first);

    // Under another name, its counter is an ordinary global.
    base::Bytes renamed = first->module;
    const base::ByteView name = base::view(wasm::kCounterName);
    const auto found = std::search(renamed.rbegin(), renamed.rend(), name.rbegin(), name.rend());
    expect(found != renamed.rend());
    *found = std::byte{'!'};
    const auto again = wasm::prepare(renamed, wasm::kNetworkCosts, {.contract = false, .imports = rules.imports});
    if (!again) {
        // One local, global or type more may be one too many, and the name found may have been in the data.
        return expect(again.error().kind == wasm::Refusal::Kind::too_large ||
                      again.error().kind == wasm::Refusal::Kind::reserved_name);
    }
    expect(again->functions == first->functions && again->has_start == first->has_start);
    expect(again->memory64 == first->memory64 && again->min_pages == first->min_pages);
    expect(again->imports.size() == first->imports.size() && again->table_elements == first->table_elements);
}

/// A module of the generator. Each is made once: that takes longer than reading it.
const base::Bytes& generated(std::uint8_t seed) {
    static std::array<base::Bytes, 256> modules;
    base::Bytes& out = modules[seed];
    if (out.empty())
        out = wasm::test::generate_module(seed, {.simple = seed % 2 == 0, .memory64 = seed % 8 == 1}).bytes;
    return out;
}

}  // namespace

/// The first byte chooses what the rest is: a module; or a seed of the generator, and changes of bytes of its
/// module.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const wasm::Rules rules{.contract = (data[0] & 1) == 0, .imports = vm::host_function_names()};
    const wasm::Limits limits = (data[0] & 2) == 0 ? wasm::Limits{} : kSmall;
    const base::ByteView rest = std::as_bytes(std::span(data + 1, size - 1));
    if ((data[0] & 4) == 0) {
        check(rest, rules, limits);
        return 0;
    }
    base::Bytes module = generated(data[1]);
    for (std::size_t i = 1; i + 3 <= rest.size(); i += 3) {
        const auto at = std::to_integer<std::size_t>(rest[i]) << 8 | std::to_integer<std::size_t>(rest[i + 1]);
        module[at % module.size()] = rest[i + 2];
    }
    check(module, rules, limits);
    return 0;
}
