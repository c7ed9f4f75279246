#include <random>

#include "base/encoding.hpp"
#include "chain/verify_store.hpp"
#include "local_chain.hpp"
#include "store/archive_check.hpp"
#include "support/blobs.hpp"

/// Blocks that are taken back by order, and what becomes of their transactions.
namespace rues::chain {
namespace {

using test::account;
using test::profile;
using test::signed_by;
using test::transfer;

class ReorganisedChain : public test::LocalChain {
protected:
    using Answer = std::expected<Reorganised, Rejection>;
    Answer reorganise(std::uint64_t depth, std::vector<std::vector<Bytes>> replace = {}, bool may_take_final = true) {
        std::promise<Answer> promise;
        chain_->reorganise({depth, std::move(replace), may_take_final},
                           [&](Answer answer) { promise.set_value(std::move(answer)); });
        return promise.get_future().get();
    }
    std::string refusal(std::uint64_t depth, std::vector<std::vector<Bytes>> replace = {}, bool may_take_final = true) {
        const auto before = store_->last_seq();
        const auto tip = chain_->tip().hash;
        const auto answer = reorganise(depth, std::move(replace), may_take_final);
        EXPECT_FALSE(answer);
        EXPECT_EQ(store_->last_seq(), before);
        EXPECT_EQ(chain_->tip().hash, tip);
        if (answer) return "";
        EXPECT_EQ(answer.error().kind, Rejection::Kind::refused);
        return answer.error().text;
    }
    static Bytes raw(const ledger::Transaction& tx) { return tx.encode(ledger::Envelope::aegis); }
    /// Empty when store and archive are those of the chain.
    std::string fault() {
        chain_.reset();
        const auto report = verify_store(*store_, test::machine(), test::parts_of(genesis_file_));
        const auto archive = store::check_archive(*store_);
        std::string out = !report                     ? report.error().text
                          : !archive                  ? archive.error().text
                          : archive->findings.empty() ? ""
                                                      : archive->findings.front();
        restart();
        return out;
    }
    std::vector<std::string> labels() {
        std::vector<std::string> out;
        const auto at = store_->snapshot();
        for (std::uint64_t height = 1; height <= at->height(); ++height) {
            const auto label = at->block(height).value()->label;
            out.push_back(std::to_string(static_cast<int>(label.kind)) + ":" + std::to_string(label.value));
        }
        return out;
    }
};

// docs/reference/protocol.md 7.2: the transactions go back without `included`, and the blocks from the tip down.
TEST_F(ReorganisedChain, transactions_of_a_block_that_is_taken_back_return_to_the_mempool) {
    begin();
    const auto first = signed_by(1, transfer(1));
    const auto second = signed_by(1, transfer(2));
    ASSERT_TRUE(propagate(first));
    mine();
    const auto below = chain_->tip().hash;
    ASSERT_TRUE(propagate(second));
    mine();
    const auto taken = chain_->tip().hash;
    const auto before = account_of(1);
    told();

    const auto answer = reorganise(1);

    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_EQ(answer->height, 1U);
    EXPECT_EQ(answer->hash, below);
    ASSERT_EQ(answer->reverted.size(), 1U);
    EXPECT_EQ(answer->reverted[0].hash, taken);
    EXPECT_EQ(answer->returned, std::vector{second.id()});
    EXPECT_TRUE(answer->dropped.empty());
    EXPECT_EQ(chain_->tip().hash, below);
    EXPECT_EQ(chain_->mempool_size(), 1U);
    EXPECT_EQ(account_of(1).nonce, 1U);
    const auto events = told();
    ASSERT_GT(events.size(), 2U);
    EXPECT_EQ(events[0], (test::Told{"reverted", base::to_hex(taken), R"({"atHeight":2})"}));
    EXPECT_EQ(events[1].topic, "accepted") << "its events follow, the last one first";
    const auto retracted = headers("Rues-Retracted");
    EXPECT_EQ(retracted.back(), "true");
    EXPECT_EQ(fault(), "");

    mine();

    EXPECT_NE(chain_->tip().hash, taken) << "the new block is later";
    EXPECT_EQ(account_of(1).nonce, before.nonce);
    EXPECT_EQ(account_of(1).balance, before.balance);
    EXPECT_EQ(fault(), "");
}

TEST_F(ReorganisedChain, blocks_are_replaced_by_others_and_rivals_leave_the_mempool) {
    begin();
    const auto old = signed_by(1, transfer(1));
    const auto follower = signed_by(1, transfer(2));
    const auto better = signed_by(1, transfer(1, 2));
    ASSERT_TRUE(propagate(old));
    ASSERT_TRUE(propagate(follower));
    mine(2);
    told();

    const auto answer = reorganise(2, {{}, {raw(better)}, {}});

    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_EQ(answer->height, 3U);
    EXPECT_EQ(answer->returned, std::vector{follower.id()}) << "the block has taken the other one's nonce";
    EXPECT_EQ(chain_->mempool_size(), 1U);
    const auto block = store_->snapshot()->block(2).value();
    EXPECT_EQ(block->transactions, std::vector{better.id()});
    const auto events = told();
    const auto removed = std::ranges::find(events, base::to_hex(old.id()), [](const auto& each) {
        return each.topic == "removed" ? each.entity : std::string();
    });
    EXPECT_NE(removed, events.end());
    EXPECT_EQ(std::ranges::count(headers("Rues-Replaced-By"), base::to_hex(better.id())), 1);
    EXPECT_EQ(fault(), "");
    mine();
    EXPECT_EQ(account_of(1).nonce, 2U);
}

TEST_F(ReorganisedChain, a_wrong_order_is_refused_before_anything_changes) {
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    mine(70);
    const auto forged = raw(signed_by(2, transfer(2)));  // by another account than the sender
    const auto good = raw(signed_by(1, transfer(2)));

    EXPECT_EQ(refusal(0), "depth: at least one block must be taken back");
    EXPECT_EQ(refusal(71), "depth: the tip is at height 70, and block 0 stays");
    EXPECT_EQ(refusal(65), "depth: at most 64 blocks can be taken back now, because older states are not kept");
    EXPECT_EQ(refusal(2, {}, false), "depth: block 69 is final; at most 1 blocks are not");
    EXPECT_EQ(refusal(1, std::vector<std::vector<Bytes>>(65)), "replace: at most 64 blocks");
    EXPECT_EQ(refusal(1, {{good}, {good, {}}}).substr(0, 14), "replace[1][1]:");
    EXPECT_EQ(refusal(1, {{forged}}).substr(0, 17), "replace[0][0]: Tx");
    EXPECT_EQ(refusal(1, {{good}, {}, {good}}).substr(0, 14), "replace[2][0]:") << "its nonce is used twice";
    EXPECT_EQ(refusal(1, {{raw(signed_by(1, transfer(3)))}}).substr(0, 14), "replace[0][0]:") << "a nonce is missing";
    EXPECT_TRUE(reorganise(1, {}, false));
}

TEST_F(ReorganisedChain, as_many_blocks_as_the_store_keeps_can_be_taken_back) {
    begin();
    for (std::uint64_t nonce = 1; nonce <= 66; ++nonce) {
        ASSERT_TRUE(propagate(signed_by(1, transfer(nonce))));
        mine();
    }

    const auto answer = reorganise(64);

    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_EQ(answer->returned.size(), 64U);
    EXPECT_EQ(account_of(1).nonce, 2U);
    EXPECT_EQ(store_->snapshot()->last_final().value(), 2U);
    EXPECT_EQ(fault(), "");
    EXPECT_EQ(refusal(1), "depth: at most 0 blocks can be taken back now, because older states are not kept");
    mine();
    EXPECT_EQ(account_of(1).nonce, 66U) << "the transactions wait in the mempool across a restart";
    EXPECT_EQ(fault(), "");
}

TEST_F(ReorganisedChain, a_transaction_that_is_not_valid_any_more_is_dropped) {
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1))));
    ASSERT_TRUE(propagate(signed_by(1, transfer(2))));
    mine();
    options_.min_gas_limit = 20'000'000;  // above what they offer
    restart();
    told();

    const auto answer = reorganise(1);

    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_TRUE(answer->returned.empty());
    ASSERT_EQ(answer->dropped.size(), 2U);
    EXPECT_TRUE(answer->dropped[0].why.starts_with("reverted: Tx ")) << answer->dropped[0].why;
    EXPECT_EQ(chain_->mempool_size(), 0U);
    const auto all = topics();
    ASSERT_GE(all.size(), 4U);
    EXPECT_EQ(Topics(all.end() - 4, all.end()), (Topics{"dropped", "removed", "dropped", "removed"}));
}

