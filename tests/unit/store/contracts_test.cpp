#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/keys.hpp"
#include "store/archive_layout.hpp"
#include "support/recorded_store.hpp"
#include "unit/store/fixture.hpp"

namespace rues::store {
namespace {

using ledger::ContractId;

/// An entry of the recorded chain: contract, height, index in the block, transaction.
struct Recorded {
    ContractId contract{};
    BlockPlace place;
    Hash32 transaction{};
};

Hash32 id_of(const boost::json::value& text) {
    return base::to_array<32>(recorded::hex(text));
}

class RecordedContracts : public testing::Test {
protected:
    RecordedContracts() {
        for (const auto& block : chain_.at("blocks").as_array()) {
            const auto height = recorded::number(block.at("header"), "height");
            std::uint32_t index = 0;
            for (const auto& tx : block.at("transactions").as_array()) {
                const BlockPlace place{height, index++};
                const auto& call = tx.at("json").at("call");
                if (!call.is_null()) calls_.push_back({id_of(call.at("contract")), place, id_of(tx.at("id"))});
                if (tx.at("json").at("is_deploy").as_bool() && tx.at("err").is_null())
                    deployments_.push_back({id_of(tx.at("contractId")), place, id_of(tx.at("id"))});
            }
        }
        std::ranges::reverse(calls_);
        std::ranges::reverse(deployments_);
    }

