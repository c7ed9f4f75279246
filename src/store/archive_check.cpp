#include "store/archive_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/encoding.hpp"
#include "store/archive_index.hpp"

namespace rues::store {
namespace {

using base::Error;
using layout::Index;

std::string hex(ByteView bytes) {
    return base::to_hex(bytes);
}

/// Describes an entry in a finding.
std::string name_of(ByteView key) {
    const auto parsed = layout::parse_index_key(key);
    if (!parsed) return fmt::format("the key {}", hex(key));
    const auto transaction = [&] {
        return fmt::format("block {}, transaction {}", parsed->number, hex(parsed->transaction));
    };
    switch (parsed->index) {
    case Index::contract:
        return fmt::format("contract {}, row {}", hex(parsed->id), parsed->number);
    case Index::inflow:
        return fmt::format("inflow of {}, {}", base::to_base58(parsed->id), transaction());
    case Index::outflow:
        return fmt::format("outflow of {}, {}", base::to_base58(parsed->id), transaction());
    case Index::memo:
        return fmt::format("memo with hash {}, {}", hex(parsed->id), transaction());
    case Index::phoenix:
        return fmt::format("phoenix block {}", parsed->number);
    case Index::transactions:
        return fmt::format("transactions of block {}", parsed->number);
    case Index::calls:
        return fmt::format("call of {}, block {}, transaction {}", hex(parsed->id), parsed->number, parsed->position);
    case Index::deployments:
        return fmt::format("deployment in block {}, transaction {}", parsed->number, parsed->position);
    case Index::deployed:
        return fmt::format("deployment of {}, block {}, transaction {}", hex(parsed->id), parsed->number,
                           parsed->position);
    }
    return {};
}

/// Goes through the blocks from height 0 up and computes the index entries that each block must have.
class Scan {
public:
    explicit Scan(const Snapshot& at) : at_(at) {}

    Result<ArchiveReport> run();

private:
    using Entries = std::map<Bytes, Bytes>;

    void wrong(std::string text) {
        if (++report_.wrong <= kMostFindings) report_.findings.push_back(std::move(text));
    }
    Result<std::vector<IndexedTransaction>> transactions_of(const StoredBlock& block) const;
    /// The expected entries of a block. Its first row is the one after `rows`; `rows` becomes its last row.
    Result<Entries> entries_of(std::uint64_t height, std::uint64_t& rows) const;
    Result<void> scan_blocks();
    Result<void> compare_block(std::uint64_t height);
    Result<void> compare_end();
    Result<bool> is_wanted(ByteView key) const;
    Result<void> scan_entries();
    Result<void> scan_events();

