#include "gateway/commit.hpp"

#include <gtest/gtest.h>

#include "gateway/followed_log.hpp"
#include "support/temporary_folder.hpp"
#include "unit/gateway/branches.hpp"

namespace rues::gateway {
namespace {

using Kind = ledger::Label::Kind;

constexpr std::uint64_t kEpoch = 0x1122334455667788;

/// Commits of every kind, as a follower makes them: blocks with labels and events of the mempool, a transaction that
/// nobody can show, blocks that are taken back and others that replace them and become final, and a node without
/// positions.
std::vector<Commit> all_kinds() {
    std::vector<Commit> out;
    Parent tip = test::as_parent(test::recording().header(0).value());
    std::vector<Parent> parents{tip};
    const auto add = [&](BlockAnswer block, const std::vector<ledger::Event>& meanwhile, std::uint64_t final_to) {
        std::vector<LabelAnswer> labels;
        if (final_to > 0) labels.push_back({final_to, parents[final_to].hash, {Kind::final, 1}});
        labels.push_back({block.header.height, block.header.hash, {Kind::attested, 1}});
        tip = test::as_parent(block.header);
        parents.resize(tip.height);
        parents.push_back(tip);
        out.push_back({NewBlock{std::move(block), std::move(labels), meanwhile},
                       Checkpoint{"http://node.example", {7, out.size()}}});
    };
    const auto busy = test::busy_height();
    const ledger::TxId unshown{std::byte{9}};
    for (std::size_t height = 1; height <= busy; ++height)
        add(test::recorded_answer(height), {}, height > 2 ? height - 2 : 0);
    PoolChange change;
    change.added.push_back({ledger::TxId{std::byte{8}}, base::to_bytes("not decoded here"), 5});
    change.unshown.push_back(unshown);
    change.events.push_back(ledger::transaction_removed(unshown, tip.height));
    change.events.push_back(ledger::replaced_by(unshown, ledger::transaction_dropped({}, "why", tip.height)));
    out.push_back({std::move(change), std::nullopt});
    out.push_back({BlocksTakenBack{busy - 2, parents[busy - 2].hash, tip.hash, 1'234}, std::nullopt});
    tip = parents[busy - 2];
    add(test::on_branch(busy - 1, tip, 1), {}, busy - 3);
    add(test::on_branch(busy, tip, 1), {ledger::transaction_removed(unshown, busy)}, busy - 2);
    add(test::on_branch(busy + 1, tip, 1), {}, busy - 1);
    add(test::on_branch(busy + 2, tip, 1), {}, busy);
    out.push_back({CheckpointForgotten(), std::nullopt});
    return out;
}

/// The store of one machine, to which commits come as bytes.
class Machine {
public:
    explicit Machine(std::optional<std::uint64_t> epoch = kEpoch) : epoch_(epoch) {
        open();
        store_->commit_genesis(test::recording().header(0).value(), {}).value();
        begin();
    }
    void restart() {
        log_.reset();
        store_.reset();
        open();
        begin();
    }
    base::Result<void> apply(base::ByteView bytes, std::uint64_t number) {
        auto commit = Commit::decode(bytes);
        if (!commit) return base::failure(base::Error::Kind::invalid, "no commit");
        return log_->apply(std::move(*commit), number);
    }
    FollowedLog& log() { return *log_; }
    store::Store& store() { return *store_; }
    std::vector<base::Bytes> messages() const {
        std::vector<base::Bytes> out;
        const auto records = store_->read_log(1, SIZE_MAX).value();
        for (std::size_t i = 0; i < records.size(); ++i) out.push_back(base::to_bytes(records[i].message));
        return out;
    }

private:
    void open() {
        store_ =
            store::Store::open({.directory = folder_.path() / "store", .sync_blocks = false, .epoch = epoch_}).value();
    }
    void begin() {
        log_.emplace(FollowedLog::open(*store_, [](const store::LogBatch&) {}).value());
    }

    std::optional<std::uint64_t> epoch_;
    rues::test::TemporaryFolder folder_;
    std::unique_ptr<store::Store> store_;
    std::optional<FollowedLog> log_;
};

TEST(Commit, comes_out_of_its_bytes_as_it_went_in) {
    std::set<std::size_t> kinds;
    for (const auto& commit : all_kinds()) {
        const auto bytes = commit.encode();
        const auto read = Commit::decode(bytes);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->encode(), bytes);
        EXPECT_EQ(read->checkpoint, commit.checkpoint);
        ASSERT_EQ(read->what.index(), commit.what.index());
        kinds.insert(commit.what.index());
        if (const auto* block = std::get_if<NewBlock>(&commit.what)) {
            const auto& again = std::get<NewBlock>(read->what);
            EXPECT_EQ(again.block.header, block->block.header);
            EXPECT_EQ(again.block.label, block->block.label);
            EXPECT_EQ(again.block.events, block->block.events);
            EXPECT_EQ(again.meanwhile, block->meanwhile);
            ASSERT_EQ(again.block.transactions.size(), block->block.transactions.size());
            for (std::size_t i = 0; i < again.block.transactions.size(); ++i)
                EXPECT_EQ(again.block.transactions[i].to_json(), block->block.transactions[i].to_json());
        } else if (const auto* change = std::get_if<PoolChange>(&commit.what)) {
            EXPECT_EQ(std::get<PoolChange>(read->what).events, change->events);
            EXPECT_EQ(std::get<PoolChange>(read->what).unshown, change->unshown);
        } else if (const auto* taken = std::get_if<BlocksTakenBack>(&commit.what)) {
            EXPECT_EQ(std::get<BlocksTakenBack>(read->what), *taken);
        }
    }
    EXPECT_EQ(kinds.size(), std::variant_size_v<decltype(Commit::what)>);
}

TEST(Commit, of_other_bytes_is_none) {
    for (const auto& commit : all_kinds()) {
        auto bytes = commit.encode();
        for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 97)
            EXPECT_FALSE(Commit::decode(base::ByteView(bytes).first(size))) << size;
        bytes.push_back(std::byte{0});
        EXPECT_FALSE(Commit::decode(bytes));
        bytes.pop_back();
        bytes[0] = std::byte{2};
        EXPECT_FALSE(Commit::decode(bytes)) << "another version";
        bytes[0] = std::byte{1};
        bytes[1] = std::byte{4};
        EXPECT_FALSE(Commit::decode(bytes)) << "another kind";
        bytes[1] = static_cast<std::byte>(commit.what.index());
        bytes[2] = std::byte{2};
        EXPECT_FALSE(Commit::decode(bytes)) << "neither a checkpoint nor none";
    }
}

TEST(Commit, says_of_no_list_more_than_its_bytes_can_hold) {
    auto bytes = Commit{PoolChange(), {}}.encode();
    bytes[3] = bytes[4] = bytes[5] = bytes[6] = std::byte{0xff};
    EXPECT_FALSE(Commit::decode(bytes));
}

TEST(Commit, gives_the_same_log_on_every_machine) {
    const auto commits = all_kinds();
    Machine first;
    Machine second;

    std::uint64_t number = 0;
    for (const auto& commit : commits) {
        const auto bytes = commit.encode();
        ++number;
        const auto done = first.apply(bytes, number);
        ASSERT_TRUE(done) << number << ": " << done.error().text;
        ASSERT_TRUE(second.apply(bytes, number)) << number;
        if (number % 2 == 0) second.restart();
        EXPECT_EQ(second.log().last_commit(), number);
        EXPECT_EQ(second.log().pool(), first.log().pool()) << number;
    }

    EXPECT_EQ(first.store().epoch(), kEpoch);
    EXPECT_EQ(second.store().epoch(), kEpoch);
    EXPECT_GT(first.store().last_seq(), 0U);
    EXPECT_EQ(first.messages(), second.messages());
    EXPECT_EQ(first.store().note().value(), second.store().note().value());
    EXPECT_EQ(first.store().snapshot()->archive_end().value(), second.store().snapshot()->archive_end().value());
    for (const auto finality : {wire::Finality::confirmed, wire::Finality::final})
        EXPECT_EQ(first.store().fates()->decided(finality), second.store().fates()->decided(finality));
}

TEST(Commit, that_does_not_fit_changes_nothing) {
    Machine machine;
    const auto busy = test::busy_height();
    const auto commits = all_kinds();
    for (std::size_t i = 0; i < busy; ++i) ASSERT_TRUE(machine.apply(commits[i].encode(), i + 1));
    const auto seq = machine.store().last_seq();
    const auto tip = machine.log().tip();
    const auto fails = [&](const Commit& commit) {
        const auto done = machine.apply(commit.encode(), 99);
        return !done && done.error().kind == base::Error::Kind::invalid && machine.store().last_seq() == seq &&
               machine.log().tip().hash == tip.hash && machine.log().last_commit() == busy;
    };
    const auto hash_at = [&](std::uint64_t height) { return machine.log().hash_at(height).value().value(); };

    EXPECT_TRUE(fails(commits[busy - 1])) << "the same block again";
    EXPECT_TRUE(fails({BlocksTakenBack{busy - 1, hash_at(busy - 2), tip.hash, 1}, {}})) << "another block";
    EXPECT_TRUE(fails({BlocksTakenBack{busy - 1, hash_at(busy - 1), hash_at(busy - 1), 1}, {}})) << "another tip";
    EXPECT_TRUE(fails({BlocksTakenBack{busy, tip.hash, tip.hash, 1}, {}})) << "nothing above";
    ASSERT_GT(machine.log().lowest_pending(), 2U);
    const auto below_final = machine.log().lowest_pending() - 2;
    EXPECT_TRUE(fails({BlocksTakenBack{below_final, hash_at(below_final), tip.hash, 1}, {}})) << "a final block";
}

TEST(Commit, that_takes_blocks_back_leaves_what_only_the_new_branch_would_have_left) {
    const auto commits = all_kinds();
    const auto busy = test::busy_height();
    Machine turned;
    std::uint64_t number = 0;
    for (const auto& commit : commits) ASSERT_TRUE(turned.apply(commit.encode(), ++number));
    Machine direct;
    for (std::size_t i = 0; i < commits.size(); ++i) {
        const bool is_taken_back = i == busy - 2 || i == busy - 1 || commits[i].what.index() == 2;
        if (is_taken_back) continue;
        const auto done = direct.apply(commits[i].encode(), i + 1);
        ASSERT_TRUE(done) << i << ": " << done.error().text;
    }

    const auto ours = turned.store().snapshot();
    const auto theirs = direct.store().snapshot();
    ASSERT_EQ(ours->height(), busy + 2);
    EXPECT_TRUE(ours->block(busy).value()->label.is_final()) << "a block that replaced another one";
    EXPECT_EQ(ours->archive_end().value(), theirs->archive_end().value());
    for (std::uint64_t height = 0; height <= ours->height(); ++height) {
        const auto own = ours->block(height).value();
        const auto other = theirs->block(height).value();
        EXPECT_EQ(own->header, other->header) << height;
        EXPECT_EQ(own->label, other->label) << height;
        EXPECT_EQ(own->transactions, other->transactions) << height;
        EXPECT_EQ(ours->contract_events(height).value(), theirs->contract_events(height).value()) << height;
    }
    EXPECT_EQ(turned.log().pool(), direct.log().pool());
    EXPECT_EQ(turned.log().lowest_pending(), direct.log().lowest_pending());
}

}  // namespace
}  // namespace rues::gateway
