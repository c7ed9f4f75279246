#pragma once

#include <optional>
#include <span>

#include "vm/engine.hpp"

namespace rues::vm {

/// The memory of one instance of a data driver: 4 GiB of addresses, of which the driver may use the first
/// `DriverInstance::kMemoryBytes`. One thread at a time.
class DriverMemory final : public LinearMemory {
public:
    /// `bytes` of zeros. REQUIRES: no more than a driver may have.
    explicit DriverMemory(std::uint64_t bytes);
    ~DriverMemory() override;
    DriverMemory(const DriverMemory&) = delete;
    DriverMemory& operator=(const DriverMemory&) = delete;

    /// False: the system gave no addresses, and nothing else may be called.
    bool is_mapped() const noexcept { return base_ != nullptr; }

    std::byte* base() noexcept override { return base_; }
    std::uint64_t size() const noexcept override { return size_; }
    bool grow_to(std::uint64_t bytes) noexcept override;

    /// Whether it was refused to grow since the last `forget_refusal`.
    bool was_refused() const noexcept { return was_refused_; }
    void forget_refusal() noexcept { was_refused_ = false; }

    /// The bytes at an address that the driver gave. nullopt: not all of them belong to the memory.
    std::optional<std::span<std::byte>> at(std::int32_t address, std::uint64_t count) noexcept;

private:
    std::byte* base_ = nullptr;
    std::uint64_t size_ = 0;
    bool was_refused_ = false;
};

}  // namespace rues::vm