    const Snapshot& at_;
    ArchiveReport report_;
    std::vector<std::uint64_t> rows_before_;  ///< by height: the number of rows before the block
    std::uint64_t rows_ = 0;
    std::uint64_t found_ = 0;  ///< number of expected entries that are stored
};

Result<std::vector<IndexedTransaction>> Scan::transactions_of(const StoredBlock& block) const {
    const auto stored = at_.transactions(block.transactions);
    if (!stored) return std::unexpected(stored.error());
    std::vector<IndexedTransaction> out;
    for (std::size_t i = 0; i < stored->size(); ++i) {
        const auto& one = (*stored)[i];
        const auto tx = one ? ledger::UncheckedTransaction::decode(one->raw)
                            : std::unexpected(ledger::DecodeError{"it is missing"});
        if (!tx) {
            return base::failure(Error::Kind::corrupt, fmt::format("block {}: transaction {}: {}", block.header.height,
                                                                   hex(block.transactions[i]), tx.error().text));
        }
        out.push_back(IndexedTransaction::of(block.transactions[i], *tx, !one->error));
    }
    return out;
}

Result<Scan::Entries> Scan::entries_of(std::uint64_t height, std::uint64_t& rows) const {
    const auto block = at_.block(height);
    if (!block) return std::unexpected(block.error());
    if (!*block) return base::failure(Error::Kind::corrupt, fmt::format("block {} is missing", height));
    const auto transactions = transactions_of(**block);
    if (!transactions) return std::unexpected(transactions.error());
    Entries out;
    for (auto& entry : transaction_entries(height, *transactions))
        out.emplace(std::move(entry.key), std::move(entry.value));
    if (!(*block)->label.is_final()) return out;
    const auto events = at_.contract_events(height);
    if (!events) return std::unexpected(events.error());
    const auto runs = runs_of(*events);
    if (!runs) {
        return base::failure(Error::Kind::corrupt,
                             fmt::format("block {}: the events of one transaction are not together", height));
    }
    for (auto& entry : index_entries(height, *runs, rows)) out.emplace(std::move(entry.key), std::move(entry.value));
    return out;
}

Result<void> Scan::compare_block(std::uint64_t height) {
    rows_before_.push_back(rows_);
    const auto expected = entries_of(height, rows_);
    if (!expected) return std::unexpected(expected.error());
    for (const auto& [key, value] : *expected) {
        const auto found = at_.index_entry(key);
        if (!found) return std::unexpected(found.error());
        found_ += found->has_value();
        if (!*found) {
            wrong(fmt::format("missing: {}", name_of(key)));
        } else if (**found != value) {
            wrong(fmt::format("wrong: {} says {}, not {}", name_of(key), hex(**found), hex(value)));
        }
    }
    return {};
}

Result<void> Scan::scan_blocks() {
    bool all_final = true;
    for (std::uint64_t height = 0; height <= report_.height; ++height) {
        const auto block = at_.block(height);
        if (!block) return std::unexpected(block.error());
        if (!*block) return base::failure(Error::Kind::corrupt, fmt::format("block {} is missing", height));
        const bool is_final = (*block)->label.is_final();
        if (is_final && !all_final) wrong(fmt::format("wrong: block {} is final, the one before it is not", height));
        all_final = all_final && is_final;
        if (is_final) report_.last_final = height;
        if (const auto done = compare_block(height); !done) return done;
    }
    report_.events = rows_;
    return {};
}

Result<void> Scan::compare_end() {
    const auto end = at_.archive_end();
    if (!end) return std::unexpected(end.error());
    const ArchiveEnd expected{report_.last_final, rows_};
    if (!*end) {
        wrong("missing: the end of the archive");
    } else if (**end != expected) {
        wrong(fmt::format("wrong: the archive ends with block {} and row {}, not with block {} and row {}",
                          (*end)->height, (*end)->rows, expected.height, expected.rows));
    }
    return {};
}

Result<bool> Scan::is_wanted(ByteView key) const {
    const auto parsed = layout::parse_index_key(key);
    if (!parsed) return false;
    std::uint64_t height = parsed->number;
    // Here the number is a row; it belongs to the last block that begins before it.
    if (parsed->index == Index::contract) {
        const auto behind = std::ranges::lower_bound(rows_before_, parsed->number);
        if (behind == rows_before_.begin()) return false;
        height = static_cast<std::uint64_t>(behind - rows_before_.begin()) - 1;
    }
    if (height > report_.height) return false;
    auto rows = rows_before_[height];
    const auto expected = entries_of(height, rows);
    if (!expected) return std::unexpected(expected.error());
    return expected->contains(base::to_bytes(key));
}

Result<void> Scan::scan_entries() {
    const auto walked = at_.for_each_index_entry([&](ByteView, ByteView) {
        ++report_.entries;
        return true;
    });
    // Every stored entry that is expected was counted in `found_`. When the total is the same, no other entry exists.
    if (!walked || report_.entries == found_) return walked;
    Result<void> read;
    const auto named = at_.for_each_index_entry([&](ByteView key, ByteView) {
        const auto wanted = is_wanted(key);
        if (!wanted) read = std::unexpected(wanted.error());
        if (wanted && !*wanted) wrong(fmt::format("unexpected: {}", name_of(key)));
        return wanted.has_value();
    });
    return named ? read : named;
}

Result<void> Scan::scan_events() {
    return at_.for_each_events_place([&](ByteView key) {
        const auto place = layout::place_of_events(key);
        if (!place || place->height > report_.height) wrong(fmt::format("unexpected: events {}", hex(key)));
        return true;
    });
}

Result<ArchiveReport> Scan::run() {
    report_.height = at_.height();
    for (const auto step : {&Scan::scan_blocks, &Scan::compare_end, &Scan::scan_entries, &Scan::scan_events}) {
        if (const auto done = (this->*step)(); !done) return std::unexpected(done.error());
    }
    return std::move(report_);
}

}  // namespace

Result<ArchiveReport> check_archive(const Store& store) {
    if (!store.has_chain()) return base::failure(Error::Kind::not_found, "the store has no chain");
    return Scan(*store.snapshot()).run();
}

}  // namespace rues::store
