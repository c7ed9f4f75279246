#pragma once

#include <blst.h>

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"

namespace rues::crypto {

/// An element of Fr, the scalar field of BLS12-381, which is also the base field of JubJub
/// (docs/reference/phoenix-and-plonk.md 1.1). Always reduced, so equal elements have equal limbs. Constant-time but for
/// `inverse`, `square_root`, `==` and the functions that read bytes. Pure, any thread.
class Fr {
public:
    /// Zero.
    constexpr Fr() noexcept = default;
    explicit Fr(std::uint64_t small) noexcept;
    static constexpr Fr one() noexcept {
        Fr out;  // 2^256 mod r, the Montgomery form
        out.value_ = {{0x00000001fffffffe, 0x5884b7fa00034802, 0x998c4fefecbc4ff5, 0x1824b159acc5056f}};
        return out;
    }
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
    Fr power(std::uint64_t exponent) const noexcept;
    /// Zero for zero.
    Fr inverse() const noexcept;
    /// Inverts all elements with one inversion, and three products for each. REQUIRES: none is zero.
    static void invert_all(std::span<Fr> elements);
    /// The generator of the subgroup of order 2^log_order on which polynomials are evaluated
    /// (docs/reference/phoenix-and-plonk.md 1.1). REQUIRES: log_order <= 32.
    static Fr root_of_unity(unsigned log_order) noexcept;
    /// One of the two roots, or nullopt when this is not a square.
    std::optional<Fr> square_root() const noexcept;
    /// True when this is the eighth power of an element. False for zero.
    bool is_eighth_power() const noexcept;

    /// @name In place, for inner loops: a result that is copied costs as much as a sum. Operands may be the same
    /// element.
    /// @{
    void become_sum(const Fr& a, const Fr& b) noexcept { blst_fr_add(&value_, &a.value_, &b.value_); }
    void become_difference(const Fr& a, const Fr& b) noexcept { blst_fr_sub(&value_, &a.value_, &b.value_); }
    void become_product(const Fr& a, const Fr& b) noexcept { blst_fr_mul(&value_, &a.value_, &b.value_); }
    void become_square(const Fr& a) noexcept { blst_fr_sqr(&value_, &a.value_); }
    /// Becomes `other` when `mask` is all ones, and stays as it is when `mask` is zero. Constant-time.
    void become_masked(const Fr& other, std::uint64_t mask) noexcept {
        for (std::size_t i = 0; i < 4; ++i) value_.l[i] ^= (value_.l[i] ^ other.value_.l[i]) & mask;
    }
    /// @}

    friend Fr operator+(const Fr& a, const Fr& b) noexcept {
        Fr out;
        out.become_sum(a, b);
        return out;
    }
    friend Fr operator-(const Fr& a, const Fr& b) noexcept {
        Fr out;
        out.become_difference(a, b);
        return out;
    }
    friend Fr operator*(const Fr& a, const Fr& b) noexcept {
        Fr out;
        out.become_product(a, b);
        return out;
    }
    friend Fr operator-(const Fr& a) noexcept { return Fr() - a; }
    Fr& operator+=(const Fr& other) noexcept { return *this = *this + other; }
    friend bool operator==(const Fr& a, const Fr& b) noexcept { return std::ranges::equal(a.value_.l, b.value_.l); }

private:
    blst_fr value_{};
};

}  // namespace rues::crypto
