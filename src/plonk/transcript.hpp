#pragma once

#include <string_view>

#include "crypto/fr.hpp"
#include "crypto/groups.hpp"
#include "crypto/keccak.hpp"

namespace rues::plonk {

using crypto::Fr;
using crypto::G1Point;

/// Merlin 3.0, the transcript from which prover and verifier draw the same challenges: the STROBE-128 protocol on
/// Keccak-f[1600] (docs/reference/phoenix-and-plonk.md 5.2). Whatever is appended changes all later challenges, and so
/// does every label. Copy it to branch. Not for secrets: a dropped transcript is not wiped.
class Transcript {
public:
    explicit Transcript(base::ByteView label) noexcept;

    void append(std::string_view label, base::ByteView message) noexcept;
    void append(std::string_view label, const Fr& scalar) noexcept;       ///< 32 little-endian bytes
    void append(std::string_view label, const G1Point& point) noexcept;   ///< 48 compressed bytes
    void append(std::string_view label, std::uint64_t integer) noexcept;  ///< 8 little-endian bytes

    /// Fills `out`, whose size is part of the transcript.
    void challenge(std::string_view label, std::span<std::byte> out) noexcept;
    /// A challenge of 64 bytes, mod r.
    Fr challenge(std::string_view label) noexcept;

private:
    void begin(std::uint8_t flags) noexcept;
    void begin_with_length(std::string_view label, std::size_t length) noexcept;
    void absorb(base::ByteView bytes) noexcept;
    void step() noexcept;
    void permute() noexcept;
    std::byte& at(std::size_t position) noexcept;

    crypto::KeccakState state_{};
    std::uint8_t position_ = 0;
    std::uint8_t operation_begin_ = 0;
};

}  // namespace rues::plonk
