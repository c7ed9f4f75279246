#pragma once

#include <cstddef>
#include <expected>
#include <string_view>

#include "base/bytes.hpp"

/// Commitments to polynomials under Ethereum's trusted setup (EIP-4844), with Ethereum's own library c-kzg-4844. Any
/// thread.
namespace rues::crypto {

/// A blob is 4,096 field elements of 32 bytes, big-endian.
inline constexpr std::size_t kBlobElements = 4'096;
inline constexpr std::size_t kBlobBytes = kBlobElements * 32;

/// True when the polynomial of this commitment has the value y at z, under Ethereum's trusted setup (EIP-4844,
/// c-kzg-4844). z and y are big-endian. False also when a point is not in its group or a scalar is not below the order.
/// The first call takes half a millisecond more, to load the setup.
bool verify_kzg_proof(const base::ByteArray<48>& commitment, const base::ByteArray<32>& z, const base::ByteArray<32>& y,
                      const base::ByteArray<48>& proof);

/// True when `proof` shows that `commitment` is the commitment to the blob `data`. The error is the library's name of
/// its error, `C_KZG_BADARGS` for a point that is not in its group or an element that is not below the order. Takes one
/// to two milliseconds. REQUIRES: `data` has `kBlobBytes` bytes.
std::expected<bool, std::string_view> verify_blob(base::ByteView data, const base::ByteArray<48>& commitment,
                                                  const base::ByteArray<48>& proof);

/// The hash that names a blob: `01`, then the SHA-256 of its commitment without the first byte of that hash
/// (docs/reference/protocol.md 8.6).
base::Hash32 versioned_hash(base::ByteView commitment);

struct BlobProof {
    base::ByteArray<48> commitment{};
    base::ByteArray<48> proof{};
};
/// Commits to the blob `data` and proves it. The error is the number of the first element that is not below the order
/// of the scalar field. The first call takes a tenth of a second more, to load the setup's points of G1. REQUIRES:
/// `data` has `kBlobBytes` bytes.
std::expected<BlobProof, std::size_t> prove_blob(base::ByteView data);

}  // namespace rues::crypto
