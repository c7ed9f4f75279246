#include <new>
#include <optional>
#include <span>
#include <vector>

#include "crypto/kzg_setup.hpp"

extern const char kRuesKzgLagrangeG1[];
extern const unsigned long kRuesKzgLagrangeG1Size;

/// Commitments and proofs of blobs. A source of its own, so that a program that only checks proofs does not carry the
/// 196,608 bytes of the setup's points of G1.
namespace rues::crypto {
namespace {

constexpr std::size_t kCompressedG1 = 48;

/// The setup's points of G1 in Lagrange form, in the order of the roots, and those roots.
class ProvingSetup {
public:
    ProvingSetup() : roots_(kzg_roots()), points_(kBlobElements) {
        const auto bytes = std::as_bytes(std::span(kRuesKzgLagrangeG1, kRuesKzgLagrangeG1Size));
        if (bytes.size() != kBlobElements * kCompressedG1) kzg_setup_is_damaged();
        for (std::size_t i = 0; i < kBlobElements; ++i) {
            blst_p1_affine point;
            if (blst_p1_uncompress(&point, base::u8(bytes.subspan(i * kCompressedG1))) != BLST_SUCCESS)
                kzg_setup_is_damaged();
            blst_p1_from_affine(&points_[kzg_reversed(i)], &point);
        }
        settings_.brp_roots_of_unity = roots_.data();
        settings_.g1_values_lagrange_brp = points_.data();
    }
    ProvingSetup(const ProvingSetup&) = delete;
    ProvingSetup& operator=(const ProvingSetup&) = delete;

    const KZGSettings* settings() const noexcept { return &settings_; }

private:
    std::array<blst_fr, kBlobElements> roots_;
    std::vector<blst_p1> points_;
    KZGSettings settings_{};
};

/// The index of the first element that is not below the order; nullopt when all are.
std::optional<std::size_t> first_bad_element(base::ByteView data) {
    for (std::size_t i = 0; i < kBlobElements; ++i) {
        blst_scalar element;
        blst_scalar_from_bendian(&element, base::u8(data.subspan(i * 32, 32)));
        if (!blst_scalar_fr_check(&element)) return i;
    }
    return std::nullopt;
}

template <typename From>
base::ByteArray<48> kzg_array(const From& from) {
    base::ByteArray<48> out;
    std::memcpy(out.data(), from.bytes, out.size());
    return out;
}

}  // namespace

std::expected<BlobProof, std::size_t> prove_blob(base::ByteView data) {
    if (const auto bad = first_bad_element(data)) return std::unexpected(*bad);
    static const ProvingSetup setup;
    const auto blob = kzg_blob(data);
    KZGCommitment commitment;
    KZGProof proof;
    // All elements are canonical and the commitment is our own, so only a lack of memory can make these fail.
    if (::blob_to_kzg_commitment(&commitment, blob.get(), setup.settings()) != C_KZG_OK ||
        ::compute_blob_kzg_proof(&proof, blob.get(), &commitment, setup.settings()) != C_KZG_OK) {
        throw std::bad_alloc();
    }
    return BlobProof{kzg_array(commitment), kzg_array(proof)};
}

}  // namespace rues::crypto
