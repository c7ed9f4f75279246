// Compiling a contract: the network's rules, the metering and the engine, next to the engine alone on the module as it
// is. The contract is a part of the network's stake contract, so its code is what a Rust compiler makes.
#include <algorithm>

#include "base/endian.hpp"
#include "support/wasm_assembler.hpp"
#include "vm/compiled.hpp"
#include "vm/host_functions.hpp"
#include "vm/machine.hpp"
#include "vm/parts.hpp"

namespace {

using namespace rues;
using namespace rues::bench;

constexpr int kRounds = 9;
constexpr std::size_t kContractBytes = 30'000;
constexpr std::uint8_t kCustom = 0;
constexpr std::uint8_t kCode = 10;
constexpr std::uint8_t kData = 11;
constexpr std::uint8_t kDataCount = 12;

std::uint64_t take_leb(base::Reader& in) {
    std::uint64_t out = 0;
    for (unsigned shift = 0;; shift += 7) {
        const auto byte = in.take<std::uint8_t>();
        require(byte.has_value() && shift < 35, "a contract is no module");
        out |= std::uint64_t{*byte & 0x7fU} << shift;
        if ((*byte & 0x80U) == 0) return out;
    }
}

/// The code section, shortened to about `bytes`: the bodies of the last functions become traps.
wasm::test::Code shortened(base::ByteView section, std::size_t bytes) {
    using wasm::test::code;
    constexpr std::uint8_t kNoLocals = 0x00;
    constexpr std::uint8_t kUnreachable = 0x00;
    constexpr std::uint8_t kEnd = 0x0b;
    const auto trap = wasm::test::sized(code(kNoLocals, kUnreachable, kEnd));
    base::Reader in(section);
    const std::uint64_t count = take_leb(in);
    auto out = wasm::test::leb(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t size = take_leb(in);
        const auto body = in.take_bytes(size);
        require(body.has_value(), "a contract is no module");
        const bool fits = out.size() + body->size() + (count - i) * trap.size() <= bytes;
        out = fits ? code(out, wasm::test::leb(size), wasm::test::Code(base::u8(*body), base::u8(*body) + size))
                   : code(out, trap);
    }
    return out;
}

/// The stake contract without its data and names, and with as much of its code as `kContractBytes` leave room for.
base::Bytes contract() {
    constexpr std::size_t kHeader = 8;
    const base::ByteView all = vm::genesis_contracts().stake;
    base::Reader in(all.subspan(kHeader));
    wasm::test::Code out;
    for (const std::byte byte : all.first(kHeader)) out.push_back(std::to_integer<std::uint8_t>(byte));
    while (!in.empty()) {
        const auto id = *in.take<std::uint8_t>();
        const auto content = in.take_bytes(take_leb(in));
        require(content.has_value(), "a contract is no module");
        if (id == kCustom || id == kData || id == kDataCount) continue;
        const auto bytes = id == kCode ? shortened(*content, kContractBytes - out.size())
                                       : wasm::test::Code(base::u8(*content), base::u8(*content) + content->size());
        out = wasm::test::code(out, id, wasm::test::sized(bytes));
    }
    return base::Bytes(reinterpret_cast<const std::byte*>(out.data()),
                       reinterpret_cast<const std::byte*>(out.data() + out.size()));
}

}  // namespace

bool rues::bench::measure_compiling() {
    const base::Bytes code = contract();
    const auto engine = vm::Engine::create({vm::host_functions32(), vm::host_functions64(), false});
    require(engine.has_value(), "no engine");
    const auto prepared = vm::prepare_contract(code);
    require(prepared.has_value(), prepared ? "" : prepared.error().text);

    Row alone{"the engine alone, the module as it is"};
    Row whole{"checked, metered and compiled", {}, &alone, 1.3};
    Row metering{"of it checked and metered", {}, &alone};
    for (int round = 0; round < kRounds; ++round) {
        alone.us.push_back(cpu_us_of(1, [&] {
            require((*engine)->compile(code, {false, prepared->memory_export, {}}).has_value(), "it does not compile");
        }));
        whole.us.push_back(cpu_us_of(1, [&] {
            const auto metered = vm::prepare_contract(code);
            require(metered && vm::compile(**engine, *metered).has_value(), "it does not compile when it is metered");
        }));
        metering.us.push_back(
            cpu_us_of(1, [&] { require(vm::prepare_contract(code).has_value(), "it cannot be metered"); }));
    }
    return print(
        fmt::format("Compiling a contract of {} bytes ({} when it is metered)", code.size(), prepared->module.size()),
        {&alone, &whole, &metering});
}
