#include "api/running.hpp"

#include <deque>
#include <mutex>
#include <thread>

#include "unit/api/fixture.hpp"

namespace rues::api {
namespace {

class ReadingTest : public test::ApiTest {
protected:
    net::test::Client::Answer status(std::size_t account) {
        net::test::Client client(server_->port());
        const auto key = crypto::account_key(ledger::local_chain_seed(), account).public_key();
        return client.ask("POST /on/account:" + base::to_base58(key.bytes()) +
                          "/status HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    }
};

// The balance of the local chain's genesis.
constexpr std::string_view kAccount1 = R"({"balance":80800000000000,"next_nonce":1,"nonce":0})";

TEST_F(ReadingTest, an_answer_of_the_contracts_is_made_on_the_pool_once_and_then_kept_for_the_tip) {
    EXPECT_EQ(status(1).body, kAccount1);
    EXPECT_EQ(queued_, 1);
    EXPECT_EQ(status(1).body, kAccount1);
    EXPECT_EQ(queued_, 1);
    EXPECT_EQ(status(2).status, 200U);
    EXPECT_EQ(queued_, 2);
}

TEST_F(ReadingTest, a_new_tip_is_asked_anew) {
    chain_->start();
    EXPECT_EQ(status(1).body, kAccount1);
    ASSERT_EQ(ask("POST", "/dev/mine").status, 200U);
    const int before = queued_;

    EXPECT_EQ(status(1).body, kAccount1);

    EXPECT_EQ(queued_, before + 1);
}

// A command that sends two transactions in a row asks for the next nonce while a block takes the first one.
TEST_F(ReadingTest, a_block_between_the_account_and_the_mempool_does_not_make_the_next_nonce_old) {
    const auto sender = crypto::account_key(ledger::local_chain_seed(), 1);
    const auto key = sender.public_key().bytes();
    ledger::Moonlight body;
    body.sender = sender.public_key();
    body.value = 1;
    body.gas_limit = 10'000'000;
    body.gas_price = 1;
    body.nonce = 1;
    const auto raw = ledger::sign(std::move(body), sender).encode(ledger::Envelope::aegis);
    chain_->start();
    ASSERT_EQ(ask("POST", "/on/transactions/propagate", "Content-Type: application/octet-stream\r\n",
                  std::string(base::text(raw)))
                  .status,
              202U);
    ASSERT_EQ(chain_->next_nonce(key, 0), 2U);

    const auto before = chain_->state();
    ASSERT_EQ(before->account(sender.public_key())->nonce, 0U);
    ASSERT_EQ(ask("POST", "/dev/mine").status, 200U);
    ASSERT_EQ(chain_->mempool_size(), 0U);

    EXPECT_EQ(ContractState(before, ContractState::Run::yes).next_nonce(*chain_, key, 0), 2U);
    const ContractState on_a_loop(before, ContractState::Run::no);
    EXPECT_FALSE(on_a_loop.next_nonce(*chain_, key, 0));
    EXPECT_TRUE(on_a_loop.missed());
}

TEST_F(ReadingTest, an_answer_that_must_be_made_when_the_pool_is_full_is_503) {
    pool_is_full_ = true;

    EXPECT_EQ(status(1).status, 503U);
    EXPECT_EQ(places_.counts(Work::state).refused.value(), 1U);
    while (places_.of(Work::state).taken() > 0) std::this_thread::yield();
    pool_is_full_ = false;
    EXPECT_EQ(status(1).body, kAccount1);
}

TEST_F(ReadingTest, an_account_without_an_entry_has_nothing_and_a_key_that_is_none_is_400) {
    EXPECT_EQ(status(7).body, R"({"balance":0,"next_nonce":1,"nonce":0})");
    const auto none = ask("POST", "/on/account:" + base::to_base58(base::Bytes(96, std::byte{7})) + "/status");
    EXPECT_EQ(none.status, 400U);
    EXPECT_EQ(none.body, R"({"error":"Invalid input: Invalid bls account"})");
}

// docs/reference/differences.md 18: the answer is made once for each tip.
TEST_F(ReadingTest, provisioners_are_made_once_for_a_tip) {
    const auto first = ask("POST", "/on/node/provisioners");
    const int before = queued_;
    const auto second = ask("POST", "/on/node/provisioners");

    EXPECT_EQ(queued_, before);
    EXPECT_EQ(first.body, second.body);
    const auto list = boost::json::parse(first.body).as_array();
    ASSERT_EQ(list.size(), 2U) << "the stake of the genesis, and the entry of the Dusk key";
    EXPECT_EQ(list.at(1).at("amount"), 2'000'000'000'000U);
    EXPECT_EQ(list.at(1).at("key"), list.at(1).at("owner").at("Account"));
}

TEST_F(ReadingTest, accounts_are_counted_for_the_tip) {
    EXPECT_EQ(ask("POST", "/on/stats/account_count").body, R"({"public_accounts":4})");
    EXPECT_EQ(boost::json::parse(ask("GET", "/status").body).at("accounts"), 4);
}

/// Calls of a contract's functions, in every form.
class CallTest : public test::ApiTest {
protected:
    Answer call(const std::string& function, const std::string& argument = {}, const std::string& type = kBytes,
                const std::string& contract = "01" + std::string(62, '0')) {
        return ask("POST", "/on/contracts:" + contract + "/" + function, type, argument);
    }
    static constexpr const char* kBytes = "Content-Type: application/octet-stream\r\n";
    static constexpr const char* kJson = "Content-Type: application/json\r\n";
};

// docs/reference/ledger.md 8.5; the note tree has the 2,068 notes of the genesis.
TEST_F(CallTest, functions_of_the_genesis_contracts_answer) {
    const std::string none(8, '\0');
    EXPECT_EQ(call("chain_id").body, std::string(1, '\0'));
    EXPECT_EQ(base::to_hex(base::view(call("num_notes").body)), "1408000000000000");
    EXPECT_EQ(call("num_notes", "", "").body, "1408000000000000");
    EXPECT_EQ(call("num_notes", "null", kJson).body, R"("2068")");
    EXPECT_EQ(call("root").body.size(), 32U);
    EXPECT_EQ(call("existing_nullifiers", none).body, none);
    const auto opening = call("opening", none);
    EXPECT_EQ(opening.body.size(), 2'288U);
    EXPECT_EQ(opening.body.front(), '\1');
    EXPECT_EQ(call("opening", std::string(8, '\x7f')).body, std::string(2'288, '\0'));
    EXPECT_EQ(call("get_version", "", kBytes, "02" + std::string(62, '0')).body,
              std::string("\x08") + std::string(7, '\0'));
}

TEST_F(CallTest, failures_are_told) {
    EXPECT_EQ(call("nothing").body, R"({"error":"Not found: function nothing"})");
    const std::string unknown(64, 'a');
    EXPECT_EQ(call("f", "", kBytes, unknown).body, R"({"error":"Not found: contract )" + unknown + "\"}");
    EXPECT_EQ(call("f", "", kBytes, "12").body, R"({"error":"Invalid input: Invalid contract bytes"})");
    EXPECT_EQ(call("f", "null", kJson, unknown).status, 400U);
    const auto panic = call("account", "short");
    EXPECT_EQ(panic.status, 400U);
    EXPECT_TRUE(panic.body.starts_with(R"({"error":"VM error: Panic: Argument should correctly deserialize: )"))
        << panic.body;
    EXPECT_EQ(call("init").status, 404U);
}

TEST_F(CallTest, a_call_changes_nothing) {
    chain_->start();
    const auto key = crypto::account_key(ledger::local_chain_seed(), 1).public_key();
    const auto raw = key.raw();
    std::string argument(base::text(raw));
    argument.resize(200, '\0');
    argument += std::string("\1") + std::string(7, '\0');

    EXPECT_EQ(call("add_account_balance", argument).status, 200U) << "as outside of the VM";

    EXPECT_EQ(chain_->state()->account(key)->balance, 80'800'000'000'000U);
}

class OnPool : public net::test::ServerTest {
protected:
    OnPool() {
        handler_.on_request = [this](net::Request request, net::Responder responder) {
            Exchange exchange(std::move(request), std::move(responder), 0, failures_);
            exchange.arrived -= waited_;
            on_pool(pool_, places_, work_, std::move(exchange), [](Exchange asked) { std::move(asked).text("done"); });
        };
    }
    ~OnPool() override {
        if (server_) server_->stop(std::chrono::milliseconds(0));
    }

    const FailureLog failures_{base::no_log()};
    std::chrono::milliseconds waited_{0};
    Work work_ = Work::scan;
    net::Executor pool_ = [](std::move_only_function<void()> task) { return task(), true; };
    const Places places_;
};

TEST_F(OnPool, a_request_that_waited_longer_than_its_class_is_patient_is_503_and_not_worked_on) {
    const auto to = start();
    waited_ = class_of(Work::scan).patience - std::chrono::seconds(10);
    EXPECT_EQ(net::test::Client(to).ask(net::test::kGet).body, "done");

    waited_ = class_of(Work::scan).patience + std::chrono::seconds(1);

    const auto late = net::test::Client(to).ask(net::test::kGet);
    EXPECT_EQ(late.status, 503U);
    EXPECT_NE(late.headers.find("retry-after"), late.headers.end());
    EXPECT_EQ(places_.counts(Work::scan).refused.value(), 1U);
    EXPECT_EQ(places_.counts(Work::scan).waited_us.count(), 2U);
}

TEST_F(OnPool, a_client_with_too_many_requests_of_a_class_is_429_and_another_client_is_answered) {
    std::mutex mutex;  // several loops give tasks
    std::deque<std::move_only_function<void()>> waiting;
    bool waits = true;
    pool_ = [&](std::move_only_function<void()> task) {
        {
            const std::lock_guard lock(mutex);
            if (waits) {
                waiting.push_back(std::move(task));
                return true;
            }
        }
        task();
        return true;
    };
    const auto count = [&] {
        const std::lock_guard lock(mutex);
        return waiting.size();
    };
    work_ = Work::feeder;
    const auto to = start();
    std::vector<std::unique_ptr<net::test::Client>> many;
    for (std::size_t i = 0; i < class_of(Work::feeder).of_one; ++i) {
        many.push_back(std::make_unique<net::test::Client>(to.from(2)));
        many.back()->send(net::test::kGet);
    }
    while (count() < many.size()) std::this_thread::yield();
    {
        const std::lock_guard lock(mutex);
        waits = false;
    }

    const auto refused = net::test::Client(to.from(2)).ask(net::test::kGet);
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.body, R"({"error":"for your address, too many feeders are being sent"})");
    EXPECT_EQ(places_.counts(Work::feeder).refused.value(), 1U);
    EXPECT_EQ(net::test::Client(to.from(3)).ask(net::test::kGet).body, "done");
    there([&] {
        for (auto& task : waiting) task();
    });
    for (const auto& each : many) EXPECT_EQ(each->read_answer().body, "done");
}

}  // namespace
}  // namespace rues::api
