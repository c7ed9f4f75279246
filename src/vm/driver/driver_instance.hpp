#pragma once

#include <functional>
#include <memory>

#include "vm/driver/driver_memory.hpp"
#include "vm/driver/driver_module.hpp"

namespace rues::vm {

/// The functions of a data driver that give an answer. docs/reference/machine.md 4.
enum class DriverFunction : std::uint8_t {
    encode_input,
    decode_input,
    decode_output,
    decode_event,
    get_schema,
    get_version,
};
/// The name of its export.
std::string_view name_of(DriverFunction function) noexcept;

/// A question to a driver. `name` and `data` only go with the functions that encode and decode.
struct DriverCall {
    DriverFunction function = DriverFunction::get_version;
    std::string_view name{};  ///< of a function or an event of the contract
    ByteView data{};
};

/// A driver that runs: its memory, and the state that it keeps there between calls. One thread at a time, with a stack
/// of some megabytes.
class DriverInstance final : private Host {
public:
    /// Limits of one call, and of the making of an instance (docs/reference/differences.md 35).
    /// @{
    static constexpr std::int64_t kGas = 200'000'000;
    static constexpr std::uint64_t kMemoryBytes = std::uint64_t{64} << 20U;
    /// @}
    /// Where a driver writes its answer, and the text of its error. Both begin with four bytes that say the length.
    /// @{
    static constexpr std::int32_t kOutputBytes = 65'536;
    static constexpr std::int32_t kErrorBytes = 1'024;
    /// @}
    /// Stack that must be left below the caller: the engine's, and some for the call itself.
    static constexpr std::size_t kStackBytes = std::size_t{1} << 20U;

    /// Asked at each tick of the engine while the driver runs; true ends the call with Kind::time.
    using Stop = std::function<bool()>;

    /// Makes an instance and calls its `init`. `engine` outlives it.
    static DriverResult<std::unique_ptr<DriverInstance>> create(Engine& engine,
                                                                std::shared_ptr<const DriverModule> module,
                                                                const Stop& stop);

    /// Asks the driver. The answer has less than `kOutputBytes`. A failure of the kind `driver` whose text is
    /// `FfiError("FFI returned …")` is the driver's own answer; after any other failure the instance is not usable.
    DriverResult<Bytes> call(const DriverCall& asked, const Stop& stop);

    /// False: its memory may be in disorder, so nothing may be asked any more.
    bool is_usable() const noexcept { return is_usable_; }
    const DriverModule& module() const noexcept { return *module_; }
    std::uint64_t memory_bytes() const noexcept { return memory_.size(); }

private:
    explicit DriverInstance(std::shared_ptr<const DriverModule> module)
        : module_(std::move(module)), memory_(module_->min_bytes()) {}

    /// Memory that the driver's `alloc` gave.
    struct Buffer {
        std::int32_t address = 0;
        std::int32_t size = 0;
    };

    DriverResult<void> start(Engine& engine);
    DriverResult<Bytes> ask(const DriverCall& asked);
    DriverResult<Bytes> ask_into(Buffer output, DriverFunction function, std::span<std::int32_t> arguments);
    DriverResult<std::int32_t> run(std::string_view function, std::span<const std::int32_t> arguments);
    DriverResult<Buffer> allocate(std::size_t size);
    DriverResult<Buffer> place(ByteView bytes);
    void release(Buffer buffer);
    DriverResult<Bytes> read(Buffer output);
    std::string last_error();
    std::unexpected<DriverFailure> broken(DriverFailure::Kind kind, std::string_view variant, std::string_view text);

    bool call(std::size_t function, std::span<std::uint64_t> values) noexcept override;
    bool may_continue() noexcept override;

    std::shared_ptr<const DriverModule> module_;
    DriverMemory memory_;
    std::unique_ptr<Instance> instance_;
    const Stop* stop_ = nullptr;  ///< of the call that runs
    bool is_usable_ = true;
    bool was_stopped_ = false;
};

}  // namespace rues::vm
