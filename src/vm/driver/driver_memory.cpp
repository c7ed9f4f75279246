#include "vm/driver/driver_memory.hpp"

#include <sys/mman.h>

#include "vm/driver/driver_instance.hpp"

namespace rues::vm {

DriverMemory::DriverMemory(std::uint64_t bytes) : size_(bytes) {
    void* const mapped =
        mmap(nullptr, kReservation, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped != MAP_FAILED) base_ = static_cast<std::byte*>(mapped);
}

DriverMemory::~DriverMemory() {
    if (base_ != nullptr) munmap(base_, kReservation);
}

bool DriverMemory::grow_to(std::uint64_t bytes) noexcept {
    if (bytes > DriverInstance::kMemoryBytes) {
        was_refused_ = true;
        return false;
    }
    size_ = bytes;
    return true;
}

std::optional<std::span<std::byte>> DriverMemory::at(std::int32_t address, std::uint64_t count) noexcept {
    const auto begin = static_cast<std::uint64_t>(address);
    if (address <= 0 || begin > size_ || count > size_ - begin) return std::nullopt;
    return std::span(base_ + begin, count);
}

}  // namespace rues::vm
