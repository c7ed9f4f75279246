// The event of a deployment. docs/reference/differences.md 37.
#include "chain/verify_store.hpp"
#include "local_chain.hpp"
#include "support/test_contract.hpp"
#include "support/test_deployment.hpp"

namespace rues::chain {
namespace {

using test::signed_by;
using test::Told;

class DeployEvent : public test::LocalChain {
protected:
    void SetUp() override {
        LocalChain::SetUp();
        begin();
    }
    static ledger::Transaction deploying(base::Bytes code, std::uint64_t nonce) {
        auto body = test::transfer(nonce, kMinDeployPrice);
        body.receiver.reset();
        body.value = 0;
        body.gas_limit = 20'000'000;
        body.data = rues::test::deployment(std::move(code));
        return signed_by(1, body);
    }
    std::vector<Told> deployments() {
        auto out = told();
        std::erase_if(out, [](const Told& event) { return event.topic != "deploy"; });
        return out;
    }
};

TEST_F(DeployEvent, a_deployment_publishes_contract_owner_size_and_origin) {
    const auto code = vm::test::proxy_contract();
    const auto tx = deploying(code, 1);
    ASSERT_TRUE(propagate(tx));
    mine();

    const auto id = base::to_hex(ledger::contract_id(*tx.deploy()));
    std::string owner;
    for (int i = 0; i < 96; ++i) owner += "07";
    EXPECT_EQ(deployments(),
              (std::vector<Told>{{"deploy", id,
                                  R"({"contract":")" + id + R"(","origin":")" + base::to_hex(tx.id()) +
                                      R"(","owner":")" + owner + R"(","size":)" + std::to_string(code.size()) + "}"}}));
}

TEST_F(DeployEvent, it_comes_once_with_its_block_and_before_the_transaction_is_executed) {
    ASSERT_TRUE(propagate(deploying(vm::test::proxy_contract(), 1)));
    told();
    mine();

    EXPECT_EQ(topics(), (Topics{"moonlight", "reward", "deploy", "executed", "removed", "accepted"}));
    restart();
    mine();
    EXPECT_EQ(topics(), (Topics{"reward", "statechange", "statechange", "accepted"}));
}

TEST_F(DeployEvent, a_deployment_that_fails_publishes_none) {
    const auto tx = deploying(base::to_bytes("no module"), 1);
    ASSERT_TRUE(propagate(tx));
    mine();

    EXPECT_TRUE(store_->snapshot()->transaction(tx.id()).value()->error);
    EXPECT_EQ(deployments(), std::vector<Told>());
}

// A node has no such event, so nothing that a node computes may depend on it.
TEST_F(DeployEvent, it_is_neither_in_the_bloom_nor_among_the_contract_events_and_the_store_verifies) {
    const auto tx = deploying(vm::test::proxy_contract(), 1);
    ASSERT_TRUE(propagate(tx));
    mine(2);

    const auto stored = store_->snapshot();
    const auto events = stored->contract_events(1).value();
    base::ByteArray<256> bloom{};
    for (const auto& event : events) {
        EXPECT_NE(event.topic, "deploy");
        ledger::bloom_insert(bloom, event.contract, event.topic, event.data);
    }
    EXPECT_EQ((*stored->block(1))->header.event_bloom, bloom);
    chain_.reset();
    const auto report = verify_store(*store_, test::machine(), test::parts_of(test::default_genesis_file()));
    EXPECT_TRUE(report) << report.error().text;
}

}  // namespace
}  // namespace rues::chain
