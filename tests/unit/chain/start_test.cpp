#include "chain/genesis_file.hpp"
#include "chain/producer.hpp"
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
            *store_, *read_genesis(genesis_), options_, clock_, base::no_log(), [](const store::LogBatch&) {},
            [](const std::string&) {});
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
        *store_, *read_genesis(genesis_), options_, clock_, base::no_log(),
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

/// Accounts 0 and 1 of the local chain with a stake each, in this order.
std::string genesis_of_stakes(std::size_t first, std::size_t second) {
    std::string out;
    for (const std::size_t n : {first, second})
        out += "[[stake]]\naddress = \"" + base::to_base58(test::account(n)) + "\"\namount = 2_000_000_000_000\n";
    return out + "[[moonlight_account]]\naddress = \"" + base::to_base58(test::account(1)) +
           "\"\nbalance = 80_800_000_000_000\n";
}

TEST_F(Start, a_chain_of_an_earlier_version_is_compared_with_what_its_blocks_say) {
    options_.chain_id = 3;
    genesis_ = genesis_of_stakes(0, 1);
    const auto genesis = *read_genesis(genesis_);
    reopen_store();
    const auto state = *genesis.state();
    auto commitment = ledger::commitment_of(state);
    const auto header = genesis.header(commitment.hash(), 0);
    ASSERT_TRUE(store_->commit_genesis(header, state, commitment));
    auto body = transfer(1);
    body.chain_id = 3;
    Mempool mempool;
    mempool.insert(signed_by(1, std::move(body)), {});
    {
        const auto snapshot = store_->snapshot();
        Sealed block = seal({*snapshot, commitment, header, mempool, mempool.eligible({}), 1, options_,
                             genesis.stakes.front().account});
        ASSERT_EQ(block.block.transactions.size(), 1U);
        block.commit.block = &block.block;
        ASSERT_TRUE(store_->commit_block(block.commit));
    }
    ASSERT_EQ(store_->origin().value(), std::nullopt);

    options_.chain_id = 0;
    EXPECT_NE(refusal().find("began with chain id 3 instead of 0;"), std::string::npos);
    genesis_ = default_genesis();
    EXPECT_NE(refusal().find("chain id 3 instead of 0 and another genesis (different: accounts or stakes);"),
              std::string::npos);
    options_.chain_id = 3;
    genesis_ = genesis_of_stakes(1, 0);
    EXPECT_NE(refusal().find("began with another genesis (different: first stake);"), std::string::npos);
    genesis_ = genesis_of_stakes(0, 1);
    EXPECT_EQ(refusal(), "");
    options_.chain_id = 0;
    EXPECT_NE(refusal().find("chain id 3 instead of 0"), std::string::npos) << "the origin is stored now";
    reopen_store();
    EXPECT_EQ(store_->origin().value(), (store::ChainOrigin{3, genesis.digest()}));
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
