#pragma once

#include <blst.h>

#include <optional>

#include "base/bytes.hpp"

namespace rues::crypto {

/// An element of Fr, the scalar field of BLS12-381, which is also the base field of JubJub
/// (docs/reference/phoenix-and-plonk.md 1.1). Always reduced, so equal elements have equal limbs. Not constant-time in
/// `inverse` and `square_root`. Pure, any thread.
class Fr {
public:
    /// Zero.
    constexpr Fr() noexcept = default;
    explicit Fr(std::uint64_t small) noexcept;
    /// The canonical form. nullopt when the integer is not below r.
    static std::optional<Fr> from_bytes(const base::ByteArray<32>& little_endian) noexcept;
    /// 64 little-endian bytes mod r.
    static Fr from_wide(const base::ByteArray<64>& little_endian) noexcept;
    /// Four little-endian Montgomery limbs, the form that rkyv stores (docs/reference/ledger.md 8.1 #7). nullopt when
    /// the limbs are not below r.
    static std::optional<Fr> from_montgomery(const base::ByteArray<32>& limbs) noexcept;

    base::ByteArray<32> bytes() const noexcept;
    base::ByteArray<32> montgomery() const noexcept;
    bool is_zero() const noexcept { return *this == Fr(); }
    bool is_odd() const noexcept { return (bytes()[0] & std::byte{1}) != std::byte{0}; }

    Fr squared(unsigned times = 1) const noexcept;
    Fr doubled() const noexcept { return *this + *this; }
    /// Zero for zero.
    Fr inverse() const noexcept;
    /// One of the two roots, or nullopt when this is not a square.
    std::optional<Fr> square_root() const noexcept;

    friend Fr operator+(const Fr& a, const Fr& b) noexcept {
        Fr out;
        blst_fr_add(&out.value_, &a.value_, &b.value_);
        return out;
    }
    friend Fr operator-(const Fr& a, const Fr& b) noexcept {
        Fr out;
        blst_fr_sub(&out.value_, &a.value_, &b.value_);
        return out;
    }
    friend Fr operator*(const Fr& a, const Fr& b) noexcept {
        Fr out;
        blst_fr_mul(&out.value_, &a.value_, &b.value_);
        return out;
    }
    friend Fr operator-(const Fr& a) noexcept { return Fr() - a; }
    Fr& operator+=(const Fr& other) noexcept { return *this = *this + other; }
    friend bool operator==(const Fr& a, const Fr& b) noexcept { return std::ranges::equal(a.value_.l, b.value_.l); }

private:
    blst_fr value_{};
};

}  // namespace rues::crypto
