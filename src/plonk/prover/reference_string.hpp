#pragma once

#include "plonk/prover/executor.hpp"
#include "plonk/prover/prover_key.hpp"

/// Common reference strings as files (docs/reference/phoenix-and-plonk.md 6.1): g, h and tau·h, then [tau^i]_1 from
/// i = 0, all compressed. The file has no other header, so the opening key and the hash tell whose string it is.
namespace rues::plonk {

struct ReferenceString {
    static constexpr std::size_t kPowerBytes = 48;

    OpeningKeyBytes opening_key{};
    std::vector<blst_p1_affine> powers;

    base::Bytes encode(const Executor& executor) const;
    /// Checks that every point lies in its group, which takes some 45 microseconds a point on one core. `invalid`: the
    /// text names the first bad power, or says that the opening key or the size of the file is wrong. A file has at
    /// least two powers.
    static base::Result<ReferenceString> decode(base::ByteView file, const Executor& executor);
};

/// True when power 0 is g and power i + 1 is tau times power i, for the tau of the opening key. The coefficients are
/// drawn from `seed`, which nobody may know before the file is given: a wrong file passes with a chance of 2^-128.
bool is_consistent(const ReferenceString& string, const base::ByteArray<32>& seed);

/// The tau of the developers' string. It is published, so everybody can prove false statements under that string
/// (docs/reference/phoenix-and-plonk.md 6.4).
Fr developer_tau() noexcept;

}  // namespace rues::plonk
