#pragma once

#include <string_view>

#include "base/encoding.hpp"
#include "crypto/kzg.hpp"
#include "ledger/transaction.hpp"

/// Blobs with commitments and proofs that Ethereum's library made with the whole setup (c-kzg-4844 2.1.8,
/// `blob_to_kzg_commitment` and `compute_blob_kzg_proof`).
namespace rues::test {

struct KnownBlob {
    base::Bytes data;
    base::ByteArray<48> commitment{};
    base::ByteArray<48> proof{};

    base::Hash32 hash() const { return crypto::versioned_hash(commitment); }
    ledger::Blob with_sidecar() const { return {hash(), ledger::BlobSidecar{commitment, proof, data}}; }
    ledger::Blob without_sidecar() const { return {hash(), std::nullopt}; }
};

inline KnownBlob known_blob(base::Bytes data, std::string_view commitment, std::string_view proof) {
    return {std::move(data), base::to_array<48>(*base::from_hex(commitment)),
            base::to_array<48>(*base::from_hex(proof))};
}

/// Byte j is 0 where an element begins, else the low byte of 7 j + j / 256.
inline KnownBlob full_blob() {
    base::Bytes data(crypto::kBlobBytes);
    for (std::size_t j = 0; j < data.size(); ++j) {
        if (j % 32 != 0) data[j] = static_cast<std::byte>(j * 7 + j / 256);
    }
    return known_blob(
        std::move(data),
        "ab144815f4a41674674d20b03bf2cc41a7ac4ff08c6b22e8e02d9591d55ed8220a546d573b8e8515cb3b4016180d708e",
        "8ab2bfa86a918b173257033618b5ebbf173e345e5bbf9f4024203d62041f5a242ffc751f91dd93d040466cb0526fc3d2");
}

/// Each of its elements is 2. The commitment is twice the generator, the proof the identity.
inline KnownBlob constant_blob() {
    base::Bytes data(crypto::kBlobBytes);
    for (std::size_t j = 31; j < data.size(); j += 32) data[j] = std::byte{2};
    return known_blob(
        std::move(data),
        "a572cbea904d67468808c8eb50a9450c9721db309128012543902d0ac358a62ae28f75bb8f1c7c42c39a8c5529bf0f4e",
        "c00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000");
}

/// The text `hello`, then zeros.
inline KnownBlob hello_blob() {
    base::Bytes data(crypto::kBlobBytes);
    for (std::size_t j = 0; j < 5; ++j) data[j] = static_cast<std::byte>("hello"[j]);
    return known_blob(
        std::move(data),
        "a6c10c3516cd40be8f3ec28b4c2aa966776f0b2f5f0cfb0f6d3cf0706d8197cfdb1f4e0019d904ad025038d588353e26",
        "b18798a4366d4d0bfcc7d6b2783f3579ea114387a6d15ce13782c5eea94decdf8bc6fe7e9a95397d30c73521ddb25f2b");
}

}  // namespace rues::test
