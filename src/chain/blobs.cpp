#include "chain/blobs.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "chain/limits.hpp"
#include "crypto/kzg.hpp"

namespace rues::chain {

std::uint64_t blob_charge(const ledger::Blobs& blobs) {
    return blobs.list.size() * kGasPerBlob;
}

std::optional<std::string> sidecar_error(const ledger::Blobs& blobs) {
    for (const auto& [hash, sidecar] : blobs.list) {
        if (!sidecar) return fmt::format("Transaction blob id {} is missing sidecar", base::to_hex(hash));
        if (crypto::versioned_hash(sidecar->commitment) != hash) return "Invalid blob: Hash does not match commitment";
        // UNVERIFIED in what follows the colon: the reference has the beginning of the text, and the name is the one
        // that the library gives the error.
        const auto proven = crypto::verify_blob(sidecar->data, sidecar->commitment, sidecar->proof);
        if (!proven) return fmt::format("Invalid blob: Cannot verify blob KZG proof: {}", proven.error());
        if (!*proven) return "Invalid blob: KZG proof verification failed";
    }
    return std::nullopt;
}

}  // namespace rues::chain
