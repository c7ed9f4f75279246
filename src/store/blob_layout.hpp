#pragma once

#include <optional>

#include "store/store.hpp"

/// Keys and values of the family `blobs`. docs/formats/store.md says the same in prose; change them together.
namespace rues::store::layout {

enum class BlobEntry : std::uint8_t {
    data = 'd',      ///< hash: commitment, proof, data
    height = 'h',    ///< hash: the last block that included it
    included = 'i',  ///< height and hash: nothing. In order of height, to find what expires
};

Bytes blob_key(BlobEntry entry, const Hash32& hash);
/// Key of an `included` entry.
Bytes included_key(std::uint64_t height, const Hash32& hash);

struct Included {
    std::uint64_t height = 0;
    Hash32 hash{};
};
/// nullopt: it is the key of no such entry.
std::optional<Included> included_of(ByteView key);
/// nullopt: it is the key of no `data` entry.
std::optional<Hash32> blob_of(ByteView key);

Bytes encode(const ledger::BlobSidecar& sidecar);
std::optional<ledger::BlobSidecar> decode_sidecar(ByteView bytes);

}  // namespace rues::store::layout
