// The event of a deployment as subscribers get it. docs/reference/differences.md 37.
#include "support/test_contract.hpp"
#include "support/test_deployment.hpp"
#include "unit/api/fixture.hpp"
#include "wire/frame.hpp"

namespace rues::api::test {
namespace {

class DeployEventTest : public ApiTest {
protected:
    static ledger::Transaction deploying(base::Bytes code, std::uint64_t nonce) {
        const auto key = crypto::account_key(ledger::local_chain_seed(), 0);
        ledger::Moonlight body;
        body.sender = key.public_key();
        body.gas_limit = 20'000'000;
        body.gas_price = 2'000;
        body.nonce = nonce;
        body.data = rues::test::deployment(std::move(code));
        return ledger::sign(std::move(body), key);
    }
    void propagate(const ledger::Transaction& tx) {
        const auto answer = ask("POST", "/on/transactions/propagate", "Content-Type: application/octet-stream\r\n",
                                std::string(base::text(tx.encode(ledger::Envelope::aegis))));
        ASSERT_EQ(answer.status, 202U) << answer.body;
    }
    /// The next event of a session.
    static wire::Frame next(net::test::Client& client) {
        const std::string message = client.read_frame().payload;
        const auto frame = wire::Frame::parse(base::view(message));
        EXPECT_TRUE(frame);
        return frame.value();
    }
};

TEST_F(DeployEventTest, subscribers_of_all_contracts_and_of_the_contract_get_it_as_json) {
    chain_->start();
    const auto tx = deploying(vm::test::proxy_contract(), 1);
    const auto contract = base::to_hex(ledger::contract_id(*tx.deploy()));
    net::test::Client all(server_->port());
    net::test::Client one(server_->port());
    for (auto* client : {&all, &one}) {
        ASSERT_EQ(client->open_websocket("/on").status, 101U);
        const auto id = client->read_frame().payload;
        const std::string path = client == &all ? "/on/contracts/deploy" : "/on/contracts:" + contract + "/deploy";
        ASSERT_EQ(ask("GET", path, "Rusk-Session-Id: " + id + "\r\n").status, 200U);
    }

    propagate(deploying(base::to_bytes("no module"), 1));  // fails, and publishes nothing
    ASSERT_EQ(ask("POST", "/dev/mine").status, 200U);
    propagate(deploying(vm::test::proxy_contract(), 2));
    ASSERT_EQ(ask("POST", "/dev/mine").status, 200U);

    for (auto* client : {&all, &one}) {
        const auto frame = next(*client);
        EXPECT_EQ(frame.header("Content-Location"), "/on/contracts:" + contract + "/deploy");
        EXPECT_EQ(frame.header("Content-Type"), "application/json");
        const auto payload = boost::json::parse(std::string_view(base::text(frame.payload)));
        EXPECT_EQ(payload.at("contract").as_string(), contract);
        EXPECT_EQ(payload.at("size").to_number<std::size_t>(), vm::test::proxy_contract().size());
        EXPECT_EQ(frame.header("Rusk-Origin"), payload.at("origin").as_string());
    }
}

}  // namespace
}  // namespace rues::api::test
