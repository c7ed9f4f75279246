#pragma once

#include <span>
#include <type_traits>
#include <utility>

#include "base/bytes.hpp"

namespace rues::crypto {

/// Overwrites memory that held a secret. No compiler leaves it out, though nobody reads the memory afterwards.
void wipe(std::span<std::byte> memory) noexcept;

/// Holds a secret and wipes its memory at the end of its life; so do its copies.
template <typename T>
    requires std::is_trivially_copyable_v<T>
class Secret {
public:
    Secret() noexcept = default;
    explicit Secret(const T& value) noexcept : value_(value) {}
    Secret(const Secret&) noexcept = default;
    Secret& operator=(const Secret&) noexcept = default;
    ~Secret() { wipe(std::as_writable_bytes(std::span(&value_, 1))); }

    const T& operator*() const noexcept { return value_; }
    T& operator*() noexcept { return value_; }
    const T* operator->() const noexcept { return &value_; }
    T* operator->() noexcept { return &value_; }

private:
    T value_{};
};

}  // namespace rues::crypto
