#pragma once

#include <initializer_list>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "crypto/bls.hpp"
#include "crypto/fr.hpp"
#include "unit/crypto/vectors.hpp"

/// Arguments of host queries, laid out by hand: contents of vectors, then the root. The offsets of tuples are those of
/// the published crates (docs/reference/machine.md 1.8).
namespace rues::vm::test {

inline base::Bytes hex_bytes(std::string_view hex) {
    return base::from_hex(hex).value();
}

inline void pad_to(base::Bytes& out, std::size_t align) {
    out.resize((out.size() + align - 1) / align * align);
}

/// Appends a vector field: the offset from here to `contents`, and the number of elements.
inline void put_vector(base::Bytes& out, std::size_t contents, std::size_t count) {
    const std::size_t at = out.size();
    out.resize(at + 8);
    base::store_le(out.data() + at, static_cast<std::uint32_t>(contents - at));
    base::store_le(out.data() + at + 4, static_cast<std::uint32_t>(count));
}

inline void put(base::Bytes& out, base::ByteView value, std::size_t size) {
    out.insert(out.end(), value.begin(), value.end());
    out.resize(out.size() + size - value.size());
}

inline base::Bytes vector_of(base::ByteView contents) {
    base::Bytes out(contents.begin(), contents.end());
    pad_to(out, 4);
    put_vector(out, 0, contents.size());
    return out;
}

inline base::Bytes scalars(std::initializer_list<std::uint64_t> integers) {
    base::Bytes out;
    for (const std::uint64_t one : integers) put(out, crypto::Fr(one).montgomery(), 32);
    put_vector(out, 0, integers.size());
    return out;
}

inline base::Bytes bls(base::ByteView message, base::ByteView raw_key, base::ByteView raw_signature) {
    base::Bytes out(message.begin(), message.end());
    pad_to(out, 8);
    put_vector(out, 0, message.size());
    put(out, raw_key, 200);
    put(out, raw_signature, 104);
    return out;
}

/// The transfer of docs/reference/ledger.md 14.1.
inline base::Bytes transfer_signature() {
    using namespace crypto;
    const auto key = PublicKey::decode(hex_bytes(vectors::kKey1)).value();
    const auto signature = Signature::decode(hex_bytes(vectors::kTransferSignature)).value();
    return bls(hex_bytes(vectors::kTransferMessage), key.raw(), signature.raw());
}

/// A recorded transaction of the scheme before Aegis.
inline base::Bytes v1_signature() {
    using namespace crypto;
    const auto key = PublicKey::decode(hex_bytes(vectors::kV1Sender)).value();
    const auto signature = Signature::decode(hex_bytes(vectors::kV1Signature)).value();
    return bls(hex_bytes(vectors::kV1Message), key.raw(), signature.raw());
}

}  // namespace rues::vm::test
