#include <future>
#include <set>

#include "chain/prequeue.hpp"
#include "support/trace_sums.hpp"
#include "unit/api/fixture.hpp"
#include "unit/api/recorded_events.hpp"
#include "wire/frame.hpp"

/// The recorded scenarios, sent over HTTP to a node of the same genesis. A transaction is sent when its recorded block
/// is the next one, so the chain becomes the recorded chain, and everything must be equal: answers, gas, errors,
/// events, accounts and the state hash of every block.
namespace rues::api {
namespace {

using boost::json::object;
using boost::json::value;
using recorded::Event;
using recorded::Reply;
using recorded::Scenario;
using recorded::Step;

/// Whether this payload of an event tells a deployment that failed.
bool is_failed_deployment(const value& payload) {
    const auto* err = payload.is_object() ? payload.as_object().if_contains("err") : nullptr;
    return err != nullptr && err->is_string() && err->as_string().starts_with("Panic: failed deployment: ");
}

class RecordedScenarios : public test::ApiTest {
protected:
    void SetUp() override {
        time_ = &manual_clock_;
        chain_options_.min_gas_limit = 150'000;  // of the recorded node's configuration (docs/reference/ledger.md 3.2)
    }
    void start() {
        begin();
        chain_->start();
    }

    void run(const recorded::Scenarios& recorded);
    void run(const recorded::Scenarios& recorded, const Scenario& scenario);
    void compare_events(const recorded::Scenarios& recorded, const value* frames);
    void compare_blocks(const recorded::Scenarios& recorded, const value& chain, const value& frames);
    void run_and_compare(const std::string& scenarios, const std::string& chain_file, const std::string& events_file);

    std::size_t steps_ = 0;
    std::size_t answers_ = 0;
    std::size_t accounts_ = 0;
    std::size_t blocks_ = 0;
    std::size_t traced_calls_ = 0;
    /// Number of steps that end otherwise on purpose, by the row of docs/reference/differences.md or the reason.
    std::map<std::string, std::size_t> different_;

private:
    void mine(std::uint64_t count) {
        std::promise<bool> mined;
        chain_->mine(count, [&mined](const chain::Numbered& done) { mined.set_value(done.has_value()); });
        ASSERT_TRUE(mined.get_future().get());
    }
    void reach(std::uint64_t height) {
        const auto tip = chain_->tip().height;
        if (height > tip) mine(height - tip);
    }
    Reply post(const std::string& path, const base::Bytes& body) {
        const auto answer =
            ask("POST", path, "Content-Type: application/octet-stream\r\n", std::string(base::text(body)));
        EXPECT_TRUE(answer.headers.contains("rusk-version")) << path;
        if (!answer.body.empty()) {
            EXPECT_EQ(answer.headers.at("content-type"), "application/json") << path;
        }
        ++answers_;
        return {answer.status, answer.body};
    }
    value query(const std::string& path, const std::string& account) {
        const auto answer = ask("POST", path, "Content-Type: application/json\r\n", '"' + account + '"');
        EXPECT_EQ(answer.status, 200U) << path << answer.body;
        return boost::json::parse(answer.body);
    }
    Reply expected(const Step& step, const Reply& recorded, const std::string& least);
    std::string least_limit(const Step& step);
    void compare_simulation(const Step& step, const Reply& reply);
    void compare_trace(const Step& step, const Reply& simulated);
    void compare_table(const recorded::Scenarios& recorded, const Scenario& scenario);
    std::string account_difference(const Scenario& scenario);
    std::vector<Event> log();

