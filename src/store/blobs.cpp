#include <algorithm>

#include "store/blob_layout.hpp"
#include "store/rocks.hpp"

/// The sidecars of blobs. They lie beside the blocks, because a block keeps only their hashes, and they expire: a block
/// removes those that were last included `Options::blob_blocks` blocks before it. docs/decisions/0025.
namespace rues::store {
namespace {

/// A block adds at most 7, so this keeps up, and what a lowered setting leaves behind is removed in small steps.
constexpr std::size_t kExpiredAtOnce = 32;

constexpr std::uint64_t kNoBlob = ~std::uint64_t{0};

}  // namespace

Result<std::optional<std::uint64_t>> RocksStore::blob_height(const Hash32& hash) const {
    rocksdb::PinnableSlice value;
    const auto found = get(Family::kBlobs, layout::blob_key(layout::BlobEntry::height, hash), {}, value);
    if (!found) return std::unexpected(found.error());
    if (!*found) return std::optional<std::uint64_t>();
    const auto height = layout::decode_u64(bytes_of(value));
    if (!height) return corrupt("height of a blob");
    return height;
}

Result<std::uint64_t> RocksStore::put_blobs(rocksdb::WriteBatch& batch, const BlockCommit& commit) const {
    using layout::BlobEntry;
    const std::uint64_t height = commit.block->header.height;
    const auto oldest = expire_blobs(batch, commit);
    if (!oldest) return oldest;
    for (const NewBlob& blob : commit.blobs) {
        const auto before = blob_height(blob.hash);
        if (!before) return std::unexpected(before.error());
        if (!*before)
            put(batch, Family::kBlobs, layout::blob_key(BlobEntry::data, blob.hash), layout::encode(*blob.sidecar));
        put(batch, Family::kBlobs, layout::blob_key(BlobEntry::height, blob.hash), layout::encode_u64(height));
        put(batch, Family::kBlobs, layout::included_key(height, blob.hash), {});
    }
    return commit.blobs.empty() ? *oldest : std::min(*oldest, height);
}

/// Removes blobs that have expired with this block, at most `kExpiredAtOnce`. Returns the height of the oldest entry
/// that stays.
Result<std::uint64_t> RocksStore::expire_blobs(rocksdb::WriteBatch& batch, const BlockCommit& commit) const {
    using layout::BlobEntry;
    const std::uint64_t height = commit.block->header.height;
    if (blob_blocks_ == 0 || height < blob_blocks_ || oldest_blob_ > height - blob_blocks_) return oldest_blob_;
    const std::uint64_t last = height - blob_blocks_;
    const auto first = layout::included_key(oldest_blob_, {});
    // From the oldest entry: a walk from the first key would meet all those that were removed before.
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}, families_[Family::kBlobs]));
    std::size_t removed = 0;
    for (at->Seek(slice(first)); at->Valid(); at->Next()) {
        const auto entry = layout::included_of(bytes_of(at->key()));
        if (!entry) return corrupt("list of blobs");
        if (entry->height > last || removed == kExpiredAtOnce) return entry->height;
        ++removed;
        batch.Delete(families_[Family::kBlobs], at->key());
        const auto newest = blob_height(entry->hash);
        if (!newest) return std::unexpected(newest.error());
        const bool again =
            *newest != entry->height || std::ranges::count(commit.blobs, entry->hash, &NewBlob::hash) > 0;
        if (again) continue;  // a later block, or this one, has included it too
        batch.Delete(families_[Family::kBlobs], slice(layout::blob_key(BlobEntry::data, entry->hash)));
        batch.Delete(families_[Family::kBlobs], slice(layout::blob_key(BlobEntry::height, entry->hash)));
    }
    if (!at->status().ok()) return disk_failure(at->status(), "reading the list of blobs");
    return kNoBlob;
}

/// Removes what the blocks above `to` included. A blob that an earlier block included too is that block's again.
Result<void> RocksStore::take_back_blobs(rocksdb::WriteBatch& batch, std::uint64_t to) const {
    using layout::BlobEntry;
    std::map<Hash32, std::optional<std::uint64_t>> before;  // the last block up to `to` that included it
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}, families_[Family::kBlobs]));
    for (at->Seek(slice(layout::included_key(to + 1, {}))); at->Valid(); at->Next()) {
        const auto entry = layout::included_of(bytes_of(at->key()));
        if (!entry) return corrupt("list of blobs");
        before.try_emplace(entry->hash);
        batch.Delete(families_[Family::kBlobs], at->key());
    }
    if (!at->status().ok()) return disk_failure(at->status(), "reading the list of blobs");
    if (before.empty()) return {};
    for (at->Seek(slice(layout::included_key(0, {}))); at->Valid(); at->Next()) {
        const auto entry = layout::included_of(bytes_of(at->key()));
        if (!entry) return corrupt("list of blobs");
        if (entry->height > to) break;
        if (const auto found = before.find(entry->hash); found != before.end()) found->second = entry->height;
    }
    if (!at->status().ok()) return disk_failure(at->status(), "reading the list of blobs");
    for (const auto& [hash, height] : before) {
        const Bytes height_key = layout::blob_key(BlobEntry::height, hash);
        if (height) {
            put(batch, Family::kBlobs, height_key, layout::encode_u64(*height));
            continue;
        }
        batch.Delete(families_[Family::kBlobs], slice(height_key));
        batch.Delete(families_[Family::kBlobs], slice(layout::blob_key(BlobEntry::data, hash)));
    }
    return {};
}

Result<void> RocksStore::load_blobs() {
    oldest_blob_ = kNoBlob;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}, families_[Family::kBlobs]));
    at->Seek(slice(layout::included_key(0, {})));
    if (!at->status().ok()) return disk_failure(at->status(), "reading the list of blobs");
    if (!at->Valid()) return {};
    const auto entry = layout::included_of(bytes_of(at->key()));
    if (!entry) return corrupt("list of blobs");
    oldest_blob_ = entry->height;
    return {};
}

// --- reading ---

Result<std::optional<ledger::BlobSidecar>> RocksSnapshot::blob(const Hash32& hash) const {
    rocksdb::ReadOptions options = options_;
    options.fill_cache = false;  // 128 KiB of it would evict data that is read often
    rocksdb::PinnableSlice value;
    const auto found = store_.get(Family::kBlobs, layout::blob_key(layout::BlobEntry::data, hash), options, value);
    if (!found) return refuse(found.error());
    if (is_overtaken()) return refuse(overtaken().error());
    if (!*found) return std::optional<ledger::BlobSidecar>();
    auto out = layout::decode_sidecar(bytes_of(value));
    if (!out) return refuse(corrupt("blob").error());
    return out;
}

Result<void> RocksSnapshot::for_each_blob(const std::function<bool(const StoredBlob&)>& visit) const {
    const char tag = static_cast<char>(layout::BlobEntry::data);
    bool good = true;
    const auto walked = walk_all(Family::kBlobs, {&tag, 1}, "reading the blobs", [&](ByteView key, ByteView value) {
        const auto hash = layout::blob_of(key);
        auto sidecar = layout::decode_sidecar(value);
        good = hash && sidecar;
        if (!good) return false;
        const auto height = read<std::uint64_t>(Family::kBlobs, layout::blob_key(layout::BlobEntry::height, *hash),
                                                "height of a blob", layout::decode_u64);
        good = height && *height;
        return good && visit({*hash, **height, std::move(*sidecar)});
    });
    if (!walked) return walked;
    if (!good) return refuse(corrupt("blob").error());
    return {};
}

}  // namespace rues::store
