#pragma once

#include <memory>
#include <vector>

#include "crypto/fr.hpp"
#include "crypto/secret.hpp"

namespace rues::plonk {

using crypto::Fr;

/// Wipes memory before it is freed, so that no secret stays in the heap. A vector that grows wipes the memory that it
/// leaves.
template <typename T>
struct WipingAllocator {
    using value_type = T;

    WipingAllocator() noexcept = default;
    template <typename U>
    explicit WipingAllocator(const WipingAllocator<U>&) noexcept {}
    T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
    void deallocate(T* at, std::size_t count) noexcept {
        crypto::wipe(std::as_writable_bytes(std::span(at, count)));
        std::allocator<T>().deallocate(at, count);
    }
    friend bool operator==(WipingAllocator, WipingAllocator) noexcept { return true; }
};

/// Elements that are secret: witnesses, and the polynomials and sums that are made of them.
using SecretVector = std::vector<Fr, WipingAllocator<Fr>>;

}  // namespace rues::plonk
