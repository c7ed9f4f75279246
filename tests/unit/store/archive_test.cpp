#include <rapidcheck.h>

#include <random>
#include <set>

#include "fixture.hpp"

namespace rues::store {
namespace {

using ledger::ContractEvent;
using samples::moonlight_event;
using samples::numbered;
using samples::party;
using Flow = Archive::Flow;

constexpr std::size_t kAll = 1'000'000;
constexpr ledger::ContractId kContract{std::byte{7}};

/// A chain that has only headers and events.
class ArchiveTest : public StoreTest {
protected:
    void SetUp() override {
        store_ = open();
        ASSERT_TRUE(samples::commit_genesis(*store_));
    }
    /// Adds the next block. `finals` blocks become final with it, oldest first; the last of them can be the block
    /// itself.
    Result<void> add(std::vector<ContractEvent> events, std::uint64_t finals = 0) {
        ledger::Block block;
        block.header.height = ++tip_;
        block.header.hash = block.header.compute_hash();
        BlockCommit commit;
        commit.block = &block;
        commit.contract_events = std::move(events);
        for (; finals > 0; --finals) {
            const ledger::Label label{ledger::Label::Kind::final, 1};
            ++final_ == tip_ ? commit.label = label : commit.relabelled.emplace_back(final_, label).second;
        }
        const auto done = store_->commit_block(commit);
        return done ? Result<void>() : std::unexpected(done.error());
    }
    static ContractEvent paid(std::uint64_t origin, std::uint64_t from, std::uint64_t to, ByteView memo = {}) {
        return {ledger::kTransferContract, "moonlight", moonlight_event(party(from), party(to), 1, memo),
                numbered<32>(origin)};
    }
    static ContractEvent said(std::uint64_t origin, std::string topic) {
        return {kContract, std::move(topic), {}, numbered<32>(origin)};
    }
    std::vector<std::uint64_t> rows(std::uint64_t after, std::size_t most, bool more) const {
        const auto found = store_->snapshot()->final_events(kContract, after, most);
        EXPECT_TRUE(found);
        EXPECT_EQ(found->more, more);
        std::vector<std::uint64_t> out;
        for (const auto& event : found->events) out.push_back(event.row);
        return out;
    }
    std::vector<std::uint64_t> rows_before(std::uint64_t before, std::size_t most, bool more) const {
        const auto found = store_->snapshot()->final_events_before(kContract, before, most);
        EXPECT_TRUE(found);
        EXPECT_EQ(found->more, more);
        std::vector<std::uint64_t> out;
        for (const auto& event : found->events) out.push_back(event.row);
        return out;
    }
    /// The numbers from which the origins were made.
    static std::vector<std::uint64_t> numbers(const History& history) {
        std::vector<std::uint64_t> out;
        for (const auto& place : history.transactions) out.push_back(base::load_be<std::uint64_t>(place.origin.data()));
        return out;
    }
    static std::vector<std::string> topics(const Result<std::vector<ContractEvent>>& events) {
        std::vector<std::string> out;
        for (const auto& event : events.value()) out.push_back(event.topic);
        return out;
    }
    std::string damage() const {
        const auto report = check_archive(*store_);
        return !report ? report.error().text : report->findings.empty() ? "" : report->findings[0];
    }

