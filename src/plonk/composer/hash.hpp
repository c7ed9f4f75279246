#pragma once

#include "crypto/poseidon.hpp"
#include "plonk/composer/composer.hpp"

/// The Poseidon hash as gates (docs/reference/phoenix-and-plonk.md 4.3): 985 for each permutation.
namespace rues::plonk {

Witness append_hash(Composer& to, std::span<const Witness> elements,
                    crypto::PoseidonDomain domain = crypto::PoseidonDomain::other);
/// The hash cut to 250 bits, as a scalar of JubJub.
Witness append_truncated_hash(Composer& to, std::span<const Witness> elements);

}  // namespace rues::plonk
