#pragma once

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "plonk/composer/composer.hpp"
#include "plonk/prover/known_tau.hpp"
#include "plonk/prover/prover.hpp"

/// Circuits of a few gates, and a reference string that is long enough for them.
namespace rues::plonk::small {

/// The tau of docs/reference/phoenix-and-plonk.md 6.4.
inline Fr tau() {
    return Fr::from_bytes(*base::array_from_hex<32>("1daab1b82d0e42f99ea66f8986069b4c1538e08c08147d0ba4129d4e1fcc5910"))
        .value();
}

inline constexpr std::string_view kLabel = "dusk-network";

/// x · y + x == z, with z public.
inline Composer::Built product(std::uint64_t x, std::uint64_t y, std::uint64_t z, std::size_t gates = 16) {
    Composer composer;
    const Witness of_x = composer.append(Fr(x)), of_y = composer.append(Fr(y));
    const Witness out = composer.add({.m = Fr(1), .l = Fr(1), .a = of_x, .b = of_y});
    composer.assert_equal(out, composer.append_public(Fr(z)));
    while (composer.gates() < gates) composer.assert_equal(of_x, of_x);
    return std::move(composer).finish();
}

/// Every kind of gate, over a public value and a public point: 2,048 rows at most.
inline Composer::Built every_gate(std::uint64_t value) {
    Composer composer;
    const Witness of_value = composer.append_public(Fr(value));
    const WitnessPoint point = composer.append_public(crypto::jubjub_nums_generator().affine());
    composer.assert_64_bits(of_value);
    composer.xor_250(of_value, Composer::kOne);
    const WitnessPoint product = composer.multiply(of_value, FixedBase(crypto::jubjub_generator()));
    composer.add(product, point);
    composer.bits<64>(of_value);
    return std::move(composer).finish();
}

inline Blinders blinders(std::string_view seed = "blinders") {
    base::ByteArray<Blinders::kBytes> random;
    crypto::chacha12(crypto::sha256(base::view(seed)), random);
    return Blinders(random);
}

}  // namespace rues::plonk::small
