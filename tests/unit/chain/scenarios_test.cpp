#include "chain/executor.hpp"
#include "chain/prequeue.hpp"
#include "crypto/hash.hpp"
#include "local_chain.hpp"
#include "support/recorded.hpp"

namespace rues::chain {
namespace {

using namespace std::chrono_literals;
using boost::json::object;
using boost::json::value;
using test::LocalChain;
using test::Told;

struct Answer {
    unsigned status = 0;
    std::string body;
    friend bool operator==(const Answer&, const Answer&) = default;
};
std::ostream& operator<<(std::ostream& out, const Answer& answer) {
    return out << answer.status << ' ' << answer.body;
}

/// The answer of `api` to this verdict (its table of errors has the statuses).
Answer answered(const Verdict& verdict) {
    if (verdict) return {202, ""};
    return {verdict.error().kind == Rejection::Kind::full ? 503U : 400U,
            base::json::print(object{{"error", "Invalid input: " + verdict.error().text}})};
}

/// One transaction of a recorded scenario: the bytes that were sent, the answers, and the result.
struct Step {
    std::string label;
    Bytes sent;
    std::optional<ledger::Transaction> tx;  ///< nullopt: it cannot be decoded
    std::uint64_t tip = 0;                  ///< height of the tip when it was sent
    std::optional<Answer> preverify;
    std::optional<Answer> simulate;
    Answer propagate;
    std::string result;
    std::optional<std::uint64_t> block;
    std::uint64_t gas_spent = 0;
    std::optional<std::string> error;
    std::vector<std::size_t> frames;  ///< the frames that the recording session received
};
struct Scenario {
    std::string name;
    std::vector<Step> steps;
    const object* accounts_after = nullptr;
};

Answer read_answer(const value& v) {
    return {v.at("status").to_number<unsigned>(), std::string(v.at("body").as_string())};
}

/// The recorded scenarios, sent again to a chain of the same genesis.
class Scenarios : public LocalChain {
protected:
    void SetUp() override {
        LocalChain::SetUp();
        options_.min_gas_limit = 150'000;  // of the recorded node's configuration (docs/reference/ledger.md 3.2 #13)
        frames_ = recorded::load("events.json").at("frames").as_array();
        const auto chain = recorded::load("chain.json");
        for (const auto& block : chain.at("blocks").as_array()) {
            for (const auto& tx : block.at("transactions").as_array())
                in_chain_[std::string(tx.at("id").as_string())] = tx;
        }
        recorded_ = recorded::load("scenarios.json");
        for (const auto& scenario : recorded_.at("scenarios").as_array()) read(scenario.as_object());
        begin();
    }

    /// Sends the recorded transactions, in the blocks of the recorded node, and compares every answer and event.
    void run(const Scenario& scenario);

    /// docs/reference/differences.md 31: without a setup file the node has no blobs at all.
    static bool has_blobs(const Step& step) { return step.tx && step.tx->blobs() != nullptr; }
    /// docs/reference/differences.md 16: the recorded node accepted it, and no event followed.
    bool cannot_pay_itself(const Step& step) const {
        if (!step.tx || step.tx->moonlight() == nullptr) return false;
        const auto cost = gas_cost(*step.tx, *store_->snapshot());
        return step.result == "vanished" && step.tx->gas_limit() < cost - kRefundGas;
    }
    /// The answer of this chain to a transaction that the node answered with `recorded`.
    Answer expected(const Step& step, const Answer& recorded) const {
        if (!step.tx) return recorded;
        const auto refused = [&](std::string_view why) {
            return Answer{400, base::json::print(object{{"error", "Invalid input: Tx " + base::to_hex(step.tx->id()) +
                                                                      " not accepted: " + std::string(why)}})};
        };
        if (has_blobs(step)) return refused("A generic error occurred blobs are not enabled in the VM");
        if (cannot_pay_itself(step)) {
            return refused("gas limit lower than minimum " +
                           std::to_string(gas_cost(*step.tx, *store_->snapshot()) - kRefundGas));
        }
        return recorded;
    }

    std::vector<Scenario> scenarios_;
    std::size_t simulated_ = 0;  ///< number of answers compared

private:
    void read(const object& scenario);
    void compare_simulation(const Step& step);
    void compare_frames(const Scenario& scenario, const Step& step, bool refused, const std::vector<Told>& told);
    void compare_accounts(const Scenario& scenario);
    Bytes described(const std::string& name, const object& step) const;
    value written_out(const value& frame) const;

    value recorded_;
    boost::json::array frames_;
    std::map<std::string, value, std::less<>> in_chain_;
};

void Scenarios::read(const object& from) {
    Scenario out;
    out.name = from.at("name").as_string();
    const auto* after = from.if_contains("accounts_after");
    out.accounts_after = after != nullptr ? after->if_object() : nullptr;
    for (const auto& entry : from.at("steps").as_array()) {
        const object& step = entry.as_object();
        Step s;
        s.label = step.at("label").as_string();
        if (const auto* text = step.at("tx").if_string()) {
            s.sent = *base::from_hex(*text);
        } else if (const auto* reference = step.at("tx").if_object()) {
            const auto raw =
                recorded::hex(in_chain_.at(std::string(reference->at("raw_in_chain").as_string())).at("raw"));
            s.sent = ledger::Transaction::decode(raw)->encode(ledger::Envelope::aegis);
        } else {
            s.sent = described(out.name, step);
        }
        if (auto tx = ledger::Transaction::decode(s.sent)) s.tx = std::move(*tx);
        s.tip = step.at("tip").to_number<std::uint64_t>();
        if (const auto* preverify = step.if_contains("preverify")) s.preverify = read_answer(*preverify);
        if (const auto* simulate = step.if_contains("simulate")) s.simulate = read_answer(*simulate);
        s.propagate = step.at("propagate").is_string() ? *s.preverify : read_answer(step.at("propagate"));
        const object& outcome = step.at("outcome").as_object();
        s.result = outcome.at("result").as_string();
        if (const auto* block = outcome.if_contains("block")) s.block = block->to_number<std::uint64_t>();
        if (const auto* gas = outcome.if_contains("gas_spent")) s.gas_spent = gas->to_number<std::uint64_t>();
        if (const auto* err = outcome.if_contains("err"); err != nullptr && err->is_string())
            s.error = err->as_string();
        for (const auto& event : outcome.at("events").as_array())
            s.frames.push_back(event.at("index").to_number<std::size_t>());
        out.steps.push_back(std::move(s));
    }
    scenarios_.push_back(std::move(out));
}

/// The transactions of a megabyte are not recorded but described: "deployment of N zero bytes, gas limit 1000, gas
/// price 2000, owner 96 x 01, nonce 0". Their recorded ids show whether these are the same transactions.
Bytes Scenarios::described(const std::string& name, const object& step) const {
    const std::string note(step.at("fields").at("note").as_string());
    const auto key = *crypto::SecretKey::decode(recorded::hex(recorded_.at("keys").at("x:" + name).at("secret")));
    ledger::Deploy deploy;
    deploy.bytecode.resize(std::stoul(note.substr(std::string_view("deployment of ").size())));
    deploy.bytecode_hash = crypto::blake3(deploy.bytecode);
    deploy.owner.assign(96, std::byte{1});
    ledger::Moonlight body;
    body.sender = key.public_key();
    body.gas_limit = 1'000;
    body.gas_price = 2'000;
    body.nonce = 1;
    body.data = std::move(deploy);
    const auto tx = ledger::sign(std::move(body), key);
    EXPECT_EQ(base::to_hex(tx.id()), std::string(step.at("id").as_string()));
    return tx.encode(ledger::Envelope::aegis);
}

void Scenarios::run(const Scenario& scenario) {
    std::map<ledger::TxId, std::uint64_t> waiting;  // and the block that executed it
    told();
    std::vector<bool> refused;
    for (const Step& step : scenario.steps) {
        SCOPED_TRACE(scenario.name + ": " + step.label);
        if (std::ranges::any_of(waiting, [&](const auto& one) { return one.second <= step.tip; })) {
            mine();
            waiting.clear();
        }
        if (step.preverify) {
            EXPECT_EQ(answered(preverify(step.sent)), expected(step, *step.preverify));
        }
        if (step.simulate && !has_blobs(step)) compare_simulation(step);
        const auto answer = answered(propagate(step.sent));
        EXPECT_EQ(answer, expected(step, step.propagate));
        refused.push_back(answer.status != 202);
        if (step.block) waiting.emplace(step.tx->id(), *step.block);
    }
    mine();
    if (std::ranges::find(scenario.steps, "dropped", &Step::result) != scenario.steps.end()) {
        for (unsigned attempt = 0; attempt < Prequeue::kMaxAttempts; ++attempt) {
            clock_.advance(Prequeue::kRetryEvery);
            settle();
            settle();
        }
    }

    const auto all = told();
    for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
        SCOPED_TRACE(scenario.name + ": " + scenario.steps[i].label);
        compare_frames(scenario, scenario.steps[i], refused[i], all);
    }
    // The order of the executed transactions, whoever sent them.
    std::vector<std::pair<std::size_t, std::string>> recorded;
    for (const Step& step : scenario.steps) {
        for (const auto frame : step.frames) {
            const std::string location(frames_[frame].at(1).at("Content-Location").as_string());
            if (location.ends_with("/executed")) recorded.emplace_back(frame, base::to_hex(step.tx->id()));
        }
    }
    std::ranges::sort(recorded);
    std::vector<std::string> recorded_order;
    for (auto& [frame, id] : recorded) recorded_order.push_back(std::move(id));
    std::vector<std::string> order;
    for (const auto& event : all) {
        if (event.topic == "executed") order.push_back(event.entity);
    }
    EXPECT_EQ(order, recorded_order) << scenario.name;
    compare_accounts(scenario);
}

/// The payload of a frame, with the references to chain.json replaced by their values.
value Scenarios::written_out(const value& payload) const {
    if (!payload.is_object()) return payload;
    if (const auto* id = payload.as_object().if_contains("json_in_chain")) {
        return in_chain_.at(std::string(id->as_string())).at("json");
    }
    object out;
    for (const auto& [key, inner] : payload.as_object()) out[key] = written_out(inner);
    return out;
}

/// Every text is equal, and so is gas where it does not come from the table of docs/reference/differences.md 24.
void Scenarios::compare_simulation(const Step& step) {
    ++simulated_;
    const auto simulation = simulate(step.sent);
    if (!simulation) {
        EXPECT_EQ((Answer{400, base::json::print(object{{"error", "Invalid input: " + simulation.error().text}})}),
                  *step.simulate);
        return;
    }
    const auto recorded = boost::json::parse(step.simulate->body).as_object();
    EXPECT_EQ(step.simulate->status, 200U);
    EXPECT_EQ(simulation->error ? value(boost::json::string(*simulation->error)) : value(nullptr),
              recorded.at("error"));
    const auto gas = recorded.at("gas-spent").to_number<std::uint64_t>();
    if (simulation->error) {
        EXPECT_EQ(simulation->gas_spent, gas);
    } else {
        EXPECT_LE(simulation->gas_spent, gas);
        EXPECT_GE(simulation->gas_spent + 4'300, gas);
    }
}

void Scenarios::compare_frames(const Scenario& scenario, const Step& step, bool refused,
                               const std::vector<Told>& told) {
    // A refused transaction has no event, unless another step sent the same transaction: then the events are those of
    // that step.
    if (!step.tx || refused) {
        const bool another = step.tx && std::ranges::count_if(scenario.steps, [&](const Step& other) {
                                            return other.tx && other.tx->id() == step.tx->id();
                                        }) > 1;
        if (step.tx && !another) {
            EXPECT_EQ(std::ranges::count(told, base::to_hex(step.tx->id()), &Told::entity), 0);
        }
        return;
    }
    std::vector<Told> ours;
    for (const auto& event : told) {
        if (event.entity == base::to_hex(step.tx->id())) ours.push_back(event);
    }
    std::vector<value> recorded;
    Topics topics;
    for (const auto frame : step.frames) {
        const std::string location(frames_[frame].at(1).at("Content-Location").as_string());
        topics.push_back(location.substr(location.rfind('/') + 1));
        recorded.push_back(written_out(frames_[frame].at(2)));
    }
    if (step.result == "vanished") {  // docs/reference/differences.md 28
        topics.insert(topics.end(), {"dropped", "removed"});
        recorded.insert(recorded.end(), {value(nullptr), value("")});
    }
    Topics our_topics;
    for (const auto& event : ours) our_topics.push_back(event.topic);
    ASSERT_EQ(our_topics, topics);
    for (std::size_t i = 0; i < ours.size(); ++i) {
        if (ours[i].topic == "dropped" && step.result == "vanished") {
            EXPECT_TRUE(ours[i].payload.starts_with(R"({"reason":"discarded: Unspendable()")) << ours[i].payload;
        } else if (ours[i].topic == "executed") {
            auto told_now = boost::json::parse(ours[i].payload).as_object();
            auto told_then = recorded[i].as_object();
            const auto gas = told_now.at("gas_spent").to_number<std::uint64_t>();
            if (step.error) {
                EXPECT_EQ(gas, step.gas_spent);
            } else {  // docs/reference/differences.md 24: our gas is the least that was seen on any chain
                EXPECT_LE(gas, step.gas_spent);
                EXPECT_GE(gas + 4'300, step.gas_spent);
            }
            for (auto* told_of : {&told_now, &told_then}) {
                told_of->erase("gas_spent");
                told_of->erase("block_height");
            }
            EXPECT_EQ(told_now, told_then);
        } else if (ours[i].payload.empty()) {
            EXPECT_EQ(recorded[i], value(""));
        } else {
            EXPECT_EQ(boost::json::parse(ours[i].payload), recorded[i]);
        }
    }
}

/// Nonces are equal; balances differ by the gas of docs/reference/differences.md 24 at most.
void Scenarios::compare_accounts(const Scenario& scenario) {
    if (scenario.accounts_after == nullptr) return;
    const auto state = store_->snapshot();
    std::uint64_t by_gas = 0;
    for (const Step& step : scenario.steps) {
        if (!step.tx || step.result != "executed") continue;
        const auto stored = state->transaction(step.tx->id());
        ASSERT_TRUE(stored && *stored) << scenario.name;
        const auto ours = (*stored)->gas_spent;
        by_gas += (std::max(step.gas_spent, ours) - std::min(step.gas_spent, ours)) * step.tx->gas_price();
    }
    for (const auto& [who, account] : *scenario.accounts_after) {
        if (!who.starts_with("x:")) continue;  // the other accounts take part in scenarios that are not run
        const auto key = base::to_array<96>(*base::from_base58(std::string(account.at("account").as_string())));
        const auto ours = state->account(key).value_or(ledger::Account{});
        EXPECT_EQ(ours.nonce, account.at("nonce").to_number<std::uint64_t>()) << scenario.name << ' ' << who;
        const auto balance = account.at("balance").to_number<std::uint64_t>();
        EXPECT_LE(std::max(ours.balance, balance) - std::min(ours.balance, balance), by_gas)
            << scenario.name << ' ' << who;
    }
}

/// True when the result did not need a contract's function.
bool native(const Step& step) {
    if (step.result != "executed" || !step.tx) return true;
    if (step.tx->call() != nullptr) return step.error == "Unknown" || step.error == "Contract does not exist";
    if (step.tx->deploy() != nullptr) return step.error == "OutOfGas";
    return true;
}
/// This scenario sends more future nonces than are staged: the recorded limit was not strict (its test is in
/// staging_test.cpp).
bool exceeds_the_prequeue(const Scenario& scenario) {
    return scenario.name == "nonce-future-65";
}

TEST_F(Scenarios, every_scenario_that_runs_no_contract_ends_as_on_the_recorded_node) {
    std::size_t run_again = 0;
    for (const auto& scenario : scenarios_) {
        if (scenario.steps.empty() || !std::ranges::all_of(scenario.steps, native) || exceeds_the_prequeue(scenario))
            continue;
        run(scenario);
        ++run_again;
    }
    EXPECT_EQ(run_again, 77U);
    EXPECT_EQ(simulated_, 105U);
}

}  // namespace
}  // namespace rues::chain
