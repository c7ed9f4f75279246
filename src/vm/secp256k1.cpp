#include "vm/secp256k1.hpp"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

namespace rues::vm {
namespace {

std::optional<int> recovery_id(std::byte v) noexcept {
    switch (std::to_integer<int>(v)) {
    case 0:
    case 27:
        return 0;
    case 1:
    case 28:
        return 1;
    default:
        return std::nullopt;
    }
}

/// Never changed after it was made, so threads share it.
const secp256k1_context* context() {
    static const secp256k1_context* const made = secp256k1_context_create(SECP256K1_CONTEXT_VERIFY);
    return made;
}

}  // namespace

std::optional<base::ByteArray<65>> secp256k1_recover(const base::Hash32& hash, const base::ByteArray<65>& signature) {
    const auto id = recovery_id(signature[64]);
    if (!id) return std::nullopt;
    secp256k1_ecdsa_recoverable_signature parsed;
    secp256k1_pubkey key;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(context(), &parsed, base::u8(base::ByteView(signature)),
                                                            *id) != 1 ||
        secp256k1_ecdsa_recover(context(), &key, &parsed, base::u8(base::ByteView(hash))) != 1) {
        return std::nullopt;
    }
    base::ByteArray<65> out;
    std::size_t size = out.size();
    secp256k1_ec_pubkey_serialize(context(), base::u8(out), &size, &key, SECP256K1_EC_UNCOMPRESSED);
    return out;
}

}  // namespace rues::vm
