#include <fmt/format.h>

#include "base/encoding.hpp"
#include "store/archive_layout.hpp"
#include "store/memory_layout.hpp"
#include "store/rocks.hpp"

/// Contracts and the pages of their memory. A block writes new versions of the pieces that it changed, and never
/// changes an old one; what it replaced is removed when `kUndoBlocks` newer blocks are stored.
///
/// Each piece has versions of its own, so a page is the newest version of each of its pieces. Rejected: versions of the
/// page that hold the changed pieces and lead to the version before. None could be removed before the whole page is
/// written again, and a page would have to be put together of as many versions as there are since then.
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

Result<layout::Replaced> RocksStore::put_memory(rocksdb::WriteBatch& batch, std::uint64_t height,
                                                const MemoryChanges& changes) {
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
        if (const auto done = put_page(batch, height, page, replaced); !done) return std::unexpected(done.error());
    }
    if (height > kUndoBlocks) {
        if (const auto done = forget_replaced(batch, height - kUndoBlocks); !done) return std::unexpected(done.error());
    }
    return replaced;
}

/// Adds the pieces of a page that changed. All pieces of a page are stored, or none.
Result<void> RocksStore::put_page(rocksdb::WriteBatch& batch, std::uint64_t height, const StoredPage& page,
                                  layout::Replaced& replaced) {
    const auto known = newest_version(layout::piece_of(page.contract, page.number, 0));
    if (!known) return std::unexpected(known.error());
    const std::uint16_t changed = *known ? page.changed : kAllPieces;
    for (std::uint8_t i = 0; i < kPiecesOfPage; ++i) {
        if ((changed >> i & 1U) == 0) continue;
        const auto piece = layout::piece_of(page.contract, page.number, i);
        const auto before = newest_version(piece);
        if (!before) return std::unexpected(before.error());
        replaced.pieces.push_back({piece, *before});
        put(batch, Family::kPages, layout::page_key(piece, height),
            layout::encode_page(page.hash, page.bytes.subspan(i * kPieceBytes, kPieceBytes)));
    }
    return {};
}

/// The height of the newest stored version of a piece; nullopt when the page was never written.
Result<std::optional<std::uint64_t>> RocksStore::newest_version(const layout::Piece& piece) const {
    if (!has_chain_) return std::optional<std::uint64_t>();  // the genesis writes the first ones
    if (const auto known = versions_.find(piece); known != versions_.end()) return known->second;
    const auto newest_possible = layout::page_key(piece, ~std::uint64_t{0});
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}, families_[Family::kPages]));
    at->Seek(slice(newest_possible));
    if (!at->status().ok()) return disk_failure(at->status(), "reading a page");
    if (!at->Valid() || !at->key().starts_with(slice(piece))) return std::optional<std::uint64_t>();
    const auto version = layout::version_of(bytes_of(at->key()));
    if (!version) return corrupt("key of a page");
    return version->height;
}

/// Notes the versions that a block wrote.
void RocksStore::keep(std::uint64_t height, const layout::Replaced& replaced) {
    if (versions_.size() + replaced.pieces.size() > kMostVersions) versions_.clear();
    for (const auto& one : replaced.pieces) versions_[one.piece] = height;
}

/// Removes what block `height` replaced.
Result<void> RocksStore::forget_replaced(rocksdb::WriteBatch& batch, std::uint64_t height) {
    const auto replaced = undo_of(height);
    if (!replaced) return std::unexpected(replaced.error());
    if (!*replaced) return {};
    for (const auto& one : (*replaced)->pieces) {
        if (one.before) batch.Delete(families_[Family::kPages], slice(layout::page_key(one.piece, *one.before)));
    }
    batch.Delete(families_[Family::kUndo], slice(layout::number_key(height)));
    return {};
}

/// What block `height` replaced; nullopt when that is not kept.
Result<std::optional<layout::Replaced>> RocksStore::undo_of(std::uint64_t height) const {
    rocksdb::PinnableSlice value;
    const auto found = get(Family::kUndo, layout::number_key(height), {}, value);
    if (!found) return std::unexpected(found.error());
    if (!*found) return std::optional<layout::Replaced>();
    auto replaced = layout::decode_replaced(bytes_of(value));
    if (!replaced) return corrupt("list of replaced pages");
    return replaced;
}

Result<void> RocksSnapshot::rewind_memory(std::uint64_t to) {
    deployed_after_.clear();
    sizes_.clear();
    memory_height_ = to;
    // From the tip down, so that the size which stays is the one before the lowest block.
    for (std::uint64_t at = height(); at > to; --at) {
        const auto replaced = read<layout::Replaced>(Family::kUndo, layout::number_key(at), "list of replaced pages",
                                                     layout::decode_replaced);
        if (!replaced) return std::unexpected(replaced.error());
        if (!*replaced) {
            return base::failure(Error::Kind::not_found,
                                 fmt::format("what block {} replaced is not kept any more", at));
        }
        deployed_after_.insert((*replaced)->deployed.begin(), (*replaced)->deployed.end());
        for (const auto& one : (*replaced)->resized) sizes_[one.contract] = one.memory_pages;
    }
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
            if (deployed_after_.contains(contract->id)) return true;
            const auto pages =
                read<std::uint32_t>(Family::kContracts, layout::contract_key(layout::ContractEntry::size, contract->id),
                                    "size of a memory", layout::decode_u32);
            good = pages && *pages;
            if (!good) return false;
            const auto before = sizes_.find(contract->id);
            contract->memory_pages = before != sizes_.end() ? before->second : **pages;
            return visit(*contract);
        });
    if (!walked) return walked;
    if (!good) return refuse(corrupt("contract").error());
    return {};
}

Result<void> RocksSnapshot::for_each_page(const std::function<bool(const StoredPage&)>& visit) const {
    Bytes last;             // the piece that was read last; older versions of it follow
    std::uint8_t next = 0;  // number of the piece that comes next
    std::uint64_t height = 0;
    Hash32 hash{};  // of the page: its newest piece has it
    Bytes bytes(kPageBytes);
    bool good = true;
    const auto walked = walk_all(Family::kPages, "", "reading the pages", [&](ByteView key, ByteView value) {
        const auto version = layout::version_of(key);
        good = version.has_value();
        if (!good) return false;
        if (version->height > memory_height_) return true;
        if (base::equal(last, key.first(layout::kPagePrefix + 1))) return true;
        const bool same_page =
            next == 0 || base::equal(ByteView(last).first(layout::kPagePrefix), key.first(layout::kPagePrefix));
        last = base::to_bytes(key.first(layout::kPagePrefix + 1));
        const auto has =
            layout::decode_page(value, std::span(bytes).subspan(version->piece * kPieceBytes, kPieceBytes));
        good = same_page && version->piece == next && has;
        if (!good) return false;
        if (next == 0 || version->height > height) {
            height = version->height;
            hash = *has;
        }
        next = static_cast<std::uint8_t>((next + 1) % kPiecesOfPage);
        return next != 0 || visit({version->contract, version->number, hash, bytes});
    });
    if (!walked) return walked;
    if (!good || next != 0) return refuse(corrupt("page of a contract's memory").error());
    return {};
}

}  // namespace rues::store
