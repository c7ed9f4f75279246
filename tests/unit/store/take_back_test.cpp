#include <random>

#include "fixture.hpp"
#include "wire/topics.hpp"

namespace rues::store {
namespace {

using wire::Finality;

ledger::Label label(ledger::Label::Kind kind, std::uint64_t value) {
    return {kind, value};
}

/// A chain whose blocks are taken back and made again, beside a model of it that knows only lists. A block confirms the
/// one before it, and makes the one three before it final. Block h does what `samples` says of height h.
class Forks {
public:
    struct Block {
        ledger::Header header;
        ledger::Label::Kind label{};
        std::uint64_t first_seq = 0;
    };
    /// A record of the log as the model knows it.
    struct Record {
        Hash32 block{};  ///< zeros: it has no block
        std::uint64_t entity = 0;
        std::uint64_t topic = 0;
        Tie tie = Tie::none;
        Finality reached{};
    };

    void begin(Store& store) {
        ASSERT_TRUE(samples::commit_genesis(store));
        chain.push_back({store.snapshot()->block(0).value()->header, ledger::Label::Kind::final, 1});
    }

    void admit(Store& store) {
        const auto tx = samples::transaction(1'000 + ++time_);
        const auto done = store.commit_mempool(
            {{{tx.id(), tx.encode(ledger::Envelope::boreas), time_}}, {}, {ledger::transaction_included(tx, tip())}});
        ASSERT_TRUE(done) << done.error().text;
        log.push_back({{}, entity(tx.id()), hash(wire::topic::kIncluded)});
    }

    void block(Store& store) {
        auto next = samples::next_block(chain.back().header, ++time_);
        auto& commit = next.commit;
        commit.block = &next.block;
        commit.label = label(ledger::Label::Kind::attested, 1);
        commit.relabelled.clear();
        const std::uint64_t height = next.block.header.height;
        for (std::uint64_t at = height > 3 ? height - 3 : 1; at < height; ++at) {
            const bool is_final = height - at == 3;
            auto& older = chain[at].label;
            const auto kind = is_final ? ledger::Label::Kind::final : ledger::Label::Kind::confirmed;
            if (older >= kind) continue;
            older = kind;
            commit.relabelled.emplace_back(at, label(kind, height - at));
        }
        const std::uint64_t first = log.size() + 1;
        const auto done = store.commit_block(commit);
        ASSERT_TRUE(done) << done.error().text;
        const auto& of = next.block.header.hash;
        log.push_back({of, entity(next.block.transactions[0].inner.id()), hash(wire::topic::kExecuted), Tie::block});
        log.push_back({of, entity(of), hash(wire::topic::kAccepted), Tie::block});
        chain.push_back({next.block.header, ledger::Label::Kind::attested, first});
    }

    static Finality reached(const Block& block) {
        return block.label == ledger::Label::Kind::final       ? Finality::final
               : block.label == ledger::Label::Kind::confirmed ? Finality::confirmed
                                                               : Finality::accepted;
    }

    void take_back(Store& store, std::uint64_t depth) {
        TakeBack what;
        what.to = tip() - depth;
        for (std::uint64_t height = what.to + 1; height <= tip(); ++height) {
            const auto tx = samples::transaction(height);
            what.pool.added.push_back({tx.id(), tx.encode(ledger::Envelope::boreas), time_});
        }
        const auto dropped = samples::transaction(what.to + 1).id();
        what.pool.events.push_back(ledger::transaction_dropped(dropped, "x", what.to));
        const auto before = log.size();
        const auto done = store.take_back(what);
        ASSERT_TRUE(done) << done.error().text;
        for (; depth > 0; --depth) {
            const Block taken = chain.back();
            const auto& of = taken.header.hash;
            log.push_back({of, entity(of), hash(wire::topic::kReverted), Tie::reverted, reached(taken)});
            for (std::uint64_t seq = before; seq >= 1; --seq) {
                Record copy = log[seq - 1];
                if (copy.tie != Tie::block || copy.block != of) continue;
                copy.tie = Tie::retraction;
                copy.reached = reached(taken);
                log.push_back(copy);
            }
            taken_[of] = reached(taken);
            chain.pop_back();
        }
        log.push_back({{}, entity(dropped), hash(wire::topic::kDropped)});
        ASSERT_EQ((*done)->size(), log.size() - before);
    }

    /// Empty: the store has what the model has; else the first difference.
    std::string difference(const Store& store) const {
        const auto at = store.snapshot();
        if (at->height() != tip()) return fmt::format("height {}, not {}", at->height(), tip());
        for (std::uint64_t height = 0; height <= tip() + 70; ++height) {
            if (auto wrong = block_difference(*at, height); !wrong.empty()) return wrong;
        }
        if (auto wrong = samples::memory_inconsistency(*at); !wrong.empty()) return wrong;
        const auto archive = check_archive(store);
        if (!archive) return archive.error().text;
        if (!archive->findings.empty()) return archive->findings.front();
        const auto final =
            static_cast<std::uint64_t>(std::ranges::count(chain, ledger::Label::Kind::final, &Block::label) - 1);
        if (at->last_final().value() != final) return "another last final block";
        if (store.statistics().public_transfers != final) return "another number of transfers";
        if (auto wrong = log_difference(store); !wrong.empty()) return wrong;
        return fate_difference(store);
    }

    std::uint64_t tip() const { return chain.size() - 1; }

    std::vector<Block> chain;
    std::vector<Record> log;

private:
    static std::uint64_t hash(std::string_view text) { return wire::text_hash(text); }
    static std::uint64_t entity(ByteView id) { return wire::text_hash(base::to_hex(id)); }

    std::string block_difference(const Snapshot& at, std::uint64_t height) const {
        const auto block = at.block(height).value();
        const auto tx = samples::transaction(height).id();
        const bool has = height <= tip();
        if (block.has_value() != has) return fmt::format("block {}: {}", height, has);
        if (height > 0 && at.transaction_exists(tx) != has) return fmt::format("transaction {}: {}", height, !has);
        const auto events = at.contract_events(height).value();
        if (!has) return events.empty() ? "" : fmt::format("events of block {}", height);
        const auto& ours = chain[height];
        if (block->header.hash != ours.header.hash || block->label.kind != ours.label)
            return fmt::format("block {} is another", height);
        if (at.height_of(ours.header.hash).value() != height) return fmt::format("the hash of block {}", height);
        if (height > 0 && events != samples::contract_events(tx, height))
            return fmt::format("events of block {} are others", height);
        return {};
    }

    std::string log_difference(const Store& store) const {
        if (store.last_seq() != log.size()) return fmt::format("{} records, not {}", store.last_seq(), log.size());
        const auto records = store.read_log(1, Store::kNoLimit);
        if (!records || records->size() != log.size()) return "the log cannot be read";
        for (std::size_t i = 0; i < log.size(); ++i) {
            const auto& [seq, filter, message] = (*records)[i];
            const auto headers = wire::parts_of(message).headers;
            const wire::Position position{store.epoch(), seq};
            if (filter.entity != log[i].entity || filter.topic != log[i].topic || filter.tie != log[i].tie ||
                filter.reached != log[i].reached)
                return fmt::format("record {} is another", seq);
            if (wire::header_of(headers, "Rues-Position") != position.to_string())
                return fmt::format("record {} has another position", seq);
            if ((wire::header_of(headers, "Rues-Retracted") == "true") != (filter.tie == Tie::retraction))
                return fmt::format("record {}: {}", seq, headers);
        }
        return {};
    }

    std::string fate_difference(const Store& store) const {
        const auto taken_back = store.fates()->taken_back();
        const auto records = store.read_log(1, Store::kNoLimit).value();
        for (const auto finality : {Finality::confirmed, Finality::final}) {
            std::uint64_t decided = log.size();
            for (const auto& block : chain) {
                if (reached(block) < finality) decided = std::min(decided, block.first_seq - 1);
            }
            if (store.fates()->decided(finality) != decided)
                return fmt::format("{}: {} is decided, not {}", wire::to_text(finality),
                                   store.fates()->decided(finality), decided);
            for (std::uint64_t seq = 1; seq <= decided; ++seq) {
                const Record& record = log[seq - 1];
                const auto taken = taken_.find(record.block);
                const bool comes = record.tie == Tie::none || taken == taken_.end() || taken->second >= finality;
                if (taken_back->delivers(records[seq - 1], finality) != comes)
                    return fmt::format("{}: record {}", wire::to_text(finality), seq);
            }
        }
        return {};
    }

    std::uint64_t time_ = 0;
    std::map<Hash32, Finality> taken_;
};

class TakeBackModel : public StoreTest, public testing::WithParamInterface<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Seeds, TakeBackModel, testing::Values(1U, 2U, 3U));

TEST_P(TakeBackModel, a_store_is_as_if_the_blocks_had_never_been_but_for_the_log) {
    std::mt19937 random(GetParam());
    const auto below = [&random](std::uint64_t bound) { return random() % bound; };
    Forks forks;
    auto store = open();
    forks.begin(*store);
    for (int i = 0; i < 150; ++i) {
        const auto what = below(8);
        if (what == 0 && forks.tip() > 0) {
            forks.take_back(*store, 1 + below(std::min<std::uint64_t>(forks.tip(), 12)));
        } else if (what == 1) {
            forks.admit(*store);
        } else if (what == 2) {
            store.reset();
            store = open();
        } else {
            forks.block(*store);
        }
        if (HasFatalFailure()) return;
        if (below(6) == 0) {
            ASSERT_EQ(forks.difference(*store), "") << i;
        }
    }
    EXPECT_EQ(forks.difference(*store), "");
}

class TakeBackTest : public StoreTest {};

TEST_F(TakeBackTest, at_most_64_blocks_can_be_taken_back_also_in_steps) {
    Forks forks;
    auto store = open();
    forks.begin(*store);
    EXPECT_EQ(store->lowest_to_take_back().value(), 1U);
    for (int i = 0; i < 70; ++i) forks.block(*store);
    EXPECT_EQ(store->lowest_to_take_back().value(), 7U);

    forks.take_back(*store, 30);
    const auto too_deep = store->take_back({.to = 5, .pool = {}});
    const auto nothing = store->take_back({.to = 40, .pool = {}});
    forks.take_back(*store, 34);

    ASSERT_FALSE(too_deep);
    EXPECT_EQ(too_deep.error().kind, base::Error::Kind::not_found);
    ASSERT_FALSE(nothing);
    EXPECT_EQ(forks.tip(), 6U);
    EXPECT_EQ(forks.difference(*store), "");
    EXPECT_EQ(store->lowest_to_take_back().value(), 7U);
    forks.block(*store);
    EXPECT_EQ(forks.difference(*store), "");
}

TEST_F(TakeBackTest, a_snapshot_shows_the_memory_of_an_earlier_block) {
    Forks forks;
    auto store = open();
    forks.begin(*store);
    for (int i = 0; i < 80; ++i) forks.block(*store);

    const auto older = store->snapshot();
    ASSERT_TRUE(older->rewind_memory(39));
    const auto too_old = store->snapshot()->rewind_memory(15);

    forks.take_back(*store, 41);
    const auto same = store->snapshot();
    const auto pages = [](const Snapshot& at) {
        std::vector<std::tuple<ledger::ContractId, std::uint32_t, Hash32, Bytes>> out;
        EXPECT_TRUE(at.for_each_page([&](const StoredPage& page) {
            out.emplace_back(page.contract, page.number, page.hash, base::to_bytes(page.bytes));
            return true;
        }));
        return out;
    };
    const auto contracts = [](const Snapshot& at) {
        std::vector<std::pair<ledger::ContractId, std::uint32_t>> out;
        EXPECT_TRUE(at.for_each_contract([&](const StoredContract& contract) {
            out.emplace_back(contract.id, contract.memory_pages);
            return true;
        }));
        return out;
    };
    EXPECT_EQ(samples::memory_inconsistency(*same), "");
    EXPECT_EQ(pages(*older), pages(*same));
    EXPECT_EQ(contracts(*older), contracts(*same));
    ASSERT_FALSE(too_old);
    EXPECT_EQ(too_old.error().kind, base::Error::Kind::not_found);
}

TEST_F(TakeBackTest, a_blob_of_a_block_that_was_taken_back_is_that_of_the_block_before_or_gone) {
    const ledger::BlobSidecar sidecar{{}, {}, Bytes(131'072, std::byte{1})};
    auto store = open();
    ASSERT_TRUE(samples::commit_genesis(*store));
    const auto add = [&](std::vector<std::uint64_t> blobs) {
        const auto tip = store->snapshot()->block(store->snapshot()->height()).value()->header;
        auto next = samples::next_block(tip);
        next.commit.block = &next.block;
        next.commit.relabelled.clear();
        for (const auto number : blobs) next.commit.blobs.push_back({samples::numbered<32>(number), &sidecar});
        ASSERT_TRUE(store->commit_block(next.commit));
    };
    const auto kept = [&] {
        std::map<Hash32, std::uint64_t> out;
        EXPECT_TRUE(store->snapshot()->for_each_blob([&](const StoredBlob& blob) {
            out[blob.hash] = blob.height;
            return true;
        }));
        return out;
    };
    add({1, 2});
    add({1});
    add({1, 3});

    ASSERT_TRUE(store->take_back({.to = 2, .pool = {}}));
    const auto once = kept();
    ASSERT_TRUE(store->take_back({.to = 1, .pool = {}}));
    const auto twice = kept();

    EXPECT_EQ(once, (std::map<Hash32, std::uint64_t>{{samples::numbered<32>(1), 2}, {samples::numbered<32>(2), 1}}));
    EXPECT_EQ(twice, (std::map<Hash32, std::uint64_t>{{samples::numbered<32>(1), 1}, {samples::numbered<32>(2), 1}}));
}

TEST(Fates, decided_at_is_what_was_decided_before_the_event) {
    Fates fates;
    fates.advance(3, {3, 1});
    fates.advance(9, {7, 4});
    fates.advance(12, {7, 4});

    EXPECT_EQ(fates.decided_at(Finality::final, 3), std::nullopt);
    EXPECT_EQ(fates.decided_at(Finality::final, 4), 1U);
    EXPECT_EQ(fates.decided_at(Finality::confirmed, 9), 3U) << "the block of event 9 decides it";
    EXPECT_EQ(fates.decided_at(Finality::confirmed, 10), 7U);
    EXPECT_EQ(fates.decided_at(Finality::final, 100), 4U);
    EXPECT_EQ(fates.decided_at(Finality::accepted, 5), 5U);
}

TEST(Fates, the_history_and_the_list_of_blocks_have_bounds) {
    Fates fates;
    for (std::uint64_t i = 1; i <= Fates::kHistory + 5; ++i) fates.advance(i, {i, i});
    fates.take_back({{10, 12, 3, 0, Finality::final}, {4, 8, 2, 0, Finality::accepted}});
    fates.forget_before(9);

    EXPECT_EQ(fates.decided_at(Finality::final, 6), std::nullopt);
    EXPECT_EQ(fates.decided_at(Finality::final, 7), 6U);
    ASSERT_EQ(fates.taken_back()->blocks().size(), 1U);
    EXPECT_EQ(fates.taken_back()->blocks()[0].first_seq, 10U);
}

}  // namespace
}  // namespace rues::store