TEST_F(ReorganisedChain, the_blobs_of_a_block_that_is_taken_back_return_with_their_transaction) {
    begin();
    const auto blob = rues::test::constant_blob();
    auto body = transfer(1);
    body.data = ledger::Blobs{{blob.with_sidecar()}};
    const auto tx = signed_by(1, body);
    ASSERT_TRUE(propagate(tx));
    mine();
    ASSERT_TRUE(store_->snapshot()->blob(blob.hash()).value());

    ASSERT_TRUE(reorganise(1));

    EXPECT_FALSE(store_->snapshot()->blob(blob.hash()).value()) << "no block includes it";
    EXPECT_EQ(fault(), "");
    mine();
    EXPECT_EQ(*store_->snapshot()->blob(blob.hash()).value(), *blob.with_sidecar().sidecar);
    ASSERT_TRUE(reorganise(1, {{raw(tx)}})) << "a block can also be ordered with it";
    EXPECT_TRUE(store_->snapshot()->blob(blob.hash()).value());
    EXPECT_EQ(fault(), "");
}

// docs/reference/ledger.md 10.7
TEST_F(ReorganisedChain, a_block_is_final_when_as_many_blocks_follow_it_as_the_setting_says) {
    options_.final_after = 3;
    begin();
    mine(3);
    EXPECT_EQ(labels(), (std::vector<std::string>{"2:1", "2:1", "1:1"}));
    told();
    mine();
    EXPECT_EQ(labels(), (std::vector<std::string>{"3:3", "2:1", "2:1", "1:1"}));
    std::vector<std::string> changes;
    for (const auto& event : told()) {
        if (event.topic == "statechange") changes.push_back(event.payload);
    }
    EXPECT_EQ(changes, (std::vector<std::string>{R"({"atHeight":4,"state":"confirmed"})",
                                                 R"({"atHeight":4,"state":"finalized"})"}));
    EXPECT_EQ(refusal(4, {}, false), "depth: block 1 is final; at most 3 blocks are not");

    ASSERT_TRUE(reorganise(2, {}, false));
    EXPECT_EQ(labels(), (std::vector<std::string>{"3:3", "2:1"})) << "a label never becomes weaker";
    told();
    mine();
    EXPECT_EQ(std::ranges::count(topics(), "statechange"), 0);
    mine();
    EXPECT_EQ(labels(), (std::vector<std::string>{"3:3", "2:1", "2:1", "1:1"}));

    options_.final_after = 1;
    restart();
    mine();
    EXPECT_EQ(labels(), (std::vector<std::string>{"3:3", "3:3", "3:2", "3:1", "1:1"}));
    EXPECT_EQ(fault(), "");
}

