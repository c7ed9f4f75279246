#include "vm/kzg.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <span>

extern "C" {
#include <eip4844/eip4844.h>
}

extern const char kRuesKzgPowersG2[];
extern const unsigned long kRuesKzgPowersG2Size;

namespace rues::vm {
namespace {

constexpr std::size_t kPoint = 96;

/// The part of the setup that a check of one proof reads: the first two powers of the secret in G2. The whole setup, of
/// 4,096 points of G1 and their tables, takes c-kzg a second to load; only makers of proofs need it. The bytes are
/// those of the crate, and they are a part of the program, so a point that does not decode means a broken program.
class Setup {
public:
    Setup() {
        const auto bytes = std::as_bytes(std::span(kRuesKzgPowersG2, kRuesKzgPowersG2Size));
        for (std::size_t i = 0; i < powers_.size(); ++i) {
            blst_p2_affine point;
            if (bytes.size() < kPoint * powers_.size() ||
                blst_p2_uncompress(&point, base::u8(bytes.subspan(i * kPoint))) != BLST_SUCCESS ||
                !blst_p2_affine_in_g2(&point)) {
                std::fputs("rues: the KZG setup in the program is damaged\n", stderr);
                std::abort();
            }
            blst_p2_from_affine(&powers_[i], &point);
        }
        settings_.g2_values_monomial = powers_.data();
    }
    Setup(const Setup&) = delete;
    Setup& operator=(const Setup&) = delete;

    const KZGSettings* settings() const noexcept { return &settings_; }

private:
    std::array<blst_p2, 2> powers_;
    KZGSettings settings_{};
};

template <typename To, std::size_t N>
To copied(const base::ByteArray<N>& from) {
    To out;
    static_assert(sizeof out.bytes == N);
    std::memcpy(out.bytes, from.data(), N);
    return out;
}

}  // namespace

bool verify_kzg_proof(const base::ByteArray<48>& commitment, const base::ByteArray<32>& z, const base::ByteArray<32>& y,
                      const base::ByteArray<48>& proof) {
    static const Setup setup;
    const auto commitment_bytes = copied<Bytes48>(commitment);
    const auto proof_bytes = copied<Bytes48>(proof);
    const auto z_bytes = copied<Bytes32>(z);
    const auto y_bytes = copied<Bytes32>(y);
    bool valid = false;
    return ::verify_kzg_proof(&valid, &commitment_bytes, &z_bytes, &y_bytes, &proof_bytes, setup.settings()) ==
               C_KZG_OK &&
           valid;
}

}  // namespace rues::vm
