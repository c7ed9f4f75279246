#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace rues::crypto {

/// An element of Fl, the field of JubJub's scalars (docs/reference/phoenix-and-plonk.md 1.1). Always reduced.
/// Constant-time but for `==`. Pure, any thread.
class Fl {
public:
    using Limbs = std::array<std::uint64_t, 4>;  ///< lowest first

    /// Zero.
    constexpr Fl() noexcept = default;
    explicit Fl(std::uint64_t small) noexcept;
    /// The canonical form. nullopt when the integer is not below l.
    static std::optional<Fl> from_bytes(const base::ByteArray<32>& little_endian) noexcept;
    /// 64 little-endian bytes mod l.
    static Fl from_wide(const base::ByteArray<64>& little_endian) noexcept;
    /// Four little-endian Montgomery limbs, the form that rkyv stores (docs/reference/ledger.md 8.1 #7). Limbs that are
    /// not below l are reduced, as the network does when it multiplies by such a scalar.
    static Fl from_montgomery(const base::ByteArray<32>& limbs) noexcept;

    base::ByteArray<32> bytes() const noexcept;
    base::ByteArray<32> montgomery() const noexcept;

    friend Fl operator+(const Fl& a, const Fl& b) noexcept;
    friend Fl operator-(const Fl& a, const Fl& b) noexcept;
    friend Fl operator*(const Fl& a, const Fl& b) noexcept;
    friend bool operator==(const Fl&, const Fl&) noexcept = default;

private:
    explicit constexpr Fl(const Limbs& limbs) noexcept : limbs_(limbs) {}

    Limbs limbs_{};  ///< the value times 2^256, mod l
};

/// l itself, little-endian: the order of JubJub's prime subgroup.
base::ByteArray<32> fl_modulus() noexcept;

/// BLAKE2b-512 read as a little-endian integer, mod l (docs/reference/phoenix-and-plonk.md 1.4).
Fl hash_to_fl(base::ByteView message);

}  // namespace rues::crypto
