#include "chain/genesis_file.hpp"
#include "local_chain.hpp"

/// Starts a chain on a store that an earlier run wrote.
namespace rues::chain {
namespace {

using test::signed_by;
using test::transfer;

class Start : public test::LocalChain {
protected:
    /// Writes these transactions to the stored mempool without the chain.
    void pool(const std::vector<store::PooledTransaction>& entries) {
        store::MempoolCommit commit;
        for (const auto& entry : entries) commit.added.push_back(entry);
        ASSERT_TRUE(store_->commit_mempool(commit));
    }
    static store::PooledTransaction pooled(const ledger::Transaction& tx, std::uint64_t entered_unix_ms) {
        return {tx.id(), tx.encode(ledger::Envelope::boreas), entered_unix_ms};
    }
    std::uint64_t now_ms() const { return base::unix_ms(clock_.wall()); }
    void reopen_store() {
        stop();
        auto opened = store::Store::open(store_options_);
        ASSERT_TRUE(opened) << opened.error().text;
        store_ = std::move(*opened);
    }
    /// The reason why the chain refuses to continue the store's chain; empty when it continues.
    std::string refusal() {
        reopen_store();
        const auto made = Chain::create(
            *store_, test::machine(), test::parts_of(genesis_file_ = *read_genesis(genesis_)), options_, clock_,
            base::no_log(), [](const store::LogBatch&) {}, [](const std::string&) {});
        const std::string out = made ? "" : made.error().text;
        stop();
        return out;
    }
    /// The genesis of the local chain with `from` replaced by `to`.
    static std::string genesis_with(std::string_view from, std::string_view to) {
        std::string out(default_genesis());
        const auto at = out.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return out.replace(at, from.size(), to);
    }
};

TEST_F(Start, a_stored_transaction_that_a_block_has_overtaken_is_removed_with_a_published_event) {
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    mine();
    const auto overtaken = signed_by(1, transfer(1, 7));
    const auto waiting = signed_by(1, transfer(2));
    const store::PooledTransaction foreign{{std::byte{9}}, {std::byte{1}, std::byte{2}}, now_ms()};
    pool({pooled(overtaken, now_ms()), pooled(waiting, now_ms()), foreign});
    const auto before = store_->last_seq();
    (void)told();

    restart();
    settle();

    EXPECT_EQ(store_->last_seq(), before + 2);
    EXPECT_EQ(published(), before + 2) << "nothing was appended past `on_log`";
    std::set<std::string> removed;
    for (const auto& event : told()) {
        EXPECT_EQ(event.topic, "removed");
        removed.insert(event.entity);
    }
    EXPECT_EQ(removed, (std::set{base::to_hex(overtaken.id()), base::to_hex(foreign.id)}));
    EXPECT_EQ(chain_->mempool_size(), 1U);
    EXPECT_EQ(store_->pooled()->size(), 1U);
    restart();
    settle();
    EXPECT_EQ(store_->last_seq(), before + 2) << "each leaves once";
}

TEST_F(Start, no_event_is_written_before_the_chain_starts) {
    begin();
    pool({{{std::byte{9}}, {std::byte{1}}, now_ms()}});
    reopen_store();
    const auto before = store_->last_seq();

    auto made = Chain::create(
        *store_, test::machine(), test::parts_of(genesis_file_), options_, clock_, base::no_log(),
        [](const store::LogBatch&) { ADD_FAILURE(); }, [](const std::string&) {});

    ASSERT_TRUE(made);
    EXPECT_EQ(store_->last_seq(), before);
    made->reset();
    EXPECT_EQ(store_->last_seq(), before);
}

TEST_F(Start, an_expiry_after_a_start_is_published) {
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    (void)told();

    stop();
    clock_.advance(std::chrono::hours(80));
    begin();
    settle();
    settle();

    EXPECT_EQ(topics(), (Topics{"removed"}));
    EXPECT_EQ(published(), store_->last_seq());
    EXPECT_EQ(chain_->mempool_size(), 0U);
}

TEST_F(Start, the_same_genesis_and_chain_id_continue_the_chain) {
    options_.chain_id = 3;
    begin();
    mine();

    EXPECT_EQ(refusal(), "");
    genesis_ = "# the same\n" + genesis_;
    EXPECT_EQ(refusal(), "");
}

TEST_F(Start, a_store_that_does_not_say_what_its_chain_began_with_is_refused) {
    reopen_store();
    ASSERT_TRUE(store_->commit_genesis({}, {}));

    EXPECT_EQ(refusal(), "the store does not say what its chain began with");
}

TEST_F(Start, other_genesis_contracts_are_refused) {
    begin();
    reopen_store();
    auto contracts = vm::genesis_contracts();
    contracts.stake.push_back(std::byte{0});

    const auto made = Chain::create(
        *store_, test::machine(), {genesis_file_, contracts}, options_, clock_, base::no_log(),
        [](const store::LogBatch&) {}, [](const std::string&) {});

    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().text,
              "the stored chain began with other genesis contracts; start it with the same settings, or use another "
              "data folder");
}

TEST_F(Start, the_state_after_a_restart_is_the_state_before_it) {
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    mine(3);
    const auto root = chain_->state()->state()->root();
    const auto account = account_of(1);

    restart();

    EXPECT_EQ(chain_->state()->state()->root(), root);
    EXPECT_EQ(account_of(1), account);
    ASSERT_TRUE(propagate(signed_by(1, transfer(2))));
    mine();
    EXPECT_EQ(account_of(1).nonce, 2U);
}

TEST_F(Start, pages_that_do_not_give_the_state_hash_of_the_tip_are_refused) {
    begin();
    mine();
    reopen_store();
    const auto block = *store_->snapshot()->block(1).value();
    const base::Bytes page(store::kPageBytes);
    store::BlockCommit commit;
    ledger::Block next;
    next.header = block.header;
    next.header.height = 2;
    commit.block = &next;
    commit.memory.pages.push_back({ledger::kStakeContract, 0, {}, page});
    ASSERT_TRUE(store_->commit_block(commit));

    EXPECT_EQ(refusal(), "the stored pages do not have the state hash " + base::to_hex(block.header.state_hash));
}

TEST_F(Start, another_chain_id_is_refused_and_both_are_named) {
    options_.chain_id = 3;
    begin();
    mine();
    options_.chain_id = 0;

    EXPECT_EQ(refusal(),
              "the stored chain began with chain id 3 instead of 0; start it with the same settings, or use another "
              "data folder");
    options_.chain_id = 3;
    EXPECT_EQ(refusal(), "") << "the refused start changed nothing";
}

TEST_F(Start, another_genesis_is_refused_and_the_parts_that_differ_are_named) {
    const auto original = genesis_;
    begin();
    const auto parsed = *read_genesis(original);

    ledger::Genesis other = parsed;
    ++other.accounts.back().balance;
    const auto digest = parsed.digest();
    EXPECT_NE(other.digest().accounts, digest.accounts);
    EXPECT_EQ(other.digest().stakes, digest.stakes);
    other = parsed;
    std::ranges::reverse(other.accounts);
    EXPECT_EQ(other.digest(), digest);
    other.owner = test::profile(2).public_key();
    EXPECT_NE(other.digest().owner, digest.owner);
    other.notes.clear();
    EXPECT_NE(other.digest().notes, digest.notes);
    other.stakes.front().amount += 1;
    EXPECT_NE(other.digest().stakes, digest.stakes);

    genesis_ = genesis_with("balance = 1_001_000_000_000_000", "balance = 1_001_000_000_000_001");
    EXPECT_EQ(refusal(),
              "the stored chain began with another genesis (different: accounts); start it with the same settings, or "
              "use another data folder");
    options_.chain_id = 9;
    EXPECT_EQ(refusal(),
              "the stored chain began with chain id 0 instead of 9 and another genesis (different: accounts); start it "
              "with the same settings, or use another data folder");
}

}  // namespace
}  // namespace rues::chain
