#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "store/archive_layout.hpp"
#include "store/rocks.hpp"

/// Reads of the archive. A read walks over index entries in order, then fetches all blocks and events that they name in
/// one call.
namespace rues::store {

using layout::Index;

namespace {

/// The first key after all keys that begin with `prefix`. REQUIRES: one byte of it is not 0xff; no tag is 0xff.
Bytes behind(Bytes prefix) {
    while (prefix.back() == std::byte{0xff}) prefix.pop_back();
    prefix.back() = static_cast<std::byte>(static_cast<unsigned>(prefix.back()) + 1);
    return prefix;
}

std::optional<TransactionPlace> place_of(ByteView key, ByteView value) {
    const auto parsed = layout::parse_index_key(key);
    const auto position = layout::decode_u32(value);
    if (!parsed || !position || parsed->transaction.size() != 32) return std::nullopt;
    return TransactionPlace{parsed->number, base::to_array<32>(parsed->transaction), *position};
}

}  // namespace

/// Walks over the entries of one index and id whose number is within bounds, in the order of the keys or in the reverse
/// order.
class RocksSnapshot::Walk {
public:
    Walk(const RocksSnapshot& at, Bytes prefix, std::uint64_t from, std::uint64_t to, bool descending)
        : prefix_(prefix.size()), descending_(descending) {
        end_ = to == std::numeric_limits<std::uint64_t>::max() ? behind(prefix) : layout::index_key(prefix, to + 1);
        begin_ = layout::index_key(std::move(prefix), from);
        lower_ = slice(begin_);
        upper_ = slice(end_);
        rocksdb::ReadOptions options = at.options_;
        options.iterate_lower_bound = &lower_;
        options.iterate_upper_bound = &upper_;
        at_.reset(at.store_.db_->NewIterator(options, at.store_.families_[Family::kArchive]));
        descending ? at_->SeekToLast() : at_->SeekToFirst();
    }
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;

