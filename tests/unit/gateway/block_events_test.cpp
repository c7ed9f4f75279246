#include "gateway/block_events.hpp"

#include <gtest/gtest.h>

#include "gateway/pool_events.hpp"
#include "unit/gateway/recorded_blocks.hpp"
#include "wire/topics.hpp"

namespace rues::gateway {
namespace {

using Kind = ledger::Label::Kind;

ledger::Header tip_at(std::uint64_t height) {
    ledger::Header out;
    out.height = height;
    return out;
}
base::Hash32 hash_of(std::uint64_t height) {
    base::Hash32 out{};
    out[0] = static_cast<std::byte>(height);
    return out;
}
std::vector<Pending> pending_from(std::uint64_t first, std::uint64_t last) {
    std::vector<Pending> out;
    for (auto height = first; height <= last; ++height) out.push_back({height, hash_of(height), {Kind::attested, 1}});
    return out;
}
std::vector<std::string> states(const Ruling& ruling) {
    std::vector<std::string> out;
    for (const auto& event : ruling.events)
        out.push_back(event.entity.substr(0, 2) + std::string(base::text(event.payload)));
    return out;
}

TEST(Ruling, a_final_block_is_confirmed_and_finalized_at_the_block_that_made_it_final) {
    auto pending = pending_from(4, 5);
    const std::vector<LabelAnswer> reported{{4, hash_of(4), {Kind::final, 1}}, {5, hash_of(5), {Kind::final, 1}}};

    const auto ruling = rule(pending, reported, tip_at(5));

    EXPECT_EQ(states(ruling), (std::vector<std::string>{R"(04{"atHeight":5,"state":"confirmed"})",
                                                        R"(04{"atHeight":5,"state":"finalized"})"}));
    ASSERT_EQ(ruling.relabelled.size(), 1U);
    EXPECT_EQ(ruling.relabelled[0].second, (ledger::Label{Kind::final, 1}));
    EXPECT_EQ(pending, pending_from(5, 5));
}

TEST(Ruling, a_label_that_was_reached_later_waits) {
    auto pending = pending_from(4, 4);
    const std::vector<LabelAnswer> reported{{4, hash_of(4), {Kind::final, 3}}};

    EXPECT_TRUE(rule(pending, reported, tip_at(6)).events.empty());
    EXPECT_EQ(rule(pending, reported, tip_at(7)).events.size(), 2U);
}

TEST(Ruling, a_block_is_confirmed_once) {
    auto pending = pending_from(4, 4);
    const std::vector<LabelAnswer> confirmed{{4, hash_of(4), {Kind::confirmed, 1}}};
    const std::vector<LabelAnswer> final{{4, hash_of(4), {Kind::final, 2}}};

    EXPECT_EQ(rule(pending, confirmed, tip_at(5)).events.size(), 1U);
    EXPECT_TRUE(rule(pending, confirmed, tip_at(5)).events.empty());
    EXPECT_EQ(states(rule(pending, final, tip_at(6))),
              (std::vector<std::string>{R"(04{"atHeight":6,"state":"finalized"})"}));
}

TEST(Ruling, a_block_is_not_final_before_its_parent) {
    auto pending = pending_from(4, 5);
    const std::vector<LabelAnswer> reported{{5, hash_of(5), {Kind::final, 1}}};

    const auto ruling = rule(pending, reported, tip_at(6));

    EXPECT_EQ(states(ruling), (std::vector<std::string>{R"(05{"atHeight":6,"state":"confirmed"})"}));
    EXPECT_EQ(pending.size(), 2U);
}

TEST(Ruling, a_label_of_another_block_at_this_height_says_nothing) {
    auto pending = pending_from(4, 4);
    const std::vector<LabelAnswer> reported{{4, hash_of(9), {Kind::final, 1}}};

    EXPECT_TRUE(rule(pending, reported, tip_at(5)).events.empty());
}

TEST(FirstLabel, counts_the_iterations_that_were_not_attested) {
    ledger::Header header;
    EXPECT_EQ(ledger::Label({Kind::attested, 1}), first_label(header));
    header.iteration = 3;
    header.failed_iterations = {ledger::FailedIteration{}, std::nullopt, std::nullopt};
    EXPECT_EQ(ledger::Label({Kind::accepted, 4}), first_label(header));
}

TEST(BlockEvents, come_in_the_order_of_a_node_and_remove_what_was_pooled) {
    const auto height = test::busy_height();
    auto answer = test::recorded_answer(height);
    ASSERT_TRUE(prove(answer, test::parent_of(height)));
    const ledger::Block block{answer.header, answer.transactions};
    const auto pooled_id = block.transactions[0].inner.id();
    store::BlockCommit commit;
    commit.contract_events = answer.events;
    auto removed_twice = ledger::transaction_removed(pooled_id, height, &block.header);
    const std::vector<ledger::Event> meanwhile{removed_twice, ledger::transaction_dropped({}, "discarded", height)};
    Ruling ruling;
    ruling.events.push_back(ledger::block_statechange({}, "confirmed", block.header));

    append_block_events(commit, block, ruling, [&](const auto& id) { return id == pooled_id; }, meanwhile);

    std::vector<std::string> topics;
    for (const auto& event : commit.events) topics.push_back(event.topic);
    std::vector<std::string> expected;
    for (const auto& event : answer.events) expected.push_back(event.topic);
    expected.insert(expected.end(), block.transactions.size(), "executed");
    for (const auto* topic : {"statechange", "removed", "dropped", "accepted"}) expected.emplace_back(topic);
    EXPECT_EQ(topics, expected);
    EXPECT_EQ(commit.unpooled, std::vector{pooled_id});
}

/// The knowledge of a gateway whose mempool is `pool`.
struct Known {
    std::set<ledger::TxId> pool;
    std::map<ledger::TxId, ledger::Transaction> shown;
    std::set<ledger::TxId> in_blocks;
    std::function<bool(const ledger::TxId&)> executed = [this](const auto& id) { return in_blocks.contains(id); };
    PoolKnowledge knowledge() const { return {pool, executed, shown, 7}; }
};

ledger::Transaction some_transaction() {
    return test::recorded_answer(test::busy_height()).transactions[0].inner;
}

TEST(PoolEvents, the_payload_of_included_is_made_of_the_transaction_itself) {
    const auto tx = some_transaction();
    Known known;
    known.shown.emplace(tx.id(), tx);
    auto lie = ledger::transaction_included(tx, 5);
    lie.payload = base::to_bytes("{\"type\":\"moonlight\"}");

    const auto change = pool_change(std::vector{lie}, known.knowledge());

    ASSERT_EQ(change.events.size(), 1U);
    EXPECT_EQ(change.events[0], ledger::transaction_included(tx, 5));
    ASSERT_EQ(change.added.size(), 1U);
    EXPECT_EQ(change.added[0].id, tx.id());
    EXPECT_EQ(change.added[0].entered_unix_ms, 7U);
}

TEST(PoolEvents, nothing_is_published_twice) {
    const auto tx = some_transaction();
    const std::vector both{ledger::transaction_included(tx, 5), ledger::transaction_included(tx, 5)};
    Known pooled;
    pooled.pool.insert(tx.id());
    Known executed;
    executed.in_blocks.insert(tx.id());
    Known known;
    known.shown.emplace(tx.id(), tx);

    EXPECT_TRUE(pool_change(both, pooled.knowledge()).empty());
    EXPECT_TRUE(pool_change(both, executed.knowledge()).empty());
    EXPECT_EQ(pool_change(both, known.knowledge()).events.size(), 1U);
    EXPECT_TRUE(pool_change(std::vector{ledger::transaction_removed(tx.id(), 5)}, known.knowledge()).empty());
    const auto removed = pool_change(std::vector{ledger::transaction_removed(tx.id(), 5)}, pooled.knowledge());
    EXPECT_EQ(removed.removed, std::vector{tx.id()});
}

TEST(PoolEvents, a_transaction_that_came_and_went_at_once_is_published_and_not_kept) {
    const auto tx = some_transaction();
    Known known;

    const auto change = pool_change(
        std::vector{ledger::transaction_included(tx, 5), ledger::transaction_removed(tx.id(), 5)}, known.knowledge());

    EXPECT_EQ(change.events.size(), 2U);
    EXPECT_TRUE(change.added.empty());
    EXPECT_TRUE(change.unshown.empty());
    EXPECT_TRUE(change.removed.empty());
}

TEST(PoolEvents, the_difference_of_two_mempools_is_published) {
    const auto tx = some_transaction();
    ledger::TxId gone{};
    gone[0] = std::byte{9};
    Known known;
    known.pool.insert(gone);
    known.shown.emplace(tx.id(), tx);

    const auto change = difference({tx.id()}, known.knowledge(), 8);

    ASSERT_EQ(change.events.size(), 2U);
    EXPECT_EQ(change.events[0], ledger::transaction_removed(gone, 8));
    EXPECT_EQ(change.events[1], ledger::transaction_included(tx, 8));
    EXPECT_EQ(change.removed, std::vector{gone});
}

TEST(PoolEvents, a_frame_of_the_log_is_read_back) {
    const auto tx = some_transaction();
    const auto event = ledger::replaced_by(hash_of(3), ledger::transaction_removed(tx.id(), 12));
    const auto message = ledger::encode_message(event, {1, 2});
    const auto frame = wire::Frame::parse(wire::without_websocket_header(message));
    ASSERT_TRUE(frame);

    EXPECT_EQ(pool_event_of(*frame, 3), event);
}

}  // namespace
}  // namespace rues::gateway
