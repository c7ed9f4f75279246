#include "api/endpoints/waiting.hpp"

#include <thread>

#include "unit/api/fixture.hpp"

/// `Rues-Wait` (docs/delivery.md).
namespace rues::api {
namespace {

class WaitingTest : public test::ApiTest {
protected:
    static ledger::Transaction transfer(std::uint64_t nonce, std::uint64_t value = 1, std::uint64_t gas_price = 1) {
        const auto key = crypto::account_key(ledger::local_chain_seed(), 0);
        ledger::Moonlight body;
        body.sender = key.public_key();
        body.value = value;
        body.gas_limit = 10'000'000;
        body.gas_price = gas_price;
        body.nonce = nonce;
        return ledger::sign(std::move(body), key);
    }
    static std::string request(const ledger::Transaction& tx, const std::string& headers) {
        const std::string raw(base::text(tx.encode(ledger::Envelope::aegis)));
        return "POST /on/transactions/propagate HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n" +
               headers + "Content-Length: " + std::to_string(raw.size()) + "\r\n\r\n" + raw;
    }
    Answer propagate(const ledger::Transaction& tx, const std::string& headers = {}) {
        net::test::Client client(server_->port());
        return client.ask(request(tx, headers));
    }
    /// A client whose answer waits for `until`. Returns once the chain has the transaction.
    std::unique_ptr<net::test::Client> waiting(const ledger::Transaction& tx, const std::string& until = "executed") {
        auto out = std::make_unique<net::test::Client>(server_->port());
        out->send(request(tx, "Rues-Wait: " + until + "\r\nRues-Wait-Seconds: 300\r\n"));
        EXPECT_TRUE(comes([&] { return chain_->mempool_size() == 1 && waits() > 0; }));
        settle();
        return out;
    }
    /// Returns when the wait knows what the chain has decided so far.
    void settle() {
        net::test::Signal decided;
        chain_->mine(0, [&](const chain::Numbered&) { decided.raise(); });
        EXPECT_TRUE(decided.wait());
        net::test::Signal passed;
        server_->post(0, [&] { passed.raise(); });
        EXPECT_TRUE(passed.wait());
    }
    void mine(int blocks = 1) {
        for (; blocks > 0; --blocks) ASSERT_EQ(ask("POST", "/dev/mine").status, 200U);
    }
    /// Whether the condition becomes true within 10 s, which is long before the time of any of these waits is over.
    static bool comes(const std::function<bool()>& is_so) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!is_so() && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return is_so();
    }
    std::size_t waits() const { return places_.of(Work::wait).taken(); }
    bool nothing_waits() {
        return comes([&] { return waits() == 0 && hub_->sessions() == 0; });
    }
    static std::string outcome(const Answer& answer) {
        EXPECT_EQ(answer.status, 200U) << answer.body;
        return std::string(boost::json::parse(answer.body).at("outcome").as_string());
    }
};

TEST_F(WaitingTest, a_stopping_server_answers_waiting_clients_at_once) {
    chain_->start();
    const auto tx = transfer(1);
    const auto client = waiting(tx);

    server_->drain(std::chrono::hours(1));

    const auto answer = client->read_answer();
    EXPECT_EQ(outcome(answer), "pending");
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_EQ(boost::json::parse(answer.body).at("id").as_string(), base::to_hex(tx.id()));
    EXPECT_TRUE(nothing_waits());
    EXPECT_TRUE(comes([&] { return server_->connections() == 0; })) << "a waiting request does not delay the stop";
}

TEST_F(WaitingTest, a_stopping_server_answers_503_before_the_chain_has_looked_at_the_transaction) {
    net::test::Client client(server_->port());  // the chain does not run
    client.send(request(transfer(1), "Rues-Wait: executed\r\n"));
    EXPECT_TRUE(comes([&] { return waits() == 1; }));

    server_->drain(std::chrono::milliseconds(0));

    const auto answer = client.read_answer();
    EXPECT_EQ(answer.status, 503U);
    EXPECT_EQ(answer.headers.at("retry-after"), "1");
}

TEST_F(WaitingTest, a_wait_that_is_answered_early_leaves_nothing_in_memory) {
    chain_->start();
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(propagate(transfer(1, UINT64_MAX), "Rues-Wait: executed\r\nRues-Wait-Seconds: 300\r\n").status, 400U);
    EXPECT_TRUE(nothing_waits()) << "refused";
    const auto client = waiting(transfer(1));
    mine();
    EXPECT_EQ(outcome(client->read_answer()), "executed");
    EXPECT_TRUE(nothing_waits()) << "executed";
}

TEST_F(WaitingTest, a_client_that_ends_its_side_gets_the_known_state_and_frees_its_place) {
    chain_->start();
    const auto client = waiting(transfer(1));

    client->finish();

    EXPECT_EQ(outcome(client->read_answer()), "pending");
    EXPECT_TRUE(nothing_waits());
}

TEST_F(WaitingTest, a_client_that_has_gone_frees_its_place) {
    chain_->start();
    const auto tx = transfer(1);
    waiting(tx)->close();
    EXPECT_TRUE(nothing_waits()) << "ended";
    waiting(tx)->reset();
    EXPECT_TRUE(nothing_waits()) << "reset";
}

TEST_F(WaitingTest, a_wait_beyond_the_limit_is_503) {
    chain_->start();
    const std::size_t most = class_of(Work::wait).most;
    auto others = places_.of(Work::wait).take(most);
    ASSERT_TRUE(others);
    EXPECT_EQ(propagate(transfer(1), "Rues-Wait: executed\r\n").status, 503U);
    EXPECT_TRUE(comes([&] { return waits() == most; }));
    others->resize(0);
}

TEST_F(WaitingTest, a_client_can_wait_for_a_transaction_that_is_already_in_the_mempool) {
    chain_->start();
    const auto tx = transfer(1);
    ASSERT_EQ(propagate(tx).status, 202U);
    EXPECT_EQ(outcome(propagate(tx, "Rues-Wait: included\r\n")), "included");
    const auto client = waiting(tx);
    EXPECT_EQ(propagate(tx).status, 400U) << "a client that does not wait gets the same answer as before";

    mine();

    const auto answer = client->read_answer();
    EXPECT_EQ(outcome(answer), "executed");
    EXPECT_EQ(boost::json::parse(answer.body).at("block_height"), 1);
    EXPECT_TRUE(nothing_waits());
}

TEST_F(WaitingTest, a_transaction_that_was_already_executed_has_the_same_outcome_again) {
    chain_->start();
    const auto tx = transfer(1);
    const auto client = waiting(tx);
    mine();
    const auto first = client->read_answer();
    EXPECT_EQ(outcome(first), "executed");

    EXPECT_EQ(propagate(tx, "Rues-Wait: executed\r\n").body, first.body);
    EXPECT_EQ(outcome(propagate(tx, "Rues-Wait: included\r\n")), "executed")
        << "a later outcome than the client waited for";
    EXPECT_EQ(propagate(tx).status, 400U);
    EXPECT_EQ(propagate(transfer(1, 2), "Rues-Wait: executed\r\n").status, 400U) << "another one of the same nonce";
}

TEST_F(WaitingTest, a_client_can_wait_for_the_final_block_of_an_executed_transaction) {
    chain_->start();
    const auto tx = transfer(1);
    ASSERT_EQ(propagate(tx).status, 202U);
    mine();
    net::test::Client client(server_->port());
    client.send(request(tx, "Rues-Wait: finalized\r\nRues-Wait-Seconds: 300\r\n"));
    EXPECT_TRUE(comes([&] { return waits() == 1; }));

    mine(5);

    const auto answer = client.read_answer();
    EXPECT_EQ(outcome(answer), "finalized");
    EXPECT_EQ(propagate(tx, "Rues-Wait: finalized\r\n").body, answer.body) << "a final transaction is answered at once";
}

TEST_F(WaitingTest, the_outcome_of_a_replaced_transaction_names_the_one_that_took_its_place) {
    chain_->start();
    const auto client = waiting(transfer(1));
    const auto dearer = transfer(1, 1, 2);
    ASSERT_EQ(propagate(dearer).status, 202U);

    const auto answer = client->read_answer();

    EXPECT_EQ(outcome(answer), "removed");
    EXPECT_EQ(boost::json::parse(answer.body).at("replaced_by").as_string(), base::to_hex(dearer.id()));
    EXPECT_TRUE(boost::json::parse(propagate(dearer, "Rues-Wait: included\r\n").body).at("replaced_by").is_null());
}

TEST_F(WaitingTest, a_wait_ends_with_pending_when_its_time_is_over) {
    chain_->start();
    EXPECT_EQ(outcome(propagate(transfer(1), "Rues-Wait: executed\r\nRues-Wait-Seconds: 1\r\n")), "pending");
    EXPECT_TRUE(nothing_waits());
}

}  // namespace
}  // namespace rues::api
