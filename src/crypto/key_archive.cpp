#include "crypto/key_archive.hpp"

#include <cstring>

#include "crypto/bls.hpp"

namespace rues::crypto {

base::ByteArray<96> compress_archived_key(const base::ByteArray<193>& raw) noexcept {
    if (raw[192] != std::byte{0}) return PublicKey().bytes();
    blst_p2_affine point;
    static_assert(sizeof point == 192);
    std::memcpy(&point, raw.data(), sizeof point);
    base::ByteArray<96> out;
    blst_p2_affine_compress(base::u8(out), &point);
    // Only the infinity byte makes the identity here; for blst, zeros do so too.
    if (blst_p2_affine_is_inf(&point)) out[0] = std::byte{0x80};
    return out;
}

}  // namespace rues::crypto
