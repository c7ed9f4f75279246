#include "store/rocks.hpp"

namespace rues::store {

std::unexpected<Error> overtaken() {
    return base::failure(Error::Kind::would_block, "something was written while the store was read");
}

RocksSnapshot::RocksSnapshot(const RocksStore& store, Store::Reads reads) : store_(store) {
    if (reads == Store::Reads::disk) {
        options_.snapshot = store.db_->GetSnapshot();
    } else {
        options_.read_tier = rocksdb::kBlockCacheTier;
        begun_at_ = store.db_->GetLatestSequenceNumber();
    }
}

RocksSnapshot::~RocksSnapshot() {
    if (options_.snapshot != nullptr) store_.db_->ReleaseSnapshot(options_.snapshot);
}

bool RocksSnapshot::is_overtaken() const {
    return options_.snapshot == nullptr && store_.db_->GetLatestSequenceNumber() != begun_at_;
}

Result<bool> RocksSnapshot::get(Family family, ByteView key, rocksdb::PinnableSlice& value) const {
    auto found = store_.get(family, key, options_, value);
    if (found && is_overtaken()) return overtaken();
    return found;
}

std::unexpected<Error> RocksSnapshot::refuse(Error error) const {
    (error.kind == Error::Kind::would_block ? missed_ : failed_) = true;
    return std::unexpected(std::move(error));
}

bool RocksSnapshot::transaction_exists(const ledger::TxId& id) const {
    rocksdb::PinnableSlice value;
    const auto found = get(Family::kTransactions, id, value);
    if (!found) (void)refuse(found.error());
    return found.value_or(false);
}

std::uint64_t RocksSnapshot::height() const {
    // Without a tip there is no chain yet, and the height is 0.
    return read<std::uint64_t>(Family::kMeta, base::view(layout::kTipName), "height", layout::decode_u64)
        .value_or(std::nullopt)
        .value_or(0);
}

Result<std::optional<StoredBlock>> RocksSnapshot::block(std::uint64_t height) const {
    return read<StoredBlock>(Family::kBlocks, layout::number_key(height), "block", layout::decode_block);
}
Result<std::optional<std::uint64_t>> RocksSnapshot::height_of(const Hash32& block_hash) const {
    return read<std::uint64_t>(Family::kBlockHashes, block_hash, "block height", layout::decode_u64);
}
Result<std::optional<StoredTransaction>> RocksSnapshot::transaction(const ledger::TxId& id) const {
    return read<StoredTransaction>(Family::kTransactions, id, "transaction", layout::decode_transaction);
}

Result<std::vector<StoredBlock>> RocksSnapshot::blocks(std::uint64_t first, std::uint64_t last) const {
    std::vector<StoredBlock> out;
    bool good = true;
    const auto walked =
        walk(Family::kBlocks, layout::number_key(first), "reading blocks", [&](ByteView key, ByteView value) {
            if (layout::number_of(key).value_or(last + 1) > last) return false;
            auto block = layout::decode_block(value);
            good = block.has_value();
            if (good) out.push_back(std::move(*block));
            return good;
        });
    if (!walked) return std::unexpected(walked.error());
    if (!good) return refuse(corrupt("block").error());
    return out;
}

Result<std::vector<PooledTransaction>> RocksSnapshot::pooled() const {
    std::vector<PooledTransaction> out;
    bool good = true;
    const auto walked = walk(Family::kMempool, {}, "reading the mempool", [&](ByteView key, ByteView value) {
        auto tx = layout::decode_pooled(key, value);
        good = tx.has_value();
        if (good) out.push_back(std::move(tx->transaction));
        return good;
    });
    if (!walked) return std::unexpected(walked.error());
    if (!good) return refuse(corrupt("mempool").error());
    return out;
}

Result<std::optional<PooledTransaction>> RocksSnapshot::pooled(const ledger::TxId& id) const {
    return read<PooledTransaction>(Family::kMempool, id, "mempool",
                                   [&](ByteView value) -> std::optional<PooledTransaction> {
                                       auto tx = layout::decode_pooled(id, value);
                                       if (!tx) return std::nullopt;
                                       return std::move(tx->transaction);
                                   });
}

Result<void> RocksSnapshot::walk(Family family, ByteView from, std::string_view what,
                                 const std::function<bool(ByteView, ByteView)>& visit) const {
    const std::unique_ptr<rocksdb::Iterator> at(store_.db_->NewIterator(options_, store_.families_[family]));
    if (is_overtaken()) return refuse(overtaken().error());
    for (from.empty() ? at->SeekToFirst() : at->Seek(slice(from)); at->Valid(); at->Next()) {
        if (!visit(bytes_of(at->key()), bytes_of(at->value()))) return {};
    }
    if (at->status().ok()) return {};
    return refuse(disk_failure(at->status(), what).error());
}

Result<void> RocksSnapshot::walk_all(Family family, std::string_view prefix, std::string_view what,
                                     const std::function<bool(ByteView, ByteView)>& visit) const {
    rocksdb::ReadOptions options = options_;
    options.fill_cache = false;  // a walk over everything would evict data that is read often
    const std::unique_ptr<rocksdb::Iterator> at(store_.db_->NewIterator(options, store_.families_[family]));
    if (is_overtaken()) return refuse(overtaken().error());
    for (at->Seek({prefix.data(), prefix.size()}); at->Valid() && at->key().starts_with({prefix.data(), prefix.size()});
         at->Next()) {
        if (!visit(bytes_of(at->key()), bytes_of(at->value()))) return {};
    }
    if (at->status().ok()) return {};
    return refuse(disk_failure(at->status(), what).error());
}

}  // namespace rues::store
