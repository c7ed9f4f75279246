#include <fmt/format.h>

#include "base/encoding.hpp"
#include "store/archive_layout.hpp"
#include "store/memory_layout.hpp"
#include "store/rocks.hpp"

/// Contracts and the pages of their memory. A block writes new versions of pages and never changes an old one; what it
/// replaced is removed when `kUndoBlocks` newer blocks are stored.
///
/// The height of each replaced version is noted when it is replaced. Rejected: to look for it when it is removed.
/// Blocks write mostly the same pages, so the walk over a page's versions met those that were removed before, until
/// RocksDB compacted them: a third of the CPU of an empty block.
namespace rues::store {

Result<std::optional<std::uint32_t>> RocksStore::memory_pages(const ledger::ContractId& contract) const {
    rocksdb::PinnableSlice value;
    const auto found = get(Family::kContracts, layout::contract_key(layout::ContractEntry::size, contract), {}, value);
    if (!found) return std::unexpected(found.error());
    if (!*found) return std::optional<std::uint32_t>();
    const auto pages = layout::decode_u32(bytes_of(value));
    if (!pages) return corrupt("size of a contract's memory");
    return pages;
}

Result<void> RocksStore::put_memory(rocksdb::WriteBatch& batch, std::uint64_t height, const MemoryChanges& changes) {
    using layout::ContractEntry;
    layout::Replaced replaced;
    for (const auto& contract : changes.deployed) {
        put(batch, Family::kContracts, layout::contract_key(ContractEntry::code, contract.id),
            layout::encode(contract));
        put(batch, Family::kContracts, layout::contract_key(ContractEntry::size, contract.id),
            layout::encode_u32(contract.memory_pages));
        replaced.deployed.push_back(contract.id);
    }
    for (const auto& one : changes.resized) {
        const auto before = memory_pages(one.contract);
        if (!before) return std::unexpected(before.error());
        if (!*before) {
            return base::failure(Error::Kind::invalid,
                                 fmt::format("contract {} is not deployed", base::to_hex(one.contract)));
        }
        put(batch, Family::kContracts, layout::contract_key(ContractEntry::size, one.contract),
            layout::encode_u32(one.memory_pages));
        replaced.resized.push_back({one.contract, **before});
    }
    for (const auto& page : changes.pages) {
        if (page.bytes.size() != kPageBytes) return base::failure(Error::Kind::invalid, "a page has another size");
        put(batch, Family::kPages, layout::page_key(page.contract, page.number, height), layout::encode(page));
    }
    if (height == 0) return {};  // the genesis is never taken back
    for (const auto& page : changes.pages) {
        const auto before = newest_version(page.contract, page.number);
        if (!before) return std::unexpected(before.error());
        replaced.pages.push_back({page.contract, page.number, *before});
    }
    put(batch, Family::kUndo, layout::number_key(height), layout::encode(replaced));
    return height > kUndoBlocks ? forget_replaced(batch, height - kUndoBlocks) : Result<void>();
}

/// The height of the newest stored version of a page; nullopt when the page was never written.
Result<std::optional<std::uint64_t>> RocksStore::newest_version(const ledger::ContractId& contract,
                                                                std::uint32_t number) const {
    if (const auto known = page_versions_.find({contract, number}); known != page_versions_.end()) return known->second;
    const auto newest_possible = layout::page_key(contract, number, ~std::uint64_t{0});
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}, families_[Family::kPages]));
    at->Seek(slice(newest_possible));
    if (!at->status().ok()) return disk_failure(at->status(), "reading a page");
    if (!at->Valid() || !at->key().starts_with(slice(ByteView(newest_possible).first(layout::kPagePrefix))))
        return std::optional<std::uint64_t>();
    const auto version = layout::version_of(bytes_of(at->key()));
    if (!version) return corrupt("key of a page");
    return version->height;
}

/// Notes the versions that a block wrote.
void RocksStore::keep(std::uint64_t height, const MemoryChanges& changes) {
    if (page_versions_.size() + changes.pages.size() > kMostPageVersions) page_versions_.clear();
    for (const auto& page : changes.pages) page_versions_[{page.contract, page.number}] = height;
}

/// Removes what block `height` replaced.
Result<void> RocksStore::forget_replaced(rocksdb::WriteBatch& batch, std::uint64_t height) {
    const auto key = layout::number_key(height);
    rocksdb::PinnableSlice value;
    const auto found = get(Family::kUndo, key, {}, value);
    if (!found) return std::unexpected(found.error());
    if (!*found) return {};
    const auto replaced = layout::decode_replaced(bytes_of(value));
    if (!replaced) return corrupt("list of replaced pages");
    for (const auto& page : replaced->pages) {
        if (!page.before) continue;
        batch.Delete(families_[Family::kPages], slice(layout::page_key(page.contract, page.number, *page.before)));
    }
    batch.Delete(families_[Family::kUndo], slice(key));
    return {};
}

Result<void> RocksSnapshot::for_each_contract(const std::function<bool(const StoredContract&)>& visit) const {
    const char tag = static_cast<char>(layout::ContractEntry::code);
    bool good = true;
    const auto walked =
        walk_all(Family::kContracts, {&tag, 1}, "reading the contracts", [&](ByteView key, ByteView value) {
            auto contract = layout::decode_contract(key, value);
            good = contract.has_value();
            if (!good) return false;
            const auto pages =
                read<std::uint32_t>(Family::kContracts, layout::contract_key(layout::ContractEntry::size, contract->id),
                                    "size of a memory", layout::decode_u32);
            good = pages && *pages;
            if (!good) return false;
            contract->memory_pages = **pages;
            return visit(*contract);
        });
    if (!walked) return walked;
    if (!good) return refuse(corrupt("contract").error());
    return {};
}

Result<void> RocksSnapshot::for_each_page(const std::function<bool(const StoredPage&)>& visit) const {
    Bytes last;  // contract and number of the page that was visited last; older versions of it follow
    Bytes bytes(kPageBytes);
    bool good = true;
    const auto walked = walk_all(Family::kPages, "", "reading the pages", [&](ByteView key, ByteView value) {
        const auto version = layout::version_of(key);
        good = version.has_value();
        if (!good) return false;
        if (base::equal(last, key.first(layout::kPagePrefix))) return true;
        last = base::to_bytes(key.first(layout::kPagePrefix));
        const auto hash = layout::decode_page(value, bytes);
        good = hash.has_value();
        return good && visit({version->contract, version->number, *hash, bytes});
    });
    if (!walked) return walked;
    if (!good) return refuse(corrupt("page of a contract's memory").error());
    return {};
}

}  // namespace rues::store