    bool valid() const { return at_->Valid(); }
    rocksdb::Status status() const { return at_->status(); }
    ByteView key() const { return bytes_of(at_->key()); }
    ByteView value() const { return bytes_of(at_->value()); }
    /// The part of the key after the index and its id.
    ByteView rest() const { return key().subspan(prefix_); }
    void next() { descending_ ? at_->Prev() : at_->Next(); }
    /// Moves to the first entry that is not before `rest` in the order of this walk.
    void skip_to(ByteView rest) {
        const Bytes target = [&] {
            Bytes out(begin_.begin(), begin_.begin() + static_cast<std::ptrdiff_t>(prefix_));
            base::append(out, rest);
            return out;
        }();
        descending_ ? at_->SeekForPrev(slice(target)) : at_->Seek(slice(target));
    }
    /// True when this walk's entry comes before the other walk's entry.
    bool is_before(const Walk& other) const {
        return descending_ ? std::ranges::lexicographical_compare(other.rest(), rest())
                           : std::ranges::lexicographical_compare(rest(), other.rest());
    }

private:
    std::size_t prefix_;
    bool descending_;
    Bytes begin_, end_;
    rocksdb::Slice lower_, upper_;  // RocksDB keeps pointers to them
    std::unique_ptr<rocksdb::Iterator> at_;
};

std::unexpected<Error> RocksSnapshot::refuse_walk(const rocksdb::Status& status) const {
    return refuse(disk_failure(status, "reading the archive").error());
}

template <typename T, typename Decode>
Result<std::vector<std::optional<T>>> RocksSnapshot::read_many(Family family, const std::vector<Bytes>& keys,
                                                               std::string_view what, Decode decode) const {
    std::vector<rocksdb::Slice> slices;
    slices.reserve(keys.size());
    for (const auto& key : keys) slices.push_back(slice(key));
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    store_.db_->MultiGet(options_, store_.families_[family], keys.size(), slices.data(), values.data(),
                         statuses.data());
    if (is_overtaken()) return refuse(overtaken().error());
    std::vector<std::optional<T>> out(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (statuses[i].IsNotFound()) continue;
        if (!statuses[i].ok()) return refuse(disk_failure(statuses[i], "reading the store").error());
        out[i] = decode(bytes_of(values[i]));
        if (!out[i]) return refuse(corrupt(what).error());
    }
    return out;
}

// --- lists ---

Result<std::vector<std::optional<StoredBlock>>> RocksSnapshot::blocks(std::span<const std::uint64_t> heights) const {
    std::vector<Bytes> keys;
    keys.reserve(heights.size());
    for (const auto height : heights) keys.push_back(layout::number_key(height));
    return read_many<StoredBlock>(Family::kBlocks, keys, "block", layout::decode_block);
}

Result<std::vector<std::optional<StoredTransaction>>> RocksSnapshot::transactions(
    std::span<const ledger::TxId> ids) const {
    std::vector<Bytes> keys;
    keys.reserve(ids.size());
    for (const auto& id : ids) keys.push_back(base::to_bytes(id));
    return read_many<StoredTransaction>(Family::kTransactions, keys, "transaction", layout::decode_transaction);
}

Result<std::vector<ledger::TxId>> RocksSnapshot::last_transactions(std::size_t most) const {
    std::vector<std::uint64_t> heights;
    std::size_t count = 0;
    Walk at(*this, layout::index_prefix(Index::transactions), 0, std::numeric_limits<std::uint64_t>::max(), true);
    if (is_overtaken()) return refuse(overtaken().error());
    for (; at.valid() && count < most; at.next()) {
        const auto key = layout::parse_index_key(at.key());
        const auto of_block = layout::decode_u32(at.value());
        if (!key || !of_block) return refuse(corrupt("index of transactions").error());
        heights.push_back(key->number);
        count += *of_block;
    }
    if (!at.status().ok()) return refuse_walk(at.status());
    const auto found = blocks(heights);
    if (!found) return std::unexpected(found.error());
    std::vector<ledger::TxId> out;
    for (const auto& block : *found) {
        if (!block) return refuse(corrupt("index of transactions").error());
        const std::size_t take = std::min(block->transactions.size(), most - out.size());
        out.insert(out.end(), block->transactions.begin(),
                   block->transactions.begin() + static_cast<std::ptrdiff_t>(take));
    }
    return out;
}

// --- events ---

Result<std::vector<ledger::ContractEvent>> RocksSnapshot::contract_events(std::uint64_t height) const {
    const Bytes begin = layout::events_key(height, 0);
    const Bytes end = behind(layout::number_key(height));
    const rocksdb::Slice upper = slice(end);
    rocksdb::ReadOptions options = options_;
    options.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> at(
        store_.db_->NewIterator(options, store_.families_[Family::kContractEvents]));
    if (is_overtaken()) return refuse(overtaken().error());
    std::vector<ledger::ContractEvent> out;
    for (at->Seek(slice(begin)); at->Valid(); at->Next()) {
        auto events = layout::decode_events(bytes_of(at->value()));
        const auto place = layout::place_of_events(bytes_of(at->key()));
        if (!events || !place || place->position != out.size()) return refuse(corrupt("contract events").error());
        std::ranges::move(*events, std::back_inserter(out));
    }
    if (!at->status().ok()) return refuse(disk_failure(at->status(), "reading contract events").error());
    return out;
}

Result<std::optional<ArchiveEnd>> RocksSnapshot::archive_end() const {
    return read<ArchiveEnd>(Family::kMeta, base::view(layout::kArchiveName), "end of the archive",
                            layout::decode_archive_end);
}

Result<std::optional<std::uint64_t>> Archive::last_final() const {
    const auto end = archive_end();
    if (!end) return std::unexpected(end.error());
    return *end ? std::optional((*end)->height) : std::nullopt;
}

Result<std::vector<ledger::ContractEvent>> RocksSnapshot::listed_events(std::uint64_t height) const {
    const auto end = archive_end();
    if (!end) return std::unexpected(end.error());
    auto out = contract_events(height);
    if (out && *end && height <= (*end)->height) std::ranges::stable_sort(*out, {}, &ledger::ContractEvent::origin);
    return out;
}

Result<std::optional<std::uint64_t>> RocksSnapshot::last_pending_events() const {
    const auto end = archive_end();
    if (!end) return std::unexpected(end.error());
    const std::unique_ptr<rocksdb::Iterator> at(
        store_.db_->NewIterator(options_, store_.families_[Family::kContractEvents]));
    if (is_overtaken()) return refuse(overtaken().error());
    at->SeekToLast();
    if (!at->status().ok()) return refuse(disk_failure(at->status(), "reading contract events").error());
    if (!at->Valid()) return std::nullopt;
    const auto last = layout::place_of_events(bytes_of(at->key()));
    if (!last) return refuse(corrupt("contract events").error());
    return *end && last->height <= (*end)->height ? std::nullopt : std::optional(last->height);
}

Result<FinalEvents> RocksSnapshot::final_events(const ledger::ContractId& contract, std::uint64_t after,
                                                std::size_t most) const {
    constexpr auto kEnd = std::numeric_limits<std::uint64_t>::max();
    if (after == kEnd) return FinalEvents();
    Walk at(*this, layout::index_prefix(Index::contract, contract), after + 1, kEnd, false);
    return final_events_at(at, most);
}

Result<FinalEvents> RocksSnapshot::final_events_before(const ledger::ContractId& contract, std::uint64_t before,
                                                       std::size_t most) const {
    if (before == 0) return FinalEvents();
    Walk at(*this, layout::index_prefix(Index::contract, contract), 0, before - 1, true);
    return final_events_at(at, most);
}

Result<FinalEvents> RocksSnapshot::final_events_at(Walk& at, std::size_t most) const {
    FinalEvents out;
    std::vector<std::pair<std::uint64_t, layout::FinalPlace>> found;  // row and place
    if (is_overtaken()) return refuse(overtaken().error());
    for (; at.valid() && found.size() < most; at.next()) {
        const auto key = layout::parse_index_key(at.key());
        const auto place = layout::decode_final_place(at.value());
        if (!key || !place) return refuse(corrupt("index of contracts").error());
        found.emplace_back(key->number, *place);
    }
    out.more = at.valid();
    if (!at.status().ok()) return refuse_walk(at.status());

    std::map<layout::EventsPlace, std::size_t> places;
    std::map<std::uint64_t, std::size_t> heights;
    for (const auto& [row, place] : found) {
        places.emplace(place.events, 0);
        heights.emplace(place.events.height, 0);
    }
    std::vector<Bytes> events_keys, block_keys;
    for (auto& [place, index] : places) {
        index = events_keys.size();
        events_keys.push_back(layout::events_key(place.height, place.position));
    }
    for (auto& [height, index] : heights) {
        index = block_keys.size();
        block_keys.push_back(layout::number_key(height));
    }
    auto events = read_many<std::vector<ledger::ContractEvent>>(Family::kContractEvents, events_keys, "contract events",
                                                                layout::decode_events);
    if (!events) return std::unexpected(events.error());
    const auto blocks = read_many<StoredBlock>(Family::kBlocks, block_keys, "block", layout::decode_block);
    if (!blocks) return std::unexpected(blocks.error());
    for (const auto& [row, place] : found) {
        auto& group = (*events)[places.at(place.events)];
        const auto& block = (*blocks)[heights.at(place.events.height)];
        if (!group || !block || place.index >= group->size()) return refuse(corrupt("index of contracts").error());
        // Every place is used once, because each row is one event; so the event may be moved.
        out.events.push_back({row, place.events.height, block->header.hash, std::move((*group)[place.index])});
    }
    return out;
}

Result<std::optional<std::uint64_t>> RocksSnapshot::next_phoenix(std::uint64_t from) const {
    const Walk at(*this, layout::index_prefix(Index::phoenix), from, std::numeric_limits<std::uint64_t>::max(), false);
    if (is_overtaken()) return refuse(overtaken().error());
    if (!at.status().ok()) return refuse_walk(at.status());
    if (!at.valid()) return std::nullopt;
    const auto key = layout::parse_index_key(at.key());
    if (!key) return refuse(corrupt("index of phoenix blocks").error());
    return key->number;
}

// --- history ---

Result<History> RocksSnapshot::find(std::vector<Bytes> prefixes, Join join, const HistoryPage& page) const {
    History out;
    if (page.from > page.to) return out;
    std::vector<std::unique_ptr<Walk>> walks;
    walks.reserve(prefixes.size());
    for (auto& prefix : prefixes)
        walks.push_back(std::make_unique<Walk>(*this, std::move(prefix), page.from, page.to, page.descending));
    if (is_overtaken()) return refuse(overtaken().error());
    std::uint64_t skipped = 0;
    for (std::uint64_t looked_at = 0;; ++looked_at) {
        for (const auto& walk : walks) {
            if (!walk->status().ok()) return refuse_walk(walk->status());
        }
        if (join == Join::any) std::erase_if(walks, [](const auto& walk) { return !walk->valid(); });
        if (walks.empty() || std::ranges::any_of(walks, [](const auto& walk) { return !walk->valid(); })) return out;
        if (looked_at == page.looked_at) return base::failure(Error::Kind::invalid, "too many transactions to search");

        const auto before = [](const auto& a, const auto& b) { return a->is_before(*b); };
        const auto [first, last] = std::ranges::minmax_element(walks, before);
        const Bytes rest = base::to_bytes((join == Join::any ? *first : *last)->rest());
        if (join == Join::all && (*first)->is_before(**last)) {
            for (auto& walk : walks) walk->skip_to(rest);
            continue;
        }
        const auto place = place_of((*first)->key(), (*first)->value());
        if (!place) return refuse(corrupt("index of accounts and memos").error());
        if (skipped < page.skip) {
            ++skipped;
        } else if (out.transactions.size() == page.most) {
            out.more = true;
            return out;
        } else {
            out.transactions.push_back(*place);
        }
        for (auto& walk : walks) {
            if (base::equal(walk->rest(), rest)) walk->next();
        }
    }
}

Result<History> RocksSnapshot::history(const ledger::AccountKey& account, Flow flow, const HistoryPage& page) const {
    std::vector<Bytes> prefixes;
    if (flow != Flow::in) prefixes.push_back(layout::index_prefix(Index::outflow, account));
    if (flow != Flow::out) prefixes.push_back(layout::index_prefix(Index::inflow, account));
    return find(std::move(prefixes), Join::any, page);
}

Result<History> RocksSnapshot::payments(const ledger::AccountKey& sender, const ledger::AccountKey& receiver,
                                        const HistoryPage& page) const {
    return find({layout::index_prefix(Index::outflow, sender), layout::index_prefix(Index::inflow, receiver)},
                Join::all, page);
}

Result<History> RocksSnapshot::with_memo(ByteView memo, const HistoryPage& page) const {
    return find({layout::index_prefix_of_memo(memo)}, Join::any, page);
}

Result<std::vector<EventGroup>> RocksSnapshot::groups(std::span<const TransactionPlace> of) const {
    std::vector<Bytes> keys;
    keys.reserve(of.size());
    for (const auto& place : of) keys.push_back(layout::events_key(place.height, place.position));
    auto found = read_many<std::vector<ledger::ContractEvent>>(Family::kContractEvents, keys, "contract events",
                                                               layout::decode_events);
    if (!found) return std::unexpected(found.error());
    std::vector<EventGroup> out;
    out.reserve(of.size());
    for (std::size_t i = 0; i < of.size(); ++i) {
        auto& events = (*found)[i];
        if (!events || events->front().origin != of[i].origin)
            return refuse(corrupt("index of accounts and memos").error());
        out.push_back({of[i].height, of[i].origin, std::move(*events)});
    }
    return out;
}

// --- contracts ---

Result<bool> RocksSnapshot::places_before(
    const Bytes& prefix, const BlockPlace& before, std::size_t most, std::string_view what,
    const std::function<bool(const layout::IndexKey&, ByteView value)>& take) const {
    Walk at(*this, prefix, 0, before.height, true);
    if (is_overtaken()) return refuse(overtaken().error());
    if (before != kNewest) at.skip_to(layout::index_key({}, before));
    for (std::size_t taken = 0; at.valid(); at.next()) {
        const auto key = layout::parse_index_key(at.key());
        if (!key) return refuse(corrupt(what).error());
        if (key->place() == before) continue;
        if (taken == most) return true;
        if (!take(*key, at.value())) return refuse(corrupt(what).error());
        ++taken;
    }
    if (!at.status().ok()) return refuse_walk(at.status());
    return false;
}

Result<std::optional<Deployment>> RocksSnapshot::deployment(const ledger::ContractId& contract) const {
    std::optional<Deployment> out;
    const auto walked = places_before(layout::index_prefix(Index::deployed, contract), kNewest, 1, "index of contracts",
                                      [&](const layout::IndexKey& key, ByteView value) {
                                          if (value.size() != 32) return false;
                                          out = Deployment{key.place(), contract, base::to_array<32>(value)};
                                          return true;
                                      });
    if (!walked) return std::unexpected(walked.error());
    return out;
}

Result<Deployments> RocksSnapshot::deployments_before(const BlockPlace& before, std::size_t most) const {
    Deployments out;
    const auto more = places_before(layout::index_prefix(Index::deployments), before, most, "index of deployments",
                                    [&](const layout::IndexKey& key, ByteView value) {
                                        const auto by = layout::decode_deployed_by(value);
                                        if (by) out.deployments.push_back({key.place(), by->contract, by->transaction});
                                        return by.has_value();
                                    });
    if (!more) return std::unexpected(more.error());
    out.more = *more;
    return out;
}

Result<ContractCalls> RocksSnapshot::calls_before(const ledger::ContractId& contract, const BlockPlace& before,
                                                  std::size_t most) const {
    ContractCalls out;
    const auto more = places_before(layout::index_prefix(Index::calls, contract), before, most, "index of calls",
                                    [&](const layout::IndexKey& key, ByteView value) {
                                        if (value.size() != 32) return false;
                                        out.calls.push_back({key.place(), base::to_array<32>(value)});
                                        return true;
                                    });
    if (!more) return std::unexpected(more.error());
    out.more = *more;
    return out;
}

Result<void> RocksSnapshot::for_each_index_entry(const std::function<bool(ByteView key, ByteView value)>& visit) const {
    return walk_all(Family::kArchive, "", "reading the archive", visit);
}

Result<std::optional<Bytes>> RocksSnapshot::index_entry(ByteView key) const {
    return read<Bytes>(Family::kArchive, key, "archive",
                       [](ByteView value) { return std::optional(base::to_bytes(value)); });
}

Result<void> RocksSnapshot::for_each_events_place(const std::function<bool(ByteView key)>& visit) const {
    return walk_all(Family::kContractEvents, "", "reading contract events",
                    [&](ByteView key, ByteView) { return visit(key); });
}

}  // namespace rues::store