TEST_F(ReorganisedChain, an_order_gets_an_answer_while_the_chain_stops) {
    begin();
    chain_->stop();
    const auto answer = reorganise(1, {{raw(signed_by(1, transfer(1)))}});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Rejection::Kind::full);
}

/// A random chain beside a model that only lists the transactions of each block.
class RandomReorganisations : public ReorganisedChain, public ::testing::WithParamInterface<unsigned> {
protected:
    struct Model {
        std::vector<std::vector<ledger::TxId>> blocks{{}};  ///< by height
        std::vector<ledger::Transaction> all;               ///< of profile 1, by nonce
        std::size_t pooled = 0;
    };
};
INSTANTIATE_TEST_SUITE_P(Seeds, RandomReorganisations, ::testing::Values(1U, 2U, 3U));

TEST_P(RandomReorganisations, the_chain_is_that_of_a_model) {
    std::mt19937 random(GetParam());
    const auto below = [&random](std::uint64_t bound) { return random() % bound; };
    options_.final_after = 1 + below(4);
    begin();
    Model model;
    const auto executed = [&model] {
        std::size_t out = 0;
        for (const auto& block : model.blocks) out += block.size();
        return out;
    };
    for (int step = 0; step < 60; ++step) {
        const auto what = below(6);
        if (what == 0 && model.blocks.size() > 1) {
            const auto depth = 1 + below(std::min<std::size_t>(model.blocks.size() - 1, 5));
            std::size_t back = 0;
            for (std::uint64_t i = 0; i < depth; ++i) {
                back += model.blocks.back().size();
                model.blocks.pop_back();
            }
            model.pooled += back;
            // Some of them are ordered into the first of the new blocks.
            const auto again = back > 0 ? below(back + 1) : 0;
            std::vector<std::vector<Bytes>> replace(below(3));
            if (!replace.empty()) {
                const auto first = executed();
                model.blocks.emplace_back();
                for (std::size_t i = first; i < first + again; ++i) {
                    replace[0].push_back(raw(model.all[i]));
                    model.blocks.back().push_back(model.all[i].id());
                    --model.pooled;
                }
                for (std::size_t i = 1; i < replace.size(); ++i) model.blocks.emplace_back();
            }
            const auto answer = reorganise(depth, std::move(replace));
            ASSERT_TRUE(answer) << answer.error().text;
        } else if (what == 1) {
            restart();
        } else if (what == 2) {
            model.blocks.emplace_back();
            for (std::size_t i = executed(); model.pooled > 0; --model.pooled)
                model.blocks.back().push_back(model.all[i++].id());
            mine();
        } else {
            model.all.push_back(signed_by(1, transfer(model.all.size() + 1)));
            ASSERT_TRUE(propagate(model.all.back()));
            ++model.pooled;
        }
        ASSERT_EQ(chain_->tip().height, model.blocks.size() - 1) << step;
        ASSERT_EQ(chain_->mempool_size(), model.pooled) << step;
        ASSERT_EQ(account_of(1).nonce, executed()) << step;
    }
    for (std::uint64_t height = 1; height < model.blocks.size(); ++height)
        EXPECT_EQ(store_->snapshot()->block(height).value()->transactions, model.blocks[height]) << height;
    EXPECT_EQ(fault(), "");
}

}  // namespace
}  // namespace rues::chain
