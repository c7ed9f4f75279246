#include "vm/driver/driver_instance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "vm/native_stack.hpp"

namespace rues::vm {
namespace {

using Kind = DriverFailure::Kind;

constexpr std::size_t kLengthBytes = 4;  ///< before an answer

constexpr std::string_view kAlloc = "alloc", kInit = "init";

bool has_input(DriverFunction function) noexcept {
    return function != DriverFunction::get_schema && function != DriverFunction::get_version;
}

}  // namespace

std::string_view name_of(DriverFunction function) noexcept {
    switch (function) {
    case DriverFunction::encode_input:
        return "encode_input_fn";
    case DriverFunction::decode_input:
        return "decode_input_fn";
    case DriverFunction::decode_output:
        return "decode_output_fn";
    case DriverFunction::decode_event:
        return "decode_event";
    case DriverFunction::get_schema:
        return "get_schema";
    case DriverFunction::get_version:
        break;
    }
    return "get_version";
}

DriverResult<std::unique_ptr<DriverInstance>> DriverInstance::create(Engine& engine,
                                                                     std::shared_ptr<const DriverModule> module,
                                                                     const Stop& stop) {
    std::unique_ptr<DriverInstance> out(new DriverInstance(std::move(module)));
    if (!out->memory_.is_mapped()) return driver_failure(Kind::busy, "Limit", "the system has no addresses left");
    if (native_stack_left() < kStackBytes) return driver_failure(Kind::busy, "Limit", "the native stack is full");
    out->stop_ = &stop;
    auto started = out->start(engine);
    out->stop_ = nullptr;
    if (!started) return std::unexpected(std::move(started.error()));
    return out;
}

DriverResult<void> DriverInstance::start(Engine& engine) {
    if (!module_->has_memory())
        return broken(Kind::driver, "WasmExport", fmt::format("Missing '{}' export", wasm::kDriverMemory));
    auto instance = engine.instantiate(module_->module(), memory_, *this, true);
    if (!instance && was_stopped_) return broken(Kind::time, "Limit", "the start of the module took too long");
    if (!instance) return broken(Kind::driver, "WasmRuntime", "Failed to instantiate WASM: " + instance.error().text);
    instance_ = std::move(*instance);
    if (const auto& wrong = module_->wrong_export(); !wrong.empty()) return broken(Kind::driver, "WasmExport", wrong);
    instance_->set_counter(-kGas);
    auto begun = run(kInit, {});
    if (!begun) return std::unexpected(std::move(begun.error()));
    return {};
}

DriverResult<Bytes> DriverInstance::call(const DriverCall& asked, const Stop& stop) {
    if (native_stack_left() < kStackBytes) return driver_failure(Kind::busy, "Limit", "the native stack is full");
    instance_->set_counter(-kGas);
    memory_.forget_refusal();
    stop_ = &stop;
    auto answer = ask(asked);
    stop_ = nullptr;
    return answer;
}

DriverResult<Bytes> DriverInstance::ask(const DriverCall& asked) {
    std::array<std::int32_t, 6> arguments{};
    if (!has_input(asked.function)) {
        const auto output = allocate(kOutputBytes);
        if (!output) return std::unexpected(output.error());
        return ask_into(*output, asked.function, std::span(arguments).first(2));
    }
    const auto name = place(base::view(asked.name));
    if (!name) return std::unexpected(name.error());
    const auto data = place(asked.data);
    if (!data) return std::unexpected(data.error());
    const auto output = allocate(kOutputBytes);
    if (!output) return std::unexpected(output.error());
    arguments = {name->address, name->size, data->address, data->size, 0, 0};
    auto answer = ask_into(*output, asked.function, arguments);
    release(*name);
    release(*data);
    return answer;
}

/// The last two arguments are the output's.
DriverResult<Bytes> DriverInstance::ask_into(Buffer output, DriverFunction function,
                                             std::span<std::int32_t> arguments) {
    arguments[arguments.size() - 2] = output.address;
    arguments[arguments.size() - 1] = output.size;
    const auto code = run(name_of(function), arguments);
    if (!code) return std::unexpected(code.error());
    auto answer =
        *code == 0 ? read(output)
                   : driver_failure(Kind::driver, "FfiError", fmt::format("FFI returned {}: {}", *code, last_error()));
    release(output);
    return answer;
}

DriverResult<std::int32_t> DriverInstance::run(std::string_view function, std::span<const std::int32_t> arguments) {
    const auto result = instance_->invoke(function, arguments);
    if (result) return *result;
    if (result.error() == Trap::deadline) return broken(Kind::time, "Limit", fmt::format("{} took too long", function));
    if (instance_->counter() >= 0)
        return broken(Kind::gas, "Limit", fmt::format("{} used up the {} gas of a call", function, kGas));
    if (memory_.was_refused())
        return broken(Kind::memory, "Limit", fmt::format("{} needs more than {} bytes", function, kMemoryBytes));
    if (function == kInit) return broken(Kind::driver, "FfiError", "init() failed: the code trapped");
    if (function == kAlloc) return broken(Kind::driver, "WasmMemory", "alloc failed: the code trapped");
    return broken(Kind::driver, "FfiError", fmt::format("{} call failed: the code trapped", function));
}

DriverResult<DriverInstance::Buffer> DriverInstance::allocate(std::size_t size) {
    if (size > kMemoryBytes) return broken(Kind::memory, "Limit", fmt::format("{} bytes of input", size));
    const auto bytes = static_cast<std::int32_t>(size);
    const auto address = run(kAlloc, {&bytes, 1});
    if (!address) return std::unexpected(address.error());
    if (*address > 0) return Buffer{*address, bytes};
    if (memory_.was_refused())
        return broken(Kind::memory, "Limit", fmt::format("alloc needs more than {} bytes", kMemoryBytes));
    return broken(Kind::driver, "WasmMemory", "alloc returned no address");
}

DriverResult<DriverInstance::Buffer> DriverInstance::place(ByteView bytes) {
    auto buffer = allocate(bytes.size());
    if (!buffer) return buffer;
    const auto memory = memory_.at(buffer->address, bytes.size());
    if (!memory) return broken(Kind::driver, "WasmMemory", "alloc returned an address outside the memory");
    std::ranges::copy(bytes, memory->begin());
    return buffer;
}

/// What `dealloc` says changes no answer.
void DriverInstance::release(Buffer buffer) {
    if (!is_usable_) return;
    (void)run("dealloc", std::array{buffer.address, buffer.size});
}

DriverResult<Bytes> DriverInstance::read(Buffer output) {
    const auto length = memory_.at(output.address, kLengthBytes);
    if (!length) return broken(Kind::driver, "WasmMemory", "the answer lies outside the memory");
    const auto size = base::load_le<std::uint32_t>(length->data());
    if (size > static_cast<std::uint32_t>(output.size) - kLengthBytes)
        return broken(Kind::driver, "WasmMemory",
                      fmt::format("the answer has {} bytes, and its buffer {}", size, output.size));
    const auto all = memory_.at(output.address, kLengthBytes + size);
    if (!all) return broken(Kind::driver, "WasmMemory", "the answer lies outside the memory");
    return base::to_bytes(all->subspan(kLengthBytes));
}

/// The text of the driver's error; empty when it gives none that can be read.
std::string DriverInstance::last_error() {
    const auto buffer = allocate(kErrorBytes);
    if (!buffer) return {};
    const auto code = run("get_last_error", std::array{buffer->address, buffer->size});
    if (!code) return {};
    const auto bytes = *code == 0 ? read(*buffer) : Bytes{};
    release(*buffer);
    if (!bytes) return {};
    const auto text = base::text(*bytes);
    return base::is_utf8(text) ? std::string(text) : std::string();
}

std::unexpected<DriverFailure> DriverInstance::broken(Kind kind, std::string_view variant, std::string_view text) {
    is_usable_ = false;
    return driver_failure(kind, variant, text);
}

/// The host offers no functions, and a driver has no imports.
bool DriverInstance::call(std::size_t, std::span<std::uint64_t>) noexcept {
    return false;
}

bool DriverInstance::may_continue() noexcept {
    was_stopped_ = stop_ != nullptr && *stop_ && (*stop_)();
    return !was_stopped_;
}

}  // namespace rues::vm
