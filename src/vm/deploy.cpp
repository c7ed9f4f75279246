// Deployment of contracts. docs/reference/machine.md 1.4, 1.6.
#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "vm/debug_text.hpp"
#include "vm/session_inside.hpp"

namespace rues::vm {
namespace {

DeployFailure runtime_error(std::string_view text) {
    return {Failure::Kind::unknown, fmt::format("RuntimeError({})", text)};
}

/// The node compiles first and checks its own rules then, so a module that breaks both fails as one that does not
/// compile.
DeployFailure refusal(Engine& engine, ByteView code, const wasm::Refusal& refused) {
    using Kind = wasm::Refusal::Kind;
    if (refused.kind != Kind::memories && refused.kind != Kind::function && refused.kind != Kind::argument_buffer)
        return runtime_error(refused.text);
    if (auto valid = engine.validate(code); !valid) return runtime_error(valid.error().text);
    std::string text;
    if (refused.kind == Kind::memories)
        text = fmt::format(
            "PersistenceError(Custom {{ kind: InvalidData, error: \"module has {} memories, but only one "
            "is allowed\" }})",
            refused.count);
    else if (refused.kind == Kind::function)
        text = fmt::format("InvalidFunction({})", debug_text(refused.name));
    else
        text = "InvalidArgumentBuffer";
    return {Failure::Kind::unknown, std::move(text)};
}

DeployFailure init_failure(const Failure& failure) {
    switch (failure.kind) {
    case Failure::Kind::panic:
        return {failure.kind, fmt::format("Panic({})", debug_text(failure.text))};
    case Failure::Kind::out_of_gas:
        return {failure.kind, "OutOfGas"};
    case Failure::Kind::deadline:
    case Failure::Kind::too_many_pages:
        return {failure.kind, failure.text};
    default:
        return {failure.kind, fmt::format("RuntimeError({})", failure.text)};
    }
}

DeployFailure no_memory(const base::Error& error) {
    return {Failure::Kind::too_many_pages, error.text};
}

/// Data segments are applied once in a contract's life. `prepare` has checked their bounds.
void write_data(Space& memory, const std::vector<wasm::Segment>& data) {
    for (const wasm::Segment& segment : data) {
        if (segment.bytes.empty()) continue;
        std::memcpy(memory.base() + segment.offset, segment.bytes.data(), segment.bytes.size());
        memory.mark_written(segment.offset, segment.bytes.size());
    }
}

}  // namespace

std::expected<Receipt, DeployFailure> Session::deploy(const ContractId& id, ByteView code, ByteView owner,
                                                      std::optional<ByteView> init_argument, std::uint64_t gas_limit) {
    SessionInside& in = *inside_;
    if (in.broken) return std::unexpected(no_memory(*in.broken));
    if (in.look_up(id))
        return std::unexpected(
            DeployFailure{Failure::Kind::unknown, "InitalizationError(\"Deployed error already exists\")"});
    auto prepared = prepare_contract(code, in.machine.contract_log);
    if (!prepared) return std::unexpected(refusal(*in.machine.engine, code, prepared.error()));
    if (prepared->min_pages > kMaxPages)
        return std::unexpected(runtime_error("the initial memory is larger than 4 GiB"));
    auto stored = std::make_shared<const Bytecode>(base::to_bytes(code));
    auto compiled = in.is_query ? in.machine.modules->get(*stored, ModuleCache::Use::trial, in.stop, &*prepared)
                                : in.machine.modules->get(*stored, ModuleCache::Use::block, {}, &*prepared);
    if (!compiled) return std::unexpected(runtime_error(compiled.error().text));
    if (!*compiled) return std::unexpected(DeployFailure{Failure::Kind::deadline, std::string(kStopped)});

    LoadedContract& contract = in.contracts[id];
    const auto fail = [&](DeployFailure failure) {
        in.contracts.erase(id);
        return std::unexpected(std::move(failure));
    };
    contract.id = id;
    contract.is_new = true;
    contract.was_called = true;
    contract.contract.code = std::move(stored);
    contract.contract.owner = std::make_shared<const Bytes>(base::to_bytes(owner));
    contract.contract.image = Image((*compiled)->memory64 ? Image::Memory::memory64 : Image::Memory::wasm32);
    contract.compiled = std::move(**compiled);
    auto space = in.spaces().take(id, contract.contract.image);
    if (!space) return fail(no_memory(space.error()));
    contract.space.emplace(std::move(*space));
    if (!contract.memory().grow_to(prepared->min_pages * kPage))
        return fail(no_memory({base::Error::Kind::no_space, "the contract's memory cannot be opened"}));
    write_data(contract.memory(), prepared->data);

    if (auto made = in.make_instance(contract); !made) return fail(runtime_error(made.error().text));
    if (!contract.running->instance().has_function("init")) {
        in.end_top_level_call();
        return Receipt{};
    }
    auto receipt = in.top_level_call(contract, "init", init_argument.value_or(ByteView()), gas_limit);
    if (!receipt) return fail(init_failure(receipt.error()));
    return std::move(*receipt);
}

}  // namespace rues::vm