    base::ManualClock manual_clock_{std::chrono::milliseconds(1'700'000'000'000)};
    std::set<std::string> refused_;  ///< the names of the steps
};

/// docs/reference/differences.md 16: the node accepts a gas limit that cannot pay the spend, and no event follows. The
/// text of our refusal ends with the smallest limit that suffices; empty: the limit of this step suffices.
std::string RecordedScenarios::least_limit(const Step& step) {
    if (step.result != "vanished" || !step.simulate || !step.simulate->body.contains("Unspendable(OutOfGas)"))
        return {};
    const auto refusal = post("/on/transactions/preverify", step.sent).body;
    const std::string_view before = "gas limit lower than minimum ";
    const auto at = refusal.find(before);
    EXPECT_NE(at, std::string::npos) << step.name << ": " << refusal;
    return at == std::string::npos ? "?"
                                   : refusal.substr(at + before.size(), refusal.find('"', at) - at - before.size());
}

/// The answer of this server to a transaction that the node answered with `recorded`.
Reply RecordedScenarios::expected(const Step& step, const Reply& recorded, const std::string& least) {
    if (!step.tx) return recorded;
    const auto refused = [&](const std::string& why) {
        return Reply{400, R"({"error":"Invalid input: Tx )" + step.id() + " not accepted: " + why + R"("})"};
    };
    if (!least.empty()) return refused("gas limit lower than minimum " + least);
    return recorded;
}

void RecordedScenarios::compare_simulation(const Step& step, const Reply& reply) {
    const Reply expected = *step.simulate;
    const std::string_view failed = R"json({"error":"Panic(\"failed deployment: RuntimeError(failed to parse)json";
    if (expected.body.starts_with(failed)) {
        ++different_["36: text of a failed deployment"];
        EXPECT_THAT(reply.body, ::testing::StartsWith(failed.substr(0, failed.find("failed to parse"))));
        EXPECT_EQ(reply.body.substr(reply.body.find(R"json(,"gas-spent")json")),
                  expected.body.substr(expected.body.find(R"json(,"gas-spent")json")));
        return;
    }
    EXPECT_EQ(reply, expected);
}

/// The trace of a simulation, which no node has, explains the gas that the node says, and changes nothing else.
void RecordedScenarios::compare_trace(const Step& step, const Reply& simulated) {
    const auto answer =
        ask("POST", "/on/transactions/simulate", "Content-Type: application/octet-stream\r\nRues-Trace: true\r\n",
            std::string(base::text(step.sent)));
    EXPECT_EQ(answer.status, simulated.status);
    if (answer.status != 200) {
        EXPECT_EQ(answer.body, simulated.body);
        return;
    }
    auto told = boost::json::parse(answer.body).as_object();
    const value trace = told.at("trace");
    told.erase("trace");
    EXPECT_EQ(told, boost::json::parse(simulated.body));
    EXPECT_EQ(trace.at("gas_spent"), told.at("gas-spent"));
    traced_calls_ += rues::test::expect_sums(trace);
}

void RecordedScenarios::run(const recorded::Scenarios& recorded) {
    for (const auto& scenario : recorded.all()) run(recorded, scenario);
}

void RecordedScenarios::run(const recorded::Scenarios& recorded, const Scenario& scenario) {
    if (!scenario.simulate_table.empty()) compare_table(recorded, scenario);
    for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
        const Step& step = scenario.steps[i];
        SCOPED_TRACE(step.name);
        ++steps_;
        reach(step.tip);
        const auto least = least_limit(step);
        if (!least.empty()) ++different_["16: a gas limit below the cost of the spend"];
        if (step.preverify) {
            EXPECT_EQ(post("/on/transactions/preverify", step.sent), expected(step, *step.preverify, least));
        }
        if (step.simulate) {
            const auto simulated = post("/on/transactions/simulate", step.sent);
            compare_simulation(step, simulated);
            compare_trace(step, simulated);
        }
        // A replaced transaction is replaced by one that the same block would have executed.
        auto block = step.block;
        for (auto next = i; step.result == "removed" && !block && ++next < scenario.steps.size();)
            block = scenario.steps[next].block;
        // Staged transactions stay staged until the gap is filled.
        const bool is_staged = !step.events.empty() && step.events.front().at("topic") == "deferred";
        if (block && !is_staged) reach(*block - 1);
        const auto answer = post("/on/transactions/propagate", step.sent);
        if (answer.status != 202) refused_.insert(step.name);
        if (answer.status == 400 && step.propagate.status == 202 && step.result == "dropped") {
            EXPECT_THAT(answer.body,
                        ::testing::HasSubstr("Maximum queued future Moonlight transactions per account exceeded 64"));
            ++different_["47: staged transactions of one account"];
        } else if (answer.status == 202 && step.propagate.status == 400) {
            ADD_FAILURE() << answer;
        } else {
            EXPECT_EQ(answer, expected(step, step.propagate, least));
        }
    }
    if (std::ranges::find(scenario.steps, "dropped", &Step::result) != scenario.steps.end()) {
        for (unsigned attempt = 0; attempt < chain::Prequeue::kMaxAttempts; ++attempt) {
            manual_clock_.advance(chain::Prequeue::kRetryEvery);
            mine(0);
            mine(0);
        }
    }
    for (const Step& step : scenario.steps) reach(step.block.value_or(0));
    // "When the scenario was over, give or take one block."
    reach(scenario.height_after - 1);
    std::string difference = account_difference(scenario);
    while (!difference.empty() && chain_->tip().height <= scenario.height_after) {
        mine(1);
        difference = account_difference(scenario);
    }
    EXPECT_EQ(difference, "") << scenario.name;
    accounts_ += scenario.accounts_after.size();
}

/// Simulates the first transaction of the scenario with other gas limits.
void RecordedScenarios::compare_table(const recorded::Scenarios& recorded, const Scenario& scenario) {
    const Step& first = scenario.steps.front();
    reach(first.tip);
    const auto simulated = [&](std::uint64_t gas_limit) {
        auto body = *first.tx->moonlight();
        body.gas_limit = gas_limit;
        const auto tx = ledger::sign(std::move(body), recorded.secret("x:" + scenario.name));
        return boost::json::parse(post("/on/transactions/simulate", tx.encode(ledger::Envelope::aegis)).body);
    };

    EXPECT_EQ(simulated(500'000'000), scenario.simulate_table.at("simulate with 500000000")) << scenario.name;
    for (const auto& [limit, answer] : scenario.simulate_table.at("table").as_object())
        EXPECT_EQ(simulated(std::stoull(std::string(limit))), answer) << scenario.name << ' ' << limit;
    EXPECT_EQ(least_limit(first),
              std::to_string(scenario.simulate_table.at("smallest sufficient").to_number<unsigned>()));
}

/// Compares the accounts of a scenario; empty: all are equal.
std::string RecordedScenarios::account_difference(const Scenario& scenario) {
    for (const auto& [who, account] : scenario.accounts_after) {
        const std::string key(account.at("account").as_string());
        object ours = query("/on/contracts:01" + std::string(62, '0') + "/account", key).as_object();
        object theirs;
        for (const auto* number : {"balance", "nonce"})
            theirs[number] = std::to_string(account.at(number).to_number<std::uint64_t>());
        if (const auto* stake = account.as_object().if_contains("stake")) {
            ours["stake"] = query("/on/contracts:02" + std::string(62, '0') + "/get_stake", key);
            theirs["stake"] = *stake;
        }
        if (ours != theirs) {
            return std::string(who) + " at " + std::to_string(chain_->tip().height) + ": " +
                   boost::json::serialize(ours) + ", recorded " + boost::json::serialize(theirs);
        }
    }
    return {};
}

std::vector<Event> RecordedScenarios::log() {
    std::vector<Event> out;
    const auto records = store_->read_log(1, 1 << 28);
    EXPECT_TRUE(records);
    for (const auto& record : *records) {
        const auto frame = wire::Frame::parse(wire::without_websocket_header(record.message));
        const auto uri = wire::Uri::parse(*frame->header("Content-Location"));
        out.push_back({std::string(wire::name(uri->component)), uri->entity.value_or(""), uri->topic,
                       std::string(frame->header("Rusk-Origin").value_or("")),
                       std::string(base::text(frame->payload))});
    }
    return out;
}

/// Compares the events of each transaction: topics and payloads. `frames`: those of the recorded session; null: the
/// scenarios list only what is in the payloads.
void RecordedScenarios::compare_events(const recorded::Scenarios& recorded, const value* frames) {
    std::map<std::string, std::vector<Event>> ours;
    for (auto& event : log()) {
        if (event.component == "transactions") ours[event.entity].push_back(std::move(event));
    }
    std::map<std::string, std::size_t> sent;
    for (const auto& scenario : recorded.all()) {
        for (const Step& step : scenario.steps) ++sent[step.id()];
    }
    for (const auto& scenario : recorded.all()) {
        for (const Step& step : scenario.steps) {
            SCOPED_TRACE(step.name);
            if (refused_.contains(step.name)) {
                // An equal transaction of another step has events.
                if (step.tx && sent[step.id()] == 1) {
                    EXPECT_TRUE(ours[step.id()].empty());
                }
                continue;
            }
            std::vector<std::string> topics;
            for (const auto& event : step.events) topics.emplace_back(event.at("topic").as_string());
            if (step.result == "vanished") {
                topics.insert(topics.end(), {"dropped", "removed"});
                ++different_["28: discarded by the block builder"];
            }
            const auto& events = ours[step.id()];
            std::vector<std::string> our_topics;
            for (const auto& event : events) our_topics.push_back(event.topic);
            EXPECT_EQ(our_topics, topics);
            if (our_topics != topics) continue;
            for (std::size_t i = 0; i < step.events.size(); ++i) {
                const value payload = events[i].payload.empty() ? value("") : boost::json::parse(events[i].payload);
                const object& listed = step.events[i].as_object();
                for (const auto* key : {"reason", "block_height", "err", "gas_spent"}) {
                    if (const auto* v = listed.if_contains(key)) {
                        EXPECT_EQ(payload.at(key), *v) << key;
                    }
                }
                if (frames == nullptr || events[i].topic == "executed") continue;  // compared with its block
                value theirs = frames->at(listed.at("index").to_number<std::size_t>()).at(2);
                if (const auto* reference =
                        theirs.is_object() ? theirs.as_object().if_contains("json_in_chain") : nullptr)
                    theirs = recorded.transaction(reference->as_string());
                EXPECT_EQ(payload, theirs);
            }
            if (step.result != "vanished") continue;
            // `NotReady` was the answer at the tip; in its block the nonce was the next one.
            const auto simulated = boost::json::parse(step.simulate->body).at("error");
            const std::string reason(boost::json::parse(events[events.size() - 2].payload).at("reason").as_string());
            if (simulated == "NotReady") {
                EXPECT_THAT(reason, ::testing::StartsWith("discarded: Unspendable("));
            } else {
                EXPECT_EQ(reason, "discarded: " + std::string(simulated.as_string()));
            }
        }
    }
}

/// Compares the events of each block, in their order: of contracts with their bytes, of transactions, and its header.
void RecordedScenarios::compare_blocks(const recorded::Scenarios& recorded, const value& chain, const value& frames) {
    const auto blocks = ledger::Recording::read(chain);
    ASSERT_TRUE(blocks) << blocks.error();
    reach(blocks->size() - 1);
    auto theirs = recorded::blocks_of_session(recorded, *blocks, frames);
    const auto ours = recorded::blocks_of_log(log());
    ASSERT_EQ(ours.size(), theirs.size());
    for (blocks_ = 0; blocks_ < ours.size(); ++blocks_) {
        auto& then = theirs[blocks_];
        const auto& now = ours[blocks_];
        for (std::size_t i = 0; i < std::min(now.size(), then.size()); ++i) {
            if (!is_failed_deployment(then[i].payload) || !is_failed_deployment(now[i].payload)) continue;
            if (then[i] == now[i]) continue;
            ++different_["36: text of a failed deployment"];
            then[i].payload.at("err") = now[i].payload.at("err");
        }
        EXPECT_EQ(now, then) << "block " << blocks_ + 1;
    }
}

/// Scenarios with the chain on which they were recorded, and its events.
void RecordedScenarios::run_and_compare(const std::string& scenarios, const std::string& chain_file,
                                        const std::string& events_file) {
    const auto chain = recorded::load(chain_file);
    const auto frames = recorded::load(events_file).at("frames");
    const recorded::Scenarios recorded(scenarios, &chain);
    run(recorded);
    compare_events(recorded, &frames);
    compare_blocks(recorded, chain, frames);
}

using Counts = std::map<std::string, std::size_t>;

TEST_F(RecordedScenarios, every_scenario_of_the_genesis_contracts_ends_as_on_the_recorded_node) {
    chain_options_.future_nonces_per_account = 65;  // the node's limit is not strict: it staged them all
    start();
    run_and_compare("scenarios.json", "chain.json", "events.json");

    EXPECT_EQ(steps_, 440U);
    EXPECT_EQ(answers_, 831U);
    EXPECT_EQ(accounts_, 224U);
    EXPECT_EQ(blocks_, 407U);
    EXPECT_EQ(different_, (Counts{{"16: a gas limit below the cost of the spend", 1},
                                  {"28: discarded by the block builder", 5},
                                  {"36: text of a failed deployment", 4}}));
}

TEST_F(RecordedScenarios, every_scenario_of_deployed_contracts_ends_as_on_the_recorded_node) {
    start();
    run_and_compare("scenarios-contracts.json", "chain-contracts.json", "events-contracts.json");

    EXPECT_EQ(steps_, 85U);
    EXPECT_EQ(answers_, 229U);
    EXPECT_EQ(accounts_, 16U);
    EXPECT_EQ(blocks_, 163U);
    EXPECT_EQ(different_, (Counts{}));
}

TEST_F(RecordedScenarios, the_scenarios_of_limits_end_as_on_the_recorded_node) {
    start();
    const recorded::Scenarios recorded("scenarios-extra.json", nullptr);

    run(recorded);
    compare_events(recorded, nullptr);

    EXPECT_EQ(steps_, 90U);
    EXPECT_EQ(answers_, 138U);
    EXPECT_EQ(accounts_, 9U);
    EXPECT_EQ(different_, (Counts{{"16: a gas limit below the cost of the spend", 2},
                                  {"47: staged transactions of one account", 15}}));
}

}  // namespace
}  // namespace rues::api