    const boost::json::value chain_ = recorded::load("chain-contracts.json");
    const recorded::ChainStore store_{chain_};
    std::vector<Recorded> calls_;  ///< newest first
    std::vector<Recorded> deployments_;
};

// The numbers were counted in the recorded file.
TEST_F(RecordedContracts, each_contract_is_found_with_the_transaction_that_deployed_it) {
    ASSERT_EQ(deployments_.size(), 15U);
    const auto at = store_->snapshot();

    for (const auto& [contract, place, transaction] : deployments_)
        EXPECT_EQ(at->deployment(contract).value(), (Deployment{place, contract, transaction}));
    EXPECT_EQ(at->deployment(ledger::kTransferContract).value(), std::nullopt);
    EXPECT_EQ(at->deployment(samples::numbered<32>(1)).value(), std::nullopt);
}

TEST_F(RecordedContracts, a_failed_deployment_is_none) {
    const auto failed = [](const boost::json::value& tx) {
        return tx.at("json").at("is_deploy").as_bool() && !tx.at("err").is_null();
    };
    std::size_t count = 0;
    for (const auto& block : chain_.at("blocks").as_array())
        count += static_cast<std::size_t>(std::ranges::count_if(block.at("transactions").as_array(), failed));
    ASSERT_EQ(count, 3U);

    const auto listed = store_->snapshot()->deployments_before(kNewest, 1'000).value();

    EXPECT_EQ(listed.deployments.size(), deployments_.size());
    EXPECT_FALSE(listed.more);
}

TEST_F(RecordedContracts, pages_of_deployments_continue_where_the_page_before_ended) {
    const auto at = store_->snapshot();
    for (const std::size_t most : {1U, 3U, 15U, 16U}) {
        std::vector<Deployment> found;
        BlockPlace before = kNewest;
        for (bool more = true; more;) {
            const auto page = at->deployments_before(before, most).value();
            ASSERT_FALSE(page.deployments.empty());
            ASSERT_LE(page.deployments.size(), most);
            found.insert(found.end(), page.deployments.begin(), page.deployments.end());
            before = found.back().place;
            more = page.more;
        }
        ASSERT_EQ(found.size(), deployments_.size()) << most;
        for (std::size_t i = 0; i < found.size(); ++i)
            EXPECT_EQ(found[i],
                      (Deployment{deployments_[i].place, deployments_[i].contract, deployments_[i].transaction}));
    }
}

TEST_F(RecordedContracts, calls_of_a_contract_are_found_newest_first_with_those_that_failed) {
    ASSERT_EQ(calls_.size(), 53U);
    const auto at = store_->snapshot();
    std::set<ContractId> contracts;
    for (const auto& call : calls_) contracts.insert(call.contract);

    for (const auto& contract : contracts) {
        std::vector<ContractCall> expected;
        for (const auto& call : calls_) {
            if (call.contract == contract) expected.push_back({call.place, call.transaction});
        }
        EXPECT_EQ(at->calls_before(contract, kNewest, 1'000)->calls, expected);
        const auto half = expected.size() / 2;
        const auto rest = at->calls_before(contract, expected[half].place, 1'000).value();
        EXPECT_EQ(rest.calls, std::vector(expected.begin() + static_cast<std::ptrdiff_t>(half) + 1, expected.end()));
        EXPECT_FALSE(rest.more);
    }
}

/// Blocks whose transactions a test chooses.
class ContractsTest : public StoreTest {
protected:
    void SetUp() override {
        store_ = open();
        ASSERT_TRUE(samples::commit_genesis(*store_));
    }
    ledger::SpentTransaction call(const ContractId& contract) {
        ledger::Moonlight body;
        body.sender = key_.public_key();
        body.nonce = ++nonce_;
        body.data = ledger::Call{contract, "ping", {}};
        return {ledger::sign(std::move(body), key_), 0, 1, std::nullopt};
    }
    ledger::SpentTransaction deployment(std::optional<std::string> error = std::nullopt) {
        ledger::Moonlight body;
        body.sender = key_.public_key();
        body.nonce = ++nonce_;
        body.data = ledger::Deploy{.bytecode = Bytes(8), .owner = {}, .init_args = {}, .nonce = nonce_};
        return {ledger::sign(std::move(body), key_), 0, 1, std::move(error)};
    }
    static ContractId contract_of(const ledger::SpentTransaction& deployment) {
        return ledger::contract_id(*deployment.inner.deploy());
    }
    void add(std::vector<ledger::SpentTransaction> transactions) {
        ledger::Block block{{}, std::move(transactions)};
        block.header.height = ++tip_;
        block.header.hash = block.header.compute_hash();
        BlockCommit commit;
        commit.block = &block;
        ASSERT_TRUE(store_->commit_block(commit));
    }

    const crypto::SecretKey key_ = crypto::account_key(crypto::Seed{}, 0);
    std::unique_ptr<Store> store_;
    std::uint64_t nonce_ = 0;
    std::uint64_t tip_ = 0;
};

TEST_F(ContractsTest, calls_of_one_block_come_in_the_reverse_order_of_execution_and_a_page_may_end_between_them) {
    const auto [one, other] = std::pair(samples::numbered<32>(1), samples::numbered<32>(2));
    const std::vector<ledger::SpentTransaction> sent{call(one), call(other), call(one), call(one)};

    add(sent);  // the block is not final

    const auto at = store_->snapshot();
    const auto first = at->calls_before(one, kNewest, 2).value();
    EXPECT_EQ(first.calls, (std::vector<ContractCall>{{{1, 3}, sent[3].inner.id()}, {{1, 2}, sent[2].inner.id()}}));
    EXPECT_TRUE(first.more);
    const auto second = at->calls_before(one, {1, 2}, 2).value();
    EXPECT_EQ(second.calls, (std::vector<ContractCall>{{{1, 0}, sent[0].inner.id()}}));
    EXPECT_FALSE(second.more);
    EXPECT_TRUE(at->calls_before(one, {1, 0}, 2)->calls.empty());
    EXPECT_TRUE(at->calls_before(one, {0, 0}, 2)->calls.empty());
}

TEST_F(ContractsTest, a_damaged_entry_is_an_error) {
    add({call(samples::numbered<32>(1))});
    store_.reset();
    write_raw("archive",
              std::string(base::text(layout::index_key(
                  layout::index_prefix(layout::Index::calls, samples::numbered<32>(1)), BlockPlace{1, 0}))),
              "short");
    store_ = open();

    const auto at = store_->snapshot();

    EXPECT_EQ(at->calls_before(samples::numbered<32>(1), kNewest, 2).error().kind, base::Error::Kind::corrupt);
    EXPECT_TRUE(at->failed());
}

TEST_F(ContractsTest, the_check_finds_missing_and_unexpected_entries_of_calls_and_deployments) {
    using layout::Index;
    using layout::index_key;
    using layout::index_prefix;
    const auto called = samples::numbered<32>(1);
    const auto made = deployment();
    add({call(called), made, deployment("Panic: x")});
    EXPECT_EQ(check_archive(*store_)->findings, std::vector<std::string>());
    EXPECT_EQ(check_archive(*store_)->entries, 4U);  // transactions, a call, and two of the deployment that succeeded
    store_.reset();
    const auto remove = [this](const Bytes& key) { remove_raw("archive", std::string(base::text(key))); };
    const auto id = contract_of(made);

    remove(index_key(index_prefix(Index::calls, called), BlockPlace{1, 0}));
    remove(index_key(index_prefix(Index::deployments), BlockPlace{1, 1}));
    remove(index_key(index_prefix(Index::deployed, id), BlockPlace{1, 1}));
    write_raw("archive", std::string(base::text(index_key(index_prefix(Index::deployed, called), BlockPlace{1, 2}))),
              std::string(32, 'x'));
    store_ = open();

    const auto found = check_archive(*store_)->findings;
    EXPECT_EQ(std::set(found.begin(), found.end()),
              (std::set<std::string>{
                  fmt::format("missing: call of {}, block 1, transaction 0", base::to_hex(called)),
                  "missing: deployment in block 1, transaction 1",
                  fmt::format("missing: deployment of {}, block 1, transaction 1", base::to_hex(id)),
                  fmt::format("unexpected: deployment of {}, block 1, transaction 2", base::to_hex(called)),
              }));
}

TEST_F(ContractsTest, a_snapshot_in_memory_finds_what_was_just_written) {
    const auto made = deployment();
    add({made});

    const auto at = store_->snapshot_in_memory();

    EXPECT_EQ(at->deployment(contract_of(made)).value(), (Deployment{{1, 0}, contract_of(made), made.inner.id()}));
    EXPECT_FALSE(at->missed());
}

}  // namespace
}  // namespace rues::store
