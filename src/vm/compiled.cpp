#include "vm/compiled.hpp"

#include <fmt/format.h>

#include "base/endian.hpp"
#include "crypto/hash.hpp"
#include "vm/host_functions.hpp"

namespace rues::vm {
namespace {

/// Raise it when prepare() makes other modules than before.
constexpr std::uint32_t kRewriting = 1;

constexpr std::string_view kMagic = "rues.mod";

/// The limit of `Prepared::work` for a contract (docs/reference/differences.md 36). The transfer contract, 533 KB, has
/// 500,000, so an ordinary contract of the largest size that a transaction can have stays below a million.
constexpr std::uint64_t kMaxWork = 8'000'000;

ModuleShape shape(bool memory64, std::string_view memory) {
    return {memory64, memory, wasm::kCounterName};
}

}  // namespace

wasm::Result<wasm::Prepared> prepare_contract(ByteView code, bool contract_log) {
    wasm::Limits limits;
    limits.module_work = kMaxWork;
    return wasm::prepare(code, wasm::kNetworkCosts, {.contract = true, .imports = host_function_names(contract_log)},
                         limits);
}

base::Result<Compiled> compile(Engine& engine, const wasm::Prepared& prepared) {
    if (prepared.module.size() > kMaxCompiledInput)
        return base::failure(base::Error::Kind::invalid, "the module is too large to be compiled");
    // Cheap, where compiling is not. The compiler sees an error only when it comes to the function that has it.
    if (auto valid = engine.validate(prepared.module); !valid) return std::unexpected(std::move(valid.error()));
    auto module = engine.compile(prepared.module, shape(prepared.memory64, prepared.memory_export));
    if (!module) return std::unexpected(std::move(module.error()));
    Compiled out{std::move(*module), prepared.memory_export, prepared.memory64, prepared.argument_buffer, 0};
    out.bytes = out.module->bytes();
    return out;
}

base::Result<Bytes> save_compiled(const Compiled& compiled) {
    auto module = compiled.module->serialise();
    if (!module) return std::unexpected(std::move(module.error()));
    base::Writer out(module->size() + 128);
    out.put(base::view(kMagic)).put(kRewriting).put(static_cast<std::uint8_t>(compiled.memory64));
    out.put(compiled.argument_buffer).put(static_cast<std::uint64_t>(compiled.bytes));
    out.put(static_cast<std::uint32_t>(compiled.memory.size())).put(base::view(compiled.memory)).put(*module);
    const auto checksum = crypto::blake3(out.bytes());
    out.put(checksum);
    return out.take();
}

std::optional<Compiled> load_compiled(Engine& engine, ByteView saved) {
    constexpr std::size_t kChecksum = sizeof(base::Hash32);
    if (saved.size() < kChecksum) return std::nullopt;
    const ByteView body = saved.first(saved.size() - kChecksum);
    base::Reader in(body);
    const auto magic = in.take_bytes(kMagic.size());
    const auto rewriting = in.take<std::uint32_t>();
    if (!magic || base::text(*magic) != kMagic || rewriting != kRewriting) return std::nullopt;
    if (!base::equal(crypto::blake3(body), saved.last(kChecksum))) return std::nullopt;
    const auto memory64 = in.take<std::uint8_t>();
    const auto argument_buffer = in.take<std::uint64_t>();
    const auto bytes = in.take<std::uint64_t>();
    const auto length = in.take<std::uint32_t>();
    if (!length) return std::nullopt;
    const auto memory = in.take_bytes(*length);
    if (!memory) return std::nullopt;

    Compiled out{nullptr, std::string(base::text(*memory)), *memory64 != 0, *argument_buffer, *bytes};
    auto module = engine.load(in.rest(), shape(out.memory64, out.memory));
    if (!module) return std::nullopt;
    out.module = std::move(*module);
    return out;
}

std::string compiled_version() {
    return fmt::format("{}-{}", Engine::version(), kRewriting);
}

}  // namespace rues::vm
