// `Rues-Trace`: the calls that contracts made, over HTTP.
#include "support/test_contract.hpp"
#include "support/test_deployment.hpp"
#include "support/trace_sums.hpp"
#include "unit/api/fixture.hpp"

namespace rues::api::test {
namespace {

using base::json::value;
using vm::test::call_argument;

class TraceTest : public ApiTest {
protected:
    void SetUp() override {
        ApiTest::SetUp();
        chain_->start();
    }
    static ledger::Transaction transaction(std::uint64_t nonce, ledger::Data data,
                                           std::uint64_t gas_limit = 30'000'000) {
        const auto key = crypto::account_key(ledger::local_chain_seed(), 0);
        ledger::Moonlight body;
        body.sender = key.public_key();
        body.gas_limit = gas_limit;
        body.gas_price = 2'000;
        body.nonce = nonce;
        body.data = std::move(data);
        return ledger::sign(std::move(body), key);
    }
    Answer post(const std::string& topic, const ledger::Transaction& tx, const std::string& headers = {}) {
        return ask("POST", "/on/transactions/" + topic, "Content-Type: application/octet-stream\r\n" + headers,
                   std::string(base::text(tx.encode(ledger::Envelope::aegis))));
    }
    /// Deploys the proxy and returns its id.
    ledger::ContractId deploy() {
        const auto data = rues::test::deployment(vm::test::proxy_contract());
        EXPECT_EQ(post("propagate", transaction(1, data)).status, 202U);
        EXPECT_EQ(ask("POST", "/dev/mine").status, 200U);
        return ledger::contract_id(data);
    }
    Answer query(const ledger::ContractId& id, const std::string& function, base::ByteView argument,
                 const std::string& headers) {
        return ask("POST", "/on/contracts:" + base::to_hex(id) + "/" + function,
                   "Content-Type: application/octet-stream\r\n" + headers, std::string(base::text(argument)));
    }
    static const value& call_at(const value& trace, std::size_t step) {
        return trace.at("steps").as_array().at(step).at("call");
    }
};

constexpr char kTrace[] = "Rues-Trace: true\r\n";

TEST_F(TraceTest, a_simulation_has_its_trace_when_it_is_asked_for_and_is_the_same_otherwise) {
    const auto id = deploy();
    const auto argument = call_argument(id, "panic", base::to_bytes("not \"today\""), 500'000);
    const auto tx = transaction(2, ledger::Call{id, "call", argument});

    const auto plain = post("simulate", tx);
    const auto told = boost::json::parse(post("simulate", tx, kTrace).body);

    EXPECT_FALSE(plain.body.contains("trace"));
    EXPECT_EQ(post("simulate", tx, "Rues-Trace: false\r\n").body, plain.body);
    auto rest = told.as_object();
    rest.erase("trace");
    EXPECT_EQ(rest, boost::json::parse(plain.body));
    const auto& trace = told.at("trace");
    EXPECT_EQ(rues::test::expect_sums(trace), 4U);
    EXPECT_EQ(trace.at("gas_spent"), told.at("gas-spent"));
    EXPECT_EQ(trace.at("gas_limit"), 30'000'000);
    EXPECT_EQ(call_at(trace, 0).at("function"), "spend_and_execute");
    EXPECT_EQ(call_at(trace, 0).at("gas_limit"), 30'000'000);
    EXPECT_EQ(call_at(trace, 1).at("contract").as_string(), base::to_hex(id));
    EXPECT_EQ(call_at(trace, 1).at("error"), nullptr);
    const auto& inner = call_at(trace, 2);
    EXPECT_EQ(inner.at("end"), "panic");
    EXPECT_EQ(inner.at("error"), "not \"today\"");
    EXPECT_EQ(inner.at("gas_spent"), 500'000);
    EXPECT_EQ(inner.at("reverted"), true);
    EXPECT_EQ(inner.at("result_bytes"), nullptr);
    const auto& refund = call_at(trace, 3);
    EXPECT_EQ(refund.at("function"), "refund");
    EXPECT_EQ(refund.at("paid"), false);
    EXPECT_EQ(refund.at("gas_limit"), nullptr);
}

TEST_F(TraceTest, what_a_failed_call_did_is_reverted_and_what_its_caller_did_is_not) {
    const auto id = deploy();
    const auto argument = call_argument(id, "emit", vm::test::words({1'000}), 1'000);  // too little gas for so many

    const auto told =
        boost::json::parse(post("simulate", transaction(2, ledger::Call{id, "call", argument}), kTrace).body);

    const auto& steps = told.at("trace").at("steps").as_array();
    EXPECT_EQ(call_at(told.at("trace"), 1).at("reverted"), false);
    EXPECT_EQ(call_at(told.at("trace"), 2).at("end"), "out_of_gas");
    std::size_t reverted = 0;
    bool has_event_of_spend = false;
    for (const auto& step : steps) {
        const auto* event = step.as_object().if_contains("event");
        if (event == nullptr) continue;
        EXPECT_EQ(event->at("reverted").as_bool(), step.at("depth").as_int64() == 3) << step;
        reverted += event->at("reverted").as_bool() ? 1U : 0U;
        has_event_of_spend = has_event_of_spend || event->at("topic") == "moonlight";
    }
    EXPECT_TRUE(has_event_of_spend);
    EXPECT_GT(reverted, 1U);
}

TEST_F(TraceTest, a_query_answers_with_result_error_and_trace) {
    const auto id = deploy();
    const auto argument = call_argument(id, "echo", base::to_bytes("hi"));

    const auto answer = query(id, "call", argument, kTrace);

    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
    const auto told = boost::json::parse(answer.body);
    EXPECT_EQ(told.at("error"), nullptr);
    EXPECT_EQ(told.at("result").as_string(), base::to_hex(base::view(query(id, "call", argument, {}).body)));
    EXPECT_EQ(rues::test::expect_sums(told.at("trace")), 2U);
    EXPECT_EQ(call_at(told.at("trace"), 1).at("result_bytes"), 2);
}

TEST_F(TraceTest, a_query_that_fails_answers_with_error_and_trace) {
    const auto id = deploy();

    const auto panicked = query(id, "panic", base::view("why"), kTrace);
    const auto nothing = query({}, "f", {}, kTrace);

    EXPECT_EQ(panicked.status, 200U) << "the answer is the trace";
    const auto told = boost::json::parse(panicked.body);
    EXPECT_EQ(told.at("error"), "Panic: why");
    EXPECT_EQ(told.at("result"), nullptr);
    EXPECT_EQ(call_at(told.at("trace"), 0).at("end"), "panic");
    EXPECT_EQ(boost::json::parse(nothing.body).at("error"), "Contract does not exist");
    EXPECT_EQ(query(id, "panic", base::view("why"), {}).status, 400U) << "without the header as before";
}

TEST_F(TraceTest, a_query_in_json_has_its_result_in_json) {
    const auto answer = ask("POST", "/on/contracts:" + base::to_hex(ledger::kTransferContract) + "/chain_id",
                            std::string("Content-Type: application/json\r\n") + kTrace, "null");

    EXPECT_EQ(answer.status, 200U) << answer.body;
    EXPECT_EQ(boost::json::parse(answer.body).at("result"), 0);
}

TEST_F(TraceTest, another_value_and_a_trace_of_a_feeder_are_refused) {
    const auto id = deploy();
    const auto tx = transaction(2, ledger::Call{id, "echo", {}});

    const auto odd = post("simulate", tx, "Rues-Trace: yes\r\n");
    const auto feeder = query(id, "feed", vm::test::words({1}), std::string(kTrace) + "Rusk-Feeder: 1\r\n");

    EXPECT_EQ(odd.status, 400U);
    EXPECT_EQ(odd.body, R"({"error":"Invalid input: Rues-Trace must be true or false"})");
    EXPECT_EQ(query(id, "echo", {}, "Rues-Trace: 1\r\n").status, 400U);
    EXPECT_EQ(feeder.status, 400U);
    EXPECT_EQ(feeder.body, R"({"error":"Invalid input: Rues-Trace and Rusk-Feeder cannot go together"})");
}

}  // namespace
}  // namespace rues::api::test
