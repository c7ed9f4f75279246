#include "crypto/kzg.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "crypto/hash.hpp"
#include "crypto/kzg_setup.hpp"

extern const char kRuesKzgPowersG2[];
extern const unsigned long kRuesKzgPowersG2Size;

namespace rues::crypto {
namespace {

constexpr std::size_t kKzgPoint = 96;

/// The part of the setup that checks read: the first two powers of the secret in G2, and the roots of unity. The whole
/// setup, of 4,096 points of G1 and their tables, takes c-kzg a second to load; only makers of proofs need it. The
/// bytes are those of the crate, and they are a part of the program, so a point that does not decode means a broken
/// program.
class CheckingSetup {
public:
    CheckingSetup() {
        const auto bytes = std::as_bytes(std::span(kRuesKzgPowersG2, kRuesKzgPowersG2Size));
        for (std::size_t i = 0; i < powers_.size(); ++i) {
            blst_p2_affine point;
            if (bytes.size() < kKzgPoint * powers_.size() ||
                blst_p2_uncompress(&point, base::u8(bytes.subspan(i * kKzgPoint))) != BLST_SUCCESS ||
                !blst_p2_affine_in_g2(&point)) {
                kzg_setup_is_damaged();
            }
            blst_p2_from_affine(&powers_[i], &point);
        }
        settings_.g2_values_monomial = powers_.data();
        roots_ = kzg_roots();
        settings_.brp_roots_of_unity = roots_.data();
    }
    CheckingSetup(const CheckingSetup&) = delete;
    CheckingSetup& operator=(const CheckingSetup&) = delete;

    static const KZGSettings* settings() {
        static const CheckingSetup setup;
        return &setup.settings_;
    }

private:
    std::array<blst_p2, 2> powers_;
    std::array<blst_fr, kBlobElements> roots_;
    KZGSettings settings_{};
};

std::string_view name_of(C_KZG_RET error) {
    switch (error) {
    case C_KZG_BADARGS:
        return "C_KZG_BADARGS";
    case C_KZG_MALLOC:
        return "C_KZG_MALLOC";
    default:
        return "C_KZG_ERROR";
    }
}

}  // namespace

void kzg_setup_is_damaged() {
    std::fputs("rues: the KZG setup in the program is damaged\n", stderr);
    std::abort();
}

const std::array<blst_fr, kBlobElements>& kzg_roots() {
    static const auto roots = [] {
        // 7 generates the multiplicative group (EIP-4844, PRIMITIVE_ROOT_OF_UNITY), so 7^((r - 1) / 4096) has the order
        // 4,096.
        constexpr std::uint64_t kOrderLessOne[] = {0xffffffff00000000, 0x53bda402fffe5bfe, 0x3339d80809a1d805,
                                                   0x73eda753299d7d48};
        const auto small = [](std::uint64_t value) {
            const std::uint64_t limbs[] = {value, 0, 0, 0};
            blst_fr fr;
            blst_fr_from_uint64(&fr, limbs);
            return fr;
        };
        const blst_fr seven = small(7);
        blst_fr root = small(1);
        for (unsigned bit = 256; bit-- > kKzgLogElements;) {
            blst_fr_sqr(&root, &root);
            if ((kOrderLessOne[bit / 64] >> (bit % 64) & 1) != 0) blst_fr_mul(&root, &root, &seven);
        }
        std::array<blst_fr, kBlobElements> out;
        blst_fr power = small(1);
        for (std::size_t i = 0; i < kBlobElements; ++i) {
            out[kzg_reversed(i)] = power;
            blst_fr_mul(&power, &power, &root);
        }
        return out;
    }();
    return roots;
}

bool verify_kzg_proof(const base::ByteArray<48>& commitment, const base::ByteArray<32>& z, const base::ByteArray<32>& y,
                      const base::ByteArray<48>& proof) {
    const auto commitment_bytes = kzg_bytes<Bytes48>(commitment);
    const auto proof_bytes = kzg_bytes<Bytes48>(proof);
    const auto z_bytes = kzg_bytes<Bytes32>(z);
    const auto y_bytes = kzg_bytes<Bytes32>(y);
    bool valid = false;
    return ::verify_kzg_proof(&valid, &commitment_bytes, &z_bytes, &y_bytes, &proof_bytes, CheckingSetup::settings()) ==
               C_KZG_OK &&
           valid;
}

std::expected<bool, std::string_view> verify_blob(base::ByteView data, const base::ByteArray<48>& commitment,
                                                  const base::ByteArray<48>& proof) {
    const auto blob = kzg_blob(data);
    const auto commitment_bytes = kzg_bytes<Bytes48>(commitment);
    const auto proof_bytes = kzg_bytes<Bytes48>(proof);
    bool valid = false;
    const auto done =
        ::verify_blob_kzg_proof(&valid, blob.get(), &commitment_bytes, &proof_bytes, CheckingSetup::settings());
    if (done != C_KZG_OK) return std::unexpected(name_of(done));
    return valid;
}

base::Hash32 versioned_hash(base::ByteView commitment) {
    auto out = sha256(commitment);
    out[0] = std::byte{1};
    return out;
}

}  // namespace rues::crypto
