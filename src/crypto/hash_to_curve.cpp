#include "crypto/hash_to_curve.hpp"

namespace rues::crypto {
namespace {

constexpr std::string_view kDomainV2 = "BLS_SIG_BLS12381G1_XMD:SHA-256_DUSK_V2";

}  // namespace

blst_p1 hash_to_curve(ByteView message, BlsVersion version) noexcept {
    blst_p1 out;
    if (version == BlsVersion::v2) {
        blst_hash_to_g1(&out, base::u8(message), message.size(), base::u8(base::view(kDomainV2)), kDomainV2.size(),
                        nullptr, 0);
    } else {
        blst_p1_mult(&out, blst_p1_generator(), base::u8(hash_to_scalar(message)), 256);
    }
    return out;
}

}  // namespace rues::crypto