    std::unique_ptr<Store> store_;
    std::uint64_t tip_ = 0;
    std::uint64_t final_ = 0;
};

// docs/reference/graphql.md 5.2.
TEST_F(ArchiveTest, events_are_listed_as_executed_until_final_and_then_by_origin) {
    ASSERT_TRUE(add({said(9, "a"), said(9, "b"), said(3, "c"), said(5, "d")}));
    EXPECT_EQ(topics(store_->snapshot()->listed_events(1)), (std::vector<std::string>{"a", "b", "c", "d"}));
    EXPECT_EQ(rows(0, 10, false), std::vector<std::uint64_t>());
    ASSERT_TRUE(add({}, 1));

    const auto at = store_->snapshot();
    EXPECT_EQ(topics(at->listed_events(1)), (std::vector<std::string>{"c", "d", "a", "b"}));
    EXPECT_EQ(topics(at->contract_events(1)), (std::vector<std::string>{"a", "b", "c", "d"}));
    EXPECT_EQ(topics(at->listed_events(2)), std::vector<std::string>());
    EXPECT_EQ(topics(at->listed_events(77)), std::vector<std::string>());
    const auto found = at->final_events(kContract, 0, 10);
    std::vector<std::string> by_row;
    for (const auto& event : found->events) by_row.push_back(fmt::format("{}{}", event.row, event.event.topic));
    EXPECT_EQ(by_row, (std::vector<std::string>{"1c", "2d", "3a", "4b"}));
    EXPECT_EQ(damage(), "");
}

TEST_F(ArchiveTest, rows_continue_across_blocks_and_a_restart) {
    ASSERT_TRUE(add({said(1, "a"), paid(2, 0, 1)}));
    ASSERT_TRUE(add({said(3, "b")}, 1));
    store_.reset();
    store_ = open();
    ASSERT_TRUE(add({paid(4, 0, 1)}, 1));
    ASSERT_TRUE(add({said(5, "c")}, 2));

    EXPECT_EQ(rows(0, 10, false), (std::vector<std::uint64_t>{1, 3, 5}));
    EXPECT_EQ(rows(1, 1, true), (std::vector<std::uint64_t>{3}));
    EXPECT_EQ(rows(3, 1, false), (std::vector<std::uint64_t>{5}));
    EXPECT_EQ(rows(5, 1, false), std::vector<std::uint64_t>());
    EXPECT_EQ(rows(std::numeric_limits<std::uint64_t>::max(), 1, false), std::vector<std::uint64_t>());
    EXPECT_EQ(rows(0, 0, true), std::vector<std::uint64_t>());
    EXPECT_EQ(store_->snapshot()->archive_end().value(), (ArchiveEnd{4, 5}));
    EXPECT_EQ(damage(), "");
}

TEST_F(ArchiveTest, final_events_can_be_read_newest_first) {
    ASSERT_TRUE(add({said(1, "a"), paid(2, 0, 1)}));
    ASSERT_TRUE(add({said(3, "b"), said(3, "c")}, 1));
    ASSERT_TRUE(add({said(4, "not final")}, 1));

    constexpr auto kEnd = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(rows_before(kEnd, 10, false), (std::vector<std::uint64_t>{4, 3, 1}));
    EXPECT_EQ(rows_before(kEnd, 2, true), (std::vector<std::uint64_t>{4, 3}));
    EXPECT_EQ(rows_before(3, 2, false), (std::vector<std::uint64_t>{1}));
    EXPECT_EQ(rows_before(1, 2, false), std::vector<std::uint64_t>());
    EXPECT_EQ(rows_before(0, 2, false), std::vector<std::uint64_t>());
    EXPECT_EQ(store_->snapshot()->final_events_before(kContract, kEnd, 1).value().events[0].event.topic, "c");
}

TEST_F(ArchiveTest, the_last_pending_events_are_in_the_highest_block_with_events_that_is_not_final) {
    const auto pending = [&] { return store_->snapshot()->last_pending_events().value(); };
    EXPECT_EQ(pending(), std::nullopt);
    ASSERT_TRUE(add({said(1, "a")}));
    EXPECT_EQ(pending(), 1U);
    ASSERT_TRUE(add({}));
    EXPECT_EQ(pending(), 1U);
    ASSERT_TRUE(add({}, 2));
    EXPECT_EQ(pending(), std::nullopt);
    EXPECT_EQ(store_->snapshot()->last_final().value(), 2U);
}

TEST_F(ArchiveTest, the_next_phoenix_block_is_the_lowest_final_block_from_the_given_height) {
    const auto note = [](std::uint64_t origin, const ledger::ContractId& contract) {
        return ContractEvent{contract, "phoenix", {}, numbered<32>(origin)};
    };
    ASSERT_TRUE(add({note(1, kContract)}));
    ASSERT_TRUE(add({note(2, ledger::kTransferContract)}, 1));
    ASSERT_TRUE(add({paid(3, 0, 1)}, 1));
    ASSERT_TRUE(add({note(4, ledger::kTransferContract)}, 2));
    ASSERT_TRUE(add({note(5, ledger::kTransferContract)}));

    const auto next = [&](std::uint64_t from) { return store_->snapshot()->next_phoenix(from).value(); };
    EXPECT_EQ(next(0), 2U);
    EXPECT_EQ(next(2), 2U);
    EXPECT_EQ(next(3), 4U);
    EXPECT_EQ(next(5), std::nullopt);  // block 5 is not final
    EXPECT_EQ(next(std::numeric_limits<std::uint64_t>::max()), std::nullopt);
}

TEST_F(ArchiveTest, a_history_has_pages_and_bounds) {
    for (std::uint64_t i = 0; i < 10; ++i) ASSERT_TRUE(add({paid(2 * i + 1, 0, 1), paid(2 * i, 0, 2)}, 1));
    const auto at = store_->snapshot();
    const auto page = [&](const HistoryPage& of) {
        return numbers(at->history(party(0).bytes(), Flow::out, of).value());
    };
    using Numbers = std::vector<std::uint64_t>;
    EXPECT_EQ(page({.from = 4, .to = 5, .most = kAll}), (Numbers{6, 7, 8, 9}));
    EXPECT_EQ(page({.from = 5, .to = 4, .most = kAll}), Numbers());
    EXPECT_EQ(page({.from = 10, .most = kAll}), (Numbers{18, 19}));
    EXPECT_EQ(page({.from = 11, .most = kAll}), Numbers());
    EXPECT_EQ(page({.to = 0, .most = kAll}), Numbers());
    EXPECT_EQ(page({.most = 3}), (Numbers{0, 1, 2}));
    EXPECT_EQ(page({.skip = 3, .most = 3}), (Numbers{3, 4, 5}));
    EXPECT_EQ(page({.descending = true, .skip = 1, .most = 3}), (Numbers{18, 17, 16}));
    EXPECT_EQ(page({.from = 2, .to = 3, .descending = true, .most = kAll}), (Numbers{5, 4, 3, 2}));
    EXPECT_EQ(page({.skip = 20, .most = 3}), Numbers());

    EXPECT_TRUE(at->history(party(0).bytes(), Flow::out, {.most = 19})->more);
    EXPECT_FALSE(at->history(party(0).bytes(), Flow::out, {.most = 20})->more);
    EXPECT_TRUE(at->history(party(0).bytes(), Flow::out, {.most = 0})->more);
    EXPECT_EQ(numbers(*at->payments(party(0).bytes(), party(2).bytes(), {.skip = 8, .most = kAll})), (Numbers{16, 18}));
    EXPECT_EQ(numbers(*at->payments(party(0).bytes(), party(3).bytes(), {.most = kAll})), Numbers());
}

TEST_F(ArchiveTest, a_read_examines_a_limited_number_of_entries) {
    for (std::uint64_t i = 0; i < 10; ++i) ASSERT_TRUE(add({paid(i, 0, 1)}, 1));
    const auto at = store_->snapshot();
    EXPECT_TRUE(at->history(party(0).bytes(), Flow::out, {.skip = 9, .most = 1, .looked_at = 10}));
    const auto refused = at->history(party(0).bytes(), Flow::out, {.skip = 9, .most = 1, .looked_at = 9});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, base::Error::Kind::invalid);
    EXPECT_FALSE(at->failed());
}

TEST_F(ArchiveTest, only_an_exact_memo_is_found_and_an_empty_memo_finds_nothing) {
    ASSERT_TRUE(add({paid(1, 0, 1, base::view("a")), paid(2, 0, 1, base::view("ab")), paid(3, 0, 1)}, 1));
    const auto at = store_->snapshot();
    const auto with = [&](std::string_view memo) { return numbers(*at->with_memo(base::view(memo), {.most = kAll})); };
    EXPECT_EQ(with("a"), (std::vector<std::uint64_t>{1}));
    EXPECT_EQ(with("ab"), (std::vector<std::uint64_t>{2}));
    EXPECT_EQ(with(""), std::vector<std::uint64_t>());
}

TEST_F(ArchiveTest, a_group_holds_all_events_of_a_transaction) {
    ASSERT_TRUE(add({said(1, "before"), said(2, "a"), paid(2, 0, 1), said(2, "b"), said(3, "behind")}, 1));
    const auto at = store_->snapshot();
    const auto found = at->history(party(1).bytes(), Flow::in, {.most = kAll});
    const auto groups = at->groups(found->transactions);
    ASSERT_TRUE(groups);
    ASSERT_EQ(groups->size(), 1U);
    EXPECT_EQ((*groups)[0].height, 1U);
    EXPECT_EQ((*groups)[0].origin, numbered<32>(2));
    EXPECT_EQ(topics((*groups)[0].events), (std::vector<std::string>{"a", "moonlight", "b"}));

    auto elsewhere = found->transactions;
    elsewhere[0].position = 0;
    EXPECT_EQ(at->groups(elsewhere).error().kind, base::Error::Kind::corrupt);
}

TEST_F(ArchiveTest, a_commit_that_breaks_the_order_is_refused_and_nothing_is_written) {
    ASSERT_TRUE(add({said(1, "a")}));
    ASSERT_TRUE(add({said(2, "b")}));
    const auto refused = [&](const Result<void>& done, std::string_view text) {
        EXPECT_FALSE(done);
        if (!done) {
            EXPECT_EQ(done.error().text, text);
        }
        --tip_;
        EXPECT_EQ(store_->snapshot()->height(), 2U);
        EXPECT_EQ(damage(), "");
    };
    final_ = 1;
    refused(add({}, 1), "block 2 becomes final before block 1");
    final_ = 2;
    refused(add({}, 1), "block 3 becomes final before block 1");
    final_ = 0;
    refused(add({said(1, "a"), said(2, "b"), said(1, "c")}), "block 3: the events of one transaction are not together");
    ASSERT_TRUE(add({}, 3));
    ledger::Block block;
    block.header.height = 4;
    BlockCommit commit;
    commit.block = &block;
    commit.relabelled = {{1, {ledger::Label::Kind::confirmed, 1}}};
    EXPECT_EQ(store_->commit_block(commit).error().text, "block 1 is final and cannot change");
    // The block is final already, so it gets no second entry.
    commit.relabelled = {{1, {ledger::Label::Kind::final, 9}}};
    ASSERT_TRUE(store_->commit_block(commit));
    EXPECT_EQ(rows(0, 10, false), (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(damage(), "");
}

TEST_F(ArchiveTest, a_snapshot_in_memory_misses_the_archive_after_a_write) {
    ASSERT_TRUE(add({paid(1, 0, 1)}, 1));
    const auto at = store_->snapshot_in_memory();
    EXPECT_EQ(numbers(*at->history(party(0).bytes(), Flow::out, {.most = kAll})), (std::vector<std::uint64_t>{1}));
    ASSERT_TRUE(add({paid(2, 0, 1)}, 1));
    EXPECT_FALSE(at->history(party(0).bytes(), Flow::out, {.most = kAll}));
    EXPECT_TRUE(at->missed());
    EXPECT_FALSE(at->failed());
}

/// A short model of the history rules: every transaction of a final block, with payer and payee.
struct Payment {
    std::uint64_t height, origin, from, to;
    bool alone, named;
    bool is(std::uint64_t account, Flow flow) const {
        const bool out = account == from;
        const bool in = named ? account == to : alone && account == from;
        return flow == Flow::out ? out : flow == Flow::in ? in : out || in;
    }
};
std::vector<std::uint64_t> expected(std::vector<Payment> all, const HistoryPage& page, const auto& wanted) {
    std::ranges::sort(all, {}, [](const Payment& p) { return std::pair(p.height, p.origin); });
    if (page.descending) std::ranges::reverse(all);
    std::vector<std::uint64_t> out;
    std::uint64_t seen = 0;
    for (const auto& p : all) {
        if (p.height < page.from || p.height > page.to || !wanted(p) || seen++ < page.skip) continue;
        if (out.size() < page.most) out.push_back(p.origin);
    }
    return out;
}

TEST_F(ArchiveTest, histories_of_any_chain_equal_the_model) {
    std::mt19937_64 random(20261126);
    const auto below = [&](std::uint64_t end) { return random() % end; };
    std::vector<Payment> pending, all;
    for (int block = 0; block < 60; ++block) {
        std::vector<ContractEvent> events;
        std::set<std::uint64_t> origins;
        for (auto i = below(6); i > 0; --i) {
            Payment p{tip_ + 1, below(1'000'000), below(4), below(4), below(2) == 0, below(3) > 0};
            if (!origins.insert(p.origin).second) continue;
            if (!p.alone) events.push_back(said(p.origin, "x"));
            events.push_back(paid(p.origin, p.from, p.to));
            if (!p.named) events.back().data = moonlight_event(party(p.from), std::nullopt, 1);
            pending.push_back(p);
        }
        ASSERT_TRUE(add(std::move(events), below(tip_ + 2 - final_)));
        for (const auto& p : pending) {
            if (p.height <= final_) all.push_back(p);
        }
        std::erase_if(pending, [&](const Payment& p) { return p.height <= final_; });
    }
    ASSERT_GT(all.size(), 50U);
    const auto at = store_->snapshot();
    for (int look = 0; look < 400; ++look) {
        const HistoryPage page{.from = below(tip_),
                               .to = below(2 * tip_),
                               .descending = below(2) == 0,
                               .skip = below(5),
                               .most = below(30)};
        const auto a = below(4), b = below(4);
        for (const auto flow : {Flow::out, Flow::in, Flow::any}) {
            EXPECT_EQ(numbers(*at->history(party(a).bytes(), flow, page)),
                      expected(all, page, [&](const Payment& p) { return p.is(a, flow); }));
        }
        EXPECT_EQ(numbers(*at->payments(party(a).bytes(), party(b).bytes(), page)),
                  expected(all, page, [&](const Payment& p) { return p.is(a, Flow::out) && p.is(b, Flow::in); }));
    }
    EXPECT_EQ(damage(), "");
}

TEST_F(ArchiveTest, lists_come_in_the_order_of_the_request) {
    ASSERT_TRUE(add({}));
    ASSERT_TRUE(add({}));
    const auto at = store_->snapshot();
    const std::vector<std::uint64_t> heights{2, 9, 0, 2};
    const auto found = at->blocks(heights);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 4U);
    EXPECT_EQ((*found)[0]->header.height, 2U);
    EXPECT_FALSE((*found)[1]);
    EXPECT_EQ((*found)[2]->header.height, 0U);
    EXPECT_EQ((*found)[3]->header.height, 2U);
    EXPECT_TRUE(at->blocks({})->empty());
}

}  // namespace
}  // namespace rues::store
