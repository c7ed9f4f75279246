#include "store/blob_layout.hpp"

#include "base/endian.hpp"
#include "crypto/kzg.hpp"

namespace rues::store::layout {

Bytes blob_key(BlobEntry entry, const Hash32& hash) {
    return base::Writer(33).put(static_cast<std::uint8_t>(entry)).put(ByteView(hash)).take();
}

Bytes included_key(std::uint64_t height, const Hash32& hash) {
    Bytes out(9);
    out[0] = static_cast<std::byte>(BlobEntry::included);
    base::store_be(out.data() + 1, height);
    base::append(out, hash);
    return out;
}

std::optional<Included> included_of(ByteView key) {
    if (key.size() != 41 || key[0] != static_cast<std::byte>(BlobEntry::included)) return std::nullopt;
    return Included{base::load_be<std::uint64_t>(key.data() + 1), base::to_array<32>(key.subspan(9))};
}

std::optional<Hash32> blob_of(ByteView key) {
    if (key.size() != 33 || key[0] != static_cast<std::byte>(BlobEntry::data)) return std::nullopt;
    return base::to_array<32>(key.subspan(1));
}

Bytes encode(const ledger::BlobSidecar& sidecar) {
    return base::Writer(96 + sidecar.data.size())
        .put(ByteView(sidecar.commitment))
        .put(ByteView(sidecar.proof))
        .put(ByteView(sidecar.data))
        .take();
}

std::optional<ledger::BlobSidecar> decode_sidecar(ByteView bytes) {
    if (bytes.size() != 96 + crypto::kBlobBytes) return std::nullopt;
    return ledger::BlobSidecar{base::to_array<48>(bytes), base::to_array<48>(bytes.subspan(48)),
                               base::to_bytes(bytes.subspan(96))};
}

}  // namespace rues::store::layout
