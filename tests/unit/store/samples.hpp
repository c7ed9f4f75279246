#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/endian.hpp"
#include "crypto/keys.hpp"
#include "store/archive_check.hpp"
#include "store/store.hpp"
#include "support/temporary_folder.hpp"

/// A chain that is determined by its height alone, so that a store can be checked whatever happened to it: `step` makes
/// the next commit for a store; `inconsistency` compares everything in a store with the expected chain.
///
/// Block h holds transaction h and makes block h - 2 final. A separate commit before the block
/// admits its transaction to the mempool. So the log holds three events for each block, and one more while a
/// transaction is pooled. `memory` says which pages it writes, and which contracts it deploys.
namespace rues::store::samples {

using test::TemporaryFolder;

template <std::size_t N>
base::ByteArray<N> numbered(std::uint64_t number) {
    base::ByteArray<N> out{};
    base::store_be(out.data(), number);
    return out;
}

inline constexpr std::size_t kBallast = 8'192;  // a transaction's, so that memtables are flushed within a test

inline ledger::Transaction transaction(std::uint64_t number) {
    ledger::Phoenix body;
    body.nullifiers = {numbered<32>(number)};
    body.gas_limit = 1'000 + number;
    body.proof = Bytes(kBallast, static_cast<std::byte>(number));
    return ledger::Transaction(std::move(body));
}

inline PooledTransaction pooled(std::uint64_t number) {
    const auto tx = transaction(number);
    return {tx.id(), tx.encode(ledger::Envelope::boreas), 1'700'000'000'000 + number};
}

/// What a block changes in the memory of contracts, and the bytes that the changes are views of.
struct Memory {
    std::vector<std::unique_ptr<Bytes>> bytes;
    MemoryChanges changes;
};

inline std::uint64_t page_hash(std::uint32_t number, std::uint64_t height) {
    return height << 16 | number;
}

/// Pages with even numbers are nearly empty, others cannot be compressed.
inline Bytes page_bytes(std::uint32_t number, std::uint64_t height) {
    Bytes out(kPageBytes);
    std::uint64_t state = page_hash(number, height);
    for (std::size_t at = 0; at < (number % 2 == 0 ? 64 : out.size()); at += 8) {
        state = (state ^ (state >> 31)) * 0x9e37'79b9'7f4a'7c15 + 1;
        base::store_le(out.data() + at, state);
    }
    return out;
}

/// The pieces of a page in which its versions differ.
inline std::uint16_t changed_pieces(std::uint32_t number) {
    return number % 2 == 0 ? 1 : kAllPieces;
}

inline bool deploys(std::uint64_t height) {
    return height % 10 == 0;
}
/// The contract that the block of this height deploys.
inline ledger::ContractId contract_at(std::uint64_t height) {
    return height == 0 ? ledger::kTransferContract : numbered<32>(height);
}
/// The pages of the first contract that a block writes.
inline std::vector<std::uint32_t> written_pages(std::uint64_t height) {
    if (height == 0) return {0, 1, 2, 3, 4, 5};
    return {0, static_cast<std::uint32_t>(1 + height % 5)};
}
inline std::uint32_t memory_pages(std::uint64_t height) {
    return static_cast<std::uint32_t>(8 + height / 7);
}

inline Memory memory(std::uint64_t height) {
    Memory out;
    const auto hold = [&out](Bytes bytes) {
        return ByteView(*out.bytes.emplace_back(std::make_unique<Bytes>(std::move(bytes))));
    };
    const auto write = [&](const ledger::ContractId& contract, std::uint32_t number) {
        out.changes.pages.push_back({contract, number, numbered<32>(page_hash(number, height)),
                                     hold(page_bytes(number, height)), changed_pieces(number)});
    };
    if (deploys(height)) {
        StoredContract contract{
            contract_at(height), static_cast<std::uint32_t>(1 + height / 10), true, memory_pages(0), {}, {}};
        contract.owner = hold(base::to_bytes("owner"));
        contract.code = hold(Bytes(height, std::byte{7}));
        out.changes.deployed.push_back(contract);
    }
    for (const auto number : written_pages(height)) write(ledger::kTransferContract, number);
    if (height > 0 && deploys(height)) write(contract_at(height), 9);
    if (height > 0 && memory_pages(height) != memory_pages(height - 1))
        out.changes.resized.push_back({ledger::kTransferContract, memory_pages(height)});
    return out;
}

/// One of a few accounts. They pay each other.
inline const crypto::PublicKey& party(std::uint64_t number) {
    static const auto keys = [] {
        std::array<crypto::PublicKey, 4> out;
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = crypto::account_key(crypto::Seed{}, i).public_key();
        return out;
    }();
    return keys[number % keys.size()];
}

inline Bytes moonlight_event(const crypto::PublicKey& from, const std::optional<crypto::PublicKey>& to,
                             std::uint64_t value, ByteView memo = {}, std::optional<ledger::Refund> refund = {}) {
    ledger::Moonlight body;
    body.sender = from;
    body.receiver = to;
    body.value = value;
    return ledger::moonlight_event(body, memo, 1, refund);
}

/// One party pays the next one `height`, with the parity of the height as memo.
inline std::vector<ledger::ContractEvent> contract_events(const ledger::TxId& id, std::uint64_t height) {
    return {
        {ledger::kTransferContract, "moonlight",
         moonlight_event(party(height), party(height + 1), height, base::view(height % 2 == 0 ? "even" : "odd")), id},
        {ledger::kStakeContract, "reward", {}, numbered<32>(height)}};
}

/// The next block after `tip`, with its commit.
struct Next {
    ledger::Block block;
    BlockCommit commit;
    Memory memory;
};
inline Next next_block(const ledger::Header& tip, std::uint64_t timestamp = 0) {
    Next out;
    ledger::Header& header = out.block.header;
    header.height = tip.height + 1;
    header.prev_block_hash = tip.hash;
    header.timestamp = timestamp;
    header.state_hash = numbered<32>(header.height);
    header.hash = header.compute_hash();
    out.block.transactions.push_back({transaction(header.height), header.height, 10 * header.height, std::nullopt});
    if (header.height % 3 == 0) out.block.transactions[0].error = fmt::format("Panic: {}", header.height);
    out.memory = memory(header.height);
    out.commit.memory = out.memory.changes;
    const auto& spent = out.block.transactions[0];
    if (tip.height > 0) out.commit.relabelled = {{tip.height, {ledger::Label::Kind::attested, 1}}};
    if (tip.height > 1) out.commit.relabelled.push_back({tip.height - 1, {ledger::Label::Kind::final, 2}});
    out.commit.contract_events = contract_events(spent.inner.id(), header.height);
    out.commit.unpooled = {spent.inner.id()};
    out.commit.events = {ledger::transaction_executed(spent, header), ledger::block_accepted(out.block)};
    return out;
}

inline Result<void> commit_genesis(Store& store) {
    ledger::Header header;
    header.hash = header.compute_hash();
    const auto memory = samples::memory(0);
    return store.commit_genesis(header, memory.changes);
}

/// Makes one commit: the genesis, or the admission of the next transaction, or the block with that transaction.
inline Result<void> step(Store& store, std::uint64_t timestamp = 0) {
    if (!store.has_chain()) return commit_genesis(store);
    const auto before = store.snapshot();
    const auto waiting = store.pooled();
    if (!waiting) return std::unexpected(waiting.error());
    if (waiting->empty()) {
        const auto number = before->height() + 1;
        const auto done = store.commit_mempool(
            {{pooled(number)}, {}, {ledger::transaction_included(transaction(number), before->height())}});
        return done ? Result<void>() : std::unexpected(done.error());
    }
    const auto tip = before->block(before->height());
    if (!tip) return std::unexpected(tip.error());
    auto next = next_block((*tip)->header, timestamp);
    next.commit.block = &next.block;
    const auto done = store.commit_block(next.commit);
    return done ? Result<void>() : std::unexpected(done.error());
}

/// Empty when the log is complete, in order, and holds the expected events; else the first difference.
inline std::string log_inconsistency(const Store& store, std::uint64_t tip) {
    std::uint64_t next = store.first_seq();
    while (next <= store.last_seq()) {
        const auto records = store.read_log(next, 64 << 10);
        if (!records) return "the log cannot be read: " + records.error().text;
        if (records->empty()) return fmt::format("the log ends before {}", next);
        for (const auto& record : *records) {
            const std::uint64_t height = (next + 2) / 3;
            const auto entity = base::to_hex(transaction(height).id());
            const std::string topic = next % 3 == 1 ? "included" : next % 3 == 2 ? "executed" : "accepted";
            if (record.seq != next) return fmt::format("record {} is at the place of {}", record.seq, next);
            if (record.filter.topic != wire::text_hash(topic)) return fmt::format("record {} is not {}", next, topic);
            if (record.filter.height != height - (next % 3 == 1 ? 1 : 0))
                return fmt::format("record {} has height {}", next, record.filter.height);
            const auto location = wire::content_location(record.message);
            if (next % 3 != 0 && location != fmt::format("/on/transactions:{}/{}", entity, topic))
                return fmt::format("record {} is {}", next, location);
            ++next;
        }
    }
    const auto waiting = store.pooled();
    if (!waiting || waiting->size() > 1) return "more than one transaction is pooled";
    if (!waiting->empty() && (*waiting)[0].id != transaction(tip + 1).id()) return "a wrong transaction is pooled";
    if (store.last_seq() != 3 * tip + waiting->size()) return fmt::format("{} events, tip {}", store.last_seq(), tip);
    return {};
}

inline std::string block_inconsistency(const Snapshot& at, std::uint64_t height, const Hash32& previous) {
    const auto block = at.block(height);
    if (!block || !*block) return fmt::format("block {} is missing", height);
    const auto& header = (*block)->header;
    if (header.height != height || header.hash != header.compute_hash() || header.prev_block_hash != previous)
        return fmt::format("block {} has a wrong header", height);
    if (at.height_of(header.hash).value_or(std::nullopt) != height) return fmt::format("no hash leads to {}", height);
    const ledger::Label label = height == 0                 ? ledger::Label{ledger::Label::Kind::final, 0}
                                : height == at.height()     ? ledger::Label{}
                                : height + 1 == at.height() ? ledger::Label{ledger::Label::Kind::attested, 1}
                                                            : ledger::Label{ledger::Label::Kind::final, 2};
    if ((*block)->label != label) return fmt::format("block {} has a wrong label", height);
    if (height == 0) return {};

    const auto tx = transaction(height);
    if ((*block)->transactions != std::vector{tx.id()}) return fmt::format("block {} has other transactions", height);
    const auto stored = at.transaction(tx.id());
    if (!stored || !*stored || !at.transaction_exists(tx.id())) return fmt::format("transaction {} is missing", height);
    if ((*stored)->raw != tx.encode(ledger::Envelope::boreas) || (*stored)->height != height || (*stored)->index != 0 ||
        (*stored)->gas_spent != 10 * height || (*stored)->error.has_value() != (height % 3 == 0))
        return fmt::format("transaction {} is another", height);
    if (at.contract_events(height).value_or(std::vector<ledger::ContractEvent>()) != contract_events(tx.id(), height))
        return fmt::format("block {} has other contract events", height);
    return {};
}

/// Empty when contracts and pages are those of the tip; else the first difference.
inline std::string memory_inconsistency(const Snapshot& at) {
    std::string wrong;
    std::uint64_t contracts = 0;
    const auto tip = at.height();
    const auto check = [&wrong](bool good, std::string_view what) {
        if (!good && wrong.empty()) wrong = what;
    };
    const auto seen = at.for_each_contract([&](const StoredContract& contract) {
        const std::uint64_t height = 10 * (std::uint64_t{contract.position} - 1);
        check(contract.id == contract_at(height) && height <= tip, "a contract has another position");
        check(base::text(contract.owner) == "owner", "a contract has another owner");
        check(base::equal(contract.code, Bytes(height, std::byte{7})), "a contract has other code");
        check(contract.memory64, "a contract has another kind of memory");
        check(contract.memory_pages == memory_pages(height == 0 ? tip : 0), "a memory has another size");
        ++contracts;
        return true;
    });
    if (!seen) return "the contracts cannot be read: " + seen.error().text;
    if (contracts != 1 + tip / 10) return fmt::format("{} contracts", contracts);

    std::uint64_t pages = 0;
    const auto walked = at.for_each_page([&](const StoredPage& page) {
        std::uint64_t height = base::load_be<std::uint64_t>(page.contract.data());
        if (page.contract == ledger::kTransferContract) {
            height = tip;
            while (std::ranges::count(written_pages(height), page.number) == 0) --height;
        }
        check(page.hash == numbered<32>(page_hash(page.number, height)), "a page has the hash of another version");
        check(base::equal(page.bytes, page_bytes(page.number, height)), "a page has other bytes");
        ++pages;
        return true;
    });
    if (!walked) return "the pages cannot be read: " + walked.error().text;
    if (pages != 6 + tip / 10) return fmt::format("{} pages", pages);
    return wrong;
}

/// Empty when the indexes are complete and reach as far as the blocks; else the first difference.
inline std::string archive_inconsistency(const Store& store, const Snapshot& at) {
    const auto checked = check_archive(store);
    if (!checked) return "the archive cannot be checked: " + checked.error().text;
    if (!checked->findings.empty()) return checked->findings[0];
    const std::uint64_t final = at.height() < 2 ? 0 : at.height() - 2;
    if (at.last_final().value_or(std::nullopt) != final) return "the archive ends elsewhere";
    const auto all = std::numeric_limits<std::size_t>::max();
    const auto transfers = at.final_events(ledger::kTransferContract, 0, all);
    const auto rewards = at.final_events(ledger::kStakeContract, 0, all);
    if (!transfers || !rewards || transfers->events.size() != final || rewards->events.size() != final)
        return "the archive has another number of events";
    const auto odd = at.with_memo(base::view("odd"), {.most = all});
    if (!odd || odd->transactions.size() != (final + 1) / 2) return "the archive has another number of memos";
    return {};
}

/// One sentence that says what is wrong with the store; empty when it holds exactly the chain of its height.
inline std::string inconsistency(const Store& store) {
    const auto at = store.snapshot();
    const auto tip = at->height();
    if (!store.has_chain()) return tip == 0 && store.last_seq() == 0 ? "" : "something is there without a chain";
    Hash32 previous{};
    for (std::uint64_t height = 0; height <= tip; ++height) {
        if (auto wrong = block_inconsistency(*at, height, previous); !wrong.empty()) return wrong;
        previous = at->block(height).value()->header.hash;
    }
    if (at->block(tip + 1).value().has_value()) return "there is a block above the tip";
    if (at->transaction_exists(transaction(tip + 1).id())) return "a transaction of no block is executed";
    if (auto wrong = memory_inconsistency(*at); !wrong.empty()) return wrong;
    if (auto wrong = archive_inconsistency(store, *at); !wrong.empty()) return wrong;
    return log_inconsistency(store, tip);
}

/// Takes back the tip; its transaction returns to the mempool. REQUIRES: it is not block 0.
inline Result<void> take_back_one(Store& store) {
    const auto height = store.snapshot()->height();
    TakeBack what;
    what.to = height - 1;
    what.pool.added.push_back(pooled(height));
    const auto done = store.take_back(what);
    return done ? Result<void>() : std::unexpected(done.error());
}

/// As `step`, but every fourth block is taken back once, and made again.
inline Result<void> forked_step(Store& store) {
    if (!store.has_chain() || store.snapshot()->height() % 4 != 3) return step(store);
    const auto blocks = store.fates()->taken_back()->blocks();
    const bool was_taken_back = std::ranges::count(blocks, store.snapshot()->height(), &TakenBlock::height) > 0;
    return was_taken_back ? step(store) : take_back_one(store);
}

/// Empty when a store that `forked_step` wrote holds a whole chain, its archive and its memory, and one `reverted` for
/// each block that was taken back; else the first difference.
inline std::string forked_inconsistency(const Store& store) {
    const auto at = store.snapshot();
    const auto tip = at->height();
    if (!store.has_chain()) return {};
    Hash32 previous{};
    for (std::uint64_t height = 0; height <= tip; ++height) {
        const auto block = at->block(height);
        if (!block || !*block) return fmt::format("block {} is missing", height);
        const auto& header = (*block)->header;
        if (header.prev_block_hash != previous) return fmt::format("block {} is of another chain", height);
        previous = header.hash;
        const auto tx = transaction(height).id();
        if (height > 0 && at->transaction(tx).value()->height != height) return "a transaction is elsewhere";
        if (height > 0 && at->contract_events(height).value() != contract_events(tx, height)) return "other events";
    }
    for (std::uint64_t height = tip + 1; height < tip + 4; ++height) {
        if (at->block(height).value() || at->transaction_exists(transaction(height).id()) ||
            !at->contract_events(height).value().empty())
            return fmt::format("something is left of block {}", height);
    }
    if (auto wrong = memory_inconsistency(*at); !wrong.empty()) return wrong;
    const auto archive = check_archive(store);
    if (!archive) return archive.error().text;
    if (!archive->findings.empty()) return archive->findings[0];
    const auto records = store.read_log(1, Store::kNoLimit);
    if (!records || records->size() != store.last_seq()) return "the log is not whole";
    const auto reverted =
        std::ranges::count(*records, Tie::reverted, [](const LogRecord& each) { return each.filter.tie; });
    const auto& taken = store.fates()->taken_back()->blocks();
    if (static_cast<std::size_t>(reverted) != taken.size()) return "another number of blocks were taken back";
    return {};
}

}  // namespace rues::store::samples
