#include "crypto/fl.hpp"

#include "base/endian.hpp"
#include "crypto/hash.hpp"

namespace rues::crypto {
namespace {

using Limbs = Fl::Limbs;
__extension__ using Wide = unsigned __int128;

constexpr Limbs kModulus{0xd0970e5ed6f72cb7, 0xa6682093ccc81082, 0x06673b0101343b00, 0x0e7db4ea6533afa9};

struct Difference {
    Limbs limbs{};
    std::uint64_t borrow = 0;  ///< 1: b was larger than a
};

constexpr Difference difference(const Limbs& a, const Limbs& b) noexcept {
    Difference out;
    for (std::size_t i = 0; i < 4; ++i) {
        const Wide one = Wide{a[i]} - b[i] - out.borrow;
        out.limbs[i] = static_cast<std::uint64_t>(one);
        out.borrow = static_cast<std::uint64_t>(one >> 64) & 1;
    }
    return out;
}

constexpr Limbs sum(const Limbs& a, const Limbs& b) noexcept {
    Limbs out{};
    Wide carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        carry += Wide{a[i]} + b[i];
        out[i] = static_cast<std::uint64_t>(carry);
        carry >>= 64;
    }
    return out;  // l has 252 bits, so nothing is lost
}

constexpr Limbs reduced_once(const Limbs& a) noexcept {
    auto [out, borrow] = difference(a, kModulus);
    for (std::size_t i = 0; i < 4; ++i) out[i] ^= (out[i] ^ a[i]) & (0 - borrow);
    return out;
}

/// -1/l mod 2^64, by Newton's iteration.
constexpr std::uint64_t kInverse = [] {
    std::uint64_t inverse = 1;
    for (int i = 0; i < 6; ++i) inverse *= 2 - kModulus[0] * inverse;
    return -inverse;
}();

/// 2^bits mod l.
constexpr Limbs power_of_two(unsigned bits) noexcept {
    Limbs out{1};
    for (; bits > 0; --bits) out = reduced_once(sum(out, out));
    return out;
}

constexpr Limbs kOne = power_of_two(256);  ///< 1 in Montgomery form
constexpr Limbs kSquare = power_of_two(512);
constexpr Limbs kCube = power_of_two(768);

/// a · b / 2^256 mod l, reduced. REQUIRES: b is below l; `a` may be any 256 bits.
Limbs product(const Limbs& a, const Limbs& b) noexcept {
    std::array<std::uint64_t, 6> t{};
    for (std::size_t i = 0; i < 4; ++i) {
        Wide carry = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            carry += Wide{a[i]} * b[j] + t[j];
            t[j] = static_cast<std::uint64_t>(carry);
            carry >>= 64;
        }
        carry += t[4];
        t[4] = static_cast<std::uint64_t>(carry);
        t[5] = static_cast<std::uint64_t>(carry >> 64);
        const std::uint64_t factor = t[0] * kInverse;
        carry = (Wide{factor} * kModulus[0] + t[0]) >> 64;
        for (std::size_t j = 1; j < 4; ++j) {
            carry += Wide{factor} * kModulus[j] + t[j];
            t[j - 1] = static_cast<std::uint64_t>(carry);
            carry >>= 64;
        }
        carry += t[4];
        t[3] = static_cast<std::uint64_t>(carry);
        t[4] = t[5] + static_cast<std::uint64_t>(carry >> 64);
    }
    return reduced_once({t[0], t[1], t[2], t[3]});  // below 2 l, so t[4] is zero
}

Limbs limbs_of(base::ByteView bytes) noexcept {
    Limbs out;
    for (std::size_t i = 0; i < 4; ++i) out[i] = base::load_le<std::uint64_t>(bytes.data() + 8 * i);
    return out;
}

base::ByteArray<32> bytes_of(const Limbs& limbs) noexcept {
    base::ByteArray<32> out;
    for (std::size_t i = 0; i < 4; ++i) base::store_le(out.data() + 8 * i, limbs[i]);
    return out;
}

}  // namespace

Fl::Fl(std::uint64_t small) noexcept : limbs_(product({small}, kSquare)) {}

std::optional<Fl> Fl::from_bytes(const base::ByteArray<32>& little_endian) noexcept {
    const Limbs integer = limbs_of(little_endian);
    if (difference(integer, kModulus).borrow == 0) return std::nullopt;
    return Fl(product(integer, kSquare));
}

Fl Fl::from_wide(const base::ByteArray<64>& little_endian) noexcept {
    const base::ByteView bytes = little_endian;
    const Limbs low = product(limbs_of(bytes.first(32)), kSquare);
    const Limbs high = product(limbs_of(bytes.last(32)), kCube);
    return Fl(reduced_once(sum(low, high)));
}

Fl Fl::from_montgomery(const base::ByteArray<32>& limbs) noexcept {
    return Fl(product(limbs_of(limbs), kOne));
}

base::ByteArray<32> Fl::bytes() const noexcept {
    return bytes_of(product(limbs_, {1}));
}

base::ByteArray<32> Fl::montgomery() const noexcept {
    return bytes_of(limbs_);
}

Fl operator+(const Fl& a, const Fl& b) noexcept {
    return Fl(reduced_once(sum(a.limbs_, b.limbs_)));
}

Fl operator-(const Fl& a, const Fl& b) noexcept {
    return Fl(reduced_once(sum(a.limbs_, difference(kModulus, b.limbs_).limbs)));
}

Fl operator*(const Fl& a, const Fl& b) noexcept {
    return Fl(product(a.limbs_, b.limbs_));
}

base::ByteArray<32> fl_modulus() noexcept {
    return bytes_of(kModulus);
}

Fl hash_to_fl(base::ByteView message) {
    return Fl::from_wide(blake2b_512(message));
}

}  // namespace rues::crypto
